"""Values of `name:` in YAML text, by searching instead of parsing.

Ten thousand accounts are searched in the time that parsing takes for a few hundred. Simple values
are taken as they stand; anything with quotes, escapes or continuation lines goes to the parser,
one value at a time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.errors import BadDocument
from agent.memory.slices import child_indent
from agent.memory.strict_yaml import load

_NAME = re.compile(rb"""(?:(?<=[\s{,])|\A)(?:name|"name"|'name')[ \t]*:(?=[ \t\r\n])[ \t]*""")
_SIMPLE = re.compile(rb"[A-Za-z][A-Za-z0-9 &.()/+_-]*(?<! )")
_QUOTED = re.compile(rb"\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*'", re.S)
_FLOW_END = re.compile(rb"[,{}\[\]\r\n]")
_WORDS = {"null", "Null", "NULL", "true", "True", "TRUE", "false", "False", "FALSE"}
_LONGEST = 4000
_LOOK_BACK = 200


def name_values(text: bytes) -> Iterator[str]:
    """Every text that stands as the value of a key `name` in `text`, at any depth."""
    for found in _NAME.finditer(text):
        value = _value(text, found)
        if value:
            yield value


def direct_name(chunk: bytes) -> str:
    """The `name` of one account, directly under its key; "" when there is none or it is no text.

    `chunk` holds the lines of the account's entry, its key first.
    """
    indent = child_indent(chunk)
    if indent is None:
        return _name_in_flow(chunk)
    for found in _NAME.finditer(chunk):
        line_start = chunk.rfind(b"\n", 0, found.start()) + 1
        if chunk[line_start : found.start()] == indent:
            return _value(chunk, found)
    return ""


def _name_in_flow(chunk: bytes) -> str:
    """The name in an entry like `acme: {name: Acme, …}`; mostly it comes first."""
    brace = chunk.find(b"{")
    found = _NAME.search(chunk, brace + 1) if brace >= 0 else None
    if found is None:
        return ""
    if not chunk[brace + 1 : found.start()].strip():
        return _value(chunk, found)
    try:
        (share,) = load(chunk, where="").values()
    except (BadDocument, AttributeError, ValueError):
        return ""
    name = share.get("name") if isinstance(share, dict) else None
    return name if isinstance(name, str) else ""


def _value(text: bytes, key: re.Match[bytes]) -> str:
    start = key.end()
    quoted = _QUOTED.match(text, start, start + _LONGEST)
    if quoted:
        return _parsed(quoted.group())
    before = text[max(0, key.start() - _LOOK_BACK) : key.start()]
    column = len(before) - (before.rfind(b"\n") + 1)
    if before.rstrip().endswith((b"{", b",")):
        end = _FLOW_END.search(text, start)
        plain = text[start : end.start() if end else len(text)]
    else:
        plain = _block_plain(text, start, column)
    simple = _SIMPLE.fullmatch(plain.rstrip())
    if simple and (word := simple.group().decode()) not in _WORDS:
        return word
    return _parsed(plain)


def _block_plain(text: bytes, start: int, column: int) -> bytes:
    """A plain value with its continuation lines, which are indented deeper than the key."""
    end = _line_end(text, start)
    while end < len(text) and end - start < _LONGEST:
        following = _line_end(text, end)
        line = text[end:following]
        if line.strip() and len(line) - len(line.lstrip(b" ")) <= column:
            break
        end = following
    return text[start:end]


def _line_end(text: bytes, at: int) -> int:
    return text.find(b"\n", at) + 1 or len(text)


def _parsed(scalar: bytes) -> str:
    try:
        value = load(scalar, where="")
    except BadDocument:
        return ""
    return value if isinstance(value, str) else ""
