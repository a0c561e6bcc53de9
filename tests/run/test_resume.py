"""Killed with SIGKILL anywhere and resumed: nothing paid twice, nothing done twice, same bytes."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agent import Result
from agent.memory import timeline
from agent.memory.paths import MemoryRoot
from tests.run import support as s
from tests.run.conftest import KEY
from tests.support.messages_api import MessagesApi, reply, text, tool_use

IID = "inst_20261117_108"
PLAN = f"{IID}/outputs/final/success_plan.yaml"
JOURNAL = f"{IID}/episodic/journal.jsonl"
KILLED = {"exit": -signal.SIGKILL}

SCRIPT = s.by_turn(
    reply([text("I look first."), tool_use("read", {"path": f"{IID}/instruction.yaml"})]),
    reply([s.handoff(), s.write(s.good_draft("A first try of 4711 words."), path=PLAN)]),
    reply([s.handoff("Sessions for the new starters"), s.write(path=PLAN)]),
)

Job = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def job() -> Iterator[Job]:
    """Run the instruction in a process of its own; see `killer`."""
    killer = subprocess.Popen(
        [sys.executable, "-m", "tests.run.killer"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=s.DEMO.parent,
    )
    assert killer.stdin is not None and killer.stdout is not None

    def ask(memory: Path, *, url: str = "", kill: Any = None, **options: Any) -> dict[str, Any]:
        given = {"instruction_id": IID, "memory": str(memory), "now": s.NOW.isoformat()}
        model = {"model": "claude"} if url else {"model": "playbook"}
        env = {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": url} if url else {}
        line = {"run": {**given, **model, "as_of": s.AS_OF} | options, "env": env, "kill": kill}
        killer.stdin.write(json.dumps(line) + "\n")
        killer.stdin.flush()
        return json.loads(killer.stdout.readline())

    yield ask
    killer.stdin.close()
    killer.stdout.close()
    killer.wait()


@pytest.fixture
def fresh(tmp_path: Path) -> Callable[[str], Path]:
    """A new copy of the memory, under a name."""

    def copy(name: str) -> Path:
        shutil.copytree(s.DEMO, tmp_path / name)
        s.ask_for(tmp_path / name, s.MIXED, IID)
        return tmp_path / name

    return copy


def left(memory: Path) -> dict[str, bytes]:
    """What a run left but for the journal, which tells of the stops as well, and for what a torn
    line of the timeline was moved to."""
    traces = (JOURNAL, timeline.torn_path(s.ACCOUNT))
    return {path: data for path, data in s.tree(memory).items() if path not in traces}


def kinds(memory: Path) -> list[str]:
    """What the journal tells, but for the stops; a question that was under way then is on record
    twice, because nobody can know whether it was sent."""
    told = [r["kind"] for r in s.journal(memory, IID) if r["kind"] != "run_resumed"]
    return [k for n, k in enumerate(told) if told[n - 1 : n] != [k] or k != "model_request"]


def events(memory: Path) -> list[dict[str, Any]]:
    root = MemoryRoot.open(memory)
    return timeline.read(root, s.ACCOUNT)


def later(hours: int = 1) -> str:
    return s.NOW.replace(hour=s.NOW.hour + hours).isoformat()


def test_the_uninterrupted_run_is_worth_interrupting(
    job: Job, fresh: Callable[[str], Path]
) -> None:
    memory = fresh("whole")
    with MessagesApi(SCRIPT) as api:
        result = job(memory, url=api.url)
    assert (result["status"], api.billed, len(s.inbox(memory))) == ("completed", 3, 3)
    told = kinds(memory)
    assert told[:5] == ["run_started", "triaged", "loaded", "handed_over", "model_request"]
    assert told[-3:] == ["publish_started", "published", "run_finished"]
    assert told.count("tool_result") == 5


@pytest.mark.parametrize("half", [0, 1], ids=["odd boundaries", "even boundaries"])
@pytest.mark.parametrize("paid", [True, False], ids=["claude", "playbook"])
def test_killed_at_any_record_of_the_journal(
    job: Job, fresh: Callable[[str], Path], paid: bool, half: int
) -> None:
    whole = fresh("whole")
    with MessagesApi(SCRIPT) as api:
        job(whole, url=api.url if paid else "")
    calls, told = api.billed, kinds(whole)
    for n in range(1 + half, len(told) + 1, 2):
        memory = fresh(f"killed{n}")
        with MessagesApi(SCRIPT) as api:
            url = api.url if paid else ""
            assert job(memory, url=url, kill=["after", n]) == KILLED
            result = job(memory, url=url, now=later(), as_of="")
        where = f"killed after record {n} ({told[n - 1]})"
        assert result["status"] in ("completed", "completed_with_concerns"), where
        assert api.billed == calls, where
        assert left(memory) == left(whole), where
        assert kinds(memory) == told, where


def test_killed_again_and_again_it_gets_there(job: Job, fresh: Callable[[str], Path]) -> None:
    whole, memory = fresh("whole"), fresh("memory")
    with MessagesApi(SCRIPT) as api:
        job(whole, url=api.url)
    with MessagesApi(SCRIPT) as api:
        deaths = 0
        # Each process lives for its greeting, a question and the reply.
        while job(memory, url=api.url, now=later(deaths % 12), kill=["after", 3]) == KILLED:
            deaths += 1
            assert deaths < 40
    assert deaths > len(kinds(whole)) / 2 - 2 and api.billed == 3
    assert left(memory) == left(whole)


@pytest.mark.parametrize("paid", [True, False], ids=["claude", "playbook"])
def test_killed_at_any_change_of_the_disk_while_it_publishes(
    job: Job, fresh: Callable[[str], Path], tmp_path: Path, paid: bool
) -> None:
    whole, announced = fresh("whole"), fresh("announced")
    with MessagesApi(SCRIPT) as api:
        url = api.url if paid else ""
        job(whole, url=url)
        at = kinds(whole).index("publish_started") + 1
        assert job(announced, url=url, kill=["after", at]) == KILLED
        billed = api.billed
        for n in range(1, 200):
            memory = tmp_path / f"disk{n}"
            shutil.copytree(announced, memory)
            died = job(memory, url=url, now=later(), kill=["disk", n]) == KILLED
            result = job(memory, url=url, now=later(2))
            assert result["status"] in ("completed", "completed_with_concerns")
            where = f"killed at change {n} of the disk"
            assert events(memory) == events(whole), where
            assert left(memory) == left(whole), where
            if not died:
                break
    assert n > 15 and not died
    assert api.billed == billed


def test_a_request_whose_reply_was_lost_is_asked_again_and_said(
    job: Job, fresh: Callable[[str], Path], run: Callable[..., Result], monkeypatch: Any
) -> None:
    memory = fresh("memory")
    told: list[str] = []
    with MessagesApi(SCRIPT) as api:
        assert job(memory, url=api.url, kill=["before", "model_reply"]) == KILLED
        monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
        monkeypatch.setenv("ANTHROPIC_BASE_URL", api.url)
        result = run(IID, memory=memory, progress=lambda kind, _data: told.append(kind))
    assert (result.status, result.resumed, api.billed) == ("completed", True, 4)
    assert "in_doubt" in told


def test_csm_resume_goes_on_in_a_new_process(job: Job, fresh: Callable[[str], Path]) -> None:
    whole, memory = fresh("whole"), fresh("memory")
    job(whole)
    assert job(memory, kill=["after", 6]) == KILLED
    done = subprocess.run(
        [sys.executable, "-m", "agent", "resume", IID, "--memory", str(memory), "--json"],
        capture_output=True,
        text=True,
        cwd=s.DEMO.parent,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["resumed"] is True
    assert left(memory) == left(whole)


def test_a_publication_that_was_announced_comes_before_a_new_revision(
    job: Job, fresh: Callable[[str], Path]
) -> None:
    whole, memory = fresh("whole"), fresh("memory")
    with MessagesApi(SCRIPT) as api:
        job(whole, url=api.url)
        at = kinds(whole).index("publish_started") + 1
        assert job(memory, url=api.url, kill=["after", at]) == KILLED
        assert kinds(memory)[-1] == "publish_started"
        result = job(memory, url=api.url, again=True, now=later())
    assert (result["status"], result["run"], api.billed) == ("completed", 2, 9)
    plan = s.load(memory, PLAN)
    assert (plan["revision"], plan["supersedes"]) == (2, f"plan_{IID}_r1")
    assert len(s.inbox(memory)) == 3  # the same matters: each went out once


def test_an_interrupted_run_is_cancelled_and_goes_on(
    memory: Path, serve: Callable[..., MessagesApi], run: Callable[..., Result]
) -> None:
    def ctrl_c(kind: str, data: Any) -> None:
        if kind == "replied" and data["turn"] == 1:
            raise KeyboardInterrupt

    api = serve([s.reads(), s.writes()])
    stopped = run(progress=ctrl_c)
    assert (stopped.status, stopped.exit_code) == ("cancelled", 130)
    assert (run().status, api.billed) == ("completed", 2)


def test_a_publication_carried_out_late_leaves_a_newer_score_standing(
    job: Job, fresh: Callable[[str], Path]
) -> None:
    memory, whole = fresh("memory"), fresh("whole")
    newer = s.ask_for(memory, s.OURS, "inst_20261124_109")
    job(whole)
    at = kinds(whole).index("publish_started") + 1
    assert job(memory, kill=["after", at]) == KILLED
    job(memory, instruction_id=newer, as_of="2026-11-24", now=later(1))
    standing = s.load(memory, s.SCORES)["accounts"][s.ACCOUNT]
    assert standing["as_of"] == "2026-11-24"
    assert job(memory, now=later(2))["status"] == "completed"
    assert s.load(memory, PLAN)["plan_id"] == f"plan_{IID}_r1"
    told = [e["instruction_id"] for e in events(memory) if e["kind"] == "health_scored"]
    assert told == [newer, IID]
    entry = s.load(memory, s.SCORES)["accounts"][s.ACCOUNT]
    assert [item["date"] for item in entry["history"]] == [s.AS_OF, "2026-11-24"]
    assert {**entry, "history": standing["history"]} == standing
