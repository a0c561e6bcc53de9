"""`customer_health_scores.yaml`: one entry per account, changed without touching the others.

The file may hold a hundred thousand accounts. An update finds the one entry by its lines, reads
only that one, and leaves every other byte as it is. A file that cannot be understood is refused,
never overwritten.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from agent.errors import BadDocument, MemoryFault
from agent.memory.flow import Marks, marks
from agent.memory.locks import lock
from agent.memory.paths import MemoryRoot, MissingFile
from agent.memory.pause import writing
from agent.memory.publish import Staged, publish
from agent.memory.slices import TOP, WHOLE_LIMIT, Index, Unreliable, index, load_whole
from agent.memory.strict_yaml import check_syntax, load
from agent.memory.yaml_dump import dump, dump_flow
from agent.memory.yaml_text import BOM, check_text

PATH = "_knowledge/semantic/customer_health_scores.yaml"
SCHEMA = "customer_health_scores/1"
LOCK = "scores"
MAX_BYTES = 512_000_000
"""Largest file that is updated: about 150,000 accounts with a year of history each."""

SYNTAX_LIMIT = 16_000_000
_ATTEMPTS = 20

Entry = dict[str, Any]


@dataclass(frozen=True)
class Prepared:
    """The new content of the file, ready for `publish`, and the entry that it holds."""

    staged: Staged
    entry: Entry


def read_entry(root: MemoryRoot, account_id: str) -> Entry | None:
    """The stored entry of one account; None when there is no file or no entry.

    Raises:
        BadDocument: the file or the entry cannot be read.
    """
    return reader(root)(account_id)


def reader(root: MemoryRoot, *, many: bool = False) -> Callable[[str], Entry | None]:
    """Reads entries of one version of the file, as `read_entry` does; `many`: the file is checked
    once, and not anew for each of them.

    Raises:
        BadDocument: the file cannot be read; the entry, when it is asked for.
    """
    try:
        data = root.read_bytes(PATH, limit=MAX_BYTES)
    except MissingFile:
        return lambda _account_id: None
    document = _Document(data)
    if many:
        document.index.rely_on_all()
    return document.entry


def with_entry(data: bytes | None, account_id: str, entry: Entry) -> bytes:
    """`data` with the entry of `account_id` replaced or added; all other bytes are the same.

    None or a file without content gives a new document. A new entry goes where its id belongs if
    the others are in the order of their ids, else behind the last. Comments inside the replaced
    entry go with it; all others stay.

    Raises:
        BadDocument: `data` cannot be read, so that it must not be written.
    """
    document = _Document(data or b"")
    document.entry(account_id)
    return document.replaced(account_id, entry)


def prepare(
    root: MemoryRoot, account_id: str, make_entry: Callable[[Entry | None], Entry]
) -> Prepared:
    """Read the file, let `make_entry` turn the old entry into the new, and build the new content.

    Nothing is written. When `publish` says that the file changed since, prepare again.
    """
    data, before = b"", None
    with suppress(MissingFile):
        data, before = root.read_signed(PATH, limit=MAX_BYTES)
    document = _Document(data)
    entry = make_entry(document.entry(account_id))
    return Prepared(Staged(PATH, document.replaced(account_id, entry), before), entry)


def update(
    root: MemoryRoot,
    account_id: str,
    make_entry: Callable[[Entry | None], Entry],
    *,
    wait: float = 60,
) -> Entry:
    """Change one entry, safe against other runs and against writers that ignore locks.

    `make_entry` may be called again with a newer entry, so it must have no other effect.

    Raises:
        Busy: the lock is not free within `wait` seconds.
        BadDocument: the file cannot be read.
        MemoryFault: the disk refused, or the file never stood still.
    """
    with writing(root), lock(root, LOCK, wait=wait):
        for _ in range(_ATTEMPTS):
            prepared = prepare(root, account_id, make_entry)
            if publish(root, [prepared.staged]):
                return prepared.entry
    raise MemoryFault(
        "another program keeps replacing this file without taking the lock.",
        where=PATH,
        fix="stop the other writer and run again.",
    )


class _Document:
    """One version of the file: its bytes, where its entries lie, and how it may be changed."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        check_text(data, PATH)
        if len(data) <= SYNTAX_LIMIT:
            check_syntax(data, where=PATH)
        self.index: Index = index(data, where=PATH)
        self.is_block = self.index.style == "block"
        self.accounts: dict[str, Any] = {}
        self.is_blank = False
        if not self.is_block:
            self._read_whole()

    def entry(self, account_id: str) -> Entry | None:
        try:
            value = self._value(account_id)
        except Unreliable:
            self._read_whole()
            self.is_block = False
            value = self.accounts.get(account_id)
        if value is None or isinstance(value, dict):
            return value
        raise BadDocument(
            f"the entry of '{account_id}' is not a mapping.",
            where=PATH,
            fix="correct or remove this entry.",
        )

    def replaced(self, account_id: str, entry: Entry) -> bytes:
        if self.is_blank:
            text = dump({"schema": SCHEMA}) + f"{TOP}:\n" + entry_text(account_id, entry, 2)
            return joined(self.data, text)
        if self.is_block:
            return self._replaced_block(account_id, entry)
        if self.index.style == "empty":
            head, tail = self.data[: self.index.start], self.data[self.index.start :]
            return joined(head, entry_text(account_id, entry, 2)) + tail
        return self._replaced_by_marks(account_id, entry)

    def _value(self, account_id: str) -> Any:
        if not self.is_block:
            return self.accounts.get(account_id)
        if account_id in self.index:
            return self.index.entry(account_id)
        # A new entry goes behind another one, which has to be complete in itself.
        if (before := self._neighbour(account_id)) is not None:
            self.index.check_complete(before)
        return None

    def _neighbour(self, account_id: str) -> str | None:
        """The entry that a new one goes behind: ids stay in their order where they are in order, so
        that a file made anew is the same file; else behind the last. None: before all others."""
        ids = list(self.index)
        if any(a > b for a, b in pairwise(ids)):
            return ids[-1]
        place = bisect(ids, account_id)
        return ids[place - 1] if place else None

    def _read_whole(self) -> None:
        document = load_whole(self.data, PATH)
        self.is_blank = document is None and not _content(self.data)
        accounts = {} if self.is_blank else document
        if not self.is_blank:
            if not isinstance(document, dict):
                raise BadDocument(
                    f"a mapping with the key '{TOP}' was expected.", where=PATH, fix=_MEND
                )
            accounts = document.get(TOP)
        if accounts is not None and not isinstance(accounts, dict):
            raise BadDocument(
                f"'{TOP}' has to be a mapping from account id to entry.", where=PATH, fix=_MEND
            )
        self.accounts = accounts or {}

    def _replaced_block(self, account_id: str, entry: Entry) -> bytes:
        found = self.index
        text = entry_text(account_id, entry, found.indent)
        if account_id in found:
            old = found.slice(account_id)
            start, end = old.start, old.end
        else:
            before = self._neighbour(account_id)
            start = end = found.start if before is None else found.slice(before).end
        head, tail = self.data[:start], self.data[end:]
        return joined(head, text) + tail

    def _replaced_by_marks(self, account_id: str, entry: Entry) -> bytes:
        bom = BOM if self.data.startswith(BOM) else b""
        text = self.data[len(bom) :].decode()
        found = marks(text)
        line_end = text.find("\n", found.end) + 1 or len(text)
        is_last_on_line = not text[found.end : line_end].strip()
        if found.kind == "absent":
            new = joined(text.encode(), f"{TOP}:\n" + entry_text(account_id, entry, 2))
        elif not self.accounts and is_last_on_line and not found.in_flow:
            head = text[: found.start].rstrip(" ") + text[found.end : line_end]
            new = joined(head.encode(), entry_text(account_id, entry, 2)) + text[line_end:].encode()
        elif found.kind == "flow":
            new = _with_flow_entry(text, found, account_id, entry).encode()
        else:
            raise self._unchangeable()
        self._verify(bom + new, account_id, entry)
        return bom + new

    def _verify(self, result: bytes, account_id: str, entry: Entry) -> None:
        """Text was spliced in: make sure that it reads as meant before anybody relies on it."""
        try:
            document = load(result, where=PATH, max_bytes=2 * WHOLE_LIMIT)
        except BadDocument:
            raise self._unchangeable() from None
        read = document.get(TOP) if isinstance(document, dict) else None
        if dump(read) != dump({**self.accounts, account_id: entry}):
            raise self._unchangeable()

    def _unchangeable(self) -> BadDocument:
        return BadDocument(
            "one entry cannot be replaced in this style without touching others.",
            where=PATH,
            fix=f"rewrite '{TOP}:' in block style, one account per indented key.",
        )


