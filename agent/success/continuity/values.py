"""Values out of event data, which other versions and other programs may have written."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

LONGEST = 600


def text(value: Any) -> str:
    """Text without blanks around it, at most 600 characters; "" for anything else."""
    return value.strip()[:LONGEST] if isinstance(value, str) else ""


def number(value: Any) -> float | None:
    """A finite number; None for anything else, true and false among it."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


def day(value: Any) -> date | None:
    """The day that a text like 2026-11-17 (or a moment that begins with it) names."""
    try:
        return date.fromisoformat(value[:10]) if isinstance(value, str) else None
    except ValueError:
        return None


def moment(value: Any) -> datetime | None:
    """A moment of recording; one without a zone is UTC. None when it cannot be read."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    if found is None:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


def mapping(value: Any) -> Mapping[str, Any]:
    """`value` if it is a mapping, else an empty one."""
    return value if isinstance(value, Mapping) else {}
