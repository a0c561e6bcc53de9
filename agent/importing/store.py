"""Shares of accounts → the bytes of `customer_insights.yaml`. What is not imported stays."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from agent.errors import BadDocument, BadInput, printable
from agent.memory.insights_file import MAX_BYTES, PATH
from agent.memory.slices import TOP, Index, index
from agent.memory.strict_yaml import check_syntax, load
from agent.memory.yaml_dump import dump
from agent.memory.yaml_text import BOM, check_text

SCHEMA = "customer_insights/1"
Share = dict[str, Any]

_NO_ACCOUNTS = re.compile(rb"accounts[ \t]*:[ \t]*(?:\{[ \t]*\}|null|~)?[ \t]*(?:#[^\n]*)?\r?(?:\n|\Z)")
_MEND = f"write '{TOP}:' in block style, one account per indented key, or import with --replace."


@dataclass
class Written:
    """The new content and, by account id, what became of each."""

    data: bytes = field(repr=False)
    added: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    kept: int = 0
    dropped: list[str] = field(default_factory=list)


def fresh(
    ids: Collection[str], share_of: Callable[[str], Share], *, generated_at: str, old: bytes | None
) -> Written:
    """A document of the imported accounts only. `old` is looked at to name what it alone held."""
    head = dump({"schema": SCHEMA, "generated_at": generated_at}) + f"{TOP}:\n"
    parts = [head.encode(), *(_entry(key, share_of(key), b"  ", b"\n") for key in ids)]
    before = _ids(old) if old is not None else []
    known = set(before)
    return Written(
        _checked(b"".join(parts)),
        added=[key for key in ids if key not in known],
        updated=[key for key in ids if key in known],
        dropped=[key for key in before if key not in ids],
    )


def merged(old: bytes, ids: Collection[str], share_of: Callable[[str], Share]) -> Written:
    """`old` with the imported accounts merged in; every other byte is the same.

    A value that the import knows replaces the stored one; a blank one never does; keys that the
    import does not fill survive. Months, notes and e-mails are added to those that are stored.

    Raises:
        BadDocument: `old` cannot be read, or is not in block style, so that it is not written.
    """
    check_text(old, PATH)
    check_syntax(old, where=PATH)
    found = index(old, where=PATH)
    newline = b"\r\n" if b"\r\n" in old[:4096] else b"\n"
    if found.style != "block":
        return _first(old, found, ids, share_of, newline)
    margin = b" " * found.indent
    result = Written(b"")
    wanted = set(ids)
    parts = [old[: found.start]]
    at = found.start
    for key in found:
        start, _ = found.starts[key]
        if key not in wanted:
            result.kept += 1
            continue
        entry = found.slice(key) if len(wanted) < 50 else None
        end = entry.end if entry else found.starts[key][1]
        stored = _stored(found, key)
        share = combined(stored, share_of(key))
        if share == stored:
            result.unchanged.append(key)
            continue
        result.updated.append(key)
        parts += [old[at:start], _entry(key, share, margin, newline)]
        at = end
    new = [key for key in ids if key not in found]
    end = _content_end(old, found)
    parts.append(old[at : max(at, end)])
    if new and not _ends_line(parts):
        parts.append(newline)
    for key in new:
        result.added.append(key)
        parts.append(_entry(key, share_of(key), margin, newline))
    parts.append(old[max(at, end) :])
    result.data = _checked(b"".join(parts))
    return result
