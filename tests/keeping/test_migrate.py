"""Migrate: an older memory is brought up to what a run of today would have written."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from agent import run
from agent.commission import commission
from agent.errors import BadInput
from agent.keeping.rebuild import rebuild
from agent.keeping.verify import verify
from agent.memory import schema, timeline
from agent.memory.migrations import ALL, migrate, version_of
from agent.memory.paths import MemoryRoot
from tests.keeping import support as s
from tests.keeping.conftest import KILLED, Csm, Job

VERSION = "_knowledge/episodic/memory.yaml"


def aged(memory: Path) -> Path:
    """The memory as an early version would have left it: no chains, no views, no version."""
    for path in memory.rglob("*.jsonl"):
        lines = [json.loads(line) for line in path.read_bytes().splitlines()]
        for line in lines:
            line.pop("chain", None)
            events = (line.get("publication") or {}).get("events") or []
            for event in [line, *events]:
                event.pop("view", None)
        text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
        path.write_text(text)
    for path in memory.rglob("*.head"):
        path.unlink()
    (memory / VERSION).unlink()
    return memory


def timelines(memory: Path) -> dict[str, bytes]:
    return {path: data for path, data in s.tree(memory).items() if "/accounts/" in path}


def test_every_step_has_its_number_and_the_last_is_the_current_version() -> None:
    assert [step.number for step in ALL] == list(range(1, schema.CURRENT + 1))
    assert all(step.backward or step.refusal for step in ALL)


def test_a_new_memory_says_its_version_with_the_first_write(tmp_path: Path, csm: Csm) -> None:
    memory = tmp_path / "m"
    shutil.copytree(s.DEMO, memory)
    assert not (memory / VERSION).exists()
    assert csm("memory", "verify", "--memory", memory).exit_code == 0
    assert not (memory / VERSION).exists()
    commission(memory, account=s.ACCOUNT, objective="Plan.", now=lambda: s.NOW)
    assert schema.version(MemoryRoot.open(memory)) == schema.CURRENT


def test_an_old_memory_becomes_what_it_would_be_today(memory: Path, told: Path, csm: Csm) -> None:
    aged(memory)
    assert version_of(MemoryRoot.open(memory)) == 0
    before = s.tree(memory)
    notes = [f for f in verify(memory).findings if f.is_note]
    assert len(notes) == 2 and all("csm memory migrate" in f.fix for f in notes)
    dry = csm("memory", "migrate", "--dry-run")
    assert s.tree(memory) == before
    assert dry.stdout.endswith("from version 0 to 2; nothing was written\n")
    done = csm("memory", "migrate")
    assert (done.exit_code, done.stdout.splitlines()[-1]) == (
        0, "the memory is of version 2 now; it was of 0"
    )  # fmt: skip
    assert timelines(memory) == timelines(told)
    assert (memory / VERSION).read_bytes() == (told / VERSION).read_bytes()
    assert verify(memory).findings == []
    assert csm("memory", "migrate").stdout == "nothing to do: the memory is of version 2\n"


def test_documents_of_an_old_memory_can_be_rebuilt_afterwards(memory: Path, told: Path) -> None:
    migrate(aged(memory))
    for path in (s.PLAN, s.KEPT):
        (memory / path).unlink()
    assert rebuild(memory, now=s.NOW).is_complete
    for path in (s.PLAN, s.KEPT, s.SCORES):
        assert (memory / path).read_bytes() == (told / path).read_bytes()


def test_what_no_journal_holds_stays_and_is_named(memory: Path) -> None:
    aged(memory)
    (memory / s.JOURNAL).unlink()
    done = migrate(memory)
    assert done.notes == [f"{s.TIMELINE}: 4 events stay without their document; "
                          "no journal holds it"]  # fmt: skip
    assert verify(memory).is_clean


def test_tampering_is_not_hidden(memory: Path) -> None:
    aged(memory)
    migrate(memory, to=1)
    assert schema.version(MemoryRoot.open(memory)) == 1
    s.changed(memory, s.TIMELINE, '"tier":"', '"tier":"not ')
    changed = (memory / s.TIMELINE).read_bytes()
    done = migrate(memory)
    assert done.notes == [f"{s.TIMELINE}: its chain does not hold, so it is left as it is"]
    assert (memory / s.TIMELINE).read_bytes() == changed
    assert [f.where for f in verify(memory).findings if not f.is_note] == [f"{s.TIMELINE}:1"]
    event = {**timeline.read(MemoryRoot.open(memory), s.OTHER)[0], "data": {"later": 1}}
    timeline.append(MemoryRoot.open(memory), s.OTHER, [event])
    assert migrate(memory).before == 2


def test_one_step_back_and_where_there_is_none(memory: Path, csm: Csm) -> None:
    refused = csm("memory", "migrate", "--back")
    assert refused.exit_code == 4
    assert "there is no way back from version 2: the timelines hold what no other" in refused.stderr
    aged(memory)
    old = timelines(memory)
    migrate(memory, to=1)
    assert timelines(memory) != old
    done = csm("memory", "migrate", "--back")
    assert done.exit_code == 0 and "can no longer be told" in done.stdout
    assert timelines(memory) == old
    assert schema.version(MemoryRoot.open(memory)) == 0
    for wrong in ({"to": 3}, {"to": -1}, {"to": 1, "back": True}):
        with pytest.raises(BadInput):
            migrate(memory, **wrong)


def test_a_newer_memory_is_read_and_not_written(memory: Path, csm: Csm) -> None:
    (memory / VERSION).write_bytes(schema.text(schema.CURRENT + 1))
    before = s.tree(memory)
    instruction = ("run", "inst_20261117_003", "--model", "playbook", "--as-of", "2026-11-17")
    for command in (
        instruction,
        ("new", s.ACCOUNT, "Plan."),
        ("memory", "rebuild"),
        ("memory", "migrate"),
        ("memory", "forget", s.ACCOUNT, "--by", "D. P.", "--yes"),
        ("health", s.ACCOUNT, "--override", "60", "--reason", "r", "--by", "b",
         "--expires", "2026-12-01", "--as-of", "2026-11-17"),
    ):  # fmt: skip
        done = csm(*command)
        assert (done.exit_code, done.stdout) == (4, ""), command
        assert "this memory is of version 3; this program knows up to 2" in done.stderr
    assert s.tree(memory) == before
    for command in (("list",), ("show", s.IID), ("memory", "verify")):
        assert csm(*command).exit_code == 0, command
    assert "only reads" in csm("memory", "verify").stdout


def test_a_run_on_an_old_memory_goes_on_and_can_be_migrated_later(memory: Path) -> None:
    aged(memory)
    run(s.IID, memory=memory, model="playbook", again=True, now=lambda: s.NOW)
    assert version_of(MemoryRoot.open(memory)) == 0
    assert verify(memory).is_clean
    migrate(memory)
    assert verify(memory).findings == []


def test_killed_at_any_change_of_the_disk(memory: Path, told: Path, job: Job) -> None:
    old = aged(memory).rename(memory.with_name("old"))
    n, died = 0, True
    while died:
        n += 1
        shutil.copytree(old, memory)
        died = job("migrate", memory, kill=n) == KILLED
        if n % 2 == 0 or not died:
            assert job("migrate", memory)["to"] == 2, n
            assert timelines(memory) == timelines(told), n
        shutil.rmtree(memory)
    assert n > 15
