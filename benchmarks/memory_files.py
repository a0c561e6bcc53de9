"""One account in a file of many: our slices against loading and dumping the file with PyYAML's C
parser and emitter.

    update   `scores_file.with_entry`: replace one account's health entry; the alternative loads the
             file, changes the entry and dumps it all
    written  `scores_file.update`: the same under the lock, written beside the file, flushed and
             renamed; the alternative writes, flushes and renames as well
    read     `InsightsFile`: the share of one account; the alternative loads the file
    as a run the share, the names of all accounts and the names that must not leak, as a run reads
             them; the alternative loads the file once

Files are made for the test, 0.7 to 0.9 kB per account. Every step starts from the file on the
disk; nothing is cached between repetitions. Figures are CPU seconds. `--large` adds 100,000
accounts for the scores and as many as the insights may hold; the alternative is run there with
`--all` only, it takes minutes and gigabytes.

    python -m benchmarks.memory_files
    python -m benchmarks.memory_files --quick
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import yaml

from agent.memory import scores_file
from agent.memory.insights_file import InsightsFile
from agent.memory.paths import MemoryRoot
from agent.memory.scores_file import PATH as SCORES
from agent.memory.scores_file import with_entry
from benchmarks.common import INSIGHTS, middle, table

LIMIT = 512_000_000
LARGE = 100_000
LARGE_INSIGHTS = 80_000  # of 0.77 kB; the insights file may have 64 MB


def entry(n: int) -> dict[str, Any]:
    """A health entry as a small account has it."""
    groups = ("product_adoption", "engagement", "value_realization", "relationship")
    return {
        "score": 60.0 + n % 40,
        "tier": "green" if n % 40 >= 20 else "yellow",
        "model": "adoption-30-25-25-20",
        "model_version": 1,
        "as_of": "2026-11-17",
        "coverage": 1.0,
        "components": {
            group: {"value": 70.5, "state": "ok", "score": 70.5, "weight": 0.25,
                    "contribution": 17.6}
            for group in groups
        },
        "trend": "stable",
        "history": [{"date": "2026-08-17", "score": 61.0, "tier": "yellow"}],
        "instruction_id": f"inst_20261117_{n:06}",
    }  # fmt: skip


def share(n: int) -> dict[str, Any]:
    """The insights of one account, short."""
    return {
        "name": f"Customer Number {n:06}",
        "segment": "mid-market",
        "contract": {"arr": 24000 + n, "currency": "EUR", "renewal_date": "2027-03-31",
                     "plan": "Business", "plan_limits": {"seats": 80}},
        "usage": {"as_of": "2026-10-31", "months": [
            {"month": month, "active_users": 61, "licensed_users": 80, "logins": 1204}
            for month in ("2026-08", "2026-09", "2026-10")
        ]},
        "relationship": {"nps": {"score": 31, "respondents": 9}, "renewal_confidence": 70},
        "notes": [{"date": "2026-10-12", "author": "csm",
                   "text": "They want the export before the end of the year."}],
    }  # fmt: skip


def account(n: int) -> str:
    return f"acct-{n:06}"


def write(path: Path, schema: str, count: int, make: Callable[[int], dict[str, Any]]) -> int:
    """A file of `count` accounts as PyYAML writes it; returns its size in bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as out:
        out.write(f"schema: {schema}\naccounts:\n")
        for first in range(0, count, 1000):
            some = {account(n): make(n) for n in range(first, min(first + 1000, count))}
            text = yaml.dump(
                some, Dumper=yaml.CSafeDumper, sort_keys=False, default_flow_style=False
            )
            out.writelines(f"  {line}\n" for line in text.splitlines())
    return path.stat().st_size


def cpu(work: Callable[[], object], repeats: int) -> float:
    spent = []
    for _ in range(repeats):
        before = time.process_time()
        work()
        spent.append(time.process_time() - before)
    return middle(spent)


def tasks(folder: Path, wanted: str) -> dict[str, tuple[Callable[[], object], Any]]:
    """Name → (ours, the alternative)."""
    root = MemoryRoot.open(folder)
    new, numbers = entry(7), count()

    def update() -> bytes:
        return with_entry(root.read_bytes(SCORES, limit=LIMIT), wanted, new)

    def update_by_yaml() -> bytes:
        data = yaml.load((folder / SCORES).read_bytes(), Loader=yaml.CSafeLoader)
        data["accounts"][wanted] = new
        text: str = yaml.dump(data, Dumper=yaml.CSafeDumper, sort_keys=False)
        return text.encode()

    def written() -> object:
        more = {**new, "instruction_id": f"inst_{next(numbers):06}"}
        return scores_file.update(root, wanted, lambda _old: more)

    def written_by_yaml() -> None:
        data = update_by_yaml()
        aside = folder / "aside"
        with aside.open("wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        aside.rename(folder / SCORES)

    def read() -> object:
        return InsightsFile.read(root).share(wanted)

    def as_a_run() -> object:
        insights = InsightsFile.read(root)
        return insights.share(wanted), insights.names, insights.foreign_names(wanted)

    def read_by_yaml() -> object:
        data = yaml.load((folder / INSIGHTS).read_bytes(), Loader=yaml.CSafeLoader)
        return data["accounts"][wanted]

    return {
        "update": (update, update_by_yaml),
        "written": (written, written_by_yaml),
        "read": (read, read_by_yaml),
        "as a run": (as_a_run, read_by_yaml),
    }


def measure(folder: Path, size: int, repeats: int, *, alternative: bool) -> list[list[object]]:
    """One row per task for files of `size` accounts."""
    shares = min(size, LARGE_INSIGHTS)
    scores = write(folder / SCORES, "customer_health_scores/1", size, entry)
    insights = write(folder / INSIGHTS, "customer_insights/1", shares, share)
    rows: list[list[object]] = []
    for task, (ours, by_yaml) in tasks(folder, account(size // 2)).items():
        of_scores = task in ("update", "written")
        mine, shown = cpu(ours, repeats), ["not run", ""]
        if alternative and (of_scores or size < LARGE):
            theirs = cpu(by_yaml, 1 if size > 1_000 else 3)
            shown = [f"{theirs:.2f}", f"{theirs / mine:,.0f}× less"]
        accounts, data = (size, scores) if of_scores else (shares, insights)
        rows.append([task, f"{accounts:,}", f"{data / 1e6:.1f}", f"{mine:.4f}", *shown])
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--repeats", type=int, default=5, help="repetitions of ours (5)")
    parser.add_argument("--large", action="store_true", help="also 100,000 accounts")
    parser.add_argument("--all", action="store_true", help="the alternative there as well")
    parser.add_argument("--quick", action="store_true", help="1,000 accounts, 3 repetitions")
    given = parser.parse_args()
    counts = [1_000] if given.quick else [1_000, 10_000] + ([LARGE] if given.large else [])
    repeats = 3 if given.quick else given.repeats
    rows: list[list[object]] = []
    for size in counts:
        with tempfile.TemporaryDirectory() as name:
            rows += measure(Path(name), size, repeats, alternative=given.all or size < LARGE)
    table(["task", "accounts", "MB", "ours, CPU s", "PyYAML C, CPU s", "ours takes"], rows)


if __name__ == "__main__":
    main()
