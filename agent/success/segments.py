"""Segments: how closely a customer is looked after, and by how many CSMs."""

from __future__ import annotations

from dataclasses import dataclass

from agent.success.account import Account
from agent.success.policy import Segment, Segments


@dataclass(frozen=True)
class SegmentView:
    """`id` is "" when neither a segment nor an ARR is known. `basis` says which decided; `note`
    names a segment that does not fit the ARR."""

    id: str
    basis: str
    engagement: str = ""
    accounts_per_csm: tuple[int, int] | None = None
    note: str = ""


def segment_of(account: Account, settings: Segments) -> SegmentView:
    """The stored segment, else the one of the ARR band. Bands are half-open and compared without
    currency conversion; the note says so where the currencies differ."""
    by_size = _band(account.arr, settings)
    by_id = {s.id: s for s in settings.segments}
    stated = by_id.get(account.segment)  # type: ignore[call-overload]
    foreign = account.currency and account.currency != settings.currency
    rate = f" (bands are in {settings.currency}, ARR in {account.currency})" if foreign else ""
    if stated is not None:
        note = ""
        if stated.arr_from is not None and by_size is not None and by_size.id != stated.id:
            note = f"an ARR of {account.arr:g} would make it {by_size.label}{rate}"
        return _view(stated, "as stored", note)
    if by_size is not None:
        return _view(by_size, f"by ARR{rate}", "no segment is stored")
    return SegmentView("", "neither a segment nor an ARR is known")


def _band(arr: float | None, settings: Segments) -> Segment | None:
    if arr is None:
        return None
    fitting = [s for s in settings.segments if s.arr_from is not None and arr >= s.arr_from]
    return max(fitting, key=lambda s: s.arr_from or 0) if fitting else None


def _view(segment: Segment, basis: str, note: str) -> SegmentView:
    low, high = segment.accounts_per_csm
    return SegmentView(segment.id, basis, segment.engagement, (low, high), note)
