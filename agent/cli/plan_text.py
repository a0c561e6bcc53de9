"""A success plan for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agent.errors import printable

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

_TIER = {"green": "green", "yellow": "yellow", "red": "red"}
_SEVERITY = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "dim"}
BAR = 20


def print_plan(console: Console, plan: dict[str, Any]) -> None:
    """Print an internal or a customer view (see `agent.success.views`)."""
    _head(console, plan)
    if "health" in plan:
        _health(console, plan["health"])
        _renewal(console, plan["renewal"])
    _objectives(console, plan.get("objectives", []))
    if plan.get("risks"):
        _section(console, "Risks")
        for risk in plan["risks"]:
            style = _SEVERITY[risk["severity"]]
            console.print(f"  [{style}]{risk['severity']:<8}[/] {_t(risk['title'], 240)}")
    for play in plan.get("playbooks", []):
        _section(console, f"Playbook: {_t(play['title'])}")
        for step in play["steps"]:
            console.print(f"  {step['due']}  {_t(step['title'], 200)}  [dim]{_t(step['owner'])}[/]")
    if plan.get("expansion", {}).get("signals"):
        _expansion(console, plan["expansion"])
    _dated(console, "Actions", plan.get("actions", []), "due", "title", "owner")
    _dated(console, "Milestones", plan.get("milestones", []), "due", "title", "status")
    _dated(console, "Decisions", plan.get("decision_points", []), "date", "question", "decides")
    _dated(
        console,
        "Touchpoints",
        plan.get("cadence") or plan.get("touchpoints") or [],
        "date",
        "title",
        "",
    )
    _review(console, plan.get("business_review"))
    _people(console, plan)
    _rest(console, plan)


def _head(console: Console, plan: dict[str, Any]) -> None:
    when = f"{plan['quarter']}, as of {plan['as_of']}"
    console.print(f"[bold]{_t(plan['account_name'])}[/] — success plan {when}")
    if "plan_id" in plan:
        stage = plan["lifecycle_stage"].replace("_", " ")
        which = f"{plan['plan_id']}, revision {plan['revision']}"
        console.print(f"[dim]{_t(which)}; {stage}: {_t(plan['lifecycle_reason'])}[/]")
        if plan["written_by"]["note"]:
            console.print(f"[dim]{_t(plan['written_by']['note'])}[/]")
    summary = plan.get("summary")
    if summary:
        text = summary["text"] if isinstance(summary, dict) else summary
        console.print()
        console.print(_t(text, 2000))


def _health(console: Console, health: dict[str, Any]) -> None:
    _section(console, "Health")
    if health["score"] is None:
        console.print(f"  not enough data: {_t(health['reason'])}")
    else:
        colour = _TIER[health["tier"]]
        console.print(
            f"  [bold {colour}]{health['score']:.1f} {health['tier']}[/]  "
            f"coverage {health['coverage']:.0%}, {health['confidence']} confidence, "
            f"model {_t(health['model'])}"
        )
    for part in health["components"]:
        name = part["component"].replace("_", " ")
        if part["score"] is None:
            console.print(f"  {name:<20} {'·' * BAR}  not computable")
            continue
        filled = round(part["score"] / 100 * BAR)
        bar = "█" * filled + "░" * (BAR - filled)
        console.print(
            f"  {name:<20} {bar} {part['score']:5.1f}  [dim]{part['contribution']:.1f} points[/]"
        )
    change = health.get("change")
    if change:
        console.print(
            f"  {change['points']:+.1f} points since {change['since']} ({change['from_tier']})"
        )


def _renewal(console: Console, renewal: dict[str, Any]) -> None:
    if renewal["date"] is None:
        console.print("  renewal date not on record")
        return
    parts = [f"Renewal {renewal['date']}"]
    if renewal["days_left"] is not None:
        left = renewal["days_left"]
        parts.append(f"in {left} days" if left >= 0 else f"{-left} days ago")
    if renewal["arr"] is not None:
        parts.append(f"{_t(renewal['currency'] or '')} {renewal['arr']:,.0f} ARR".strip())
    parts.append(renewal["category"].replace("_", " "))
    if renewal["probability"] is not None:
        parts.append(f"{renewal['probability']:.0%} ({_t(renewal['probability_basis'])})")
    console.print("  " + ", ".join(parts))
    if renewal["notice_deadline"]:
        console.print(f"  notice by {renewal['notice_deadline']}")


def _objectives(console: Console, objectives: list[dict[str, Any]]) -> None:
    if not objectives:
        return
    _section(console, "Objectives")
    table = _table("objective", "from", "now", "target", "due", "status")
    for o in objectives:
        table.add_row(
            _t(o["title"]), *(_number(o[k]) for k in ("baseline", "current", "target")),
            o["due"] or "", o["status"].replace("_", " "),
        )  # fmt: skip
    console.print(table)


def _expansion(console: Console, expansion: dict[str, Any]) -> None:
    _section(console, f"Room to grow: {expansion['gate']}, {expansion['points']} points")
    for reason in expansion["gate_reasons"]:
        console.print(f"  held back: {_t(reason)}")
    for signal in expansion["signals"]:
        console.print(f"  +{signal['points']}  {_t(signal['title'], 240)}")


def _review(console: Console, review: dict[str, Any] | None) -> None:
    if not review:
        return
    _section(console, f"{_t(review['title'])}, {review['month_or_date']}")
    for item in review["agenda"]:
        console.print(f"  {item['minutes']:>3} min  {_t(item['topic'], 300)}")


def _people(console: Console, plan: dict[str, Any]) -> None:
    if plan.get("stakeholders"):
        _section(console, "People")
        for person in plan["stakeholders"]:
            who = f"{_t(person['name'])}, {_t(person['role'])} — {person['stance']}."
            console.print(f"  {who} {_t(person['next_step'], 300)}")


def _rest(console: Console, plan: dict[str, Any]) -> None:
    for title, key in (("Handed over", "handoffs"), ("Escalated", "escalations")):
        if plan.get(key):
            _section(console, title)
            for sent in plan[key]:
                what = sent["span"] or sent["about"]
                console.print(f"  to {_t(sent['to'])}: {_t(what, 240)}")
    if plan.get("carried_forward"):
        _section(console, "From the last plan")
        for item in plan["carried_forward"]:
            console.print(
                f"  {item['outcome']:<8} {_t(item['title'], 200)}  [dim]{_t(item['why'])}[/]"
            )
    if plan.get("open_questions"):
        _section(console, "Open questions")
        for item in plan["open_questions"]:
            console.print(f"  {_t(item['question'], 400)}  [dim]{_t(item['ask'])}[/]")
    gaps = [gap for gap in plan.get("data_gaps", []) if gap["state"] != "contradictory"]
    if gaps:  # contradictions stand among the open questions
        _section(console, "Data gaps")
        for gap in gaps:
            console.print(
                f"  {_t(gap['message'], 300)}"
                + (f"  [dim]ask {_t(gap['ask'])}[/]" if gap["ask"] else "")
            )


def _dated(
    console: Console, title: str, items: list[dict[str, Any]], when: str, what: str, extra: str
) -> None:
    if not items:
        return
    _section(console, title)
    for item in sorted(items, key=lambda i: i[when]):
        tail = f"  [dim]{_t(str(item[extra]))}[/]" if extra else ""
        console.print(f"  {item[when]}  {_t(item[what], 240)}{tail}")


def _section(console: Console, title: str) -> None:
    console.print()
    console.print(f"[bold]{title}[/]")


def _table(*titles: str) -> Table:
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for title in titles:
        table.add_column(title, justify="right" if title in ("from", "now", "target") else "left")
    return table


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:,g}"


def _t(text: object, limit: int = 160) -> str:
    """Untrusted text for the terminal: on one line, control characters and markup escaped."""
    from rich.markup import escape

    return escape(printable(str(text), limit))
