"""A quarterly business review from what is on record, for colleagues or for the customer.

The customer's version is built from what a customer may read: goals, use, value, next steps. It
holds no health label, score, churn, risk, commercial judgement or internal note. What was not
measured is said to be not measured; there are no placeholders to fill in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Literal

from agent.errors import BadInput, printable
from agent.success.account import Account, Month
from agent.success.assessment import Assessment, GoalView
from agent.success.calendar import add_months, next_quarter, quarter_label, quarter_start
from agent.success.plan import Carried
from agent.success.signals.report import RANK

Audience = Literal["internal", "customer"]
NOT_MEASURED = "not measured"

# The agenda of the role's review: parts and minutes of seed 001, 75 minutes together.
AGENDA = (
    (10, "Relationship check-in: changes in the business and the team, current priorities"),
    (20, "Success review: progress against last quarter's goals, use, value, wins"),
    (15, "Product news that matters for these goals, good practice, training"),
    (20, "Next quarter: goals, obstacles, new plans, actions and owners"),
    (10, "Feedback, wishes, and telling the story to others"),
)
DELIVERABLES = {
    "before": ("use and trends analysed", "progress of goals tracked", "recommendations prepared",
               "relevant news chosen"),
    "during": ("slides or this document", "discussion", "goals set together", "actions captured"),
    "after": ("notes and actions sent", "success plan updated", "colleagues briefed",
              "follow-ups dated"),
}  # fmt: skip


@dataclass(frozen=True)
class GoalRow:
    """`last` is the value of the last review or plan, "" when none is on record."""

    id: str
    statement: str
    metric: str
    baseline: str
    last: str
    now: str
    target: str
    due: str
    status: str


@dataclass(frozen=True)
class MetricRow:
    """A measure at the end of the last quarter and now, with the change in plain figures.

    `from_month` and `as_of` are the two months; `difference` is None where they are the same.
    """

    id: str
    label: str
    start: str
    end: str
    change: str
    difference: int | None
    from_month: str
    as_of: str


@dataclass(frozen=True)
class Review:
    account: str
    quarter: str
    next_quarter: str
    audience: Audience
    as_of: str
    customer_since: str
    minutes: int
    agenda: Sequence[tuple[int, str]]
    deliverables: Mapping[str, Sequence[str]]
    attendees: Sequence[str]
    goals: Sequence[GoalRow]
    metrics: Sequence[MetricRow]
    achievements: Sequence[str]
    not_yet: Sequence[str]
    value: Sequence[str]
    next_goals: Sequence[str]
    touchpoints: Sequence[tuple[str, str]]
    internal: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def quarter_of(text: str, as_of: date) -> str:
    """`2026Q4`, `Q4 2026`, `Q4` (of the year of `as_of`) or "" (the quarter of `as_of`) as 2026Q4.

    Raises BadInput for anything else.
    """
    cleaned = text.strip().upper().replace(" ", "")
    if not cleaned:
        return quarter_label(as_of)
    if re.fullmatch(r"Q[1-4]", cleaned):
        return f"{as_of.year}{cleaned}"
    if re.fullmatch(r"Q[1-4]-?\d{4}", cleaned):
        cleaned = cleaned[-4:] + cleaned[:2]
    try:
        quarter_start(cleaned)
    except ValueError:
        raise BadInput(
            f"{printable(text, 40)!r} is not a quarter", where="--quarter", fix="Like 2026Q4 or Q4."
        ) from None
    return cleaned


def review(
    a: Assessment,
    quarter: str,
    audience: Audience,
    *,
    earlier: Mapping[str, float] | None = None,
    carried: Sequence[Carried] = (),
) -> Review:
    """The content of a review.

    Args:
        quarter: label such as 2026Q4; metrics cover its months up to the assessment's date.
        earlier: value of each goal at the last plan, by goal id.
        carried: what the last plan promised, for the internal version.
    """
    start = quarter_start(quarter)
    end = min(a.as_of, add_months(start, 3))
    goals = [_goal(view, (earlier or {}).get(view.goal.id)) for view in a.goals]
    account = a.account
    return Review(
        account=account.name,
        quarter=quarter,
        next_quarter=next_quarter(quarter),
        audience=audience,
        as_of=a.as_of.isoformat(),
        customer_since=account.customer_since.isoformat() if account.customer_since else "",
        minutes=sum(minutes for minutes, _ in AGENDA),
        agenda=AGENDA,
        deliverables=DELIVERABLES if audience == "internal" else {},
        attendees=_attendees(account),
        goals=goals,
        metrics=_metrics(account, start, end),
        achievements=[f"{g.statement}: {g.now} (target {g.target})" for g in goals
                      if g.status == "met"],
        not_yet=[f"{g.statement}: {g.now} (target {g.target})" for g in goals
                 if g.status in ("behind", "overdue", "regressed")],
        value=_value(account, audience),
        next_goals=_next_goals(a),
        touchpoints=[(t.on.isoformat(), t.title) for t in a.cadence if _for(audience, t.kind)][:6],
        internal=_internal(a, carried) if audience == "internal" else {},
    )  # fmt: skip


def _for(audience: Audience, kind: str) -> bool:
    return audience == "internal" or "renewal" not in kind


def _goal(view: GoalView, last: float | None) -> GoalRow:
    goal = view.goal
    return GoalRow(
        id=goal.id,
        statement=goal.statement or goal.id,
        metric=goal.metric,
        baseline=_figure(goal.baseline),
        last=_figure(last) if last is not None else "",
        now=_figure(goal.actual),
        target=_figure(goal.target),
        due=goal.due.isoformat() if goal.due else "",
        status=view.status.replace("_", " ") if view.status != "not_measured" else NOT_MEASURED,
    )


def _figure(value: float | None) -> str:
    return NOT_MEASURED if value is None else f"{value:,g}"


def _attendees(account: Account) -> list[str]:
    people = [f"{s.name}, {s.role}" if s.role else s.name for s in account.stakeholders]
    sponsor = account.sponsor
    if (
        sponsor
        and sponsor.status != "left"
        and all(s.name != sponsor.name for s in account.stakeholders)
    ):
        people.insert(0, f"{sponsor.name}, {sponsor.title}" if sponsor.title else sponsor.name)
    return [*people, "Customer success manager"]


_METRICS = (
    ("active_users", "Active users"),
    ("logins", "Logins"),
    ("features_used", "Features in use"),
    ("api_calls", "API calls"),
)


def _metrics(account: Account, start: date, end: date) -> list[MetricRow]:
    """The last month before the quarter (else its first on record) against its last month."""
    first, last = add_months(start, -1).strftime("%Y-%m"), end.strftime("%Y-%m")
    months = [m for m in account.months if first <= m.period <= last]
    if not months:
        return []
    return [row for name, label in _METRICS if (row := _metric(months, name, label)) is not None]


def _metric(months: Sequence[Month], name: str, label: str) -> MetricRow | None:
    known = [(m.period, getattr(m, name)) for m in months if getattr(m, name) is not None]
    if not known:
        return None
    (from_month, from_value), (to_month, to_value) = known[0], known[-1]
    moved = to_value - from_value if to_month != from_month else None
    return MetricRow(
        id=name,
        label=label,
        start=f"{from_value:,} ({from_month})",
        end=f"{to_value:,} ({to_month})",
        change="one month on record" if moved is None else f"{moved:+,}",
        difference=moved,
        from_month=from_month,
        as_of=to_month,
    )


def _value(account: Account, audience: Audience) -> list[str]:
    out = []
    if account.roi_value is not None:
        source = f", source: {account.roi_source}" if account.roi_source else ""
        out.append(
            f"Yearly value: {account.currency} {account.roi_value:,.0f}{source}".replace("  ", " ")
        )
        if account.roi_cost is not None and audience == "internal":
            out.append(f"Yearly cost: {account.currency} {account.roi_cost:,.0f}")
    else:
        out.append(f"Yearly value: {NOT_MEASURED}")
    if account.integrations_planned:
        live = _figure(account.integrations_live)
        out.append(f"Integrations live: {live} of {account.integrations_planned}")
    if account.workflows_planned:
        done = _figure(account.workflows_optimised)
        out.append(f"Workflows improved: {done} of {account.workflows_planned}")
    return out


def _next_goals(a: Assessment) -> list[str]:
    open_goals = [v.goal for v in a.goals if v.status != "met"]
    out = [
        f"{g.statement or g.id}: reach {_figure(g.target)}" + (f" by {g.due}" if g.due else "")
        for g in open_goals
        if g.target is not None
    ]
    return out or ["Agree the goals of the next quarter: metric, target and date for each"]


def _internal(a: Assessment, carried: Sequence[Carried]) -> dict[str, Any]:
    health, renewal = a.health, a.renewal
    return {
        "health": None if health.score is None else f"{health.score:.1f} {health.tier}",
        "health_reason": health.reason,
        "coverage": f"{health.coverage:.0%}",
        "renewal": renewal.renewal_date.isoformat() if renewal.renewal_date else NOT_MEASURED,
        "days_left": renewal.days_left,
        "category": renewal.category.replace("_", " "),
        "risks": [
            {"severity": s.severity, "title": s.title}
            for s in sorted(a.signals, key=lambda s: RANK[s.severity])
        ],
        "expansion": [s.title for s in a.expansion.signals],
        "expansion_gate": a.expansion.gate,
        "promises": [{"title": c.title, "outcome": c.outcome, "why": c.why} for c in carried],
        "gaps": [p.message for p in a.problems if p.ask],
    }
