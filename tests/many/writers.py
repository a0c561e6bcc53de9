"""Many processes that record on one memory at once, and what has to be there afterwards.

Each process sets overrides one after another, as `csm health --override` does: the account's lock,
an event on its timeline, its entry of the scores file.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import yaml

from agent.errors import Busy
from agent.memory import scores_file, timeline, views
from agent.memory.paths import MemoryRoot
from agent.overrides import set_override
from agent.success.events import event

AS_OF, EXPIRES = date(2026, 11, 17), date(2026, 12, 31)
NOW = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)


def account(n: int) -> str:
    return f"acct-{n:03}"


def build(folder: Path, accounts: int) -> Path:
    """A memory of `accounts` customers, each with a score on the timeline and in the file."""
    semantic = folder / "_knowledge/semantic"
    semantic.mkdir(parents=True)
    ids = [account(n) for n in range(accounts)]
    insights = {"schema": "customer_insights/1",
                "accounts": {id: {"name": f"Customer {id[-3:]}"} for id in ids}}  # fmt: skip
    (semantic / "customer_insights.yaml").write_text(yaml.safe_dump(insights, sort_keys=False))
    root = MemoryRoot.open(folder)
    for id in ids:
        entry = {"score": 70.0, "tier": "yellow", "as_of": "2026-11-10", "override": None,
                 "history": [{"date": "2026-11-10", "score": 70.0}]}  # fmt: skip
        scored = event(id, "health_scored", "inst_1", date(2026, 11, 10), "2026-11-10T09:00:00Z",
                       {"score": 70.0}, "a test", views.entry_view(entry))  # fmt: skip
        timeline.append(root, id, [scored])
        scores_file.update(root, id, lambda _old, entry=entry: entry)  # type: ignore[misc]
    return folder


def write(folder: Path, account_id: str, writer: int, updates: int) -> int:
    """One process: its updates, one after another, each acknowledged before the next.

    An update that is refused because others are at work for too long is tried again; returns how
    many were.
    """
    refused = n = 0
    while n < updates:
        try:
            set_override(
                folder, account_id, value=n % 101, reason=f"update {n}", by=f"writer {writer}",
                expires=EXPIRES, as_of=AS_OF, now=lambda: NOW,
            )  # fmt: skip
        except Busy:
            refused += 1
        else:
            n += 1
    return refused


def at_once(folder: Path, accounts: Sequence[str], updates: int) -> tuple[list[int], int]:
    """One forked process per element of `accounts`, all at once: their exit codes, and how many
    updates were refused at first."""
    children = []
    reading, writing = os.pipe()
    for writer, account_id in enumerate(accounts):
        child = os.fork()
        if child == 0:
            try:
                os.write(writing, b"x" * write(folder, account_id, writer, updates))
            except BaseException:
                sys.excepthook(*sys.exc_info())
                os._exit(1)
            os._exit(0)
        children.append(child)
    os.close(writing)
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    with os.fdopen(reading, "rb") as pipe:
        return codes, len(pipe.read())


@dataclass(frozen=True)
class Kept:
    """What is on record: updates on the timelines, accounts whose entry is what its timeline
    tells, accounts whose timeline has a fault, writers whose updates are out of order."""

    updates: int
    entries: int
    faults: int
    disordered: int


def count(folder: Path, accounts: Sequence[str]) -> Kept:
    root = MemoryRoot.open(folder)
    document: Any = yaml.load(  # the file as others read it
        (folder / scores_file.PATH).read_bytes(), Loader=yaml.CSafeLoader
    )
    updates = entries = faults = disordered = 0
    for id in dict.fromkeys(accounts):
        found = timeline.scan(root, id)
        told = [e["data"] for e in found.events if e["kind"] == "override_set"]
        updates += len(told)
        faults += bool(found.problems or found.torn or found.tampering(id))
        entries += document["accounts"][id] == views.score_entry(found.events)
        for writer in {data["by"] for data in told}:
            own = [int(data["reason"].split()[-1]) for data in told if data["by"] == writer]
            disordered += own != sorted(own)
    return Kept(updates, entries, faults, disordered)
