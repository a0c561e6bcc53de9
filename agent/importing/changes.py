"""What an import changed about an account, value by value, as its timeline tells it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

MAX_CHANGES = 60
"""Listed per event; how many more there were is said. A row of months is four to six values."""

_LONGEST = 300
_PERIODS = {"monthly": "month", "weekly": "week"}
_IDENTITIES = ("id", "name")


class Change(NamedTuple):
    """A value at a pointer below the account, before and after; None where there was none. Rows of
    months and weeks are found by their period, other records by their `id` or `name`."""

    pointer: str
    before: Any
    after: Any

    def as_dict(self) -> dict[str, Any]:
        return {"pointer": self.pointer, "from": _short(self.before), "to": _short(self.after)}


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Every value that differs, figures by period last."""
    found = list(_below("", before, after))
    return sorted(found, key=lambda change: any(f"/{name}/" in change.pointer for name in _PERIODS))


def _below(pointer: str, before: Any, after: Any) -> Iterator[Change]:
    if before == after and type(before) is type(after):
        return
    old, new = _parts(pointer, before), _parts(pointer, after)
    whole = (old is None and before is not None) or (new is None and after is not None)
    if whole or not (old or new):
        yield Change(pointer, before, after)
        return
    old, new = old or {}, new or {}  # none at all is told part by part as well
    for key in dict.fromkeys([*old, *new]):
        step = str(key).replace("~", "~0").replace("/", "~1")
        yield from _below(f"{pointer}/{step}", old.get(key), new.get(key))


def _parts(pointer: str, value: Any) -> dict[Any, Any] | None:
    """The parts of a value by which it is told; None when it is told as a whole."""
    if isinstance(value, Mapping):
        return dict(value)
    if not isinstance(value, list):
        return None
    last = pointer.rpartition("/")[2]
    for name in (_PERIODS[last],) if last in _PERIODS else _IDENTITIES:
        keys = [row.get(name) if isinstance(row, Mapping) else None for row in value]
        if value and all(isinstance(key, str) and key for key in keys):
            rows = {
                key: {k: v for k, v in row.items() if k != name}
                for key, row in zip(keys, value, strict=True)
            }
            return rows if len(rows) == len(value) else None
    if last in ("notes", "emails"):
        return dict(enumerate(value))
    return None


def _short(value: Any) -> Any:
    """A value that is not too long for a line; long texts are cut and large lists counted."""
    if isinstance(value, str):
        return value if len(value) <= _LONGEST else value[: _LONGEST - 1] + "…"
    if isinstance(value, (list, Mapping)):
        whole = len(json.dumps(value, default=str)) <= _LONGEST
        return value if whole else f"({len(value)} items)"
    return value
