"""Facts: every figure and quote that an output may use, each with its source.

A fact is *stored* (it stands in a memory file at a pointer), *policy* (it stands in a persona
policy file), *computed* (the engine worked it out from other facts) or a *quote* (verbatim text
of a note, e-mail or ticket, evidence and never instruction). Plans cite facts by id.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

FactKind = Literal["stored", "policy", "computed", "quote"]
Scalar = str | int | float | bool | None


@dataclass(frozen=True)
class Fact:
    """One citable thing.

    Attributes:
        id: stable, readable, unique in its book: `usage.active_users`, `renewal.days_left`,
            `note.2.s1` (second note, first sentence), `goal.FD-1.actual`.
        kind: where it comes from, see module docstring.
        value: the figure, date (ISO text), name, or for a quote the verbatim text.
        label: what it is, for people: "active users in 2026-10".
        unit: "", "%", "days", "EUR", "users", …
        source: path relative to the memory root, or `personas/…` for policy; "" when computed.
        pointer: JSON pointer (RFC 6901) inside the source; "" when computed.
        inputs: ids of the facts a computed value was worked out from.
        formula: how, in words and symbols, when computed.
        at: business date the fact is true for (ISO date), "" when not dated.
    """

    id: str
    kind: FactKind
    value: Scalar
    label: str
    unit: str = ""
    source: str = ""
    pointer: str = ""
    inputs: tuple[str, ...] = ()
    formula: str = ""
    at: str = ""


class FactBook:
    """The facts of one run, in order of registration; ids are unique.

    Adding an id again with the same value is harmless; with another value it is a bug in the
    engine and raises ValueError.
    """

    def __init__(self, facts: Iterable[Fact] = ()) -> None:
        self._facts: dict[str, Fact] = {}
        for fact in facts:
            self.add(fact)

    def add(self, fact: Fact) -> str:
        """Register and return the id, so that `evidence.append(book.add(...))` reads well."""
        known = self._facts.get(fact.id)
        if known is not None and known != fact:
            raise ValueError(f"two different facts under the id {fact.id!r}")
        self._facts[fact.id] = fact
        return fact.id

    def stored(
        self, id: str, value: Scalar, label: str, *, source: str, pointer: str, **extra: Any
    ) -> str:
        return self.add(Fact(id, "stored", value, label, source=source, pointer=pointer, **extra))

    def policy(
        self, id: str, value: Scalar, label: str, *, source: str, pointer: str, **extra: Any
    ) -> str:
        return self.add(Fact(id, "policy", value, label, source=source, pointer=pointer, **extra))

    def computed(
        self,
        id: str,
        value: Scalar,
        label: str,
        *,
        inputs: Iterable[str],
        formula: str,
        **extra: Any,
    ) -> str:
        return self.add(
            Fact(id, "computed", value, label, inputs=tuple(inputs), formula=formula, **extra)
        )

    def quote(
        self, id: str, text: str, label: str, *, source: str, pointer: str, **extra: Any
    ) -> str:
        return self.add(Fact(id, "quote", text, label, source=source, pointer=pointer, **extra))

    def get(self, id: str) -> Fact | None:
        return self._facts.get(id)

    def __getitem__(self, id: str) -> Fact:
        return self._facts[id]

    def __contains__(self, id: object) -> bool:
        return id in self._facts

    def __iter__(self) -> Iterator[Fact]:
        return iter(self._facts.values())

    def __len__(self) -> int:
        return len(self._facts)

    def closure(self, ids: Iterable[str]) -> list[Fact]:
        """The named facts and, transitively, the inputs of computed ones; unknown ids skipped."""
        seen: dict[str, Fact] = {}
        todo = list(ids)
        while todo:
            fact = self._facts.get(todo.pop(0))
            if fact is None or fact.id in seen:
                continue
            seen[fact.id] = fact
            todo.extend(fact.inputs)
        return list(seen.values())
