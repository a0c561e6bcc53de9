"""`csm memory forget`: one customer is taken out of a memory, everywhere.

What is to go is written down first (`forgetting.json`), so that an erasure that was killed goes on
where it was, under the names it began with. Then messages, instruction folders, copies, the
timeline and the score go, and the insights last: as long as anything is left, the name can be
resolved. A line remains that says when and by whom, not what.
"""

from __future__ import annotations

import json
import secrets
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from agent.clock import stamp
from agent.errors import BadInput, Blocked, Busy, MemoryFault
from agent.keeping import places
from agent.keeping.findings import Progress, silent
from agent.keeping.holdings import LIVE, Holdings, holdings, lock_files, walked
from agent.keeping.subject import Subject, load, subject_named
from agent.keeping.traces import Searcher, Trace, traces
from agent.memory import cut, everything, schema
from agent.memory.erase import erase
from agent.memory.insights_file import MAX_BYTES as INSIGHTS_LIMIT
from agent.memory.locks import is_held, lock
from agent.memory.paths import MemoryRoot, MissingFile
from agent.memory.pause import paused
from agent.memory.publish import Staged, publish
from agent.memory.scores_file import MAX_BYTES as SCORES_LIMIT

UNDER_WAY = "_knowledge/episodic/forgetting.json"
TOMBSTONES = "_knowledge/episodic/forgotten.jsonl"
_BATCH = 200
_ATTEMPTS = 20
_MAX_TRACES = 2000


@dataclass
class Forgotten:
    """What has gone (or would go), what stays, and where files still speak of the customer."""

    holdings: Holdings = field(default_factory=Holdings)
    files: int = 0
    traces: list[Trace] = field(default_factory=list)
    dry_run: bool = False

    @property
    def is_complete(self) -> bool:
        return not self.traces and not self.holdings.mixed

    def as_dict(self) -> dict[str, Any]:
        return {
            "complete": self.is_complete,
            "dry_run": self.dry_run,
            "files": self.files,
            "holdings": asdict(self.holdings),
            "traces": [asdict(trace) for trace in self.traces],
        }


@dataclass(frozen=True)
class _Order:
    """An erasure under way, as it is written down. `token` tells its line from others'."""

    token: str
    subject: Subject
    by: str
    reason: str
    at: str
    files: int
    folders: list[str]


def survey(memory: Path, account: str) -> Forgotten:
    """What would go, without touching anything. Raises as `forget`."""
    root = MemoryRoot.open(memory)
    subject = _subject(root, account)
    found = holdings(root, subject)
    return Forgotten(found, _count(root, found), dry_run=True)


def forget(
    memory: Path,
    account: str,
    *,
    by: str,
    reason: str = "",
    now: datetime,
    progress: Progress = silent,
) -> Forgotten:
    """Erase an account and say where files of others still speak of it.

    Raises:
        BadInput: no author, or author or reason name the customer.
        Busy: a run on the account or one of its instructions is going on; nothing was erased.
        Blocked: another erasure was begun and not finished, or the memory is of a newer version.
        BadDocument: insights or scores cannot be read.
        MemoryFault: the disk refused; the same command goes on.
    """
    root = MemoryRoot.open(memory)
    schema.check(root)
    subject = _subject(root, account)
    _check_words(subject, account, by, reason)
    with lock(root, "forget", wait=5), ExitStack() as alone:
        if subject.account_id:
            alone.enter_context(lock(root, f"account-{subject.account_id}", wait=0))
        everything.sweep(root)  # what a process that died had begun to write may be about them
        order = _order_under_way(root)
        found = holdings(root, subject)
        if order is None and found:
            order = _Order(secrets.token_hex(8), subject, by.strip(), reason.strip(), stamp(now),
                           _count(root, found), found.folders)  # fmt: skip
        if order is not None:
            found.folders = sorted({*found.folders, *order.folders})
            _require_idle(root, found.folders)
            root.write_atomic(UNDER_WAY, json.dumps(asdict(order)).encode())
            _erase_all(root, order, found)
        for path in lock_files(root, subject, found.folders):
            erase(root, path)
        erase(root, UNDER_WAY)
    return Forgotten(found, order.files if order else 0, _traces(root, subject, progress))


