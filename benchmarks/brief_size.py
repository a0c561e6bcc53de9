"""How long a brief is, and how long it takes to make, by the number of events an account has.

The demo memory's main account gets a past of 0 to 10,000 events of every kind, with words as long
as people write them, and one plan that another instruction left. Beside the brief stands what a
prompt would hold that is given the whole timeline, which is how agents are commonly reminded.

    python -m benchmarks.brief_size
    python -m benchmarks.brief_size --quick
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
import time
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

import agent
from agent.boundary.injection import instruction_like
from agent.brief import write_brief
from agent.case import INSIGHTS, read_insights, read_instruction, snapshot
from agent.household import DEFAULT_PERSONA, open_household
from agent.memory import timeline
from agent.memory.paths import MemoryRoot
from agent.remembering import kept_out, remember
from agent.success.assess import assess
from agent.success.plays.carried import carried_on
from agent.success.plays.state import fold
from benchmarks.common import DEMO, table, verdict
from tests.carry import histories

ACCOUNT, BEFORE, NOW = "tarnholt-rail", "inst_20260818_001", "inst_20261117_001"
AS_OF = date(2026, 11, 17)
GOAL = 1.05  # the longest brief against the one of a hundred events


def measure(number: int) -> tuple[int, int, float]:
    """Characters of the brief and of the whole timeline, and seconds to make the brief from it."""
    with tempfile.TemporaryDirectory() as folder:
        memory = Path(shutil.copytree(DEMO, Path(folder) / "Agent_Memory"))
        root = MemoryRoot.open(memory)
        timeline.append(root, ACCOUNT, histories.events(ACCOUNT, number))
        agent.run(BEFORE, memory=memory, model="playbook", as_of="2026-08-18")
        instruction = read_instruction(root, NOW, AS_OF)
        insights = read_insights(root)
        if insights is None:
            raise SystemExit("the demo memory has no insights")
        household = open_household(DEFAULT_PERSONA)
        loaded = snapshot(root, instruction, insights, ACCOUNT, AS_OF)
        began = time.perf_counter()
        found = assess(
            loaded.share, account_id=ACCOUNT, source=INSIGHTS, as_of=AS_OF,
            policies=household.persona.policies, history=loaded.scores_entry,
            is_instruction=partial(instruction_like, lanes=household.lanes), instruction_id=NOW,
        )  # fmt: skip
        found = replace(found, plays=carried_on(found, fold(loaded.events, AS_OF)))
        keeps_out = kept_out(found, insights.foreign_names(ACCOUNT), household.lanes)
        past = remember(loaded, found, household.persona.policies, keeps_out, NOW)
        text = write_brief(found, instruction, owned=(), past=past)
        seconds = time.perf_counter() - began
        whole = sum(len(json.dumps(event)) + 1 for event in loaded.events)
    return len(text), whole, seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--quick", action="store_true", help="up to 1,000 events")
    numbers = [0, 10, 100, 1_000] + ([] if parser.parse_args().quick else [10_000])
    found = {number: measure(number) for number in numbers}
    table(
        ["events", "brief, characters", "whole timeline, characters", "ratio", "seconds"],
        [
            [f"{n:,}", f"{brief:,}", f"{whole:,}", f"{whole / brief:.1f}×", f"{seconds:.3f}"]
            for n, (brief, whole, seconds) in found.items()
        ],
    )
    print()
    most = max(brief for brief, _, _ in found.values())
    verdict("the longest brief against that of 100 events", most / found[100][0], GOAL)


if __name__ == "__main__":
    main()
