"""Weights learned from outcomes, judged only on accounts they have not seen.

Logistic regression (scikit-learn, L2 penalty of its default strength) on the 0-100 scores of the
measures, so that a fitted weight can be read beside the weight of the mapping.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
HELD_OUT = 0.3


@dataclass(frozen=True)
class Fitted:
    """`risk` is the predicted probability of loss of every account, `weights` say how much 100
    points of a measure lower the log-odds of loss: negative means against its direction."""

    weights: tuple[float, ...]
    risk: Floats


def split(accounts: Sequence[str], churned: Flags, *, seed: int) -> tuple[Flags, Flags]:
    """(fitting part, held-out part), 70 to 30 by account, stratified by outcome. Rows of one
    account stay together, and the order of the rows does not matter."""
    names, owner = np.unique(np.asarray(accounts, dtype=object).astype(str), return_inverse=True)
    lost = np.zeros(names.size, dtype=bool)
    np.logical_or.at(lost, owner, churned)
    _, test = train_test_split(
        np.arange(names.size), test_size=HELD_OUT, random_state=seed, stratify=lost
    )
    held = np.isin(owner, test)
    return ~held, held


def fit(parts: Floats, churned: Flags, train: Flags) -> Fitted:
    """Fits on `train`. A measure without a value counts as its mean in the fitting part."""
    known = ~np.isnan(parts[train])
    counts = known.sum(axis=0)
    sums = np.nan_to_num(parts[train]).sum(axis=0)
    means = np.divide(sums, counts, out=np.full(counts.size, 50.0), where=counts > 0)
    filled = np.where(np.isnan(parts), means, parts) / 100
    model = LogisticRegression(max_iter=1000).fit(filled[train], churned[train])
    return Fitted(tuple((-model.coef_[0]).tolist()), model.predict_proba(filled)[:, 1])
