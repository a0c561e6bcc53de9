"""A fork goes on from the middle of a recorded run: only what is new is asked, paid and sent."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agent import Limits, Result
from agent.errors import Blocked, CsmError
from agent.forking import Fork, fork
from agent.memory import timeline, views
from agent.memory.locks import lock
from agent.memory.paths import MemoryRoot
from tests.cli.conftest import Csm
from tests.replay.conftest import Replay, traces
from tests.run import support as s
from tests.support.messages_api import MessagesApi, reply, text, thinking, tool_use

Serve = Callable[..., MessagesApi]
Run = Callable[..., Result]

PARENT = "inst_20261117_103"
NEW = "inst_20261118_001"
LATER = s.NOW.replace(day=18)


def plan_path(iid: str) -> str:
    return f"{iid}/outputs/final/success_plan.yaml"


@pytest.fixture
def parent(memory: Path, serve: Serve, run: Run) -> str:
    """A finished run of three turns that handed a part over and sent a message of its own."""
    s.ask_for(memory, s.MIXED, PARENT)
    first = tool_use("read", {"path": f"{PARENT}/instruction.yaml"})
    draft = s.good_draft("A first try of 4711 words.")
    serve([
        reply([thinking("Look first."), text("I look."), first]),
        reply([s.handoff(), s.write(draft, path=plan_path(PARENT))]),
        reply([s.write(path=plan_path(PARENT))]),
    ])  # fmt: skip
    assert run(PARENT).status == "completed"
    return PARENT


@pytest.fixture
def split(memory: Path) -> Callable[..., Fork]:
    def lay_out(parent: str = PARENT, turn: int = 1, **options: Any) -> Fork:
        return fork(parent, memory=memory, turn=turn, now=lambda: LATER, **options)

    return lay_out


def script(iid: str, *, more: tuple[dict[str, Any], ...] = ()) -> Callable[..., Any]:
    """A server that writes the plan of `iid`, whatever the turn."""
    draft = s.good_draft("Another view of the renewal.")
    return lambda _body: reply([*more, s.write(draft, path=plan_path(iid))])


@pytest.mark.parametrize(("turn", "replayed"), [(1, 0), (2, 1), (3, 2)])
def test_only_the_new_turns_are_asked(
    memory: Path, parent: str, serve: Serve, run: Run, split: Any, turn: int, replayed: int
) -> None:
    made = split(turn=turn, model="opus")
    assert made == Fork(NEW, parent, 1, turn, "opus")
    api = serve(script(NEW))
    result = run(NEW, resume=True, as_of="", model="auto")
    assert (result.status, len(api.requests), result.turns) == ("completed", 1, replayed + 1)
    body = api.requests[0].body
    assert "opus" in body["model"] and result.model == body["model"]
    assert sum(message["role"] == "assistant" for message in body["messages"]) == replayed
    assert result.as_of == s.AS_OF


def test_the_new_plan_takes_the_place_of_the_old_in_its_own_folder(
    memory: Path, parent: str, serve: Serve, run: Run, split: Any
) -> None:
    old = (memory / plan_path(parent)).read_bytes()
    split(turn=3)
    serve(script(NEW))
    assert run(NEW, resume=True, as_of="").status == "completed"
    plan = s.load(memory, plan_path(NEW))
    assert (plan["supersedes"], plan["revision"]) == (f"plan_{parent}_r1", 1)
    assert plan["summary"]["text"] == "Another view of the renewal."
    assert (memory / plan_path(parent)).read_bytes() == old
    instruction = s.load(memory, f"{NEW}/instruction.yaml")
    assert (instruction["instruction_id"], instruction["parent_instruction"]) == (NEW, parent)
    assert instruction["objective"] == s.MIXED and "id" not in instruction
    loaded = [next(r for r in s.journal(memory, iid) if r["kind"] == "loaded")["snapshot"]
              for iid in (parent, NEW)]  # fmt: skip
    assert loaded[0] == loaded[1]


def test_paths_of_the_old_folder_become_those_of_the_new(
    memory: Path, parent: str, serve: Serve, run: Run, split: Any
) -> None:
    split(turn=3)
    replies = [r for r in s.journal(memory, NEW) if r["kind"] == "model_reply"]
    blocks = [block for record in replies for block in record["content"]]
    used = [b["input"].get("path") for b in blocks if b["type"] == "tool_use"]
    assert used == [f"{NEW}/instruction.yaml", None, plan_path(NEW)]
    api = serve(script(NEW))
    run(NEW, resume=True, as_of="")
    told = json.dumps(api.requests[0].body["messages"][1:])
    assert f"{parent}/" not in told and f"{NEW}/" in told


def test_nothing_that_was_sent_is_sent_again(
    memory: Path, parent: str, serve: Serve, run: Run, split: Any
) -> None:
    before = s.inbox(memory)
    assert len(before) == 2
    split(turn=3)
    fresh = s.handoff("Sessions for the new starters")
    serve(script(NEW, more=(s.handoff(), fresh)))
    result = run(NEW, resume=True, as_of="")
    new = [path for path in s.inbox(memory) if path not in before]
    assert [s.load(memory, p.relative_to(memory).as_posix())["subject"] for p in new] == [
        "Sessions for the new starters"
    ]
    assert len(result.handoffs) == 3
    assert all((memory / sent.path).is_file() for sent in result.handoffs)


def test_what_the_other_run_paid_is_not_billed_twice(
    memory: Path, parent: str, serve: Serve, run: Run, split: Any
) -> None:
    split(turn=3)
    api = serve(script(NEW))
    result = run(NEW, resume=True, as_of="")
    (paid,) = [r for r in s.journal(memory, NEW) if r["kind"] == "model_reply" and r["turn"] == 3]
    assert (api.billed, result.usage, result.cost_usd) == (1, paid["usage"], paid["cost"])


def test_another_text_is_triaged_and_briefed_anew(
    memory: Path, parent: str, serve: Serve, run: Run, split: Any
) -> None:
    split(turn=2, objective=f"Write the plan to recover {s.NAME}.")
    assert "triaged" not in [r["kind"] for r in s.journal(memory, NEW)]
    api = serve(script(NEW))
    assert run(NEW, resume=True, as_of="").status == "completed"
    brief = api.requests[0].body["messages"][0]["content"][0]["text"]
    assert f"Write the plan to recover {s.NAME}." in brief and "TR-5081, photos" not in brief
    assert s.load(memory, f"{NEW}/instruction.yaml")["objective"].startswith("Write the plan to")


def test_another_text_that_is_not_ours_is_redirected(
    memory: Path, parent: str, serve: Serve, run: Run, split: Any
) -> None:
    split(turn=2, objective=s.FOREIGN)
    api = serve([])
    assert run(NEW, resume=True, as_of="").status == "redirected"
    assert api.requests == []


def test_thinking_stays_with_the_model_that_thought_it(
    memory: Path, parent: str, serve: Serve, run: Run, split: Any
) -> None:
    split(turn=2)
    split(turn=2, model="opus", new_id="inst_20261118_900")
    kept = [
        [b["type"] for r in s.journal(memory, iid) if r["kind"] == "model_reply"
         for b in r["content"]]
        for iid in (NEW, "inst_20261118_900")
    ]  # fmt: skip
    assert kept == [["thinking", "text", "tool_use"], ["text", "tool_use"]]
    serve(script("inst_20261118_900"))
    assert run("inst_20261118_900", resume=True, as_of="").status == "completed"


def test_a_run_that_a_limit_ended_goes_on_after_its_last_turn(
    memory: Path, serve: Serve, run: Run, split: Any
) -> None:
    serve([s.reads()])
    assert run(limits=Limits(turns=1)).status == "limit_reached"
    split(s.IID, turn=2, model="opus")
    api = serve(script(NEW))
    assert run(NEW, resume=True, as_of="").status == "completed"
    assert len(api.requests) == 1


def test_the_history_of_the_score_keeps_the_other_run_and_what_came_since(
    memory: Path, parent: str, serve: Serve, run: Run, split: Any, csm: Csm
) -> None:
    words = ("--override", "40", "--reason", "The sponsor left", "--by", "Ines")
    until = ("--expires", "2026-12-31", "--as-of", s.AS_OF, "--memory", memory)
    assert csm("health", s.ACCOUNT, *words, *until).exit_code == 0
    split(turn=3)
    serve(script(NEW))
    assert run(NEW, resume=True, as_of="").status == "completed"
    entry = s.load(memory, s.SCORES)["accounts"][s.ACCOUNT]
    assert [item["instruction_id"] for item in entry["history"]][-2:] == [parent, NEW]
    assert entry["override"]["reason"] == "The sponsor left"
    root = MemoryRoot.open(memory)
    published = [e["instruction_id"] for e in timeline.read(root, s.ACCOUNT)
                 if e["kind"] == "plan_published"]  # fmt: skip
    assert published[-2:] == [parent, NEW]
    assert views.score_entry(timeline.read(root, s.ACCOUNT)) == entry


def test_a_fork_waits_for_the_account(
    memory: Path, parent: str, serve: Serve, run: Run, split: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    split(turn=3)
    api = serve(script(NEW))
    monkeypatch.setattr("agent.runtime.LOCK_WAIT", 0.1)
    with lock(MemoryRoot.open(memory), f"account-{s.ACCOUNT}", wait=1):
        assert run(NEW, resume=True, as_of="").status == "blocked"
    assert api.requests == []


def test_a_fork_is_replayed_like_any_run(
    memory: Path, parent: str, serve: Serve, run: Run, split: Any, replay: Replay
) -> None:
    split(turn=3)
    serve(script(NEW, more=(s.handoff("Sessions for the new starters"),)))
    run(NEW, resume=True, as_of="")
    account = replay(NEW)
    assert (account.differences, account.until, account.turns) == ((), "", 3)
    assert replay(parent).identical


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"turn": 4}, "3 turns are on record of run 1, so there is no turn 4 to ask anew"),
        ({"turn": 0}, "so there is no turn 0"),
        ({"run": 2}, "there is no run 2 on record"),
        ({"model": "gpt-9"}, "gpt-9"),
        ({"model": "recorded"}, "a fork needs a model that can answer anew"),
        ({"new_id": PARENT}, "there is a folder 'inst_20261117_103' in this memory already"),
        ({"new_id": "../out"}, "instruction id"),
        ({"parent": "inst_20261117_001"}, "nothing is recorded"),
        ({"parent": "inst_20200101_001"}, "there is no instruction"),
    ],
    ids=lambda value: "_".join(map(str, value.values())) if isinstance(value, dict) else None,
)
def test_what_cannot_be_forked_leaves_nothing_behind(
    memory: Path, parent: str, split: Any, options: dict[str, Any], said: str
) -> None:
    def files() -> dict[str, Any]:
        return {path: data for path, data in traces(memory).items() if "locks" not in path}

    before = {path: data for path, data in files().items() if isinstance(data, bytes)}
    with pytest.raises(CsmError, match=said):
        split(**options)
    assert {path: data for path, data in files().items() if isinstance(data, bytes)} == before


def test_a_redirected_run_has_nothing_to_go_on_from(memory: Path, run: Run, split: Any) -> None:
    iid = s.ask_for(memory, s.FOREIGN, "inst_20261117_102")
    run(iid, model="playbook")
    with pytest.raises(Blocked, match="did not get to the account's work"):
        split(iid, turn=1)


def test_the_command_lays_out_and_runs(memory: Path, run: Run, csm: Csm) -> None:
    run(model="playbook")
    where = ("--memory", memory)
    laid = csm("fork", s.IID, "--turn", "2", "--as", "inst_20261118_007", "--no-run", *where)
    assert (laid.exit_code, laid.stdout) == (0, "inst_20261118_007\n")
    assert "Go on with: csm resume inst_20261118_007" in laid.stderr
    assert csm("resume", "inst_20261118_007", *where).exit_code == 0
    ran = csm("fork", s.IID, "--turn", "2", "--as", "inst_20261118_008", "--json", *where)
    assert (ran.exit_code, ran.json["status"]) == (0, "completed")
    assert s.load(memory, plan_path("inst_20261118_008"))["supersedes"] == f"plan_{s.IID}_r1"
    wrong = csm("fork", s.IID, "--turn", "5", *where)
    assert (wrong.exit_code, wrong.stdout) == (2, "")
    assert "2 turns are on record" in wrong.stderr
    assert csm("replay", "inst_20261118_008", *where).exit_code == 0
