"""The texts of a draft, each with what it rests on: walked over the models, whatever they hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel

# Ids and typed dates are no prose; who they point to is checked elsewhere.
NOT_PROSE = frozenset({"signal", "goal", "promise", "month_or_date", "evidence", "visibility"})


@dataclass(frozen=True)
class Item:
    """One part of a draft: its own texts by field path, the fact ids it cites (an item nested in
    another also rests on what the outer one cites) and its typed values."""

    where: str
    part: BaseModel
    parent: BaseModel | None
    texts: tuple[tuple[str, str], ...]
    evidence: tuple[str, ...]
    typed: tuple[date | float | str, ...] = field(default=())

    @property
    def customer_visible(self) -> bool:
        shown = getattr(self.part, "visibility", None) or getattr(self.parent, "visibility", None)
        return shown == "customer"


def items(part: BaseModel, where: str = "", parent: BaseModel | None = None) -> Iterator[Item]:
    """`part` and all parts below it that hold text, in document order."""
    texts: list[tuple[str, str]] = []
    nested: list[tuple[str, BaseModel]] = []
    typed: list[date | float | str] = []
    for name, value in part:
        path = f"{where}.{name}" if where else name
        entries = list(value) if isinstance(value, (list, tuple)) else [value]
        for index, entry in enumerate(entries):
            here = f"{path}[{index}]" if isinstance(value, (list, tuple)) else path
            if isinstance(entry, BaseModel):
                nested.append((here, entry))
            elif isinstance(entry, str):
                if name == "month_or_date":
                    typed.append(entry)
                elif name not in NOT_PROSE and entry and not _closed(part, name):
                    texts.append((here, entry))
            elif isinstance(entry, (date, int, float)) and not isinstance(entry, bool):
                typed.append(entry)
    if where:
        yield _item(where, part, parent, texts, typed, nested)
    for here, inner in nested:
        yield from items(inner, here, part if where else None)


def _item(
    where: str,
    part: BaseModel,
    parent: BaseModel | None,
    texts: list[tuple[str, str]],
    typed: list[date | float | str],
    nested: list[tuple[str, BaseModel]],
) -> Item:
    evidence = [*getattr(part, "evidence", ()), *getattr(parent, "evidence", ())]
    for _, inner in nested:  # a meeting rests on what its agenda cites
        evidence += getattr(inner, "evidence", ())
    minutes = [m for _, inner in nested if (m := getattr(inner, "minutes", None)) is not None]
    if minutes:
        typed = [*typed, sum(minutes)]
    if when := getattr(parent, "month_or_date", ""):
        typed = [*typed, when]
    return Item(where, part, parent, tuple(texts), tuple(dict.fromkeys(evidence)), tuple(typed))


def _closed(part: BaseModel, name: str) -> bool:
    """Whether the field has a closed set of values."""
    info = type(part).model_fields.get(name)
    kind = info.annotation if info else None
    return any(get_origin(option) is Literal for option in (kind, *get_args(kind)))


def strings(value: Any, where: str = "") -> Iterator[tuple[str, str]]:
    """Every text below `value` (models, mappings, lists) with its path."""
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, BaseModel):
        for name, entry in value:
            yield from strings(entry, f"{where}.{name}" if where else name)
    elif isinstance(value, dict):
        for name, entry in value.items():
            yield from strings(entry, f"{where}.{name}" if where else str(name))
    elif isinstance(value, (list, tuple)):
        for index, entry in enumerate(value):
            yield from strings(entry, f"{where}[{index}]")
