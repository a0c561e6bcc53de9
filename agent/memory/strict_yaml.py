"""YAML read strictly: one document of plain data, or an error that names the line.

Scalars follow the YAML 1.2 core schema, so `no`, `12:30`, `1_000` and dates stay text. Mapping
keys are always text. Whatever could mean something else to another reader is refused: duplicate
keys, anchors and aliases, tags, merge keys, several documents. The parser's event stream is
consumed with an explicit stack, so depth is limited before Python's own stack matters and no
alias is ever expanded.
"""

from __future__ import annotations

import re
from typing import Any, NoReturn

import yaml
from yaml.cyaml import CParser  # type: ignore[attr-defined]

from agent.errors import BadDocument
from agent.memory.yaml_dump import dump
from agent.memory.yaml_text import check_text

__all__ = ["DEFAULT_LIMIT", "MAX_DEPTH", "Scalar", "check_syntax", "dump", "load"]

DEFAULT_LIMIT = 2_000_000
MAX_DEPTH = 60
_TOO_DEEP = f"is nested deeper than {MAX_DEPTH} levels."
_MAX_DIGITS = 40
# libyaml takes time proportional to tokens times open brackets. Brackets inside texts are counted
# too, so more than this many is a reason to look closer, not to refuse.
_MANY_BRACKETS = 100

Scalar = str | int | float | bool | None