_MEND = "correct the file or move it away; it is not overwritten."


def _content(data: bytes) -> bool:
    """Whether anything but comments, blank lines and a document start stands in `data`."""
    lines = data.removeprefix(BOM).splitlines()
    return any(
        line.strip() and not line.lstrip().startswith(b"#") and line.strip() != b"---"
        for line in lines
    )


def entry_text(account_id: str, entry: Entry, indent: int) -> str:
    margin = " " * indent
    lines = dump({account_id: entry}).rstrip("\n").split("\n")
    return "".join(f"{margin}{line}\n" if line else "\n" for line in lines)


def joined(head: bytes, text: str) -> bytes:
    """`text` on new lines after `head`, with the line ends that `head` uses."""
    newline = b"\r\n" if b"\r\n" in head[-4096:] or head[:4096].count(b"\r\n") else b"\n"
    gap = newline if head and head != BOM and not head.endswith(b"\n") else b""
    return head + gap + text.encode().replace(b"\n", newline)


def _with_flow_entry(text: str, found: Marks, account_id: str, entry: Entry) -> str:
    if account_id in found.values:
        start, stop = found.values[account_id]
        return text[:start] + dump_flow(entry) + text[stop:]
    has_comma = not found.values or text[: found.end - 1].rstrip().endswith(",")
    added = ("" if has_comma else ", ") + dump_flow({account_id: entry})[1:-1]
    return text[: found.end - 1] + added + text[found.end - 1 :]
