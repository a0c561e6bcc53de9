"""The account timeline: recording and folding, at 1,000 events of one account and at 100,000
accounts, against two plain alternatives.

    ours      one JSON-lines file per account: lock, look for the event, append, chain, flush,
              keep the last link
    one JSON  one JSON file per account, a list of events: load all, append, dump, flush, rename
              (no chain, no lock, no look for the same event)
    SQLite    one database for all, table of events with account and id as key, one transaction per
              event, synchronous=FULL (Python's sqlite3)

"append" is one more event; "read and fold" is what a run does with a timeline: read it and work out
the open plays and risks, and the entry of the scores file; for the alternatives reading the events
and the same fold. All three flush to the disk. CPU (user and system) and wall time of one
operation, median.

    python -m benchmarks.timeline
    python -m benchmarks.timeline --quick
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from agent.memory import chain, timeline, views
from agent.memory.paths import MemoryRoot
from agent.success.events import event
from agent.success.plays.state import fold
from benchmarks.common import middle, table

ENTRY = {"score": 71.5, "tier": "yellow", "as_of": "2026-11-17", "override": None}
KINDS = ("health_scored", "plan_published", "goal_measured", "playbook_started", "handoff_sent")
START = date(2024, 1, 1)
UNTIL = date(2030, 1, 1)
Events = Sequence[dict[str, Any]]


def made(account: str, n: int) -> dict[str, Any]:
    """The n-th event of an account, of about the size that runs record (0.3 kB)."""
    kind: Any = KINDS[n % len(KINDS)]
    day = START + timedelta(days=n)
    data = {
        "health_scored": {"score": 60.0 + n % 40, "tier": "yellow", "plan_id": f"plan_{n}"},
        "plan_published": {"plan_id": f"plan_{n}", "revision": 1, "supersedes": f"plan_{n - 1}"},
        "goal_measured": {"title": "Faults closed on the first visit", "goal": "G-2", "value": n},
        "playbook_started": {"playbook": f"play_{n % 7}", "state": "started", "title": "A play",
                             "because": ["usage_drop"], "number": n, "severity": "high"},
        "handoff_sent": {"to": "support-trainer", "message_id": f"{n:016x}", "about": "Sessions"},
    }[kind]  # fmt: skip
    view = views.entry_view(ENTRY | {"as_of": day.isoformat()}) if kind == "health_scored" else None
    return event(account, kind, f"inst_{n:06}", day, f"{day}T09:00:00Z", data, "a benchmark", view)


def folded(events: Events) -> object:
    return fold(events, UNTIL), views.score_entry(events)


class Ours:
    name = "ours"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = MemoryRoot.open(folder)

    def fill(self, accounts: int, events: int) -> None:
        """As `append` leaves it, but for the flush after each."""
        place = self.folder / timeline.FOLDER
        place.mkdir(parents=True)
        for n in range(accounts):
            id = account(n)
            told = [made(id, k) for k in range(events)]
            linked = chain.chained(id, [{"event_id": timeline.event_id(e), **e} for e in told])
            lines = [json.dumps(e, separators=(",", ":")) for e in linked]
            (place / f"{id}.jsonl").write_text("\n".join(lines) + "\n")
            (place / f"{id}.head").write_text(linked[-1][chain.KEY] + "\n")

    def append(self, id: str, n: int) -> None:
        timeline.append(self.root, id, [made(id, n)])

    def read(self, id: str) -> Events:
        return timeline.read(self.root, id)

    def list_all(self) -> int:
        return len(timeline.accounts(self.root))


class OneJson:
    name = "one JSON"

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "json"
        self.folder.mkdir()

    def fill(self, accounts: int, events: int) -> None:
        for n in range(accounts):
            id = account(n)
            (self.folder / f"{id}.json").write_text(
                json.dumps([made(id, k) for k in range(events)])
            )

    def append(self, id: str, n: int) -> None:
        file = self.folder / f"{id}.json"
        events = [*json.loads(file.read_text()), made(id, n)]
        aside = file.with_suffix(".tmp")
        with aside.open("w") as out:
            out.write(json.dumps(events))
            out.flush()
            os.fsync(out.fileno())
        aside.rename(file)

    def read(self, id: str) -> Events:
        found: Events = json.loads((self.folder / f"{id}.json").read_text())
        return found

    def list_all(self) -> int:
        return sum(1 for _ in self.folder.iterdir())


class Sqlite:
    name = "SQLite"

    def __init__(self, folder: Path) -> None:
        self.path = folder / "events.sqlite"
        with sqlite3.connect(self.path) as db:
            db.execute(
                "create table events (account text, id text, line text, "
                "primary key (account, id)) without rowid"
            )

    def fill(self, accounts: int, events: int) -> None:
        with sqlite3.connect(self.path) as db:
            db.executemany(
                "insert into events values (?, ?, ?)",
                ((account(n), f"{k:08}", json.dumps(made(account(n), k)))
                 for n in range(accounts) for k in range(events)),
            )  # fmt: skip

    def append(self, id: str, n: int) -> None:
        db = sqlite3.connect(self.path)
        db.execute("pragma synchronous = full")
        with db:
            values = (id, f"{n:08}", json.dumps(made(id, n)))
            db.execute("insert or ignore into events values (?, ?, ?)", values)
        db.close()

    def read(self, id: str) -> Events:
        db = sqlite3.connect(self.path)
        rows = db.execute("select line from events where account = ? order by id", (id,)).fetchall()
        db.close()
        return [json.loads(line) for (line,) in rows]

    def list_all(self) -> int:
        db = sqlite3.connect(self.path)
        (count,) = db.execute("select count(distinct account) from events").fetchone()
        db.close()
        return int(count)


def account(n: int) -> str:
    return f"acct-{n:06}"


def measured(work: Callable[[int], object], repeats: int) -> tuple[float, float]:
    """(CPU, wall) seconds of one call, median; the calls are numbered."""
    cpu, wall = [], []
    for n in range(repeats):
        began, before = time.perf_counter(), time.process_time()
        work(n)
        cpu.append(time.process_time() - before)
        wall.append(time.perf_counter() - began)
    return middle(cpu), middle(wall)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--accounts", type=int, default=100_000)
    parser.add_argument("--quick", action="store_true", help="1,000 accounts, 5 repetitions")
    given = parser.parse_args()
    accounts, repeats = (1_000, 5) if given.quick else (given.accounts, 21)
    rows: list[list[object]] = []
    for counts in ((1, 10), (1, 100), (1, 1_000), (1, 10_000), (accounts, 4)):
        rows += _measure(*counts, repeats)
    print("ms of CPU (of wall time) for one operation")
    print()
    headings = ["accounts × events, what", "ours", "one JSON", "SQLite", "to JSON", "to SQLite"]
    table(headings, rows)


def _measure(accounts: int, events: int, repeats: int) -> list[list[object]]:
    found: dict[str, list[tuple[float, float]]] = {}
    for kind in (Ours, OneJson, Sqlite):
        with tempfile.TemporaryDirectory() as name:
            store = kind(Path(name))
            store.fill(accounts, events)
            some = [account(n * 7919 % accounts) for n in range(repeats)]
            found.setdefault("append", []).append(
                measured(lambda n, s=store, a=some: s.append(a[n], events + n), repeats)  # type: ignore[misc]
            )
            found.setdefault("read and fold", []).append(
                measured(lambda n, s=store, a=some: folded(s.read(a[n])), repeats)  # type: ignore[misc]
            )
            if accounts > 1:
                found.setdefault("list the accounts", []).append(
                    measured(lambda _n, s=store: s.list_all(), 3)  # type: ignore[misc]
                )
    return [
        [
            f"{accounts:,} × {events:,}, {what}",
            *(f"{1000 * cpu:.2f} ({1000 * wall:.1f})" for cpu, wall in figures),
            *(f"{figures[0][0] / cpu:.2f}×" for cpu, _ in figures[1:]),
        ]
        for what, figures in found.items()
    ]  # fmt: skip


if __name__ == "__main__":
    main()
