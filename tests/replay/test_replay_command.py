"""`csm replay` as it is typed: one run or all, words or JSON, exit codes."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Csm
from tests.demo.conftest import ALL, Played
from tests.replay.conftest import PERSONA, Local, cut, traces
from tests.replay.test_replay_differences import MODEL, heavier_relationship, more_for_adoption

IID = "inst_20261117_005"


@pytest.fixture
def demo(played: Played, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The played demo, found without being named."""
    monkeypatch.setenv("CSM_MEMORY", str(played.memory))
    return played.memory


def test_one_run_that_is_identical(demo: Path, csm: Csm) -> None:
    before = traces(demo)
    done = csm("replay", IID)
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == (
        f"{IID} run 1 as of 2026-11-17 (playbook, completed_with_concerns): "
        "identical (1 plan, 1 score, 2 messages, 28 events, 3 records)\n"
    )
    assert csm("replay", IID, "--json").json["identical"] is True
    assert traces(demo) == before


def test_one_run_that_differs_in_words_and_as_data(demo: Path, csm: Csm, local: Local) -> None:
    personas = local(MODEL, heavier_relationship)
    done = csm("replay", IID, "--personas", personas)
    assert done.exit_code == 6
    lines = [line.strip() for line in done.stdout.splitlines()]
    assert lines[0].endswith("differs: 8")
    assert lines[1].startswith("gate")
    assert "score   score 47.45 (red) → 47.11 (red)" in lines
    assert "components.engagement.contribution: 8.81 → 8.46" in lines
    assert "prompt  message 1 (the brief) moved (turns 1 to 2)" in lines
    assert lines[-1].startswith("note") and "adoption-30-25-25-20.yaml" in lines[-1]
    data = csm("replay", IID, "--personas", personas, "--json")
    assert data.exit_code == 6
    score = next(d for d in data.json["differences"] if d["kind"] == "score")
    assert {"path": "score", "from": 47.45, "to": 47.11} in score["changes"]


def test_all_runs_of_a_memory(demo: Path, csm: Csm, local: Local) -> None:
    done = csm("replay", "--all")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == f"{len(ALL)} runs: {len(ALL)} identical, 0 differ"
    personas = local(f"{PERSONA}/expansion.yaml", more_for_adoption)
    done = csm("replay", "--all", "--personas", personas, "--since", "2026-10-01")
    assert done.exit_code == 6
    *lines, last = done.stdout.splitlines()
    since = [iid for iid in ALL if iid >= "inst_20261001"]
    assert [line.split()[0] for line in lines] == since
    differs = [line for line in lines if "differs" in line]
    assert all("plan (2 values)" in line for line in differs) and len(differs) == 4
    assert last == f"{len(since)} runs: {len(since) - 4} identical, 4 differ"


def test_a_damaged_journal_is_a_line_and_no_end(
    played: Played, csm: Csm, tmp_path: Path, local: Local
) -> None:
    memory = tmp_path / "copy"
    shutil.copytree(played.memory, memory)
    journal = memory / IID / "episodic/journal.jsonl"
    data = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join([data[0], b"{broken\n", *data[2:]]))
    cut(memory, ALL[0], 5)
    (memory / ALL[1] / "instruction.yaml").unlink()
    done = csm("replay", "--all", "--memory", memory)
    lines = {line.split()[0]: line for line in done.stdout.splitlines()}
    assert done.exit_code == 4 and len(lines) == len(ALL) + 1
    assert "cannot be replayed" in lines[IID] and "journal.jsonl:2" in lines[IID]
    assert "cannot be replayed" in lines[ALL[1]] and "there is no instruction" in lines[ALL[1]]
    assert "identical as far as it goes (the record ends before" in lines[ALL[0]]
    whole = len(ALL) - 2
    assert done.stdout.splitlines()[-1] == (
        f"{whole} runs: {whole} identical, 0 differ; 1 ends early, replayed as far as it goes; "
        "2 journals could not be replayed"
    )
    data_: Any = csm("replay", "--all", "--memory", memory, "--json").json
    assert data_["summary"] == {"identical": whole, "differ": 0, "not_replayable": 2}
    assert csm("replay", IID, "--memory", memory).exit_code == 2


def test_a_run_on_which_the_program_fails_is_a_line_too(
    demo: Path, csm: Csm, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr("agent.work.write_brief", fails)
    done = csm("replay", "--all")
    assert done.exit_code == 4
    assert "fault in csm: ZeroDivisionError: by nothing" in done.stdout
    assert done.stdout.count("cannot be replayed") > 10
    assert "could not be replayed" in done.stdout.splitlines()[-1]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("replay",), 2, "give the id of one instruction, or --all"),
        (("replay", IID, "--all"), 2, "not both"),
        (("replay", "--all", "--run", "1"), 2, "--run: goes with one instruction only"),
        (("replay", IID, "--since", "2026-01-01"), 2, "--since: goes with --all only"),
        (("replay", "--all", "--since", "soon"), 2, "--since: 'soon' is not a date"),
        (("replay", IID, "--run", "3"), 2, "there is no run 3 on record; there is 1"),
        (("replay", "nobody"), 2, "there is no instruction 'nobody'"),
        (("replay", "--all", "--since", "2027-01-01"), 4, "nothing is recorded"),
    ],
    ids=lambda value: "_".join(value) if isinstance(value, tuple) else None,
)
def test_wrong_input_is_one_line(
    demo: Path, csm: Csm, words: tuple[str, ...], code: int, said: str
) -> None:
    done = csm(*words)
    assert (done.exit_code, done.stdout) == (code, "")
    assert said in done.stderr and done.stderr.count("\n") == 1


def test_an_instruction_that_was_never_run(csm: Csm) -> None:
    done = csm("replay", "inst_20261117_001", "--memory", "Agent_Memory")
    assert (done.exit_code, done.stdout) == (4, "")
    assert "run it first: csm run inst_20261117_001" in done.stderr
