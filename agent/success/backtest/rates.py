"""Churn rates of bands of accounts, with the interval a rate from so few accounts deserves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from agent.success.intervals import wilson


@dataclass(frozen=True)
class Band:
    """Accounts of a tier or a score band; `mean` is their mean score (or predicted probability).
    `low` and `high` bound the rate with 95 % confidence."""

    label: str
    n: int
    events: int
    mean: float | None
    low: float
    high: float

    @property
    def rate(self) -> float | None:
        return self.events / self.n if self.n else None


def band(label: str, values: npt.NDArray[np.float64], churned: npt.NDArray[np.bool_]) -> Band:
    low, high = wilson(int(churned.sum()), int(churned.size))
    mean = float(values.mean()) if values.size else None
    return Band(label, int(churned.size), int(churned.sum()), mean, low, high)


def tiers(
    order: Sequence[str],
    labels: Sequence[str],
    scores: npt.NDArray[np.float64],
    churned: npt.NDArray[np.bool_],
) -> list[Band]:
    """One band per tier, in `order`."""
    held = np.asarray(labels)
    return [band(tier, scores[held == tier], churned[held == tier]) for tier in order]


def rises(bands: Sequence[Band]) -> bool:
    """Whether the churn rate rises from the first band to the last; empty bands do not count."""
    rates = [b.rate for b in bands if b.rate is not None]
    return len(rates) > 1 and all(a < b for a, b in pairwise(rates))


def tenths(
    values: npt.NDArray[np.float64], churned: npt.NDArray[np.bool_], digits: int = 1
) -> list[Band]:
    """Up to ten bands of about equal size, lowest values first. Equal values stay together, so
    there can be fewer."""
    edges = np.unique(np.quantile(values, np.arange(1, 10) / 10))
    where = np.searchsorted(edges, values, side="left")
    out = []
    for index in np.unique(where):
        inside = where == index
        low, high = values[inside].min(), values[inside].max()
        label = f"{low:.{digits}f}–{high:.{digits}f}"
        out.append(band(label, values[inside], churned[inside]))
    return out
