"""Measures that know too much: alone they tell the outcome better than any honest sign does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from agent.success.backtest.mapping import Signal
from agent.success.backtest.ranking import auc
from agent.success.backtest.taking import Taken

SUSPECT = 0.98


@dataclass(frozen=True)
class Alone:
    """What one measure tells without the others: `auc` in its stated direction over the accounts
    that have a value, None when there is nothing to compare. `leak` says why it is suspect."""

    id: str
    label: str
    direction: str
    weight: float
    auc: float | None
    present: int
    not_applicable: int
    missing: int
    invalid: int
    leak: str = ""


def alone(
    measure: Signal,
    taken: Taken,
    part: npt.NDArray[np.float64],
    churned: npt.NDArray[np.bool_],
) -> Alone:
    """The measure on its own, and whether it looks like a leak."""
    known = ~np.isnan(part)
    value = _auc(part[known], churned[known])
    presence = _auc(known.astype(float), churned)
    leak = ""
    if value is not None and max(value, 1 - value) > SUSPECT:
        leak = f"alone it tells the outcome (AUC {max(value, 1 - value):.3f})"
    elif presence is not None and max(presence, 1 - presence) > SUSPECT:
        leak = "whether it has a value at all tells the outcome"
    elif words := _after_words(measure.headers):
        leak = f"its column is called {words}, which reads like something known afterwards"
    return Alone(
        measure.id, measure.label, measure.direction, measure.weight, value,
        taken.count("present"), taken.count("not_applicable"), taken.count("missing"),
        taken.count("invalid"), leak,
    )  # fmt: skip


def _auc(scores: npt.NDArray[np.float64], churned: npt.NDArray[np.bool_]) -> float | None:
    return auc(scores, churned) if 0 < churned.sum() < churned.size else None


def _after_words(headers: Sequence[str]) -> str:
    words = ("churn", "cancel", "attrition", "left_on", "reason_for_leaving")
    return next((repr(h) for h in headers if any(w in h.casefold() for w in words)), "")
