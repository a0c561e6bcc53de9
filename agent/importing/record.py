"""An import on the timelines of the accounts it changed.

The insights file and the timelines cannot be written in one step. So the events are announced in
one file first, bound to the hash of the insights they go with; then the insights are published, and
then each timeline gets its event. An import that dies in between is completed by the next one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from agent.clock import stamp
from agent.errors import BadDocument
from agent.importing.changes import MAX_CHANGES, Change
from agent.memory import timeline
from agent.memory.insights_file import MAX_BYTES, PATH
from agent.memory.paths import MemoryRoot, MissingFile
from agent.success.events import event

PENDING = "_knowledge/episodic/import.pending"
PENDING_LIMIT = 512_000_000
MAX_BEGUN = 1_000
"""Timelines that one import begins. Beginning one makes three files; a first import of a large book
would leave tens of thousands that say nothing the insights do not say."""

HANDS = 8
"""Timelines that are written at once. Each waits for the disk several times; together they wait
once (1,000 timelines: 0.4 to 0.9 seconds with eight hands, 9 to 15 with one)."""


def recorded_accounts(root: MemoryRoot, ids: Collection[str]) -> set[str]:
    """Those of the imported accounts whose timelines tell of the import: the ones that have a
    timeline, and up to `MAX_BEGUN` others, all of them or none."""
    there = set(timeline.accounts(root))
    new = [id for id in ids if id not in there]
    return {id for id in ids if id in there or len(new) <= MAX_BEGUN}


def events(
    changed: Mapping[str, Sequence[Change]], files: Sequence[Path], *, as_of: date, now: datetime
) -> list[dict[str, Any]]:
    """One `facts_imported` event per changed account.

    `sha256` is that of the file; of several files, that of their hashes in a row.
    """
    names = ", ".join(path.name for path in files)[:300]
    hashes = [_sha256(path) for path in files]
    whole = hashes[0] if len(hashes) == 1 else hashlib.sha256("".join(hashes).encode()).hexdigest()
    moment = stamp(now)
    return [
        event(
            account_id, "facts_imported", "", as_of, moment,
            {
                "file": names,
                "sha256": whole,
                "imported_at": moment,
                "changes": [change.as_dict() for change in found[:MAX_CHANGES]],
                "not_listed": max(0, len(found) - MAX_CHANGES),
            },
            source="csm import",
        )
        for account_id, found in changed.items()
    ]  # fmt: skip


def announce(root: MemoryRoot, made: Iterable[Mapping[str, Any]], insights: bytes) -> None:
    """Keep the events until the insights they belong to are published."""
    head = {"insights_sha256": hashlib.sha256(insights).hexdigest()}
    lines = [json.dumps(item, separators=(",", ":")) for item in (head, *made)]
    root.write_atomic(PENDING, ("\n".join(lines) + "\n").encode())


def complete(root: MemoryRoot) -> int:
    """Record what was announced and published; how many timelines got an event.

    What was announced for insights that are not there was never imported, and is dropped.

    Raises BadDocument when the file is not what `announce` writes.
    """
    try:
        pending = root.read_bytes(PENDING, limit=PENDING_LIMIT)
    except MissingFile:
        return 0
    if not pending:
        return 0
    try:
        head, *made = map(json.loads, pending.splitlines())
        is_published = head["insights_sha256"] == _insights_sha256(root)
    except (ValueError, LookupError, TypeError):
        raise BadDocument(
            "does not hold what an import has left there",
            where=PENDING,
            fix="Move it away; it only says which timelines were still to be told of an import.",
        ) from None
    done = 0
    if is_published:
        with ThreadPoolExecutor(HANDS) as hands:
            append = partial(timeline.append, root)
            ids = [item["account_id"] for item in made]
            done = sum(map(bool, hands.map(append, ids, [[item] for item in made])))
    root.write_atomic(PENDING, b"")
    return done


def _insights_sha256(root: MemoryRoot) -> str:
    try:
        return hashlib.sha256(root.read_bytes(PATH, limit=MAX_BYTES)).hexdigest()
    except MissingFile:
        return ""


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
