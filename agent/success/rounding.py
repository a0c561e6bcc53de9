"""Rounding for people that keeps sums true."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, Decimal


def shown(value: float | None, places: int = 2) -> float | None:
    """`value` rounded for display; what is decided (a tier) is decided before this."""
    return None if value is None else float(_quantum(value, places))


def apportion(
    parts: Sequence[float | None], total: float | None, places: int = 2
) -> list[float | None]:
    """`parts` rounded so that they add up to the rounded `total` exactly.

    Largest-remainder method: parts are rounded down to the last place and the places left over go
    to the largest remainders, ties to the earlier part. None stays None. With `total` None every
    part is only rounded.
    """
    if total is None:
        return [shown(part, places) for part in parts]
    unit = Decimal(1).scaleb(-places)
    exact = [None if p is None else Decimal(repr(p)) for p in parts]
    floors = [
        None if e is None else (e / unit).to_integral_value(ROUND_FLOOR) * unit for e in exact
    ]
    left = int(
        (_quantum(total, places) - sum((f for f in floors if f is not None), Decimal(0))) / unit
    )
    order = sorted(
        (n for n, e in enumerate(exact) if e is not None),
        key=lambda n: (-((exact[n] or Decimal(0)) - (floors[n] or Decimal(0))), n),
    )
    for step in range(abs(left)):
        if not order:
            break
        n = order[step % len(order)]
        floors[n] = (floors[n] or Decimal(0)) + (unit if left > 0 else -unit)
    return [None if f is None else float(f) for f in floors]


def _quantum(value: float, places: int) -> Decimal:
    return Decimal(repr(value)).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN)
