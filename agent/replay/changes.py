"""Two documents side by side: which values moved, by path.

Items of lists are paired by what names them (an id, a title), so that one more item in front does
not make all those behind it look changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_NAMES = ("id", "event_id", "message_id", "measure", "component", "signal", "playbook", "title",
          "statement", "question", "field", "cause", "what", "kind", "name", "path")  # fmt: skip


class _Absent:
    def __repr__(self) -> str:
        return "(nothing)"


ABSENT = _Absent()


@dataclass(frozen=True)
class Change:
    """One value that is not what it was; `ABSENT` stands for one that is not there."""

    path: str
    before: Any
    after: Any

    def as_dict(self) -> dict[str, Any]:
        """For programs: a side that is not there has no key."""
        sides = {"from": self.before, "to": self.after}
        return {"path": self.path, **{k: v for k, v in sides.items() if v is not ABSENT}}


def changes(before: Any, after: Any, path: str = "") -> Iterator[Change]:
    """The values that differ, in document order; equal documents have none."""
    if _same(before, after):
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in dict.fromkeys([*before, *after]):
            below = f"{path}.{key}" if path else str(key)
            yield from changes(before.get(key, ABSENT), after.get(key, ABSENT), below)
        if before.keys() == after.keys() and list(before) != list(after):
            yield Change(f"{path}: order of keys", list(before), list(after))
    elif isinstance(before, list) and isinstance(after, list):
        yield from _items(before, after, path)
    else:
        yield Change(path, before, after)


def _same(before: Any, after: Any) -> bool:
    """Equal in value and in kind: 1, 1.0 and true are written differently."""
    if type(before) is not type(after):
        return False
    if isinstance(before, Mapping):
        return list(before) == list(after) and all(_same(before[k], after[k]) for k in before)
    if isinstance(before, list):
        return len(before) == len(after) and all(map(_same, before, after))
    return bool(before == after)


def _items(before: Sequence[Any], after: Sequence[Any], path: str) -> Iterator[Change]:
    key = next((k for k in _NAMES if _named_by(k, before) and _named_by(k, after)), "")
    if key:
        old, new = {i[key]: i for i in before}, {i[key]: i for i in after}
        order = [list(filter(old.__contains__, new)), list(filter(new.__contains__, old))]
        for name in dict.fromkeys([*old, *new]):
            here = f"{path}[{name}]"
            yield from changes(old.get(name, ABSENT), new.get(name, ABSENT), here)
        if order[0] != order[1]:
            yield Change(f"{path}: order", order[1], order[0])
        return
    if not any(isinstance(item, Mapping | list) for item in (*before, *after)):
        yield Change(path, list(before), list(after))
        return
    for n in range(max(len(before), len(after))):
        old_item = before[n] if n < len(before) else ABSENT
        new_item = after[n] if n < len(after) else ABSENT
        yield from changes(old_item, new_item, f"{path}[{n}]")


def _named_by(key: str, items: Sequence[Any]) -> bool:
    names = [i.get(key) if isinstance(i, Mapping) else None for i in items]
    return all(isinstance(n, str) and n for n in names) and len(set(names)) == len(names)
