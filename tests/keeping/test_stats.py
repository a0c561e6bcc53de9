"""Stats: what a memory holds, in numbers that can be counted by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.keeping.stats import stats
from agent.memory import timeline
from tests.keeping import support as s
from tests.keeping.conftest import Csm


def test_everything_is_counted(memory: Path, csm: Csm) -> None:
    lines = [
        json.loads(line)
        for account in (s.ACCOUNT, s.OTHER)
        for line in (memory / timeline.path_of(account)).read_text().splitlines()
    ]
    files = [p for p in memory.rglob("*") if p.is_file()]
    found = csm("memory", "stats", "--json").json
    assert found["version"] == 2
    assert found["accounts"] == 2
    assert sum(found["events"].values()) == len(lines)
    assert found["events"]["override_set"] == 1
    assert (found["oldest"], found["newest"]) == ("2026-11-17", "2026-11-17")
    assert sum(found["runs"].values()) == 3
    assert found["plans"] == 3
    assert found["instructions"] == len(list(memory.glob("*/instruction.yaml")))
    assert found["messages"] == len(list(memory.rglob("msg_*.yaml")))
    assert found["files"] == len(files)
    assert sum(found["bytes"].values()) == sum(p.stat().st_size for p in files)
    assert found["largest"][0]["bytes"] == max(p.stat().st_size for p in files)
    assert (found["cost_usd"], found["tokens"]) == ("0", {})


def test_what_was_paid_is_summed_over_all_journals(memory: Path) -> None:
    for iid, cost in ((s.IID, "0.0125"), (s.OTHER_IID, "0.2")):
        record = {"seq": 99, "run": 1, "kind": "model_reply", "cost": cost,
                  "usage": {"input": 1000, "output": 20, "cache_read": 0}}  # fmt: skip
        with (memory / iid / "episodic/journal.jsonl").open("a") as file:
            file.write(json.dumps(record) + "\n")
    found = stats(memory)
    assert str(found.cost_usd) == "0.2125"
    assert found.tokens == {"input": 2000, "output": 40}


def test_people_read_lines(memory: Path, csm: Csm) -> None:
    (memory / s.TIMELINE).unlink()
    (memory / s.TIMELINE).mkdir()
    done = csm("memory", "stats")
    assert done.exit_code == 0
    names = [line.split()[0] for line in done.stdout.splitlines()]
    assert names == ["version", "accounts", "events", "dates", "instructions", "runs", "plans",
                     "messages", "spent", "files", "bytes", "largest", "1"]  # fmt: skip


@pytest.mark.parametrize("what", ["nothing", "no timelines"])
def test_a_memory_without_history(tmp_path: Path, csm: Csm, what: str) -> None:
    if what == "no timelines":
        (tmp_path / "inst_1").mkdir()
        (tmp_path / "inst_1/instruction.yaml").write_text("id: inst_1\n")
    found = csm("memory", "stats", "--memory", tmp_path, "--json").json
    assert (found["accounts"], found["events"], found["runs"]) == (0, {}, {})
    assert found["instructions"] == (what == "no timelines")
    assert found["oldest"] == ""
