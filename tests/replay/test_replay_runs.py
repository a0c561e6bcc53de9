"""Every way a run can end is replayed to the same bytes; no model is asked, nothing is written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from agent import Limits, Result
from agent.errors import BadDocument, BadInput, Blocked, UnknownInstruction
from agent.replay.replaying import Account, open_replayer
from tests.demo.conftest import ALL, Played
from tests.replay.conftest import Replay, cut, kinds, traces
from tests.run import support as s
from tests.support.messages_api import MessagesApi, fault, reply, text, thinking, tool_use

Serve = Callable[..., MessagesApi]
Run = Callable[..., Result]

KEY = "sk-ant-api03-0123456789abcdefghij"
WHOLE = {"plans": 1, "scores": 1, "records": 3}


def nobody(_body: object) -> dict[str, object]:
    raise AssertionError("a replay asks no model")


def assert_identical(account: Account) -> None:
    assert account.differences == () and account.until == ""


def test_every_run_of_the_demo_is_byte_identical(played: Played) -> None:
    before = traces(played.memory)
    accounts = list(open_replayer(played.memory).replay_all())
    assert [account.instruction_id for account in accounts] == ALL
    for account in accounts:
        assert isinstance(account, Account)
        assert_identical(account)
        result = played.results[account.instruction_id]
        wanted = WHOLE if result.outputs else {}
        assert wanted.items() <= account.compared.items()
        assert account.compared.get("messages", 0) == len(result.handoffs)
    assert traces(played.memory) == before


def test_a_paid_run_is_replayed_without_a_request(serve: Serve, run: Run, replay: Replay) -> None:
    first_try = s.good_draft("A try of 4711 words.")
    serve(
        [
            reply([thinking("What is due?"), *s.reads()["blocks"]]),
            reply([s.handoff(), s.write(first_try)]),
            s.writes(),
        ]
    )
    assert run().status == "completed"
    api = serve(nobody)
    account = replay()
    assert_identical(account)
    assert (account.turns, account.compared["messages"], api.requests) == (3, 1, [])
    assert account.model.startswith("claude-")


def test_no_key_is_needed(
    serve: Serve, run: Run, replay: Replay, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve([s.writes()])
    run()
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    assert_identical(replay())


def test_a_memory_that_cannot_be_written_will_do(memory: Path, run: Run, replay: Replay) -> None:
    run(model="playbook")
    folders = [memory, *(path for path in memory.rglob("*") if path.is_dir())]
    for folder in folders:
        folder.chmod(0o555)
    try:
        assert_identical(replay())
    finally:
        for folder in folders:
            folder.chmod(0o755)


def test_keys_that_the_journal_cut_out_make_no_difference(
    memory: Path, serve: Serve, run: Run, replay: Replay
) -> None:
    iid = s.ask_for(memory, s.OURS, "inst_20261117_109", context=f"Their key is {KEY}.")
    path = f"{iid}/outputs/final/success_plan.yaml"
    serve([
        reply([text(f"The key {KEY} is in there."),
               tool_use("read", {"path": f"{iid}/instruction.yaml"}),
               tool_use("grep", {"pattern": KEY})]),
        reply([s.write(s.good_draft(f"Use {KEY} to see 4711 rows."), path=path)]),
        reply([s.handoff(f"The key {KEY}"), s.write(path=path)]),
    ])  # fmt: skip
    assert run(iid).status == "completed"
    recorded = (memory / iid / "episodic/journal.jsonl").read_text("utf-8")
    assert KEY not in recorded and recorded.count("[redacted]") > 4
    assert_identical(replay(iid))


def test_a_run_with_parts_of_others_and_a_second_revision(
    memory: Path, serve: Serve, run: Run, replay: Replay
) -> None:
    iid = s.ask_for(memory, s.MIXED, "inst_20261117_103")
    path = f"{iid}/outputs/final/success_plan.yaml"
    serve([reply([s.write(path=path)]), reply([s.write(s.good_draft("Still so."), path=path)])])
    run(iid)
    run(iid, again=True)
    for number in (1, 2):
        account = replay(iid, number)
        assert_identical(account)
        assert (account.run, account.compared["messages"]) == (number, 1)
    assert replay(iid).run == 2


def test_a_run_that_a_limit_ended(serve: Serve, run: Run, replay: Replay) -> None:
    serve([s.reads(), s.writes()])
    assert run(limits=Limits(turns=1)).status == "limit_reached"
    account = replay()
    assert_identical(account)
    assert (account.status, account.turns) == ("limit_reached", 1)


def test_a_run_that_a_limit_on_tools_ended(serve: Serve, run: Run, replay: Replay) -> None:
    first = reply([s.write(s.good_draft("A first plan."), done=False)])
    serve([first, reply([tool_use("glob", {}) for _ in range(4)])])
    assert run(limits=Limits(tool_calls=3)).status == "limit_reached"
    assert_identical(replay())


def test_a_run_that_failed_and_its_end_after_it_was_resumed(
    memory: Path, serve: Serve, run: Run, replay: Replay
) -> None:
    serve([s.reads(), fault("unauthorized"), s.writes()])
    assert run().status == "failed"
    account = replay()
    assert_identical(account)
    assert account.status == "failed"
    result = run()
    assert (result.status, result.resumed) == ("completed", True)
    assert_identical(replay())


@pytest.mark.parametrize(
    "spec",
    [reply([text("I will not.")], "refusal"), reply([text("That is all.")])],
    ids=["refused", "stopped"],
)
def test_a_run_without_a_plan(serve: Serve, run: Run, replay: Replay, spec: object) -> None:
    serve([spec, spec])
    assert run().status in ("blocked", "partial")
    assert_identical(replay())


def test_a_run_of_a_recording(serve: Serve, run: Run, replay: Replay) -> None:
    serve([s.writes()])
    run()
    assert run(model="recorded", again=True).status == "completed"
    assert_identical(replay(run=2))


def test_a_run_that_had_to_ask_whom_it_is_about(memory: Path, run: Run, replay: Replay) -> None:
    iid = s.ask_for(memory, "Write the success plan.", "inst_20261117_104", account="Nobody Ltd")
    assert run(iid, model="playbook").status == "needs_context"
    assert_identical(replay(iid))
    (memory / iid / "instruction.yaml").write_text(
        f"id: {iid}\naccount: {s.ACCOUNT}\nobjective: Write the success plan.\n"
    )
    account = replay(iid)
    assert account.until == "what was known about the account"
    assert "the instruction has changed since the run" in account.notes[0]


def test_a_second_opinion_is_taken_from_the_record(
    memory: Path, serve: Serve, run: Run, replay: Replay
) -> None:
    iid = s.ask_for(memory, f"Wibble the frobs of {s.NAME} and see about it.", "inst_20261117_105")
    opinion = reply([tool_use("classify", {"label": "in_lane", "parts": []})])
    serve([opinion, reply([s.write(path=f"{iid}/outputs/final/success_plan.yaml")])])
    assert run(iid).status == "completed"
    assert s.journal(memory, iid)[1]["by"] == "model"
    api = serve(nobody)
    assert_identical(replay(iid))
    assert api.requests == []


def test_a_model_that_could_not_be_asked_for_its_opinion(
    memory: Path, serve: Serve, run: Run, replay: Replay
) -> None:
    iid = s.ask_for(memory, f"Frob the invoice of {s.NAME}.", "inst_20261117_106")
    path = f"{iid}/outputs/final/success_plan.yaml"
    serve([fault("unauthorized"), reply([s.write(path=path)])])
    assert run(iid).status == "completed_with_concerns"
    assert_identical(replay(iid))


def test_a_journal_that_stops_anywhere_is_replayed_as_far_as_it_goes(
    memory: Path, serve: Serve, run: Run, replay: Replay
) -> None:
    iid = s.ask_for(memory, s.MIXED, "inst_20261117_103")
    path = f"{iid}/outputs/final/success_plan.yaml"
    serve([s.reads(), reply([s.handoff(), s.write(path=path)])])
    run(iid)
    told = [record["kind"] for record in s.journal(memory, iid)]
    whole = (memory / iid / "episodic/journal.jsonl").read_bytes()
    until = {}
    for records in range(1, len(told)):
        (memory / iid / "episodic/journal.jsonl").write_bytes(whole)
        cut(memory, iid, records, tail='{"seq": 99, "ki')
        account = replay(iid)
        assert account.differences == (), told[:records]
        assert "incomplete" in account.notes[0]
        until[told[records - 1], records] = account.until
    announced = told.index("publish_started") + 1
    assert all(said for (_, n), said in until.items() if n < announced)
    assert not any(said for (_, n), said in until.items() if n >= announced)
    assert until["run_started", 1] == "whose job the instruction is"
    assert until["model_reply", told.index("model_reply") + 1] == (
        "the answer to tool call 1 of turn 1"
    )


def test_journals_from_before_files_and_endings_were_kept(
    memory: Path, run: Run, replay: Replay
) -> None:
    run(model="playbook")
    path = memory / s.IID / "episodic/journal.jsonl"
    records = s.journal(memory)
    for record in records:
        record.pop("persona_files", None)
        record.pop("ending", None)
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    assert_identical(replay())


@pytest.mark.parametrize(
    ("kind", "key"),
    [("run_started", "as_of"), ("triaged", "parts"), ("loaded", "snapshot"),
     ("model_reply", "content"), ("tool_result", "text"), ("publish_started", "publication")],
)  # fmt: skip
def test_a_record_that_is_not_whole_is_named(
    memory: Path, run: Run, replay: Replay, kind: str, key: str
) -> None:
    run(model="playbook")
    records = s.journal(memory)
    bad = next(record for record in records if record["kind"] == kind)
    del bad[key]
    path = memory / s.IID / "episodic/journal.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    with pytest.raises(BadDocument, match=rf"journal.jsonl:{bad['seq']}: .*{kind}.*{key}"):
        replay()


def test_nothing_recorded_and_nothing_known(memory: Path, replay: Replay) -> None:
    with pytest.raises(Blocked, match="nothing is recorded"):
        replay()
    with pytest.raises(UnknownInstruction):
        replay("inst_20200101_001")
    with pytest.raises(BadInput, match="instruction id"):
        replay("../elsewhere")


def test_a_run_that_is_not_there(memory: Path, run: Run, replay: Replay) -> None:
    run(model="playbook")
    with pytest.raises(BadInput, match="no run 7 on record; there is 1"):
        replay(run=7)


def test_an_unfinished_run_is_not_taken_before_a_finished_one(
    memory: Path, serve: Serve, run: Run, replay: Replay
) -> None:
    run(model="playbook")
    serve([s.reads(), s.writes()])
    run(again=True, model="claude")
    second = [r for r in s.journal(memory) if r["run"] == 2]
    cut(memory, s.IID, next(r["seq"] for r in second if r["kind"] == "tool_result"))
    assert replay().run == 1
    account = replay(run=2)
    assert (kinds(account), account.until) == ([], "a model call for turn 2")
