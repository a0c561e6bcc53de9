"""Shares of accounts → the bytes of `customer_insights.yaml`. What is not imported stays."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from agent.errors import BadDocument, BadInput, printable
from agent.importing.changes import Change, changes
from agent.memory.insights_file import MAX_BYTES, PATH
from agent.memory.slices import TOP, Index, index
from agent.memory.strict_yaml import check_syntax, load
from agent.memory.yaml_dump import dump
from agent.memory.yaml_text import check_text

SCHEMA = "customer_insights/1"
Share = dict[str, Any]

_NO_ACCOUNTS = re.compile(
    rb"accounts[ \t]*:[ \t]*(?:\{[ \t]*\}|null|~)?[ \t]*(?:#[^\n]*)?\r?(?:\n|\Z)"
)
_MEND = f"write '{TOP}:' in block style, one account per indented key, or import with --replace."


@dataclass
class Written:
    """The new content and, by account id, what became of each. `changed` has the accounts whose
    changes were asked for and that have any."""

    data: bytes = field(repr=False)
    added: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    kept: int = 0
    dropped: list[str] = field(default_factory=list)
    changed: dict[str, list[Change]] = field(default_factory=dict, repr=False)

    def note(self, key: str, before: Share, after: Share) -> None:
        found = changes(before, after)
        if found:
            self.changed[key] = found


def fresh(
    ids: Collection[str],
    share_of: Callable[[str], Share],
    *,
    generated_at: str,
    old: bytes | None,
    noted: Collection[str] = (),
) -> Written:
    """A document of the imported accounts only. `old` is looked at to name what it alone held.
    `noted` are accounts whose changes are wanted."""
    head = dump({"schema": SCHEMA, "generated_at": generated_at}) + f"{TOP}:\n"
    text = io.BytesIO()
    text.write(head.encode())
    text.writelines(_entry(key, share_of(key), b"  ", b"\n") for key in ids)
    before = _index(old) if old is not None else None
    result = Written(
        _checked(text.getvalue()),
        added=[key for key in ids if before is None or key not in before],
        updated=[key for key in ids if before is not None and key in before],
        dropped=[key for key in before or () if key not in ids],
    )
    for key in noted:
        result.note(key, _known(before, key), share_of(key))
    return result


def merged(
    old: bytes,
    ids: Collection[str],
    share_of: Callable[[str], Share],
    noted: Collection[str] = (),
) -> Written:
    """`old` with the imported accounts merged in; every other byte is the same.

    A value that the import knows replaces the stored one; a blank one never does; keys that the
    import does not fill survive. Months, notes and e-mails are added to those that are stored.
    `noted` are accounts whose changes are wanted.

    Raises:
        BadDocument: `old` cannot be read, or is not in block style, so that it is not written.
    """
    check_text(old, PATH)
    check_syntax(old, where=PATH)
    found = index(old, where=PATH)
    newline = b"\r\n" if b"\r\n" in old[:4096] else b"\n"
    if found.style != "block":
        result = _first(old, found, ids, share_of, newline)
        for key in noted:
            result.note(key, {}, share_of(key))
        return result
    _check_entries(found)
    margin = b" " * found.indent
    result = Written(b"")
    wanted = set(ids)
    text = io.BytesIO()
    at = 0
    for key in found:
        if key not in wanted:
            result.kept += 1
            continue
        stored = _stored(found, key)
        share = combined(stored, share_of(key))
        if share == stored:
            result.unchanged.append(key)
            continue
        result.updated.append(key)
        if key in noted:
            result.note(key, stored, share)
        text.write(old[at : found.starts[key][0]])
        text.write(_entry(key, share, margin, newline))
        at = found.end_of(key)
    last = found.end_of(list(found)[-1])
    text.write(old[at:last])
    result.added = [key for key in ids if key not in found]
    if result.added and at < last and not old.endswith(b"\n", at, last):
        text.write(newline)
    text.writelines(_entry(key, share_of(key), margin, newline) for key in result.added)
    text.write(old[last:])
    for key in result.added:
        if key in noted:
            result.note(key, {}, share_of(key))
    result.data = _checked(text.getvalue())
    return result


def combined(stored: Share, new: Share) -> Share:
    """`stored` with the values of `new` in front, block by block."""
    out = dict(stored)
    for key, value in new.items():
        before = out.get(key)
        if isinstance(value, dict) and isinstance(before, dict):
            out[key] = combined(before, value)
        elif key in ("monthly", "weekly") and isinstance(before, list):
            out[key] = _periods(before, value, "month" if key == "monthly" else "week")
        elif key in ("notes", "emails") and isinstance(before, list):
            out[key] = [*before, *(item for item in value if item not in before)]
        else:
            out[key] = value
    return out


def _periods(stored: list[Any], new: list[Any], name: str) -> list[Any]:
    """Rows by period; a new figure replaces that of the same period, others survive."""
    incoming = {row.get(name): row for row in new}
    rows = [
        {**row, **incoming.pop(row[name])}
        if isinstance(row, dict) and isinstance(row.get(name), str) and row[name] in incoming
        else row
        for row in stored
    ]
    rows += incoming.values()
    is_dated = all(isinstance(row, dict) and isinstance(row.get(name), str) for row in rows)
    return sorted(rows, key=lambda row: str(row[name])) if is_dated else rows


def _first(
    old: bytes, found: Index, ids: Collection[str], share_of: Callable[[str], Share], newline: bytes
) -> Written:
    """A file without accounts gets its first ones; its other keys and comments stay."""
    entries = [_entry(key, share_of(key), b"  ", newline) for key in ids]
    heading = TOP.encode() + b":" + newline
    if found.style == "absent":
        document = load(old, where=PATH, max_bytes=max(len(old), 1))
        if document is not None and not isinstance(document, dict):
            raise BadDocument("is not a mapping.", where=PATH, fix=_MEND)
        if isinstance(document, dict) and TOP in document:
            raise BadDocument("its accounts are not in block style.", where=PATH, fix=_MEND)
        head = b"" if document else dump({"schema": SCHEMA}).encode()
        gap = newline if old.strip() and not old.endswith(b"\n") else b""
        data = b"".join([old, gap, head, heading, *entries])
        return Written(_checked(data), added=list(ids))
    line = _NO_ACCOUNTS.match(old, found.head)
    if line is None:
        raise BadDocument("its accounts are not in block style.", where=PATH, fix=_MEND)
    data = b"".join([old[: found.head], heading, *entries, old[line.end() :]])
    return Written(_checked(data), added=list(ids))


def _entry(key: str, share: Share, margin: bytes, newline: bytes) -> bytes:
    text = dump({key: share}).encode().rstrip(b"\n")
    return b"".join(margin + line + newline if line else newline for line in text.split(b"\n"))


def _stored(found: Index, key: str) -> Share:
    chunk = found.chunk(key)
    document = load(chunk, where=f"{PATH} (account '{key}')", max_bytes=max(len(chunk), 1))
    value = document.get(key) if isinstance(document, dict) and list(document) == [key] else ""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadDocument(
            f"what is stored about '{printable(key, 80)}' is not a mapping; nothing was written.",
            where=PATH,
            fix=_MEND,
        )
    return value


def _check_entries(found: Index) -> None:
    """Every entry has to be complete in itself: what looks like one could be part of a text."""
    for key in found:
        try:
            check_syntax(found.chunk(key), where=PATH)
        except BadDocument:
            raise BadDocument(
                f"the entry of '{printable(key, 80)}' does not end where the next one begins.",
                where=PATH,
                fix=_MEND,
            ) from None


def _index(old: bytes) -> Index | None:
    """The accounts of a file that is about to be replaced; None when it cannot be read."""
    try:
        return index(old, where=PATH)
    except BadDocument:
        return None


def _known(found: Index | None, key: str) -> Share:
    """What a file that is about to be replaced holds about an account, as far as it can be read."""
    try:
        return _stored(found, key) if found is not None and key in found else {}
    except BadDocument:
        return {}


def _checked(data: bytes) -> bytes:
    if len(data) > MAX_BYTES:
        raise BadInput(
            f"the insights would grow to {len(data):,} bytes; at most {MAX_BYTES:,} are read.",
            where=PATH,
            fix="spread the accounts over several memory folders.",
        )
    return data
