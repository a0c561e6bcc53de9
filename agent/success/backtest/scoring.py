"""Raw values → scores from 0 (at risk) to 100 (healthy), as a health model makes them.

Each measure is put on 0-100 by its curve, by its levels, or by its percentile rank among the
accounts; the score is the weighted mean of what could be measured. What is missing or invalid
leaves the mean and lowers coverage; what does not apply leaves both.
"""

from __future__ import annotations

from collections.abc import Mapping as Map
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from agent.success.backtest.mapping import Mapping, Signal
from agent.success.backtest.taking import Taken

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Scored:
    """Scores by account, NaN where the coverage is under the floor; `parts` holds the scores of
    the measures (accounts x measures, NaN where there is none)."""

    scores: Floats
    coverage: Floats
    parts: Floats
    tiers: tuple[str, ...]


def score(mapping: Mapping, taken: Map[str, Taken]) -> Scored:
    """Scores every account by the weights of the mapping."""
    parts = np.column_stack([part(m, taken[m.id]) for m in mapping.measures])
    weights = np.array([m.weight for m in mapping.measures], dtype=np.float64)
    states = np.array([taken[m.id].states for m in mapping.measures]).T
    present, applies = ~np.isnan(parts), states != "not_applicable"
    measured = present @ weights
    due = applies @ weights
    coverage = np.divide(measured, due, out=np.zeros_like(due), where=due > 0)
    total = np.nan_to_num(parts) @ weights
    mean = np.divide(total, measured, out=np.full_like(total, np.nan), where=measured > 0)
    # Accounts that are equal must tie, whatever the last binary digit of their sums is.
    scores = np.where(coverage >= mapping.coverage_floor, np.round(mean, 9), np.nan)
    return Scored(scores, coverage, parts, tuple(tier_of(mapping, s) for s in scores.tolist()))


def part(measure: Signal, taken: Taken) -> Floats:
    """0-100 for one measure, NaN where it has no value."""
    if measure.scale is None:
        ranks = percentile_ranks([np.nan if v is None else float(v) for v in taken.values])
        return 100 - ranks if measure.direction == "lower_is_better" else ranks
    table: dict[object, float] = {None: float("nan")}
    for value in set(taken.values) - {None}:
        if isinstance(value, str):
            table[value] = measure.scale.levels[value]
        elif value is not None:
            table[value] = float(measure.scale.score(Fraction(value)))
    return np.array([table[value] for value in taken.values], dtype=np.float64)


def percentile_ranks(values: Sequence[float]) -> Floats:
    """Share of the others below, ties counted half, x 100. NaN stays NaN and is nobody's other."""
    given = np.asarray(values, dtype=np.float64)
    known = np.sort(given[~np.isnan(given)])
    if not known.size:
        return given
    below = np.searchsorted(known, given, side="left")
    upto = np.searchsorted(known, given, side="right")
    ranks: Floats = (below + upto) / 2 / known.size * 100
    return np.where(np.isnan(given), np.nan, ranks)


def tier_of(mapping: Mapping, score: float) -> str:
    """The tier of an unrounded score, "" for none."""
    return next((t.id for t in reversed(mapping.tiers) if score >= t.start), "")
