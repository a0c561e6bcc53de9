"""Five hundred processes killed with SIGKILL at points that a seed decides, each recovered from.

Runs with a model (the loopback server counts what is paid for), offline runs, publications and
overrides on three accounts of one memory die at a record of the journal, at a change of the disk (a
rename, a link, a removal, in the middle of a write) or inside the publication; up to three times in
a row, sometimes with other work in between, before they are allowed to finish. After each recovery
the chain of every timeline holds, every entry of the scores file and every plan is what the
timeline tells, every message lies there once, nothing temporary is left, and no turn whose reply
was on record has been paid for again. A new memory is begun every 25 kills.

    nice python -m benchmarks.kills
    python -m benchmarks.kills --quick
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter
from pathlib import Path

from benchmarks.common import table
from tests.many.kills import World, killer, script
from tests.support.messages_api import MessagesApi

PER_WORLD = 25
_WAYS = {"after": "run, after a record", "before": "run, before a record",
         "disk": "run, at a change of the disk", "publication": "publication, at a change",
         "override": "override, at a change"}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--seed", type=int, default=20261117)
    parser.add_argument("--quick", action="store_true", help="25 kills")
    given = parser.parse_args()
    kills, finished, wrong = Counter[str](), Counter[str](), list[str]()
    billed = needed = lost = seed = 0
    began = time.monotonic()
    with killer() as job:
        while sum(kills.values()) < (PER_WORLD if given.quick else given.kills):
            seed += 1
            with tempfile.TemporaryDirectory() as name, MessagesApi(script) as api:
                world = World(Path(name) / "memory", api, job, given.seed + seed)
                world.live(PER_WORLD)
            tally = world.tally
            kills += tally.kills
            finished += tally.finished
            wrong += [f"seed {given.seed + seed}: {what}" for what in tally.wrong]
            billed, needed = billed + tally.billed, needed + tally.needed
            lost += tally.lost_replies
    table(["killed", "times"], [[_WAYS[way], kills[way]] for way in _WAYS])
    print()
    table(
        ["afterwards", ""],
        [
            ["kills", sum(kills.values())],
            ["runs finished", finished["run"]],
            ["overrides recorded", finished["override"]],
            ["calls that were needed", needed],
            ["replies that died before they were on disk", lost],
            ["calls that were billed", billed],
            ["calls repeated although their reply was on disk", billed - needed - lost],
            ["faults found after a recovery", len(wrong)],
            ["seconds", f"{time.monotonic() - began:.0f}"],
        ],
    )
    for what in wrong[:50]:
        print(what)


if __name__ == "__main__":
    main()
