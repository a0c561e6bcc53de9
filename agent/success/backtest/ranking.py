"""How well a score puts the lost accounts first: AUC with interval, precision, recall, lift.

A low score means risk. Accounts with the same score are never put in an order: ties count half in
the AUC, and a group cut by the top-20 % line counts with the share that fits above it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.metrics import average_precision_score, roc_curve

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
TOP = 0.2
_CELLS = 4_000_000  # of one batch of resamples: bounds memory, not the result


@dataclass(frozen=True)
class Ranking:
    """`low` and `high` bound the AUC with 95 % confidence. `precision`, `recall` and `lift` are
    those of the riskiest 20 %."""

    n: int
    events: int
    auc: float
    low: float
    high: float
    average_precision: float
    precision: float
    recall: float
    lift: float

    @property
    def base_rate(self) -> float:
        return self.events / self.n

    @property
    def verdict(self) -> str:
        """`evidence`, `no evidence` (the interval holds 0.5), or `wrong way`."""
        if self.low > 0.5:
            return "evidence"
        return "wrong way" if self.high < 0.5 else "no evidence"


def rank(
    scores: Floats, churned: Flags, *, groups: Sequence[str] | None, resamples: int, seed: int
) -> Ranking:
    """Measures of a ranking by `scores` (low = at risk, no NaN)."""
    low, high = auc_interval(scores, churned, groups=groups, resamples=resamples, seed=seed)
    precision, recall = at_top(scores, churned)
    return Ranking(
        n=int(scores.size),
        events=int(churned.sum()),
        auc=auc(scores, churned),
        low=low,
        high=high,
        average_precision=float(average_precision_score(churned, -scores)),
        precision=precision,
        recall=recall,
        lift=precision / float(churned.mean()),
    )


def auc(scores: Floats, churned: Flags) -> float:
    """Chance that a lost account scores lower than a kept one, ties counted half (the
    Mann-Whitney statistic over the number of pairs)."""
    return float(_aucs(scores, churned, np.ones((1, scores.size)))[0])


def auc_interval(
    scores: Floats,
    churned: Flags,
    *,
    groups: Sequence[str] | None = None,
    resamples: int,
    seed: int,
) -> tuple[float, float]:
    """95 % percentile interval of a bootstrap, stratified by outcome and the same for the same
    seed whatever the order of the rows.

    Args:
        groups: the account of each row where accounts have several: whole accounts are drawn, as
            their rows do not vote independently.
    """
    order = np.lexsort((churned, scores))
    scores, churned = scores[order], churned[order]
    owner = np.arange(scores.size)
    if groups is not None:
        owner = np.unique(np.asarray(groups, dtype=object)[order].astype(str), return_inverse=True)[
            1
        ]
    units = int(owner.max()) + 1
    lost = np.zeros(units, dtype=bool)
    np.logical_or.at(lost, owner, churned)
    strata = [np.flatnonzero(lost), np.flatnonzero(~lost)]
    random = np.random.default_rng(seed)
    found: list[Floats] = []
    left = resamples
    while left:
        size = min(left, max(1, _CELLS // max(units, scores.size)))
        weights = np.zeros((size, units))
        for members in strata:
            if members.size:
                weights[:, members] = _draws(random, size, members.size)
        found.append(_aucs(scores, churned, weights[:, owner]))
        left -= size
    spread = np.concatenate(found)
    low, high = np.quantile(spread[~np.isnan(spread)], [0.025, 0.975])
    return float(low), float(high)


def _draws(random: np.random.Generator, times: int, size: int) -> Floats:
    """How often each of `size` units is drawn in `size` draws with replacement, `times` over."""
    drawn = random.integers(0, size, (times, size)) + np.arange(times)[:, None] * size
    counts = np.bincount(drawn.ravel(), minlength=times * size).reshape(times, size)
    return counts.astype(np.float64)


def _aucs(scores: Floats, churned: Flags, weights: Floats) -> Floats:
    """AUC for each row of `weights`, the times every account counts."""
    order = np.argsort(scores, kind="stable")
    starts = np.unique(scores[order], return_index=True)[1]
    lost = np.add.reduceat((weights * churned)[:, order], starts, axis=1)
    kept = np.add.reduceat((weights * ~churned)[:, order], starts, axis=1)
    safer = kept.sum(axis=1, keepdims=True) - kept.cumsum(axis=1)
    wins = (lost * (safer + kept / 2)).sum(axis=1)
    pairs = lost.sum(axis=1) * kept.sum(axis=1)
    aucs: Floats = np.divide(wins, pairs, out=np.full(wins.size, np.nan), where=pairs > 0)
    return aucs


def at_top(scores: Floats, churned: Flags, share: float = TOP) -> tuple[float, float]:
    """Precision and recall of the riskiest `share` of accounts (rounded up to whole accounts)."""
    room = math.ceil(round(share * scores.size, 9))
    edge = np.sort(scores)[room - 1]
    below, tied = scores < edge, scores == edge
    hits = float(churned[below].sum() + churned[tied].mean() * (room - below.sum()))
    return hits / room, hits / float(churned.sum())


def curve(scores: Floats, churned: Flags, points: int = 200) -> list[tuple[float, float]]:
    """The ROC curve as (false alarm rate, hit rate), thinned to at most about `points`."""
    false_alarms, hits, _ = roc_curve(churned, -scores)
    step = max(1, math.ceil(len(hits) / points))
    kept = [*range(0, len(hits), step), len(hits) - 1]
    return [(float(false_alarms[i]), float(hits[i])) for i in sorted(set(kept))]
