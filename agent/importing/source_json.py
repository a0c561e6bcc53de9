"""JSON as a stream: a list, JSON lines, or an object that holds the records; never all at once."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from agent.errors import BadInput
from agent.importing.sources import Record, open_regular

WRAPPERS = ("accounts", "customers", "data", "records", "items", "rows")
_CHUNK = 1 << 16
_RECORD_LIMIT = 4_000_000
_MAX_COLUMNS = 2000
_MAX_DEPTH = 4
_BLANKS = " \t\r\n"


class _Broken(Exception):
    """The text is not JSON from here on."""


class JsonSource:
    """Records of a JSON file. Nested objects are flattened: contract.arr is a column."""

    def __init__(self, path: Path, name: str) -> None:
        self.path, self.name = path, name
        columns: dict[str, None] = {}
        found = False
        for _, value, fault in self._elements():
            found = True
            if not fault:
                columns.update(dict.fromkeys(value))
            if len(columns) > _MAX_COLUMNS:
                raise BadInput(
                    f"has more than {_MAX_COLUMNS} different fields.",
                    where=name,
                    fix="give a list of records that have the same fields.",
                )
        if not found:
            raise BadInput("holds no records.", where=name, fix="give a list of records.")
        self.header = tuple(columns)

    def records(self) -> Iterator[Record]:
        for line, value, fault in self._elements():
            yield Record(line, () if fault else [value.get(key) for key in self.header], fault)

    def _elements(self) -> Iterator[tuple[int, dict[str, Any], str]]:
        """(line, flat record, fault). After a syntax error nothing more can be read."""
        with _Scanner(self.path) as scanner:
            try:
                for line, value, key in _values(scanner, self._is_lines()):
                    yield _flat(line, value, key, scanner.take_twice())
            except _Broken as error:
                yield scanner.line, {}, f"{error}; everything behind it is left out"

    def _is_lines(self) -> bool:
        """JSON lines: the first line is a whole object, and more follows."""
        with _Scanner(self.path) as scanner:
            if scanner.peek() != "{":
                return False
            try:
                scanner.value(limit=_RECORD_LIMIT)
                return scanner.peek() == "{"
            except _Broken:
                return False


class _Scanner:
    """JSON values one after the other out of a file of any size."""

    def __init__(self, path: Path) -> None:
        self._text = io.TextIOWrapper(
            open_regular(path), encoding="utf-8-sig", errors="surrogateescape", newline=""
        )
        self._buffer, self._at, self._ended = "", 0, False
        self.line = 1
        self._twice = ""
        self._decoder = json.JSONDecoder(object_pairs_hook=self._object)

    def __enter__(self) -> _Scanner:
        return self

    def __exit__(self, *_: object) -> None:
        self._text.close()

    def peek(self) -> str:
        """The next character that is not blank; "" at the end. It stays where it is."""
        while True:
            while self._at < len(self._buffer) and self._buffer[self._at] in _BLANKS:
                self.line += self._buffer[self._at] == "\n"
                self._at += 1
            if self._at < len(self._buffer):
                return self._buffer[self._at]
            if not self._more():
                return ""

    def take(self, expected: str) -> str:
        """Step over one of the `expected` characters and say which it was."""
        found = self.peek()
        if not found or found not in expected:
            what = f"'{found}'" if found else "the end of the file"
            raise _Broken(f"is not JSON: {' or '.join(expected)} expected, found {what}")
        self._at += 1
        return found

    def value(self, limit: int = _RECORD_LIMIT) -> Any:
        """The value that begins here."""
        self.peek()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._buffer, self._at)
            except RecursionError:
                raise _Broken("is nested too deeply") from None
            except ValueError as error:
                # A value that is cut off by the end of the buffer looks just as broken.
                if len(self._buffer) - self._at > limit or not self._more(twice=True):
                    reason = getattr(error, "msg", "a number with too many digits")
                    raise _Broken(f"is not JSON: {reason}") from None
                self._twice = ""
                continue
            if end == len(self._buffer) and self._more():
                continue
            self.line += self._buffer.count("\n", self._at, end)
            self._at = end
            return value

    def take_twice(self) -> str:
        """A key that an object since the last call had twice; "" when none had."""
        found, self._twice = self._twice, ""
        return found

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) < len(pairs):
            keys = [key for key, _ in pairs]
            self._twice = next(key for key in made if keys.count(key) > 1)
        return made

    def _more(self, *, twice: bool = False) -> bool:
        if self._ended:
            return False
        size = max(_CHUNK, len(self._buffer) - self._at) if twice else _CHUNK
        chunk = self._text.read(size)
        self._ended = not chunk
        self._buffer, self._at = self._buffer[self._at :] + chunk, 0
        return bool(chunk)


def _values(scanner: _Scanner, is_lines: bool) -> Iterator[tuple[int, Any, str]]:
    """(line, value, key that it stood under) of each record."""
    if is_lines:
        while scanner.peek():
            yield scanner.line, scanner.value(), ""
    elif scanner.peek() == "[":
        yield from _list(scanner)
    else:
        yield from _object(scanner)
    if found := scanner.peek():
        raise _Broken(f"is not JSON: '{found}' behind the end")


def _list(scanner: _Scanner) -> Iterator[tuple[int, Any, str]]:
    scanner.take("[")
    if scanner.peek() == "]":
        scanner.take("]")
        return
    while True:
        scanner.peek()
        yield scanner.line, scanner.value(), ""
        if scanner.take(",]") == "]":
            return


def _object(scanner: _Scanner) -> Iterator[tuple[int, Any, str]]:
    """The records under one of `WRAPPERS`, else the object itself as the only record."""
    line, wrapper, itself = scanner.line, "", dict[str, Any]()
    for key in _keys(scanner):
        if key not in WRAPPERS or scanner.peek() not in ("[", "{"):
            itself[key] = scanner.value()
            continue
        if wrapper:
            raise _Broken(f"holds records under '{wrapper}' and again under '{key}'")
        wrapper = key
        if scanner.peek() == "[":
            yield from _list(scanner)
        else:
            for account in _keys(scanner):
                scanner.peek()
                yield scanner.line, scanner.value(), account
    if not wrapper and itself:
        yield line, itself, ""


def _keys(scanner: _Scanner) -> Iterator[str]:
    """The keys of the object that begins here; who asks reads each value before the next key."""
    scanner.take("{")
    if scanner.peek() == "}":
        scanner.take("}")
        return
    while True:
        if scanner.peek() != '"':
            scanner.take('"')
        key = scanner.value()
        scanner.take(":")
        yield key
        if scanner.take(",}") == "}":
            return


def _flat(line: int, value: Any, key: str, twice: str) -> tuple[int, dict[str, Any], str]:
    if not isinstance(value, dict):
        return line, {}, "is not a record with fields"
    if twice:
        return line, {}, f"has the field '{twice[:60]}' twice"
    flat: dict[str, Any] = {}
    _flatten(value, "", flat, 1)
    if key:
        if str(flat.get("id", key)) != key:
            return line, {}, f"stands under '{key[:60]}' but has another id"
        flat["id"] = key
    return line, flat, ""


def _flatten(value: dict[str, Any], prefix: str, flat: dict[str, Any], depth: int) -> None:
    for key, item in value.items():
        if isinstance(item, dict) and depth < _MAX_DEPTH:
            _flatten(item, f"{prefix}{key}.", flat, depth + 1)
        else:
            flat[f"{prefix}{key}"] = item