def _traces(root: MemoryRoot, subject: Subject, progress: Progress) -> list[Trace]:
    searcher = Searcher(subject, set(places.accounts(root)))
    return list(islice(traces(root, searcher, progress=progress), _MAX_TRACES))


def _erase_all(root: MemoryRoot, order: _Order, found: Holdings) -> None:
    with paused(root):
        for path in found.messages:
            erase(root, path)
        for n in range(0, len(found.folders), _BATCH):
            with ExitStack() as alone:
                batch = found.folders[n : n + _BATCH]
                for iid in batch:
                    alone.enter_context(lock(root, f"instruction-{iid}", wait=0))
                for iid in batch:
                    erase(root, iid)
        for path in [*found.copies, *found.timeline]:
            erase(root, path)
        live = [path for path in (*reversed(LIVE),) if path in found.entries]
        for path in [*(p for p in found.entries if p not in LIVE), *live]:
            _cut(root, path, order.subject.account_id)
        _leave_tombstone(root, order)


def _cut(root: MemoryRoot, path: str, account_id: str) -> None:
    """Take the entry out of a file of accounts, safe against writers that know no lock."""
    limit = max(INSIGHTS_LIMIT, SCORES_LIMIT)
    with lock(root, "insights" if path == LIVE[0] else "scores", wait=60):
        for _ in range(_ATTEMPTS):
            try:
                data, before = root.read_signed(path, limit=limit)
            except MissingFile:
                return
            if not cut.has_entry(data, account_id, where=path):
                return
            without = cut.without_entry(data, account_id, where=path)
            if publish(root, [Staged(path, without, before)]):
                return
    raise MemoryFault(
        "another program keeps replacing this file", where=path, fix="stop it, then again."
    )


def _leave_tombstone(root: MemoryRoot, order: _Order) -> None:
    try:
        stones = root.read_bytes(TOMBSTONES, limit=64 << 20)
    except MissingFile:
        stones = b""
    if order.token.encode() in stones:
        return
    line = {"at": order.at, "by": order.by, "files": order.files, "erasure": order.token}
    if order.reason:
        line["reason"] = order.reason
    gap = b"" if not stones or stones.endswith(b"\n") else b"\n"
    root.append(TOMBSTONES, gap + json.dumps(line).encode() + b"\n")


# Who, and whether it may begin


def _subject(root: MemoryRoot, account: str) -> Subject:
    """The customer; of an erasure that was begun, as it was known then."""
    order = _order_under_way(root)
    if order is None:
        return subject_named(root, account)
    known = order.subject
    if account.casefold() not in {known.account_id.casefold(), *map(str.casefold, known.names)}:
        raise Blocked(
            "the erasure of another account was begun and not finished.",
            where=UNDER_WAY,
            fix="finish it first: that file holds its id; `csm memory forget` it again.",
        )
    return known


def _order_under_way(root: MemoryRoot) -> _Order | None:
    try:
        data = root.read_bytes(UNDER_WAY, limit=64 << 20)
    except MissingFile:
        return None
    subject = load(data, UNDER_WAY)
    return replace(_Order(**json.loads(data)), subject=subject)


def _check_words(subject: Subject, account: str, by: str, reason: str) -> None:
    if not by.strip():
        raise BadInput("an erasure needs an author", where="--by", fix="Add --by NAME.")
    searcher = Searcher(replace(subject, names=[*subject.names, account]))
    for option, text in (("--by", by), ("--reason", reason)):
        if any(searcher.in_text(text.casefold())):
            raise BadInput(
                "this would keep what is to be forgotten",
                where=option,
                fix="Say it without names and figures of the customer.",
            )


def _require_idle(root: MemoryRoot, folders: list[str]) -> None:
    for iid in folders:
        if is_held(root, f"instruction-{iid}"):
            raise Busy(
                f"a run of {iid} is going on.", where=iid, fix="wait for it to end, or stop it."
            )


def _count(root: MemoryRoot, found: Holdings) -> int:
    return sum(1 for path in found.gone for _ in walked(root, path)) + len(found.entries)
