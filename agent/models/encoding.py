"""Canonical JSON of what goes to a model, made once for each part.

A request is hashed, measured and priced at every turn, and nearly all of it is what it was a turn
before.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any


def canonical(value: Any) -> bytes:
    """`value` as JSON with sorted keys and no blanks: equal for equal values."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")


@dataclass(frozen=True)
class Encoded:
    """A value with the size in bytes and the SHA-256 (hex) of its canonical JSON."""

    value: Any
    size: int
    sha256: str


class Encodings:
    """Remembers values by identity, so they must not be changed once they were encoded."""

    def __init__(self) -> None:
        self._known: dict[int, Encoded] = {}

    def of(self, value: Any) -> Encoded:
        known = self._known.get(id(value))  # kept alive by its entry, so the id stays its own
        if known is None:
            data = canonical(value)
            known = Encoded(value, len(data), hashlib.sha256(data).hexdigest())
            self._known[id(value)] = known
        return known
