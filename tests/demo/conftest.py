from __future__ import annotations

import fcntl
import json
import os
import shlex
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agent import Result, run
from agent.cli import app
from agent.result import from_dict

DEMO = Path(__file__).resolve().parents[2] / "Agent_Memory"
YEAR = DEMO / "_archive/year.txt"
INSIGHTS = "_knowledge/semantic/customer_insights.yaml"
TODAY = "customer_insights_2026-11-16.yaml"  # the current insights, as the play calls them
ALL = sorted(path.parent.name for path in DEMO.glob("*/instruction.yaml"))


@dataclass
class Played:
    """The demo memory after its year, and after all its instructions were run in it, in order."""

    memory: Path
    results: dict[str, Result] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)  # what each command of the year printed

    def plan_path(self, iid: str) -> Path:
        return self.memory / iid / "outputs/final/success_plan.yaml"

    def do(self, command: str, day: date) -> None:
        """One line of the play: a run, or another csm command."""
        words = shlex.split(command)
        at = datetime.combine(day, time(9), UTC)
        if words[0] == "run":
            self.results[words[1]] = run(
                words[1], memory=self.memory, model="playbook", now=partial(_always, at)
            )
            return
        env = {"CSM_NOW": at.isoformat(), "CSM_MEMORY": str(self.memory)}
        said = CliRunner().invoke(app, words, env=env)
        assert said.exit_code == 0, f"{command}: {said.output}"
        self.said[command] = said.stdout


def _always(at: datetime) -> datetime:
    return at


def day_of(iid: str) -> date:
    """The day of an instruction stands in its id."""
    return date.fromisoformat(f"{iid[5:9]}-{iid[9:11]}-{iid[11:13]}")


def year() -> Iterator[tuple[date, str, str]]:
    """(day, insights file if it changes, command) of every line of the play that is one."""
    day, file = date.min, ""
    for line in YEAR.read_text("utf-8").splitlines():
        word, _, rest = line.partition(" ")
        if word == "day":
            on, _, file = rest.partition(" ")
            day = date.fromisoformat(on)
        elif word and not word.startswith("#"):
            yield day, file, line
            file = ""


def play(memory: Path, until: date = date.max) -> Played:
    """Play the year up to a day; in November the instructions that the play leaves out follow."""
    shutil.copytree(DEMO, memory)
    shutil.copy(memory / INSIGHTS, memory / "_archive" / TODAY)
    played = Played(memory)
    for day, file, command in year():
        if day > until:
            return played
        if file:
            shutil.copy(memory / "_archive" / file, memory / INSIGHTS)
        played.do(command, day)
    for iid in ALL:
        if iid not in played.results:
            played.do(f"run {iid}", day_of(iid))
    return played


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """Played once, also where several processes share the tests; nobody changes it afterwards."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    record = shared / "demo-year.json"
    with _alone(shared / "demo-year.lock"):
        if not record.exists():
            done = play(shared / "demo-year/Agent_Memory")
            results = {iid: result.as_dict() for iid, result in done.results.items()}
            record.write_text(json.dumps([results, done.said]), "utf-8")
    results, said = json.loads(record.read_text("utf-8"))
    return Played(
        shared / "demo-year/Agent_Memory",
        {iid: from_dict(result) for iid, result in results.items()},
        said,
    )


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
