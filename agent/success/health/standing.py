"""A score as it stands published, ours or another tool's."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from agent.success.insights.values import read_date


@dataclass(frozen=True)
class Standing:
    """Rounded score and the points of each component, which add up to it.

    `contributions` is empty where only the score was kept. `model` is "id version" or "".
    """

    on: date
    score: float
    tier: str
    instruction_id: str = ""
    model: str = ""
    contributions: Mapping[str, float] | None = None
    labels: Mapping[str, str] | None = None


def read_standing(item: Any) -> Standing | None:
    """A history item as a standing; None when it has no usable date or score (0 to 100)."""
    if not isinstance(item, Mapping):
        return None
    day, _ = read_date(item.get("date"))
    score = _points(item.get("score"))
    if day is None or score is None or not 0 <= score <= 100:
        return None
    parts = item.get("contributions")
    points = {str(k): _points(v) for k, v in parts.items()} if isinstance(parts, Mapping) else {}
    usable = {k: v for k, v in points.items() if v is not None}
    tier = item.get("tier")
    return Standing(
        on=day,
        score=score,
        tier=tier if tier in ("green", "yellow", "red") else "",
        instruction_id=_word(item.get("instruction_id")),
        model=f"{_word(item.get('model'))} {_word(item.get('model_version'))}".strip(),
        contributions=usable if len(usable) == len(points) else {},
    )


def latest_standing(
    entry: Mapping[str, Any] | None, *, until: date, instruction_id: str = ""
) -> Standing | None:
    """The newest standing of an entry up to `until`, passing over the one that the same instruction
    left on that very day, so that a rerun compares with what was before it."""
    fitting = [
        s
        for s in standings(entry)
        if s.on <= until
        and not (s.on == until and instruction_id and s.instruction_id == instruction_id)
    ]
    return max(fitting, key=lambda s: s.on) if fitting else None


def standings(entry: Mapping[str, Any] | None) -> list[Standing]:
    """Every usable standing of an entry; the one at its top is added where the history lacks it."""
    if not isinstance(entry, Mapping):
        return []
    history = entry.get("history")
    items = list(history) if isinstance(history, list) else []
    top = {**entry, "date": entry.get("as_of", entry.get("date"))}
    top.pop("contributions", None)
    found = [s for s in map(read_standing, items) if s]
    own = read_standing(top)
    if own and not any(s.on == own.on and s.instruction_id == own.instruction_id for s in found):
        found.append(own)
    return found


def _points(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    if isinstance(value, int) and abs(value) > 10**6:
        return None
    return float(value) if math.isfinite(value) else None


def _word(value: Any) -> str:
    return value if isinstance(value, str) and len(value) <= 200 else ""
