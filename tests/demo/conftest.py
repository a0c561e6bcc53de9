from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from agent import Result, run

DEMO = Path(__file__).resolve().parents[2] / "Agent_Memory"
AUGUST = {"inst_20260818_001", "inst_20260818_002"}
ARCHIVE = "_archive/customer_insights_2026-08-17.yaml"
INSIGHTS = "_knowledge/semantic/customer_insights.yaml"
ALL = sorted(path.parent.name for path in DEMO.glob("*/instruction.yaml"))


@dataclass
class Played:
    """The demo memory after all its instructions were run in it, in order."""

    memory: Path
    results: dict[str, Result] = field(default_factory=dict)

    def plan_path(self, iid: str) -> Path:
        return self.memory / iid / "outputs/final/success_plan.yaml"


def moment(iid: str) -> datetime:
    """A fixed time of the run: one minute after another on the day of the instruction."""
    number = int(iid[-3:])
    day = (
        datetime(2026, 8, 18, 9, tzinfo=UTC)
        if iid in AUGUST
        else datetime(2026, 11, 17, 9, tzinfo=UTC)
    )
    return day + timedelta(minutes=number)


def _always(at: datetime) -> datetime:
    return at


def play(memory: Path, instructions: Sequence[str] = ALL) -> Played:
    """Run them as the demo's README says: August on August's insights, then November."""
    shutil.copytree(DEMO, memory)
    now = (memory / INSIGHTS).read_bytes()
    played = Played(memory)
    for iid in instructions:
        at = moment(iid)
        (memory / INSIGHTS).write_bytes((memory / ARCHIVE).read_bytes() if iid in AUGUST else now)
        played.results[iid] = run(
            iid, memory=memory, model="playbook", as_of=str(at.date()), now=partial(_always, at)
        )
    return played


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    return play(tmp_path_factory.mktemp("demo") / "Agent_Memory")
