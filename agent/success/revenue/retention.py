"""Gross and net revenue retention, with the definition beside the figure.

GRR = (opening - contraction - churn) / opening, each account capped at its opening ARR.
NRR = (opening - contraction - churn + expansion) / opening.

The cohort is the book at the opening of the period; customers won during it take no part. Only
dated movements within the period count; one without a date is refused, because it would count
again in every period. Price rises count as expansion; a churned account that returns within the
period is a churn and no expansion.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from agent.errors import BadInput
from agent.success.revenue.period import Period

DEFINITION = (
    "cohort: accounts with ARR at the opening of the period; GRR caps each account at its opening "
    "ARR; NRR adds expansion; only movements dated within the period count"
)


@dataclass(frozen=True)
class Movement:
    """A change of one account's ARR. `amount` is positive, in the account's currency."""

    account_id: str
    on: date | None
    kind: Literal["expansion", "contraction", "churn"]
    amount: float


@dataclass(frozen=True)
class Retention:
    """Rates are shares (1.0 = 100 %), None without an opening book. `logos_kept` of `logos`."""

    currency: str
    opening: float
    expansion: float
    contraction: float
    churn: float
    grr: float | None
    nrr: float | None
    logos: int
    logos_kept: int
    definition: str = DEFINITION


def retention(
    opening: Mapping[str, float], movements: Iterable[Movement], period: Period, currency: str = ""
) -> Retention:
    """Retention of one currency's book.

    Args:
        opening: ARR by account at the opening of the period; accounts without ARR are left out.

    Raises:
        BadInput: a movement has no date or a negative amount.
    """
    book = {account: arr for account, arr in opening.items() if arr > 0}
    up = dict.fromkeys(book, 0.0)
    down = dict.fromkeys(book, 0.0)
    churned: set[str] = set()
    for move in movements:
        _check(move)
        if move.account_id not in book or move.on not in period:
            continue
        if move.kind == "churn":
            churned.add(move.account_id)
        elif move.kind == "expansion":
            up[move.account_id] += move.amount
        else:
            down[move.account_id] += move.amount
    lost = sum(book[a] for a in churned)
    kept = [a for a in book if a not in churned]
    contraction = sum(min(down[a], book[a]) for a in kept)
    expansion = sum(up[a] for a in kept)
    total = sum(book.values())
    gross = sum(min(book[a], max(0.0, book[a] - down[a])) for a in kept)
    return Retention(
        currency=currency,
        opening=total,
        expansion=expansion,
        contraction=contraction,
        churn=lost,
        grr=gross / total if total else None,
        nrr=(gross + expansion) / total if total else None,
        logos=len(book),
        logos_kept=len(kept),
    )


def _check(move: Movement) -> None:
    if move.on is None:
        raise BadInput(
            f"a movement of {move.account_id!r} ({move.kind}) has no date",
            where="movements",
            fix="Date it; an undated movement would count in every period.",
        )
    if not move.amount >= 0:
        raise BadInput(
            f"a movement of {move.account_id!r} has the amount {move.amount!r}",
            where="movements",
            fix="Give a positive amount; the kind says in which direction.",
        )
