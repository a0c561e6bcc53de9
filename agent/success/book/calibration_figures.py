"""Forecasts against outcomes in figures, and in words how little the figures say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import fsum
from typing import Annotated

from pydantic import Field, model_validator

from agent.success.book.forecasts import Compared, Forecasted
from agent.success.intervals import wilson
from agent.success.policy import Days, Settings

_TIERS = ("green", "yellow", "red", "no score")
_CATEGORIES = ("commit", "best_case", "at_risk", "unknown")


class CalibrationSettings(Settings):
    """
    Attributes:
        days_before: the forecast that stood so many days before the decision counts.
        outcomes_needed: with fewer decided renewals nothing is said about the forecasts.
        bands: edges between bands of probability, rising, between 0 and 1.
    """

    version: str
    days_before: Days
    outcomes_needed: Annotated[int, Field(ge=1, le=10_000)]
    bands: list[Annotated[float, Field(gt=0, lt=1)]]

    @model_validator(mode="after")
    def _rising(self) -> CalibrationSettings:
        if self.bands != sorted(set(self.bands)):
            raise ValueError("bands must rise")
        return self


@dataclass(frozen=True)
class Group:
    """Renewals that were forecast alike. `expected` is the sum of their probabilities; `low` and
    `high` bound the share that renews with 95 % confidence (Wilson)."""

    label: str
    n: int
    renewed: int
    expected: float
    low: float
    high: float


@dataclass(frozen=True)
class Money:
    """ARR of one currency: `due` as forecast, `expected` = Σ probability × due, `kept` what was
    renewed of it (growth at the renewal is not counted). Renewals whose ARR was not known
    then or now, or stood in another currency, take no part."""

    currency: str
    due: float
    expected: float
    kept: float
    renewals: int


@dataclass(frozen=True)
class Figures:
    """`brier` and `brier_of_rate` are None without a forecast; `verdict` says in words how much the
    figures say."""

    n: int
    renewed: int
    expected: float
    brier: float | None
    brier_of_rate: float | None
    by_tier: tuple[Group, ...]
    by_category: tuple[Group, ...]
    by_band: tuple[Group, ...]
    money: tuple[Money, ...]
    without_money: int
    verdict: str


def figures(lines: Sequence[Compared], settings: CalibrationSettings) -> Figures:
    """Counts, sums and the Brier score of the lines that have a probability."""
    pairs = [(line, p) for line in lines if (p := _probability(line)) is not None]
    n, renewed = len(pairs), sum(line.decision.renewed for line, _ in pairs)
    rate = renewed / n if n else 0.0
    money, without = _money(pairs)
    expected = fsum(p for _, p in pairs)
    return Figures(
        n=n,
        renewed=renewed,
        expected=expected,
        brier=fsum((p - line.decision.renewed) ** 2 for line, p in pairs) / n if n else None,
        brier_of_rate=rate * (1 - rate) if n else None,
        by_tier=_groups(pairs, lambda f: f.tier or "no score", _TIERS),
        by_category=_groups(pairs, lambda f: f.category, _CATEGORIES),
        by_band=_groups(
            pairs, lambda f: _band(f.probability or 0.0, settings.bands), _labels(settings.bands)
        ),
        money=money,
        without_money=without,
        verdict=_verdict(n, renewed, expected, settings.outcomes_needed),
    )


_Pair = tuple[Compared, float]


def _probability(line: Compared) -> float | None:
    return line.forecast.probability if line.forecast is not None else None


def _groups(
    pairs: Sequence[_Pair], of: Callable[[Forecasted], str], order: Sequence[str]
) -> tuple[Group, ...]:
    """One group per label that occurs; those of `order` first, in that order."""
    found: dict[str, list[_Pair]] = {label: [] for label in order}
    for line, p in pairs:
        if line.forecast is not None:
            found.setdefault(of(line.forecast), []).append((line, p))
    return tuple(_group(label, own) for label, own in found.items() if own)


def _group(label: str, pairs: Sequence[_Pair]) -> Group:
    renewed = sum(line.decision.renewed for line, _ in pairs)
    low, high = wilson(renewed, len(pairs))
    return Group(label, len(pairs), renewed, fsum(p for _, p in pairs), low, high)


def _band(probability: float, edges: Sequence[float]) -> str:
    return _labels(edges)[sum(probability >= edge for edge in edges)]


def _labels(edges: Sequence[float]) -> list[str]:
    marks = [0.0, *edges, 1.0]
    return [f"{100 * a:g}–{100 * b:g} %" for a, b in pairwise(marks)]


def _money(pairs: Sequence[_Pair]) -> tuple[tuple[Money, ...], int]:
    usable: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
    for line, p in pairs:
        due = line.forecast.arr if line.forecast is not None else None
        currency = line.forecast.currency if line.forecast is not None else ""
        decision = line.decision
        if due is None or decision.arr_after is None or currency != decision.currency:
            continue
        kept = min(decision.arr_after, due) if decision.renewed else 0.0
        usable[currency].append((due, p * due, kept))
    out = tuple(
        Money(
            currency,
            fsum(due for due, _, _ in rows),
            fsum(expected for _, expected, _ in rows),
            fsum(kept for _, _, kept in rows),
            len(rows),
        )
        for currency, rows in sorted(usable.items())
    )
    return out, len(pairs) - sum(m.renewals for m in out)


def _verdict(n: int, renewed: int, expected: float, needed: int) -> str:
    if not n:
        return f"nothing to compare yet: 0 of {needed} needed outcomes had a forecast"
    came = f"{renewed} of {n} renewed, {expected:.2f} were expected"
    if n < needed:
        return (
            f"not enough outcomes: {n} of {needed} needed. {came}; one renewal more or less moves "
            f"the rate by {100 / n:.0f} points, so this says nothing about the forecasts"
        )
    low, high = wilson(renewed, n)
    mean = expected / n
    interval = (
        f"{came}: {100 * renewed / n:.0f} %, 95 % interval {100 * low:.0f} to {100 * high:.0f} %"
    )
    said = f"the forecasts said {100 * mean:.0f} % on average"
    if low <= mean <= high:
        return f"{interval}; {said}, which lies within: no sign that they are off"
    way = "too hopeful" if mean > high else "too cautious"
    return f"{interval}; {said}, which lies outside: they were {way}"
