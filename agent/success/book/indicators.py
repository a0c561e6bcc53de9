"""Indicators of a book of business, each with what it rests on; unknown stays "not measured"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from agent.success.assessment import Assessment
from agent.success.book.targets import Target
from agent.success.revenue.retention import Retention


@dataclass(frozen=True)
class Indicator:
    """`value` is None when it cannot be measured; `of` is how many accounts (or decisions, alerts)
    it rests on; `met` is None without a value or a target."""

    id: str
    label: str
    value: float | None
    unit: str
    of: int
    target: str
    met: bool | None
    basis: str


@dataclass(frozen=True)
class Alerts:
    """Health alerts of a window and how many had an answer within 48 hours."""

    raised: int
    answered_in_time: int


def indicators(
    book: Sequence[Assessment],
    targets: Mapping[str, Target],
    *,
    retention: Sequence[Retention] = (),
    alerts: Alerts | None = None,
) -> list[Indicator]:
    """All indicators, those with a target of the profile first.

    Retention is measured per currency; with several, the rate shown is the lowest of them, so that
    no currency hides another.
    """
    found = [*_health(book), *_relationship(book), *_retention(retention), _alerts(alerts)]
    rows = [
        _row(i, label, value, unit, of, basis, targets.get(i))
        for i, label, value, unit, of, basis in found
    ]
    return sorted(rows, key=lambda row: (row.target == "", 0))


_Raw = tuple[str, str, float | None, str, int, str]


def _row(
    id: str, label: str, value: float | None, unit: str, of: int, basis: str, target: Target | None
) -> Indicator:
    met = target.met(value) if target is not None and value is not None else None
    return Indicator(id, label, value, unit, of, str(target) if target else "", met, basis)


def _health(book: Sequence[Assessment]) -> list[_Raw]:
    scored = [a for a in book if a.health.score is not None]
    scores = [a.health.score for a in scored if a.health.score is not None]
    share = {
        tier: 100 * sum(a.health.tier == tier for a in scored) / len(scored) if scored else None
        for tier in ("green", "red")
    }
    basis = "accounts with a score"
    return [
        (
            "average_health",
            "average health score",
            fmean(scores) if scores else None,
            "",
            len(scored),
            basis,
        ),
        ("green_share", "accounts in green", share["green"], "%", len(scored), basis),
        ("red_share", "accounts in red", share["red"], "%", len(scored), basis),
    ]


def _relationship(book: Sequence[Assessment]) -> list[_Raw]:
    planned = [a.account for a in book if a.account.qbr_scheduled]
    scheduled = sum(a.qbr_scheduled or 0 for a in planned)
    held = sum(min(a.qbr_attended or 0, a.qbr_scheduled or 0) for a in planned)
    nps = [a.account.nps for a in book if a.account.nps is not None]
    goals = [[g for g in a.goals if g.status != "not_measured"] for a in book]
    measured = [views for views in goals if views]
    with_value = sum(any(g.status == "met" for g in views) for views in measured)
    return [
        ("review_completion", "business reviews held of scheduled",
         100 * held / scheduled if scheduled else None, "%", len(planned), "reviews on record"),
        ("nps", "net promoter score", fmean(nps) if nps else None, "", len(nps),
         "mean of the accounts' scores"),
        ("value_realized", "accounts with a goal reached",
         100 * with_value / len(measured) if measured else None, "%", len(measured),
         "accounts with a measured goal"),
    ]  # fmt: skip


def _retention(found: Sequence[Retention]) -> list[_Raw]:
    grr = [r.grr for r in found if r.grr is not None]
    nrr = [r.nrr for r in found if r.nrr is not None]
    logos = sum(r.logos for r in found)
    kept = sum(r.logos_kept for r in found)
    rate = 100 * kept / logos if logos else None
    basis = "decisions recorded in the period, lowest currency"
    return [
        ("gross_retention", "gross revenue retention", 100 * min(grr) if grr else None, "%", logos,
         basis),
        ("net_retention", "net revenue retention", 100 * min(nrr) if nrr else None, "%", logos,
         basis),
        ("logo_retention", "accounts kept", rate, "%", logos, "accounts of the opening book"),
        ("logo_churn", "accounts lost", None if rate is None else 100 - rate, "%", logos,
         "accounts of the opening book"),
    ]  # fmt: skip


def _alerts(alerts: Alerts | None) -> _Raw:
    raised = alerts.raised if alerts else 0
    value = 100 * alerts.answered_in_time / raised if alerts and raised else None
    return ("alert_response_48h", "health alerts answered within 48 hours", value, "%", raised,
            "falls to red on the timeline")  # fmt: skip
