"""A health score as people ask for it: what it is made of, and why it changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from agent.success.assessment import Assessment
from agent.success.compose import component_views
from agent.success.health.change import change_since
from agent.success.health.entry import score_entry
from agent.success.health.measure_trend import measure_trends
from agent.success.health.roll_up import RollUp
from agent.success.rounding import shown


@dataclass(frozen=True)
class HealthReport:
    """`components` carry contributions in points that add up to `score`; the points of
    `change["causes"]` add up to `change["points"]`. `override` is a person's own score, shown
    beside the computed one and never instead of it. `profile` is why this model: `map`, `rule` and
    `why`, a sentence. `trend` is of the stored scores, `trends` of each measure over its window;
    `roll_up` is there when the account has others below it."""

    account_id: str
    name: str
    as_of: str
    score: float | None
    tier: str
    reason: str
    model: str
    profile: dict[str, str]
    coverage: float
    confidence: str
    trend: str
    components: list[dict[str, Any]]
    trends: list[dict[str, Any]]
    change: dict[str, Any] | None
    since: str
    override: dict[str, Any] | None
    roll_up: dict[str, Any] | None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def report(
    found: Assessment,
    entry: Mapping[str, Any] | None,
    since: date | None,
    group: RollUp | None = None,
) -> HealthReport:
    """The report as of the score's date; with `since`, the change from the last score on or before
    that day; `group` is the roll-up of the accounts below this one."""
    health, account, choice = found.health, found.account, found.choice
    stored = score_entry(health, entry, instruction_id="")
    moved = (
        change_since(health, entry, until=since, under=found.under_earlier_models)
        if since
        else None
    )
    return HealthReport(
        account_id=account.id,
        name=account.name,
        as_of=health.as_of.isoformat(),
        score=shown(health.score),
        tier=health.tier,
        reason=health.reason,
        model=f"{health.model} version {health.model_version}",
        profile={"map": choice.map, "rule": choice.profile, "why": choice.why},
        coverage=round(health.coverage, 3),
        confidence=health.confidence,
        trend=stored["trend"],
        components=[view.model_dump(mode="json") for view in component_views(health)],
        trends=[
            {**asdict(t), "since": t.since.isoformat()}
            for t in measure_trends(
                choice.model,
                account,
                found.facts,
                found.as_of,
                onboarding=found.phase == "onboarding",
            )
        ],
        change=moved.model_dump(mode="json") if moved else None,
        since=since.isoformat() if since else "",
        override=stored["override"],
        roll_up=asdict(group) if group else None,
    )
