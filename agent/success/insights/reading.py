"""Reading untrusted blocks: each field becomes a typed value with a fact, or a named problem."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from agent.success.account import Problem, ProblemState
from agent.success.facts import FactBook
from agent.success.insights.sentences import MAX_ITEM_CHARS
from agent.success.insights.values import MAX_NUMBER, Kind, is_text, read_date, read_number, shown

MAX_LIST = 500
_NATURAL_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")


@dataclass
class Reader:
    """What one reading has brought to light so far."""

    as_of: date
    source: str
    is_instruction: Callable[[str], bool]
    facts: FactBook = field(default_factory=FactBook)
    problems: list[Problem] = field(default_factory=list)
    withheld: list[str] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)

    def problem(self, path: str, state: ProblemState, message: str, ask: str = "") -> None:
        found = Problem(path, state, message, ask)
        if found not in self.problems:
            self.problems.append(found)

    def withhold(self, path: str, where: str) -> None:
        """Records text that addresses an assistant or gives commands; the text is left out."""
        self.withheld.append(where)
        self.problem(
            path,
            "invalid",
            f"{where} contains text addressed to an assistant or giving commands; kept out of the "
            "plan, treated as evidence of an attempt",
            "customer-success-lead",
        )


class Node:
    """One mapping of the insights: knows its dotted path, its JSON pointer and its fact prefix.

    Keys that nobody asks for end up in `Reader.extra` under their dotted path when `close` is
    called.
    """

    def __init__(
        self, reader: Reader, data: Mapping[Any, Any], path: str, pointer: str, prefix: str
    ) -> None:
        self.reader, self.data = reader, data
        self.path, self.pointer, self.prefix = path, pointer, prefix
        self._asked: set[str] = set()

    def at(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    def raw(self, key: str) -> Any:
        self._asked.add(key)
        return self.data.get(key)

    def close(self) -> None:
        """Keeps every key that was not asked for, untouched."""
        for key, value in self.data.items():
            if key not in self._asked:
                self.reader.extra[self.at(str(key))] = value

    def block(self, key: str, prefix: str) -> Node:
        """The mapping under `key`; an empty one, with a problem unless absent, when it is none."""
        value = self.raw(key)
        if value is not None and not isinstance(value, Mapping):
            self.wrong(key, value, "is not a block of fields")
            value = None
        return Node(self.reader, value or {}, self.at(key), self._pointer(key), prefix)

    def items(self, key: str) -> list[tuple[int, Any]]:
        """The list under `key` as (index, element), at most `MAX_LIST` of them."""
        value = self.raw(key)
        if value is None:
            return []
        if not isinstance(value, Sequence) or isinstance(value, (str, bytes)):
            self.wrong(key, value, "is not a list")
            return []
        if len(value) > MAX_LIST:
            message = f"has {len(value)} entries; only the first {MAX_LIST} are read"
            self.reader.problem(self.at(key), "invalid", message)
        return list(enumerate(value[:MAX_LIST]))

    def rows(self, key: str, prefix: Callable[[int], str]) -> list[Node]:
        """The mappings of the list under `key`; other elements are named and left out."""
        out = []
        for index, value in self.items(key):
            here = f"{self.at(key)}.{index + 1}"
            if isinstance(value, Mapping):
                pointer = f"{self._pointer(key)}/{index}"
                out.append(Node(self.reader, value, here, pointer, prefix(index)))
            else:
                self.reader.problem(here, "invalid", f"{shown(value)} is not a block of fields")
        return out

    def number(
        self,
        key: str,
        label: str,
        kind: Kind = "count",
        *,
        unit: str = "",
        low: float | None = 0,
        high: float | None = None,
        at: str = "",
    ) -> float | None:
        """A finite number in range, or None with a problem. Digits as text are read where they can
        mean one thing only, and that is said."""
        value = self.raw(key)
        if value is None:
            return None
        number, fault, note = read_number(value, kind)
        if number is not None:
            fault = _out_of_range(number, kind, low, high)
        if number is None or fault:
            self.wrong(key, value, fault)
            return None
        if note:
            self.reader.problem(self.at(key), "invalid", f"{label}: {note} and used")
        exact = int(number) if float(number).is_integer() else number
        self._store(key, exact, label, unit=unit, at=at)
        return exact

    def count(self, key: str, label: str, *, unit: str = "", at: str = "") -> int | None:
        number = self.number(key, label, "count", unit=unit, at=at)
        return None if number is None else int(number)

    def day(self, key: str, label: str, *, past: bool = False) -> date | None:
        """An ISO date, or None with a problem; with `past`, a date after `as_of` is one too."""
        value = self.raw(key)
        if value is None:
            return None
        day, fault = read_date(value)
        if day is not None and past and day > self.reader.as_of:
            day, fault = None, f"lies in the future (today is {self.reader.as_of})"
        if day is None:
            self.wrong(key, value, fault)
            return None
        self._store(key, day.isoformat(), label, at=day.isoformat())
        return day

    def text(self, key: str, label: str, *, free: bool = True) -> str:
        """Text exactly as stored, "" with a problem when it is none or not to be passed on.

        `free` text (anything a customer may have written) is withheld when it reads like an
        instruction; over-long text is cut and becomes a quote.
        """
        value = self.raw(key)
        if value is None:
            return ""
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= MAX_NUMBER:
            value = str(value)  # an account called 1848 is still called something
        if not is_text(value):
            self.wrong(key, value, "is not text")
            return ""
        return self._keep(key, value, label, self.at(key), self._pointer(key), free)

    def texts(self, key: str, label: str) -> tuple[str, ...]:
        """A list of texts; facts `<prefix>.<key>.<n>`, n from 1 in file order."""
        out = []
        for index, value in self.items(key):
            here = f"{self.at(key)}.{index + 1}"
            if not is_text(value):
                self.reader.problem(here, "invalid", f"{shown(value)} is not text; not used")
                continue
            pointer = f"{self._pointer(key)}/{index}"
            text = self._keep(f"{key}.{index + 1}", value, label, here, pointer, True)
            if text:
                out.append(text)
        return tuple(out)

    def flag(self, key: str, label: str) -> bool | None:
        """True or false; the words "true", "false", "yes", "no" as text are read, and said so."""
        value = self.raw(key)
        if value is None:
            return None
        if isinstance(value, str) and value.strip().lower() in {"true", "false", "yes", "no"}:
            read = value.strip().lower() in {"true", "yes"}
            message = f"{label}: is the text {shown(value)}; read as {str(read).lower()} and used"
            self.reader.problem(self.at(key), "invalid", message)
            value = read
        if not isinstance(value, bool):
            self.wrong(key, value, "is neither true nor false")
            return None
        self._store(key, value, label)
        return value

    def choice(self, key: str, label: str, allowed: Sequence[str]) -> str:
        """One of `allowed` (letter case, blanks and hyphens forgiven), else "" with a problem."""
        value = self.raw(key)
        if value is None:
            return ""
        word = re.sub(r"[\s-]+", "_", value.strip().lower()) if isinstance(value, str) else ""
        if word not in allowed:
            self.wrong(key, value, f"is not one of {', '.join(allowed)}")
            return ""
        self._store(key, word, label)
        return word

    def wrong(self, key: str, value: Any, fault: str) -> None:
        """Names a value that cannot be used."""
        self.reader.problem(self.at(key), "invalid", f"{shown(value)} {fault}; not used")

    def _keep(self, key: str, value: str, label: str, path: str, pointer: str, free: bool) -> str:
        if not value.strip():
            return ""
        if free and self.reader.is_instruction(value):
            self.reader.withhold(path, f"{path} ({label})")
            return ""
        fact_id, source = f"{self.prefix}.{key}", self.reader.source
        if len(value) > MAX_ITEM_CHARS:
            message = f"{label} has {len(value)} characters; cut at {MAX_ITEM_CHARS}"
            self.reader.problem(path, "invalid", message)
            value = value[:MAX_ITEM_CHARS]
            self.reader.facts.quote(fact_id, value, label, source=source, pointer=pointer)
        else:
            self.reader.facts.stored(fact_id, value, label, source=source, pointer=pointer)
        return value

    def _store(self, key: str, value: str | float | bool, label: str, **more: str) -> None:
        self.reader.facts.stored(
            f"{self.prefix}.{key}",
            value,
            label,
            source=self.reader.source,
            pointer=self._pointer(key),
            **more,
        )

    def _pointer(self, key: str) -> str:
        return f"{self.pointer}/{escape(key)}"


def escape(key: str) -> str:
    """`key` as one step of a JSON pointer (RFC 6901)."""
    return key.replace("~", "~0").replace("/", "~1")


def natural_key(value: Any, n: int, taken: set[str]) -> str:
    """A stored id fit for a fact id: itself when plain and not yet taken, else made from `n`."""
    plain = isinstance(value, str) or (
        isinstance(value, int) and not isinstance(value, bool) and abs(value) <= MAX_NUMBER
    )
    key = str(value) if plain else ""
    if not _NATURAL_KEY.fullmatch(key):
        key = str(n)
    stem, suffix = key[:30], n
    while key in taken:
        key, suffix = f"{stem}-{suffix}", suffix + 1
    taken.add(key)
    return key


def _out_of_range(number: float, kind: Kind, low: float | None, high: float | None) -> str:
    if kind == "count" and not float(number).is_integer():
        return "is not a whole number"
    if low is not None and number < low:
        return "is negative, which is impossible" if low == 0 else f"is below {low:g}"
    if high is not None and number > high:
        return f"is above {high:g}"
    return ""
