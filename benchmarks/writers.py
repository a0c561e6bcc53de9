"""Many processes that record on one memory at once: are all updates kept, and at what rate?

Each process sets overrides one after another as `csm health --override` does: it takes the lock of
the account, appends an event to its timeline (flushed), and replaces its entry of the scores file
(flushed). An update that
is refused because the lock was not free for a minute is tried again and counted. Afterwards every
timeline is read and compared with the scores file.

    python -m benchmarks.writers
    python -m benchmarks.writers --quick
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from pathlib import Path

from benchmarks.common import table
from tests.many.writers import account, at_once, build, count


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--processes", type=int, default=64)
    parser.add_argument("--updates", type=int, default=100, help="of each process")
    parser.add_argument("--quick", action="store_true", help="8 processes, 10 updates each")
    given = parser.parse_args()
    processes, updates = (8, 10) if given.quick else (given.processes, given.updates)
    rows = []
    for what in ("different accounts", "one account"):
        with tempfile.TemporaryDirectory() as name:
            folder = build(Path(name) / "memory", processes)
            accounts = [account(0 if what == "one account" else n) for n in range(processes)]
            before, began = _cpu(), time.monotonic()
            codes, refused = at_once(folder, accounts, updates)
            wall, cpu = time.monotonic() - began, _cpu() - before
            kept, wanted = count(folder, accounts), processes * updates
            rows.append(
                [
                    what, f"{kept.updates:,} of {wanted:,}", f"{codes.count(0)} of {processes}",
                    f"{kept.entries} of {len(set(accounts))}", refused,
                    kept.faults + kept.disordered,
                    f"{wall:.1f}", f"{1000 * cpu / wanted:.1f}",
                ]
            )  # fmt: skip
    table(
        [f"{processes} processes × {updates} on", "updates kept", "writers done",
         "entry = timeline", "refused", "faults", "wall s", "CPU ms each"],
        rows,
    )  # fmt: skip


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
