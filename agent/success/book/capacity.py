"""How many CSMs a book of business needs, by segment."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from agent.success.account import Account
from agent.success.policy import Segments
from agent.success.segments import segment_of


@dataclass(frozen=True)
class SegmentRow:
    """One segment. `csm_low` to `csm_high` CSMs are needed at the policy's ratios (fractions of a
    person are rounded up for the whole book, not per segment)."""

    segment: str
    label: str
    accounts: int
    arr_by_currency: dict[str, float]
    engagement: str
    ratio: str
    csm_low: float
    csm_high: float


@dataclass(frozen=True)
class Capacity:
    """`verdict` compares the team with what the ratios ask for; "" without a team."""

    rows: tuple[SegmentRow, ...]
    unknown: int
    needed_low: int
    needed_high: int
    team: int | None
    verdict: str


def capacity(accounts: Sequence[Account], settings: Segments, team: int | None) -> Capacity:
    """Accounts and CSMs by segment; `team` is the number of CSMs there are."""
    rows = []
    placed = [(a, segment_of(a, settings).id) for a in accounts]
    for segment in settings.segments:
        own = [a for a, id in placed if id == segment.id]
        low, high = segment.accounts_per_csm
        arr: dict[str, float] = {}
        for account in own:
            if account.arr is not None:
                arr[account.currency] = arr.get(account.currency, 0.0) + account.arr
        rows.append(
            SegmentRow(
                segment.id, segment.label, len(own), arr, segment.engagement, f"1:{low}-{high}",
                len(own) / high, len(own) / low,
            )
        )  # fmt: skip
    needed_low = math.ceil(sum(row.csm_low for row in rows))
    needed_high = math.ceil(sum(row.csm_high for row in rows))
    unknown = sum(id == "" for _, id in placed)
    return Capacity(
        tuple(rows), unknown, needed_low, needed_high, team, _verdict(team, needed_low, needed_high)
    )


def _verdict(team: int | None, low: int, high: int) -> str:
    if team is None:
        return ""
    if team < low:
        return f"short: {team} for a book that needs {low} to {high}"
    if team > high:
        return f"ample: {team} for a book that needs {low} to {high}"
    return f"fits: {team} for a book that needs {low} to {high}"
