"""One version of the scores file with all its entries, read or changed many at a time.

`scores_file` serves a run, which needs one entry and checks what stands before it. Here all are
wanted, so each is parsed by its own lines, once.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import pairwise
from typing import Any

from agent.errors import BadDocument
from agent.memory.paths import MemoryRoot, MissingFile, Signature
from agent.memory.scores_file import (
    MAX_BYTES,
    PATH,
    SYNTAX_LIMIT,
    Entry,
    entry_text,
    joined,
    with_entry,
)
from agent.memory.slices import TOP, Index, index, load_whole
from agent.memory.strict_yaml import check_syntax, load
from agent.memory.yaml_text import check_text


class StoredScores:
    """The entries in `data`; None is a file that does not exist.

    Raises BadDocument when the file cannot be read as what it should be.
    """

    def __init__(self, data: bytes | None, signature: Signature | None = None) -> None:
        self.data, self.signature = data, signature
        self._whole: Mapping[str, Any] = {}
        check_text(data or b"", PATH)
        self._index: Index = index(data or b"", where=PATH)
        if self.is_block:
            if len(self._index.data) <= SYNTAX_LIMIT:
                check_syntax(self._index.data, where=PATH)
        elif data:
            document = load_whole(data, PATH)
            accounts = document.get(TOP) if isinstance(document, dict) else document
            if accounts is not None and not isinstance(accounts, dict):
                raise BadDocument(
                    f"'{TOP}' has to be a mapping from account id to entry.",
                    where=PATH,
                    fix="correct the file or move it away.",
                )
            self._whole = accounts or {}

    @classmethod
    def read(cls, root: MemoryRoot) -> StoredScores:
        """The file of this memory.

        Raises:
            BadDocument: it cannot be read as what it should be.
            BadPath: it is no regular file, or too large.
            MemoryFault: the disk refused.
        """
        with suppress(MissingFile):
            return cls(*root.read_signed(PATH, limit=MAX_BYTES))
        return cls(None)

    @property
    def is_block(self) -> bool:
        return self._index.style == "block"

    def __iter__(self) -> Iterator[str]:
        """Ids of the accounts that have an entry, in the order of the file."""
        return iter(self._index if self.is_block else self._whole)

    def entry(self, account_id: str) -> Any:
        """The entry of an account; None when there is none.

        Raises:
            BadDocument: this entry cannot be read.
        """
        if not self.is_block:
            return self._whole.get(account_id)
        if account_id not in self._index:
            return None
        chunk = self._index.chunk(account_id)
        value = load(chunk, where=f"{PATH} ({account_id})", max_bytes=max(len(chunk), 1))
        if not isinstance(value, dict) or list(value) != [account_id]:
            raise BadDocument(
                "its lines are not an entry of their own.", where=f"{PATH} ({account_id})"
            )
        return value[account_id]

    def with_entries(self, ids: Sequence[str], entry_of: Callable[[str], Entry]) -> bytes:
        """The bytes of the file with the entries of `ids` replaced or added, one after the other.

        All other bytes are the same, and the same entries give the same bytes as when they had come
        one by one.

        Raises:
            BadDocument: the file is in a style in which that cannot be done.
        """
        todo, data = sorted(ids), self.data
        while todo and not StoredScores(data).is_block:
            first = todo.pop(0)
            data = with_entry(data, first, entry_of(first))
        return _in_block(data or b"", todo, entry_of) if todo else data or b""


def _in_block(data: bytes, todo: Sequence[str], entry_of: Callable[[str], Entry]) -> bytes:
    found = index(data, where=PATH)
    ids = list(found)
    in_order = all(a <= b for a, b in pairwise(ids))
    edits: list[tuple[int, int, str]] = []
    for account_id in todo:
        if account_id in found:
            edits.append((found.starts[account_id][0], found.end_of(account_id), account_id))
            continue
        place = bisect(ids, account_id) if in_order else len(ids)
        at = found.end_of(ids[place - 1]) if place else found.start
        edits.append((at, at, account_id))
    out, at = bytearray(), 0
    for start, end, account_id in sorted(edits):
        out += data[at:start]
        at = end
        head = bytes(out[-4096:])
        out += joined(head, entry_text(account_id, entry_of(account_id), found.indent))[len(head) :]
    whole, newline, rest = data[at:].rpartition(b"\n")
    return bytes(out + whole + newline + (rest if rest.strip() else b""))  # no half a blank line
