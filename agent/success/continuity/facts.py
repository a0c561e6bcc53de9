"""Facts by key, each with the day from which it is valid and what it took the place of.

A key has two spellings, `contract.arr` and the pointer `/contract/arr`; the first is used. A value
is valid from `valid_from` (the business date where the event says nothing) until the day before the
next value's, so a fact that is noted late takes its place in the past and replaces nothing newer.

Values valid from the same day that differ contradict each other. Neither wins, whoever recorded
them and in whatever order; a correction that withdraws one of them settles it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from typing import Any

from agent.success.continuity.reading import Told
from agent.success.continuity.values import day, mapping, text

KINDS = frozenset({"fact_noted", "facts_imported"})
WRITTEN = frozenset({"notes", "emails"})
"""What people wrote is told by the import; it is no fact with a value."""


@dataclass(frozen=True)
class Noted:
    """One value of a key. `by`: who recorded it; `source`: where it comes from, as far as told.

    `supersedes` and `superseded_by` are ids of events.
    """

    key: str
    value: Any
    valid_from: date
    event_id: str
    by: str = ""
    source: str = ""
    supersedes: tuple[str, ...] = ()
    superseded_by: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        return {
            **self.__dict__,
            "supersedes": list(self.supersedes),
            "superseded_by": list(self.superseded_by),
        }


@dataclass(frozen=True)
class Fact:
    """A key on a day. `valid`: its value, or several that contradict each other; empty while the
    first is still to come. `history`: all values by `valid_from`, those to come among them."""

    key: str
    valid: tuple[Noted, ...]
    history: tuple[Noted, ...]

    @property
    def contradictory(self) -> bool:
        return len(_distinct(self.valid)) > 1

    def as_dict(self) -> dict[str, Any]:
        return {
            "key": self.key,
            "contradictory": self.contradictory,
            "valid": [noted.as_dict() for noted in self.valid],
            "history": [noted.as_dict() for noted in self.history],
        }


def key_of(pointer: str) -> str:
    """`/contract/arr` and `contract.arr` alike → `contract.arr`."""
    if not pointer.startswith("/"):
        return pointer
    steps = pointer[1:].split("/")
    return ".".join(step.replace("~1", "/").replace("~0", "~") for step in steps)


def facts(told: Iterable[Told], on: date) -> dict[str, Fact]:
    """Key → fact on that day, sorted by key. `told` are events by business date."""
    by_key: dict[str, list[Noted]] = {}
    for event in told:
        for noted in _noted(event):
            by_key.setdefault(noted.key, []).append(noted)
    return {key: _fact(key, by_key[key], on) for key in sorted(by_key)}


def _noted(told: Told) -> Iterator[Noted]:
    data = told.data
    if told.kind == "fact_noted":
        key = key_of(text(data.get("key")))
        if key and "value" in data:
            source = text(data.get("source")) or text(data.get("quote"))
            start = day(data.get("valid_from")) or told.on
            yield Noted(key, data["value"], start, told.id, text(data.get("by")), source)
    elif told.kind == "facts_imported":
        changes = data.get("changes")
        for change in changes if isinstance(changes, list) else ():
            key = key_of(text(mapping(change).get("pointer")))
            if key and "to" in mapping(change) and key.split(".")[0] not in WRITTEN:
                source = text(data.get("file"))
                yield Noted(key, change["to"], told.on, told.id, "import", source)


def _fact(key: str, noted: Sequence[Noted], on: date) -> Fact:
    ordered = sorted(noted, key=lambda n: n.valid_from)
    days = [list(group) for _, group in groupby(ordered, key=lambda n: n.valid_from)]
    ids = [tuple(dict.fromkeys(n.event_id for n in group)) for group in days]
    history: list[Noted] = []
    valid: tuple[Noted, ...] = ()
    for n, group in enumerate(days):
        before = ids[n - 1] if n else ()
        after = ids[n + 1] if n + 1 < len(days) else ()
        placed = [replace(item, supersedes=before, superseded_by=after) for item in group]
        history += placed
        if group[0].valid_from <= on:
            valid = tuple(placed)
    return Fact(key, valid, tuple(history))


def _distinct(noted: Sequence[Noted]) -> list[Any]:
    """The values that differ; 1 and 1.0 are the same figure, 1 and true are not."""
    found: list[Any] = []
    for item in noted:
        if not any(_same(item.value, value) for value in found):
            found.append(item.value)
    return found


def _same(a: Any, b: Any) -> bool:
    return bool(a == b) and isinstance(a, bool) == isinstance(b, bool)
