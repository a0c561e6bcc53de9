"""A case study from the record: what can be told outside, and what is still to be asked.

Only facts that the customer knows as well: company, goals with their figures, rollout, value.
Health, risk, renewal, price and internal notes stay inside. Nobody is quoted: words in notes and
mails were not given for publication.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from agent.success.assessment import Assessment, GoalView

NOT_MEASURED = "not measured"
NOT_ON_RECORD = "not on record"


@dataclass(frozen=True)
class Result:
    """One goal. Figures are text with their unit, or "not measured"."""

    statement: str
    metric: str
    before: str
    after: str
    target: str
    measured_on: str
    reached: bool


@dataclass(frozen=True)
class CaseStudy:
    name: str
    as_of: date
    industry: str
    customer_since: str
    users: str
    challenge: tuple[str, ...]
    solution: tuple[str, ...]
    rollout: tuple[str, ...]
    results: tuple[Result, ...]
    value: str
    contact: str


def case_study(a: Assessment) -> CaseStudy:
    """The draft for one account; whether it qualifies is `advocacy`'s to say."""
    account = a.account
    latest = account.latest
    licensed = (latest.licensed_users if latest else None) or account.seats
    goals = [view for view in a.goals if view.goal.statement]
    return CaseStudy(
        name=account.name,
        as_of=a.as_of,
        industry=account.industry or NOT_ON_RECORD,
        customer_since=account.customer_since.isoformat()
        if account.customer_since
        else NOT_ON_RECORD,
        users=NOT_MEASURED if licensed is None else f"{licensed:,} licensed users of our product",
        challenge=tuple(_challenge(view) for view in goals),
        solution=tuple(_solution(a)),
        rollout=tuple(_rollout(a)),
        results=tuple(_result(view) for view in goals),
        value=_value(a),
        contact=_contact(a),
    )


def _challenge(view: GoalView) -> str:
    goal = view.goal
    return f"{goal.statement}: {_figure(goal.baseline, goal.metric)} at the start"


def _solution(a: Assessment) -> list[str]:
    account, latest = a.account, a.account.latest
    live = account.integrations_live
    optimised = account.workflows_optimised
    features = NOT_MEASURED
    if latest and latest.features_used is not None and latest.features_available is not None:
        features = f"{latest.features_used} of {latest.features_available}"
    return [
        f"Functions in use: {features}",
        f"Integrations live: {NOT_MEASURED if live is None else live}",
        f"Workflows improved: {NOT_MEASURED if optimised is None else optimised}",
    ]


def _rollout(a: Assessment) -> list[str]:
    account, latest = a.account, a.account.latest
    kickoff = account.kickoff_on.isoformat() if account.kickoff_on else NOT_ON_RECORD
    active = NOT_MEASURED
    if latest and latest.active_users is not None:
        active = f"{latest.active_users:,} in {latest.period}"
    attended = account.training_attended
    return [
        f"Kickoff: {kickoff}",
        f"Training places taken: {NOT_MEASURED if attended is None else attended}",
        f"Active users: {active}",
    ]


def _result(view: GoalView) -> Result:
    goal = view.goal
    return Result(
        statement=goal.statement,
        metric=goal.metric,
        before=_figure(goal.baseline, goal.metric),
        after=_figure(goal.actual, goal.metric),
        target=_figure(goal.target, goal.metric),
        measured_on=goal.as_of.isoformat() if goal.as_of else NOT_ON_RECORD,
        reached=view.status == "met",
    )


def _value(a: Assessment) -> str:
    account = a.account
    if account.roi_value is None or not account.roi_source:
        return NOT_MEASURED  # a figure without a source is nobody's to print
    amount = f"{account.currency} {account.roi_value:,.0f}".strip()
    return f"{amount} a year (source: {account.roi_source})"


def _contact(a: Assessment) -> str:
    sponsor = a.account.sponsor
    if sponsor is None or not sponsor.name or sponsor.status not in ("active", "passive"):
        return ""
    return ", ".join(part for part in (sponsor.name, sponsor.title, a.account.name) if part)


def _figure(value: float | None, metric: str) -> str:
    return NOT_MEASURED if value is None else f"{value:,.12g} {metric}".strip()
