"""Which version the files of a memory are of, and whether this program may write to them.

`_knowledge/episodic/memory.yaml` says it in one line. A memory without that file is of an earlier
version (`migrations.looks_like` tells which by its timelines) unless it has no timeline yet: then
it is new, and the first write leaves the file.
"""

from __future__ import annotations

import re
from contextlib import suppress

from agent.errors import BadDocument, Blocked
from agent.memory.paths import AlreadyThere, MemoryRoot, MissingFile

PATH = "_knowledge/episodic/memory.yaml"
CURRENT = 2
"""Version of the files that this program writes: the number of the newest migration."""

_NAME = "agent_memory"
_LINE = re.compile(rb"(?:#[^\n]*\n|\n)*schema: '?agent_memory/([0-9]{1,4})'?\s*")
_TIMELINES = "_knowledge/episodic/accounts"


def version(root: MemoryRoot) -> int | None:
    """The version that the memory says it is of; None when it does not say.

    Raises:
        BadDocument: the file does not hold what it should.
    """
    try:
        data = root.read_bytes(PATH, limit=4096)
    except MissingFile:
        return None
    found = _LINE.fullmatch(data.replace(b"\r\n", b"\n"))
    if found is None:
        raise BadDocument(
            "does not say which version this memory is of.",
            where=PATH,
            fix=f"restore it; it holds the line `schema: {_NAME}/{CURRENT}` (or a lower number).",
        )
    return int(found[1])


def check(root: MemoryRoot) -> int | None:
    """The version that the memory says it is of, where this program may write to it.

    Raises:
        BadDocument: the file does not hold what it should.
        Blocked: the memory is of a newer version than this program knows.
    """
    said = version(root)
    if said is not None and said > CURRENT:
        raise Blocked(
            f"this memory is of version {said}; this program knows up to {CURRENT} and would "
            "damage it, so it only reads.",
            where=PATH,
            fix="use a newer csm.",
        )
    return said


def admit(root: MemoryRoot) -> None:
    """Let a writer in, before anything is written; see `check`. A new memory gets its version."""
    if check(root) is None and not root.exists(_TIMELINES):
        with suppress(AlreadyThere):
            root.write_atomic(PATH, text(CURRENT), exclusive=True)


def stamp(root: MemoryRoot, number: int) -> None:
    """Write down that the memory is of version `number`."""
    root.write_atomic(PATH, text(number))


def text(number: int) -> bytes:
    """What the file holds for version `number`."""
    return (
        "# The version of this memory's files; see docs/memory.md and `csm memory migrate`.\n"
        f"schema: {_NAME}/{number}\n"
    ).encode()
