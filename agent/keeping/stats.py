"""`csm memory stats`: how much a memory holds, how old it is, what its runs have cost."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from agent.errors import CsmError, printable
from agent.keeping import places
from agent.keeping.findings import Progress, silent
from agent.memory import everything, journal, schema, timeline
from agent.memory.migrations import version_of
from agent.memory.paths import MemoryRoot
from agent.runs import past_runs

LARGEST = 5
_PAID = ("triaged", "model_reply", "model_failed")


@dataclass
class Stats:
    """Counts; `oldest` and `newest` are business dates of events, `bytes` by top folder,
    `cost_usd` in US dollars and `tokens` by bucket are those that the journals hold."""

    version: int = schema.CURRENT
    accounts: int = 0
    events: Counter[str] = field(default_factory=Counter)
    oldest: str = ""
    newest: str = ""
    instructions: int = 0
    runs: Counter[str] = field(default_factory=Counter)
    plans: int = 0
    messages: int = 0
    cost_usd: Decimal = Decimal(0)
    tokens: Counter[str] = field(default_factory=Counter)
    files: int = 0
    bytes: Counter[str] = field(default_factory=Counter)
    largest: list[tuple[int, str]] = field(default_factory=list)
    unreadable: int = 0

    def as_dict(self) -> dict[str, Any]:
        counters = {
            name: dict(sorted(getattr(self, name).items()))
            for name in ("events", "runs", "tokens", "bytes")
        }
        largest = [{"path": path, "bytes": size} for size, path in self.largest]
        return {
            **self.__dict__, **counters, "cost_usd": str(self.cost_usd), "largest": largest
        }  # fmt: skip


def stats(memory: Path, *, progress: Progress = silent) -> Stats:
    """Count everything in a memory, one file after the other. Changes nothing."""
    root = MemoryRoot.open(memory)
    found = Stats(version=version_of(root))
    _timelines(root, found, progress)
    _journals(root, found, progress)
    _files(root, found, progress)
    return found


def _timelines(root: MemoryRoot, found: Stats, progress: Progress) -> None:
    ids = list(places.accounts(root))
    for n, account_id in enumerate(ids, 1):
        progress("timelines", n, len(ids))
        try:
            events = timeline.read(root, account_id)
        except CsmError:
            found.unreadable += 1
            continue
        found.accounts += bool(events)
        found.events.update(str(event["kind"]) for event in events)
        days = [event["at"] for event in events if event["at"]]
        found.oldest = min([*days, *filter(None, [found.oldest])], default="")
        found.newest = max([*days, found.newest])
        found.plans += sum(event["kind"] == "plan_published" for event in events)


def _journals(root: MemoryRoot, found: Stats, progress: Progress) -> None:
    folders = places.instruction_folders(root)
    for n, iid in enumerate(folders, 1):
        progress("journals", n, len(folders))
        found.instructions += root.exists(f"{iid}/instruction.yaml")
        try:
            records = journal.look(root, iid).records
        except CsmError:
            found.unreadable += 1
            continue
        with suppress(ValueError, KeyError, TypeError):  # a journal that another tool has written
            found.runs.update(run.status or "stopped" for run in past_runs(records))
        for record in records:
            if record.get("kind") in _PAID:
                _add_cost(found, record)


def _add_cost(found: Stats, record: Mapping[str, Any]) -> None:
    with suppress(InvalidOperation):
        found.cost_usd += Decimal(str(record.get("cost") or 0))
    usage = record.get("usage")
    for name, number in usage.items() if isinstance(usage, Mapping) else ():
        if isinstance(number, int) and number:
            found.tokens[str(name)] += number


def _files(root: MemoryRoot, found: Stats, progress: Progress) -> None:
    for n, item in enumerate(everything.everything(root), 1):
        progress("files", n, 0)
        if item.kind != "file":
            continue
        top, _, rest = item.path.partition("/")
        found.files += 1
        area = top if top.startswith("_") else "instructions" if rest else "."
        found.bytes[area] += item.size
        found.messages += top == "_communication" and item.name.startswith("msg_")
        heapq.heappush(found.largest, (item.size, printable(item.path, 200)))
        if len(found.largest) > LARGEST:
            heapq.heappop(found.largest)
    found.largest.sort(reverse=True)
