"""A person's own score: beside the computed one, with reason, author and end."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from agent import run
from agent.cli import app
from agent.errors import BadInput, NeedsContext
from agent.memory import scores_file, timeline, views
from agent.memory.paths import MemoryRoot
from agent.resources import shipped

ASKED = {"--override": "60", "--reason": "new CFO", "--by": "A. Lead", "--expires": "2026-12-31"}


@pytest.fixture
def memory(tmp_path: Path) -> Path:
    return Path(shutil.copytree(shipped("Agent_Memory"), tmp_path / "Agent_Memory"))


def health(memory: Path, **changed: str) -> object:
    asked = ASKED | {f"--{key}": value for key, value in changed.items()}
    words = [word for pair in asked.items() for word in pair]
    where = ["--memory", str(memory), "--as-of", "2026-11-17", "--json"]
    result = CliRunner().invoke(app, ["health", "tarnholt-rail", *words, *where])
    return result.exception or json.loads(result.stdout)[0]


def test_both_scores_are_shown_and_the_timeline_remembers(memory: Path) -> None:
    run("inst_20261117_001", memory=memory, model="playbook", as_of="2026-11-17")
    shown = health(memory)
    assert isinstance(shown, dict)
    assert shown["override"]["value"] == 60 and shown["score"] == 86.53
    scores = yaml.safe_load(
        (memory / "_knowledge/semantic/customer_health_scores.yaml").read_text()
    )
    assert scores["accounts"]["tarnholt-rail"]["override"]["by"] == "A. Lead"
    told = (memory / "_knowledge/episodic/accounts/tarnholt-rail.jsonl").read_text()
    assert told.count('"override_set"') == 1
    health(memory)  # asked twice, it stands once
    assert (memory / "_knowledge/episodic/accounts/tarnholt-rail.jsonl").read_text() == told


def test_an_override_that_is_set_again_after_another_stands_again(memory: Path) -> None:
    run("inst_20261117_001", memory=memory, model="playbook", as_of="2026-11-17")
    root = MemoryRoot.open(memory)
    for override, events in (("60", 1), ("40", 2), ("60", 3), ("60", 3), ("40", 4), ("60", 5)):
        health(memory, override=override)
        told = timeline.read(root, "tarnholt-rail")
        assert sum(e["kind"] == "override_set" for e in told) == events
        entry = scores_file.read_entry(root, "tarnholt-rail")
        assert entry == views.score_entry(told)
        assert entry is not None and entry["override"]["value"] == float(override)
        assert set(entry["override"]) == {"value", "reason", "by", "expires"}


@pytest.mark.parametrize(
    "changed",
    [{"override": "nan"}, {"override": "101"}, {"reason": " "}, {"by": ""},
     {"expires": "2026-11-17"}, {"expires": "2028-01-01"}, {"expires": "soon"}],
)  # fmt: skip
def test_what_cannot_be_is_refused(memory: Path, changed: dict[str, str]) -> None:
    assert isinstance(health(memory, **changed), BadInput)


def test_there_must_be_a_computed_score_to_stand_beside(memory: Path) -> None:
    assert isinstance(health(memory), NeedsContext)
    assert not (memory / "_knowledge/episodic/accounts").exists()
