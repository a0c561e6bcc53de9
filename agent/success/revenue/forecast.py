"""The renewal forecast of a book of business: what is due, what it may bring, where views differ.

Money of different currencies is never added up; every total stands per currency. A renewal without
a known ARR is listed and counted, and takes part in no sum.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from agent.success.assessment import Assessment
from agent.success.revenue.period import Period

Category = Literal["commit", "best_case", "at_risk", "unknown"]
_ORDER: tuple[Category, ...] = ("commit", "best_case", "at_risk", "unknown")
MIN_OUTCOMES = 50
"""Renewals that must have been decided before own rates replace the default probabilities."""
CSM_COMMIT, CSM_BEST = 75.0, 50.0
"""Renewal confidence (0-100) from which the CSM's own word counts as commit, as best case."""


@dataclass(frozen=True)
class Outcome:
    """A decided renewal: the tier the account had when it was forecast, and whether it renewed."""

    tier: str
    renewed: bool


@dataclass(frozen=True)
class Rates:
    """Renewal probability by tier, and what it rests on."""

    by_tier: Mapping[str, float]
    basis: str


@dataclass(frozen=True)
class Line:
    """One renewal that is due. `computed` comes from health, `csm` from the CSM's confidence,
    `final` is the decided one where a person has decided, else the computed one when both agree,
    else "unknown": a disagreement is for the lead and is never averaged."""

    account_id: str
    name: str
    renewal_date: date
    days_left: int
    arr: float | None
    currency: str
    tier: str
    computed: Category
    csm: Category
    final: Category
    disagreement: bool
    probability: float | None
    basis: str
    expected: float | None
    overdue: bool
    worry: str


@dataclass(frozen=True)
class Total:
    """Sums of one currency over the lines with a known ARR. `worst` counts commit only, `best` all
    but what is at risk, `expected` weighs each by its probability; `at_risk` is the ARR in that
    category."""

    currency: str
    due: float
    worst: float
    expected: float
    best: float
    at_risk: float
    renewals: int
    without_probability: int


@dataclass(frozen=True)
class Forecast:
    period: Period
    as_of: date
    lines: tuple[Line, ...]
    totals: tuple[Total, ...]
    without_arr: int
    without_date: tuple[str, ...]
    basis: str


def calibrated(outcomes: Sequence[Outcome], defaults: Rates) -> Rates:
    """Own rates by tier from `MIN_OUTCOMES` decided renewals on; before that the defaults, marked
    as uncalibrated. A tier without outcomes keeps its default."""
    if len(outcomes) < MIN_OUTCOMES:
        return defaults
    rates = dict(defaults.by_tier)
    for tier in rates:
        decided = [o for o in outcomes if o.tier == tier]
        if decided:
            rates[tier] = sum(o.renewed for o in decided) / len(decided)
    return Rates(rates, f"own history of {len(outcomes)} renewals")


def forecast(
    assessments: Iterable[Assessment],
    period: Period,
    as_of: date,
    *,
    outcomes: Sequence[Outcome] = (),
    decided: Mapping[str, Category] | None = None,
) -> Forecast:
    """Renewals whose date lies in `period`, with categories, probabilities and scenarios.

    Args:
        outcomes: decided renewals of the past, for own rates.
        decided: category that a person has decided on, by account id.
    """
    book = list(assessments)
    own = _own_rates(outcomes)
    lines = sorted(
        (
            _line(a, as_of, own, (decided or {}).get(a.account.id))
            for a in book
            if a.renewal.renewal_date in period
        ),
        key=lambda line: (line.renewal_date, line.account_id),
    )
    return Forecast(
        period=period,
        as_of=as_of,
        lines=tuple(lines),
        totals=_totals(lines),
        without_arr=sum(line.arr is None for line in lines),
        without_date=tuple(a.account.id for a in book if a.renewal.renewal_date is None),
        basis=own.basis if own else "default, uncalibrated",
    )


def _own_rates(outcomes: Sequence[Outcome]) -> Rates | None:
    if len(outcomes) < MIN_OUTCOMES:
        return None
    return calibrated(outcomes, Rates({o.tier: 0.0 for o in outcomes}, ""))


def _line(a: Assessment, as_of: date, own: Rates | None, decided: Category | None) -> Line:
    view = a.renewal
    assert view.renewal_date is not None
    csm = csm_category(a.account.renewal_confidence)
    disagreement = csm != "unknown" and view.category != "unknown" and csm != view.category
    probability, basis = view.probability, view.probability_basis
    if own is not None and a.health.tier in own.by_tier:
        probability, basis = own.by_tier[a.health.tier], own.basis
    final: Category = decided or ("unknown" if disagreement else view.category)
    worst = max(a.signals, key=lambda s: _SEVERITY[s.severity], default=None)
    return Line(
        account_id=a.account.id,
        name=a.account.name,
        renewal_date=view.renewal_date,
        days_left=(view.renewal_date - as_of).days,
        arr=view.arr,
        currency=view.currency,
        tier=a.health.tier,
        computed=view.category,
        csm=csm,
        final=final,
        disagreement=disagreement and decided is None,
        probability=probability,
        basis=basis,
        expected=None
        if view.arr is None or probability is None
        else round(view.arr * probability, 2),
        overdue=view.renewal_date < as_of,
        worry=worst.title if worst else "",
    )


_SEVERITY = {"low": 0, "medium": 1, "high": 2, "critical": 3}


def csm_category(confidence: float | None) -> Category:
    """The CSM's own view from the stored renewal confidence (0-100)."""
    if confidence is None:
        return "unknown"
    if confidence >= CSM_COMMIT:
        return "commit"
    return "best_case" if confidence >= CSM_BEST else "at_risk"


def _totals(lines: Sequence[Line]) -> tuple[Total, ...]:
    out = []
    for currency in sorted({line.currency for line in lines if line.arr is not None}):
        group = [line for line in lines if line.arr is not None and line.currency == currency]
        sums = {c: sum(x.arr or 0.0 for x in group if x.computed == c) for c in _ORDER}
        out.append(
            Total(
                currency=currency,
                due=round(sum(sums.values()), 2),
                worst=round(sums["commit"], 2),
                expected=round(sum(x.expected or 0.0 for x in group), 2),
                best=round(sums["commit"] + sums["best_case"], 2),
                at_risk=round(sums["at_risk"], 2),
                renewals=len(group),
                without_probability=sum(x.probability is None for x in group),
            )
        )
    return tuple(out)
