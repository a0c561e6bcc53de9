"""A success plan for the terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from agent.errors import printable

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

_TIER = {"green": "green", "yellow": "yellow", "red": "red"}
_SEVERITY = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "dim"}
BAR = 20
_FIGURES = ("from", "last", "now", "target")


def print_plan(console: Console, plan: dict[str, Any]) -> None:
    """Print an internal or a customer view (see `agent.success.views`)."""
    _head(console, plan)
    if "health" in plan:
        _health(console, plan["health"])
        _renewal(console, plan["renewal"])
    _objectives(console, plan.get("objectives", []))
    if plan.get("risks"):
        _section(console, "Risks")
        _lines(
            console,
            (
                (f"[{_SEVERITY[r['severity']]}]{r['severity']}[/]", _t(r["title"], 240))
                for r in plan["risks"]
            ),
        )
    for play in plan.get("playbooks", []):
        _playbook(console, play)
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
        _lines(console, (("no score", _t(health["reason"], 240)),))
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
        points = part["contribution"]  # none when the parts make no score
        told = "" if points is None else f"  [dim]{points:.1f} points[/]"
        console.print(f"  {name:<20} {bar} {part['score']:5.1f}{told}")
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
    last = any(o.get("previous") for o in objectives)
    ways = ["from", *(["last"] if last else []), "now", "target"]
    table = _table("objective", *ways, "due", "status")
    for o in objectives:
        before = [(o.get("previous") or {}).get("value")] if last else []
        values = (o["baseline"], *before, o["current"], o["target"])
        table.add_row(
            _t(o["title"]), *(_number(value) for value in values),
            o["due"] or "", o["status"].replace("_", " "),
        )  # fmt: skip
    console.print(table)


def _expansion(console: Console, expansion: dict[str, Any]) -> None:
    _section(console, f"Room to grow: {expansion['gate']}, {expansion['points']} points")
    for reason in expansion["gate_reasons"]:
        console.print(f"  held back: {_t(reason)}")
    _lines(console, ((f"+{s['points']}", _t(s["title"], 240)) for s in expansion["signals"]))


def _playbook(console: Console, play: dict[str, Any]) -> None:
    since = f", since {play['since']}" if play["since"] else ""
    rests = f", snoozed until {play['snoozed_until']}" if play["snoozed_until"] else ""
    _section(console, f"Playbook: {_t(play['title'])}{since}{rests}")
    rows = [
        (s["due"], _with(s["title"], f"done {s['done_on']}" if s["done_on"] else s["owner"]))
        for s in play["steps"]
    ]
    _lines(console, rows)


def _review(console: Console, review: dict[str, Any] | None) -> None:
    if not review:
        return
    _section(console, f"{_t(review['title'])}, {review['month_or_date']}")
    _lines(console, ((f"{i['minutes']:>3} min", _t(i["topic"], 300)) for i in review["agenda"]))


def _people(console: Console, plan: dict[str, Any]) -> None:
    if plan.get("stakeholders"):
        _section(console, "People")
        _lines(console, ((f"{_who(p)}. {_t(p['next_step'], 300)}",) for p in plan["stakeholders"]))


def _who(person: dict[str, Any]) -> str:
    known = [_t(person["name"]), _t(person["role"]), f"[dim]{person['stance']}[/]"]
    return ", ".join(part for part in known if part)


def _rest(console: Console, plan: dict[str, Any]) -> None:
    for title, key in (("Handed over", "handoffs"), ("Escalated", "escalations")):
        if plan.get(key):
            _section(console, title)
            _lines(console, ((_t(s["to"]), _t(s["span"] or s["about"], 240)) for s in plan[key]))
    if plan.get("carried_forward"):
        _section(console, "From the last plan")
        items = plan["carried_forward"]
        _lines(console, ((_became(i), _with(i["title"], _why(i))) for i in items))
    if plan.get("open_questions"):
        _section(console, "Open questions")
        _lines(console, ((_with(i["question"], i["ask"]),) for i in plan["open_questions"]))
    gaps = [gap for gap in plan.get("data_gaps", []) if gap["state"] != "contradictory"]
    if gaps:  # contradictions stand among the open questions; in older plans, here as well
        _section(console, "Data gaps")
        _lines(console, ((_with(g["message"], g["ask"] and f"ask {g['ask']}"),) for g in gaps))


def _became(item: dict[str, Any]) -> str:
    return f"moved to {item['moved_to']}" if item["outcome"] == "moved" else str(item["outcome"])


def _why(item: dict[str, Any]) -> str:
    """The reason, who gives it if it is this plan's writer, and where the promise began."""
    told = f"{item['why']} (proposed here)" if item["basis"] == "proposed" else item["why"]
    if not item["first_plan"]:
        return str(told)
    due = f" for {item['first_due']}" if item["first_due"] else ""
    return f"{told}; first promised in {item['first_plan']}{due}"


def _dated(
    console: Console, title: str, items: list[dict[str, Any]], when: str, what: str, extra: str
) -> None:
    if not items:
        return
    _section(console, title)
    rows = sorted(items, key=lambda i: i[when])
    _lines(console, ((i[when], _with(i[what], i[extra] if extra else "")) for i in rows))


def _lines(console: Console, rows: Iterable[tuple[str, ...]]) -> None:
    """Rows below a heading: short columns first, the last one wraps below itself."""
    from rich.padding import Padding
    from rich.table import Table

    table = Table.grid(padding=(0, 2, 0, 0))
    for row in rows:
        table.add_row(*row)
    for column in table.columns[:-1]:
        column.no_wrap = True
    console.print(Padding(table, (0, 0, 0, 2), expand=False))


def _with(text: str, remark: str) -> str:
    return f"{_t(text, 400)}  [dim]{_t(remark)}[/]" if remark else _t(text, 400)


def _section(console: Console, title: str) -> None:
    console.print()
    console.print(f"[bold]{title}[/]")


def _table(*titles: str) -> Table:
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for title in titles:
        table.add_column(title, justify="right" if title in _FIGURES else "left")
    return table


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:,g}"


def _t(text: object, limit: int = 160) -> str:
    """Untrusted text for the terminal: on one line, control characters and markup escaped."""
    from rich.markup import escape

    return escape(printable(str(text), limit))
