"""Where each account's entry lies in a YAML file, without parsing the entries.

In block style the entries of the top-level `accounts:` mapping are runs of whole lines: an entry
begins at a key with the indentation of the first one and ends before the next. That is found with
a few byte searches at memory speed, however large the file. Anything else (flow style, explicit
keys, anchors) is reported as `style == "other"`: such a file has to be parsed as a whole.

A line that looks like a key can still be the inside of a quoted text with too little indentation.
`entry` therefore reads strictly what it found, and refuses to rely on it when the text before it
is not complete in itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Literal

from agent.errors import BadDocument, printable
from agent.memory.strict_yaml import check_syntax, load
from agent.memory.yaml_text import BOM

TOP = "accounts"
ENTRY_LIMIT = 2_000_000
WHOLE_LIMIT = 4_000_000
"""Largest file that may be in another style than block style, and so is parsed as a whole."""

# Further into a file than this, only the entry itself is checked, not everything before it.
_RECHECK_LIMIT = 16_000_000

_AFTER_COLON = rb"[ \t]*:(?=[ \t\r\n]|\Z)"
_KEY = re.compile(
    rb'(?:"((?:[^"\\\r\n]|\\[^\r\n])*)"'
    rb"|'((?:[^'\r\n]|'')*)'"
    rb"|((?:[^\s\"'#&*!?|>%@`{}\[\],:-]|[-?:](?=\S))[^\r\n]*?))" + _AFTER_COLON
)
_FIRST_CONTENT = re.compile(rb"(?:[ \t]*(?:#[^\n]*)?\r?\n)*( *)(?=[^\s#])")
_REST_OF_LINE = re.compile(rb"[ \t]*(?:[ \t]#[^\n]*|#[^\n]*)?\r?(?:\n|\Z)")
_COLUMN_0 = re.compile(rb"\n(?=[^\s#])")
_PREAMBLE = re.compile(rb"(?:[ \t]*(?:[#%][^\n]*)?\r?\n)*\Z")
_EPILOGUE = re.compile(rb"[ \t\r]*(?:\n[ \t]*(?:#[^\n]*)?\r?)*\Z")


class Unreliable(Exception):
    """The line structure contradicts the parser; parse the whole file instead."""


@dataclass(frozen=True)
class Slice:
    """One entry: bytes `start` to `end` hold its key line up to its last line of content.

    `reach` is where the next entry starts; blank lines and comments lie between `end` and it.
    `line` is the 1-based line of the key.
    """

    key: str
    start: int
    end: int
    reach: int
    line: int


@dataclass(frozen=True)
class Index:
    """The entries of the `accounts:` mapping in `data`.

    `style` is `block` (one or more entries), `empty` (the key has no value), `absent` (no such
    key at the start of a line) or `other`. `head` is the offset of the key's line, `start` the
    first byte after that line, `end` the first byte behind the mapping, `indent` the number of
    blanks before each account id. `relied` holds the offsets before which everything is known to be
    complete, with their lines; see `rely_on_all`.
    """

    data: bytes = field(repr=False)
    where: str
    style: Literal["block", "empty", "absent", "other"]
    head: int = 0
    start: int = 0
    end: int = 0
    indent: int = 0
    starts: dict[str, tuple[int, int]] = field(default_factory=dict, repr=False)
    relied: dict[int, int] = field(default_factory=dict, repr=False)

    def __contains__(self, key: str) -> bool:
        return key in self.starts

    def __iter__(self) -> Iterator[str]:
        return iter(self.starts)

    def chunk(self, key: str) -> bytes:
        """The lines of one entry with what follows up to the next one."""
        start, reach = self.starts[key]
        return self.data[start:reach]

    def slice(self, key: str) -> Slice:
        """Where the entry of `key` lies; KeyError when there is none."""
        start, reach = self.starts[key]
        return Slice(key, start, self.end_of(key), reach, self.line(start))

    def end_of(self, key: str) -> int:
        """Offset behind the last line of content of one entry."""
        start, reach = self.starts[key]
        return start + _content_length(self.data[start:reach], self.indent)

    def rely_on_all(self) -> None:
        """Check the entries one behind the other, once, so that reading all of them takes time in
        proportion to the file. What is complete in parts is complete as a whole; an entry that is
        not complete ends the walk, and those behind it are checked on their own."""
        with suppress(BadDocument, StopIteration):
            first = next(iter(self.starts.values()))[0]
            check_syntax(self.data[:first], where=self.where)
            line = _line(self.data, first)
            for start, reach in self.starts.values():
                self.relied[start] = line
                check_syntax(self.data[start:reach], where=self.where)
                line += self.data.count(b"\n", start, reach)

    def check_complete(self, key: str) -> None:
        """Raise BadDocument unless the lines of one entry are well-formed by themselves."""
        start, reach = self.starts[key]
        check_syntax(self.data[start:reach], where=self.where, first_line=_line(self.data, start))

    def line(self, offset: int) -> int:
        """The 1-based line number of the byte at `offset`."""
        return self.relied.get(offset) or _line(self.data, offset)

    def entry(self, key: str) -> Any:
        """The value of one entry, read strictly; all other entries stay unparsed.

        Raises:
            BadDocument: the entry breaks a rule or is larger than 2 MB.
            Unreliable: its lines are not an entry of their own.
        """
        found = self.slice(key)
        if found.end - found.start > ENTRY_LIMIT:
            raise BadDocument(
                f"the entry of '{key}' has {found.end - found.start:,} bytes; "
                f"at most {ENTRY_LIMIT:,} are read.",
                where=f"{self.where}:{found.line}",
                fix="move long texts out of it.",
            )
        if found.start <= _RECHECK_LIMIT and found.start not in self.relied:
            try:
                check_syntax(self.data[: found.start], where=self.where)
            except BadDocument as error:
                raise Unreliable from error
        chunk = self.data[found.start : found.reach]
        value = load(chunk, where=self.where, max_bytes=max(len(chunk), 1), first_line=found.line)
        if not isinstance(value, dict) or list(value) != [key]:
            raise Unreliable
        return value[key]


def index(data: bytes, *, where: str) -> Index:
    """Find the entries of the top-level `accounts:` mapping in `data`.

    Raises:
        BadDocument: a second document, or an account (or `accounts:` itself) that is given twice.
    """
    _check_single_document(data, where)
    heads = list(_top_keys(data))
    if not heads:
        return Index(data, where, "absent")
    if len(heads) > 1:
        lines = [_line(data, head) for head, _ in heads]
        raise BadDocument(
            f"'{TOP}' was given before, on line {lines[0]}.",
            where=f"{where}:{lines[1]}",
            fix="keep one of the two.",
        )
    head, after_colon = heads[0]
    rest = _REST_OF_LINE.match(data, after_colon)
    if rest is None:
        return Index(data, where, "other", head=head)
    start = rest.end()
    following = _COLUMN_0.search(data, max(start - 1, 0))
    end = following.end() if following else len(data)
    if data[end : end + 2] in (b"- ", b"-\n", b"-\r") or data[end:] == b"-":
        return Index(data, where, "other", head=head)
    first = _FIRST_CONTENT.match(data, start, end)
    if first is None:
        return Index(data, where, "empty", head=head, start=start, end=end)
    indent = len(first.group(1))
    starts = _entries(data, start, end, indent, where)
    if starts is None:
        return Index(data, where, "other", head=head)
    return Index(data, where, "block", head, start, end, indent, starts)


def child_indent(chunk: bytes) -> bytes | None:
    """The blanks before the first field of an entry; None when its value is not on own lines.

    `chunk` holds the entry's lines, its key first.
    """
    key = _KEY.match(chunk, len(chunk) - len(chunk.lstrip(b" ")))
    rest = _REST_OF_LINE.match(chunk, key.end()) if key else None
    first = _FIRST_CONTENT.match(chunk, rest.end()) if rest else None
    return first.group(1) if first else None


def load_whole(data: bytes, where: str) -> Any:
    """The whole document, for a file whose entries cannot be told apart by their lines.

    Raises:
        BadDocument: a rule is broken, or the file is too large to be read in this way.
    """
    if len(data) > WHOLE_LIMIT:
        raise BadDocument(
            f"its accounts are not in plain block style, in which more than {WHOLE_LIMIT:,} bytes "
            "can be read.",
            where=where,
            fix=f"write '{TOP}:' at the start of a line and one account per indented key below.",
        )
    return load(data, where=where, max_bytes=WHOLE_LIMIT)


def _check_single_document(data: bytes, where: str) -> None:
    for marker in (b"---", b"..."):
        for at in _at_line_start(data, marker):
            after = data[at + 3 : at + 4]
            if after not in (b"", b" ", b"\t", b"\r", b"\n"):
                continue
            before = data[len(BOM) if data.startswith(BOM) else 0 : at]
            is_first = marker == b"---" and _PREAMBLE.match(before)
            if is_first or (marker == b"..." and _EPILOGUE.match(data, at + 3)):
                continue
            raise BadDocument(
                "a second document begins here.",
                where=f"{where}:{_line(data, at)}",
                fix="keep one document per file.",
            )


def _top_keys(data: bytes) -> Iterator[tuple[int, int]]:
    """Offset of each `accounts` key at the start of a line, and of what follows its colon."""
    found = []
    for spelling in (b"accounts", b'"accounts"', b"'accounts'"):
        for at in _at_line_start(data, spelling):
            key = _KEY.match(data, at)
            if key and data[at : key.end()].rstrip(b": \t") == spelling:
                found.append((at, key.end()))
    return iter(sorted(found))


def _at_line_start(data: bytes, text: bytes) -> Iterator[int]:
    begin = len(BOM) if data.startswith(BOM) else 0
    if data.startswith(text, begin):
        yield begin
    at = data.find(b"\n" + text)
    while at >= 0:
        yield at + 1
        at = data.find(b"\n" + text, at + 1)


def _entries(
    data: bytes, start: int, end: int, indent: int, where: str
) -> dict[str, tuple[int, int]] | None:
    """Start and reach of each entry; None when a line at this level is not a plain key."""
    if indent > 1 and re.compile(rb"\n {1,%d}(?=[^\s#])" % (indent - 1)).search(
        data, start - 1, end
    ):
        return None
    level = re.compile(rb"\n {%d}(?=[^\s#])" % indent)
    offsets: list[tuple[str, int]] = []
    for found in level.finditer(data, start - 1, end):
        key = _KEY.match(data, found.end(), end)
        text = _key_text(key) if key else None
        if text is None:
            return None
        offsets.append((text, found.start() + 1))
    starts: dict[str, tuple[int, int]] = {}
    for (key_text, at), (_, reach) in pairwise([*offsets, ("", end)]):
        if key_text in starts:
            first = _line(data, starts[key_text][0])
            raise BadDocument(
                f"the account '{printable(key_text, 80)}' was given before, on line {first}.",
                where=f"{where}:{_line(data, at)}",
                fix="keep one of the two.",
            )
        starts[key_text] = (at, reach)
    return starts


def _key_text(key: re.Match[bytes]) -> str | None:
    double, single, plain = key.groups()
    if plain is not None:
        return None if b" #" in plain or plain == b"<<" else plain.decode()
    if single is not None:
        return str(single.replace(b"''", b"'").decode())
    if b"\\" not in double:
        return str(double.decode())
    try:
        return str(load(b'"' + double + b'"', where=""))
    except BadDocument:
        return None


def _content_length(chunk: bytes, indent: int) -> int:
    """Length of `chunk` up to its last line of content.

    Blank lines and comments at the level of the account ids or further left do not belong to the
    entry; a comment indented deeper does (it may be the inside of a block scalar).
    """
    end = len(chunk)
    while end:
        line_start = chunk.rfind(b"\n", 0, end - 1) + 1
        line = chunk[line_start:end]
        text = line.lstrip(b" ")
        is_outer_comment = text.startswith(b"#") and len(line) - len(text) <= indent
        if line.strip() and not is_outer_comment:
            return end
        end = line_start
    return len(chunk)


def _line(data: bytes, offset: int) -> int:
    return data.count(b"\n", 0, offset) + 1
