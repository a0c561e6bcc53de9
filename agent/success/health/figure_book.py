"""Figures worked out from the account: exact for scoring, rounded facts with formula for people.

Health models name these ids in `values`; `KNOWN` lists the ones they may use.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from agent.success.account import Account, Month
from agent.success.assessment import MeasureState
from agent.success.facts import FactBook

KNOWN = {
    "usage.active_ratio": "active of licensed users, %, at most 100",
    "usage.features_ratio": "features used of available, %, at most 100",
    "usage.logins_per_active_user": "logins per active user and month",
    "usage.api_trend": "API calls of the newest month in % of the first month known",
    "usage.active_trend": "active users of the newest month in % of the first month known",
    "usage.api_ratio": "API calls of the newest month in % of the plan limit",
    "usage.age_days": "age of the usage data in days",
    "engagement.reply_rate": "replies in % of outreach messages",
    "engagement.qbr_attendance": "business reviews attended in % of scheduled",
    "engagement.training_attendance": "training places taken in % of offered",
    "engagement.ticket_sentiment": "tone of rated tickets: positive 100, neutral 50, negative 0",
    "value.goals_progress": "mean progress of measured goals, each 0 to 100 %",
    "roi.ratio": "annual value divided by annual cost",
    "value.integrations_ratio": "integrations live in % of planned",
    "value.workflows_ratio": "workflows optimised in % of planned",
    "sponsor.status": "status word of the executive sponsor",
    "sponsor.days_since_contact": "days since the sponsor was last spoken to",
    "relationship.engaged_contacts": "stakeholders with high or medium engagement",
    "relationship.advocacy_count": "acts of advocacy on record",
    "relationship.nps.score": "net promoter score, -100 to 100",
    "relationship.nps.age_days": "age of the NPS in days",
    "onboarding.activation_rate": "users activated in % of licensed",
    "onboarding.milestones_ratio": "milestones done in % of those due by now or done early",
    "onboarding.checkins_ratio": "weekly check-ins held in % of planned",
    "relationship.renewal_confidence": "renewal confidence stated by the CSM, %",
}


@dataclass(frozen=True)
class Blank:
    """Why a figure is not there."""

    state: MeasureState
    note: str


@dataclass
class Figures:
    """`values`: exact numbers or words; `evidence`: fact ids behind each; `blanks`: the others."""

    account: Account
    facts: FactBook
    as_of: date
    values: dict[str, Fraction | str] = field(default_factory=dict)
    evidence: dict[str, tuple[str, ...]] = field(default_factory=dict)
    blanks: dict[str, Blank] = field(default_factory=dict)

    def blank(self, id: str, note: str, state: MeasureState = "missing") -> None:
        self.blanks[id] = Blank(state, note)

    def put(
        self,
        id: str,
        value: Fraction,
        label: str,
        *,
        inputs: tuple[str, ...],
        formula: str,
        unit: str = "",
        at: str = "",
        places: int = 1,
    ) -> None:
        """Keeps the exact value and registers the rounded fact."""
        rounded = round(float(value), places)
        shown = int(rounded) if rounded.is_integer() else rounded
        known = tuple(i for i in inputs if i in self.facts)
        self.facts.computed(id, shown, label, inputs=known, formula=formula, unit=unit, at=at)
        self.values[id], self.evidence[id] = value, (id, *known)

    def take(self, id: str, value: float | str | None, note: str) -> None:
        """Makes a stored fact usable as a figure."""
        if value is None or value == "":
            self.blank(id, note)
            return
        self.values[id] = value if isinstance(value, str) else Fraction(str(value))
        self.evidence[id] = (id,) if id in self.facts else ()

    def ratio(
        self,
        id: str,
        part: float | None,
        whole: float | None,
        label: str,
        *,
        ids: tuple[str, str],
        at: str = "",
        cap: bool = True,
    ) -> None:
        """part / whole in percent, at most 100 when `cap`; blank without both or with whole 0."""
        if part is None or whole is None:
            self.blank(
                id,
                f"{label}: {'the count' if part is None else 'what it is a part of'} is not known",
            )
        elif whole == 0:
            self.blank(id, f"{label}: cannot be computed, the denominator is 0", "not_applicable")
        else:
            exact = Fraction(str(part)) * 100 / Fraction(str(whole))
            capped = cap and exact > 100
            formula = f"{part:g} / {whole:g}" if part < 10**6 else f"{part:.0f} / {whole:.0f}"
            formula += f" × 100, capped at 100 (raw {float(exact):.1f})" if capped else " × 100"
            value = Fraction(100) if capped else exact
            self.put(id, value, label, inputs=ids, formula=formula, unit="%", at=at)

    def days(
        self,
        id: str,
        since: date | None,
        until: date | None,
        label: str,
        *,
        inputs: tuple[str, ...],
    ) -> None:
        """Whole days from `since` to `until`."""
        if since is None or until is None:
            self.blank(id, f"{label}: the date is not known")
            return
        self.put(
            id,
            Fraction((until - since).days),
            label,
            inputs=inputs,
            unit="days",
            formula=f"days from {since} to {until}",
        )


def newest(periods: tuple[Month, ...], name: str) -> Month | None:
    """The newest period in which the figure `name` is known."""
    return next((m for m in reversed(periods) if getattr(m, name) is not None), None)


def oldest(periods: tuple[Month, ...], name: str) -> Month | None:
    """The first period in which the figure `name` is known."""
    return next((m for m in periods if getattr(m, name) is not None), None)
