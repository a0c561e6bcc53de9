from __future__ import annotations

import shutil
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from agent import run
from agent.resources import shipped
from tests.cli.conftest import _no_settings_of_the_machine, csm

__all__ = ["_no_settings_of_the_machine", "csm"]

INSIGHTS = "_knowledge/semantic/customer_insights.yaml"
AUGUST, NOVEMBER, MUSEUMS = "inst_20260818_001", "inst_20261117_001", "inst_20261117_006"


def play(memory: Path, iid: str, as_of: str, again: bool = False) -> None:
    """Run an instruction offline on a day, at nine in the morning of that day."""
    at = datetime.fromisoformat(f"{as_of}T09:00:00+00:00").astimezone(UTC)
    result = run(iid, memory=memory, model="playbook", as_of=as_of, again=again,
                 now=partial(lambda moment: moment, at))  # fmt: skip
    assert result.status.startswith("completed"), result.summary


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo memory with two quarters of one account played, and one account with another
    tool's plan before ours."""
    memory = tmp_path_factory.mktemp("played") / "Agent_Memory"
    shutil.copytree(shipped("Agent_Memory"), memory)
    now = (memory / INSIGHTS).read_bytes()
    archived = memory / "_archive/customer_insights_2026-08-17.yaml"
    (memory / INSIGHTS).write_bytes(archived.read_bytes())
    play(memory, AUGUST, "2026-08-18")
    (memory / INSIGHTS).write_bytes(now)
    play(memory, NOVEMBER, "2026-11-17")
    play(memory, MUSEUMS, "2026-11-17")
    return memory


@pytest.fixture
def memory(played: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(played, tmp_path / "Agent_Memory"))