_NULLS = {"", "~", "null", "Null", "NULL"}
_BOOLS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INT = re.compile(r"[-+]?[0-9]+")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_SPECIAL = re.compile(r"([-+]?)\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_NUMBER_START = frozenset("+-.0123456789")
_BRACKETS = re.compile(rb"[\[\]{}]")


def load(data: bytes, *, where: str, max_bytes: int = DEFAULT_LIMIT, first_line: int = 1) -> Any:
    """The one document in `data` as dict, list, str, int, float, bool or None.

    Args:
        data: UTF-8 text; a byte-order mark and CRLF line ends are fine.
        where: the file's name, for messages.
        max_bytes: refuse more than this.
        first_line: line number of the first line, when `data` is a part of a file.

    Raises:
        BadDocument: what is wrong, with `file:line`.
    """
    if len(data) > max_bytes:
        raise BadDocument(
            f"has {len(data):,} bytes; at most {max_bytes:,} are read.",
            where=where,
            fix="remove what does not belong in it.",
        )
    check_text(data, where, first_line=first_line)
    return _Builder(data, where, first_line).build()


def check_syntax(data: bytes, *, where: str, first_line: int = 1) -> None:
    """Raise BadDocument unless `data` is well-formed YAML; builds nothing (about 70 MB/s).

    For files of which only a part will be read: `load` checks that part in full.
    """
    try:
        parser = CParser(data)
        if _may_be_deep(data):
            _check_depth(parser, where, first_line)
        else:
            parser.raw_parse()
    except yaml.YAMLError as error:
        _refuse_syntax(error, data, where, first_line)


def _may_be_deep(data: bytes) -> bool:
    if data.count(b"[") + data.count(b"{") < _MANY_BRACKETS:
        return False
    depth = 0
    for found in _BRACKETS.finditer(data):
        depth = depth + 1 if found.group() in b"[{" else max(0, depth - 1)
        if depth > _MANY_BRACKETS:
            return True
    return False


def _check_depth(parser: Any, where: str, first_line: int) -> None:
    depth = 0
    while (event := parser.get_event()) is not None:
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise BadDocument(
                _TOO_DEEP,
                where=f"{where}:{event.start_mark.line + first_line}",
                fix="flatten it.",
            )


class _Builder:
    """Turns the event stream of one file into plain data."""

    def __init__(self, data: bytes, where: str, first_line: int) -> None:
        self.data, self.where, self.first_line = data, where, first_line
        self.root: Any = None
        # One frame per open collection: the collection, lines of its keys, the key that waits.
        self.stack: list[tuple[Any, dict[str, int]]] = []
        self.key: list[str | None] = []

    def build(self) -> Any:
        try:
            parser = CParser(self.data)
            documents = 0
            while (event := parser.get_event()) is not None:
                if isinstance(event, yaml.DocumentStartEvent):
                    documents += 1
                    self._check_document(event, documents)
                else:
                    self._take(event)
        except yaml.YAMLError as error:
            _refuse_syntax(error, self.data, self.where, self.first_line)
        return self.root

    def _check_document(self, event: Any, number: int) -> None:
        if number > 1:
            self._refuse(event, "a second document begins here.", "keep one document per file.")
        if event.tags:
            self._refuse(event, "declares tags.", "remove the %TAG line.")

    def _take(self, event: Any) -> None:
        kind = type(event)
        if kind is yaml.ScalarEvent:
            self._check_node(event)
            self._scalar(event)
        elif kind is yaml.MappingStartEvent:
            self._open(event, {})
        elif kind is yaml.SequenceStartEvent:
            self._open(event, [])
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            self.stack.pop()
            self.key.pop()
        elif kind is yaml.AliasEvent:
            self._refuse(event, f"uses the alias '*{event.anchor}'.", "write the value out.")

    def _check_node(self, event: Any) -> None:
        if event.anchor is not None:
            self._refuse(event, f"defines the anchor '&{event.anchor}'.", "remove the anchor.")
        if event.tag is not None:
            self._refuse(event, f"has the tag '{event.tag}'.", "remove the tag.")

    def _open(self, event: Any, collection: Any) -> None:
        self._check_node(event)
        if len(self.stack) >= MAX_DEPTH:
            self._refuse(event, _TOO_DEEP, "flatten it.")
        if self.stack and self.key[-1] is None and isinstance(self.stack[-1][0], dict):
            self._refuse(event, "has a list or mapping as a key.", "use plain text as the key.")
        self._place(collection)
        self.stack.append((collection, {}))
        self.key.append(None)

    def _scalar(self, event: Any) -> None:
        text = event.value
        plain = event.implicit[0]
        if "\0" in text:
            self._refuse(event, "holds a NUL character.", "remove it.")
        if self.stack and self.key[-1] is None and isinstance(self.stack[-1][0], dict):
            self._set_key(event, text, plain)
            return
        if not plain:
            self._place(text)
            return
        self._place(_plain_value(text))

    def _set_key(self, event: Any, text: str, plain: bool) -> None:
        if plain and text == "<<":
            self._refuse(event, "uses a merge key '<<'.", "write the fields out.")
        lines = self.stack[-1][1]
        line = event.start_mark.line + self.first_line
        if text in lines:
            self._refuse(
                event,
                f"the key '{text[:80]}' was given before, on line {lines[text]}.",
                "keep one of the two.",
            )
        lines[text] = line
        self.key[-1] = text

    def _place(self, value: Any) -> None:
        if not self.stack:
            self.root = value
            return
        collection = self.stack[-1][0]
        if isinstance(collection, dict):
            collection[self.key[-1]] = value
            self.key[-1] = None
        else:
            collection.append(value)

    def _refuse(self, event: Any, what: str, fix: str) -> NoReturn:
        line = event.start_mark.line + self.first_line
        raise BadDocument(what, where=f"{self.where}:{line}", fix=fix)


def _plain_value(text: str) -> Scalar:
    """An unquoted scalar by the YAML 1.2 core schema; numbers over 40 digits stay text."""
    if text in _NULLS:
        return None
    if text in _BOOLS:
        return _BOOLS[text]
    if text[0] not in _NUMBER_START:
        return text
    if _INT.fullmatch(text):
        return int(text) if len(text) <= _MAX_DIGITS else text
    if _BASED.fullmatch(text):
        return int(text, 0) if len(text) <= _MAX_DIGITS else text
    if _FLOAT.fullmatch(text):
        return float(text)
    special = _SPECIAL.fullmatch(text)
    return float(text.replace(".", "", 1)) if special else text


def _refuse_syntax(error: yaml.YAMLError, data: bytes, where: str, first_line: int) -> NoReturn:
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "unreadable"
    context = getattr(error, "context", None) or ""
    unclosed = "quoted scalar" in context
    marks = ["context_mark", "problem_mark"] if unclosed else ["problem_mark", "context_mark"]
    mark = next((found for name in marks if (found := getattr(error, name, None))), None)
    if mark is None:
        raise BadDocument(f"is not valid YAML: {problem}.", where=where) from None
    number = mark.line
    lines = data.split(b"\n", number + 1)
    text = lines[number] if number < len(lines) else b""
    indent = text[: len(text) - len(text.lstrip(b" \t"))]
    fix = "correct this line, or the one before it."
    if b"\t" in indent:
        problem, fix = "a tab is used for indentation", "indent with spaces."
    elif unclosed:
        fix = "close the quotation mark; is the file cut off?"
    if "nesting depth" in problem:  # newer parsers give up before the depth can be counted here
        where = f"{where}:{number + first_line}"
        raise BadDocument(_TOO_DEEP, where=where, fix="flatten it.") from None
    what = f"is not valid YAML: {problem}{f' {context}' if context else ''}."
    raise BadDocument(what, where=f"{where}:{number + first_line}", fix=fix) from None
