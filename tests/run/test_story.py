"""One instruction from its request to its receipts, with a model that behaves."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from agent import Limits, Result
from agent.errors import Blocked
from tests.run import support as s
from tests.support.messages_api import MessagesApi, fault, reply, text, tool_use

Serve = Callable[..., MessagesApi]
Run = Callable[..., Result]


def nobody(_body: object) -> dict[str, object]:
    raise AssertionError("no model call was due")


def test_a_model_that_has_what_it_needs_is_asked_once(memory: Path, serve: Serve, run: Run) -> None:
    api = serve([s.writes()])
    result = run()
    assert (result.status, api.billed, result.turns) == ("completed", 1, 1)
    assert [output.path for output in result.outputs] == [s.PLAN, s.SCORES]
    for output in result.outputs:
        assert s.sha256(memory / output.path) == output.sha256
    plan = s.load(memory, s.PLAN)
    assert plan["summary"]["text"] == s.good_draft()["summary"]["text"]
    assert plan["written_by"]["language_model_used"] is True
    assert s.load(memory, s.SCORES)["accounts"][s.ACCOUNT]["instruction_id"] == s.IID
    assert s.load(memory, f"{s.IID}/status.yaml")["status"] == "completed"


def test_the_bill_stands_in_the_result(serve: Serve, run: Run) -> None:
    serve([s.reads(), s.writes()])
    result = run()
    assert set(result.usage) == {"input", "output", "cache_read", "cache_write"}
    assert result.usage["output"] > 0 and result.usage["cache_write"] > 0
    assert Decimal(result.cost_usd) > 0
    assert (result.turns, result.model[:7], result.exit_code) == (2, "claude-", 0)


def test_a_model_that_reads_first_is_asked_twice(serve: Serve, run: Run) -> None:
    api = serve([s.reads(), s.writes()])
    assert (run().status, api.billed) == ("completed", 2)
    (answer,) = s.tool_results(api.requests[1].body)
    assert s.OURS in answer["content"]


def test_a_finished_instruction_is_not_run_again(memory: Path, serve: Serve, run: Run) -> None:
    serve([s.writes()])
    first = run()
    before = s.tree(memory)
    serve(nobody)
    second = run()
    assert second.already and not first.already
    assert (second.status, second.outputs) == (first.status, first.outputs)
    assert s.tree(memory) == before


def test_again_makes_a_revision_that_supersedes_and_keeps_the_old_plan(
    memory: Path, serve: Serve, run: Run
) -> None:
    serve([s.writes(), reply([s.write(s.good_draft("The renewal still decides it."))])])
    run()
    old = (memory / s.PLAN).read_bytes()
    assert run(again=True).status == "completed"
    plan = s.load(memory, s.PLAN)
    assert (plan["revision"], plan["supersedes"]) == (2, f"plan_{s.IID}_r1")
    assert (memory / s.IID / "outputs/revisions/success_plan.r1.yaml").read_bytes() == old


@pytest.mark.parametrize("model", ["claude", "playbook"])
def test_a_redirect_asks_no_model_calls_no_tool_and_writes_no_plan(
    memory: Path, serve: Serve, run: Run, model: str
) -> None:
    api = serve(nobody)
    iid = s.ask_for(memory, s.FOREIGN, "inst_20261117_102")
    result = run(iid, model=model)
    assert (result.status, result.exit_code, result.turns) == ("redirected", 3, 0)
    assert api.requests == [] and not (memory / iid / "outputs").exists()
    kinds = {record["kind"] for record in s.journal(memory, iid)}
    assert not kinds & {"model_request", "model_reply", "tool_result"}
    assert {sent.path for sent in result.handoffs} == {
        path.relative_to(memory).as_posix() for path in s.inbox(memory)
    }
    assert s.inbox(memory) and list((memory / iid / "decisions").glob("*_triage_r1.yaml"))
    assert run(iid, model=model).already


def test_a_foreign_part_is_handed_over_once_whatever_happens_to_the_rest(
    memory: Path, serve: Serve, run: Run
) -> None:
    iid = s.ask_for(memory, s.MIXED, "inst_20261117_103")
    path = f"{iid}/outputs/final/success_plan.yaml"
    serve([fault("unauthorized"), reply([text("I will not.")], "refusal")])
    assert run(iid).status == "failed"
    (message,) = s.inbox(memory)
    sent = s.load(memory, message.relative_to(memory).as_posix())
    assert (sent["to"], sent["status"]) == ("technical-support-engineer", "pending")
    assert "TR-5081" in sent["requested"]
    assert run(iid).status == "blocked"  # goes on, and is refused
    message.unlink()  # its receiver has taken it away
    api = serve([reply([s.write(path=path)]), reply([s.write(path=path)])])
    assert run(iid).status == "completed"  # a new run
    assert run(iid, again=True, now=lambda: s.NOW.replace(hour=15)).status == "completed"
    assert s.inbox(memory) == []
    brief = api.requests[0].body["messages"][0]["content"][0]["text"]
    assert "already been handed over" in brief


def test_what_is_wrong_with_a_draft_comes_back_field_by_field(serve: Serve, run: Run) -> None:
    draft = s.good_draft() | {"health": {"score": 99}}
    draft["actions"] = [{"title": "Call", "owner": "customer-success-manager", "due": "soon"}]
    api = serve([reply([s.write(draft)]), s.writes()])
    assert run().status == "completed"
    (answer,) = s.tool_results(api.requests[1].body)
    assert answer["is_error"] is True
    assert "actions[0].due" in answer["content"] and "health" in answer["content"]


def test_a_figure_without_a_source_comes_back_and_can_be_mended(serve: Serve, run: Run) -> None:
    draft = s.good_draft("They lose 4711 hours a month to this.")
    api = serve([reply([s.write(draft)]), s.writes()])
    assert run().status == "completed"
    (answer,) = s.tool_results(api.requests[1].body)
    assert answer["is_error"] is True and "4711" in answer["content"]


def test_results_keep_the_order_of_the_calls(serve: Serve, run: Run) -> None:
    calls = [
        tool_use("glob", {"pattern": "**"}),
        tool_use("read", {"path": "no/such/file"}),
        tool_use("grep", {"pattern": "success plan"}),
        tool_use("todo_write", {"items": [{"text": "write the plan"}]}),
        tool_use("read", {"path": f"{s.IID}/instruction.yaml"}),
    ]
    api = serve([reply(calls), s.writes()])
    assert run().status == "completed"
    answers = s.tool_results(api.requests[1].body)
    assert [a["tool_use_id"] for a in answers] == [call["id"] for call in calls]
    assert [a.get("is_error", False) for a in answers] == [False, True, False, False, False]


def test_an_accepted_plan_is_published_when_the_model_ends_without_another_word(
    memory: Path, serve: Serve, run: Run
) -> None:
    api = serve([reply([s.write(done=False)]), reply([text("That is all.")])])
    assert (run().status, api.billed) == ("completed", 2)
    assert (memory / s.PLAN).exists()


def test_a_model_that_only_talks_is_reminded_once_and_then_believed(
    memory: Path, serve: Serve, run: Run
) -> None:
    api = serve([reply([text("Here is my plan in words.")])] * 2)
    result = run()
    assert (result.status, result.exit_code, api.billed) == ("partial", 1, 2)
    assert s.PLAN in api.requests[1].body["messages"][-1]["content"][0]["text"]
    assert result.not_done and not (memory / s.PLAN).exists()


def test_a_note_on_the_score_is_kept_and_the_score_is_not_the_models(
    memory: Path, serve: Serve, run: Run
) -> None:
    note = tool_use("write", {"path": s.SCORES, "document": {"note": "Photos are the sore spot."}})
    score = tool_use("write", {"path": s.SCORES, "document": {"score": 100, "tier": "green"}})
    serve([reply([note, score, s.write()])])
    assert run().status == "completed"
    entry = s.load(memory, s.SCORES)["accounts"][s.ACCOUNT]
    assert entry["note"] == "Photos are the sore spot."
    assert entry["score"] == s.load(memory, s.PLAN)["health"]["score"] != 100


def test_an_account_that_cannot_be_told_is_asked_for(memory: Path, serve: Serve, run: Run) -> None:
    serve(nobody)
    iid = s.ask_for(memory, "Write the success plan.", "inst_20261117_104", account="Tarn")
    result = run(iid)
    assert (result.status, result.exit_code) == ("needs_context", 4)
    assert result.candidates
    assert s.load(memory, f"{iid}/status.yaml")["current_phase"] == "needs_context"
    assert run(iid).status == "needs_context"


def test_somebody_elses_instruction_is_left_untouched(memory: Path, serve: Serve, run: Run) -> None:
    serve(nobody)
    iid = s.ask_for(memory, s.OURS, "inst_20261117_105", assigned_to="support-trainer")
    before = s.tree(memory)
    result = run(iid)
    assert (result.status, result.exit_code) == ("blocked", 4)
    assert "support-trainer" in result.summary
    assert s.tree(memory) == before


def test_a_memory_without_insights_is_a_question_not_a_crash(
    memory: Path, serve: Serve, run: Run
) -> None:
    serve([s.writes()])
    (memory / s.INSIGHTS).rename(memory / "kept.yaml")
    result = run()
    assert (result.status, result.turns) == ("needs_context", 0)
    assert "support-analyst" in result.summary
    (memory / "kept.yaml").rename(memory / s.INSIGHTS)
    assert run().status == "completed"


def test_only_a_stopped_run_is_resumed(memory: Path, serve: Serve, run: Run) -> None:
    serve([fault("unauthorized"), s.writes()])
    with pytest.raises(Blocked):
        run(resume=True)
    assert run().status == "failed"
    changed = memory / s.IID / "instruction.yaml"
    original = changed.read_bytes()
    changed.write_bytes(original.replace(b"Write", b"Please write"))
    with pytest.raises(Blocked, match="changed"):
        run(resume=True)
    changed.write_bytes(original)
    assert run(resume=True).resumed


def test_a_changed_instruction_begins_anew_and_not_in_the_middle(
    memory: Path, serve: Serve, run: Run
) -> None:
    api = serve([s.reads(), s.writes()])
    assert run(limits=Limits(turns=1)).status == "limit_reached"
    changed = memory / s.IID / "instruction.yaml"
    changed.write_bytes(changed.read_bytes().replace(b"Write", b"Please write"))
    result = run()
    assert (result.status, result.run, result.turns) == ("completed", 2, 1)
    assert len(api.requests[-1].body["messages"]) == 1


def test_a_run_keeps_the_model_it_began_with(
    memory: Path, serve: Serve, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve([s.reads(), s.writes()])
    assert run(limits=Limits(turns=1)).status == "limit_reached"
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    result = run()
    assert result.status == "failed" and "ANTHROPIC_API_KEY" in result.summary
    assert not (memory / s.PLAN).exists()


def test_an_unsure_triage_asks_a_small_model_and_counts_it(
    memory: Path, serve: Serve, run: Run
) -> None:
    def script(body: dict[str, object]) -> dict[str, object]:
        if "haiku" in str(body["model"]):
            answer = {"label": "in_lane", "parts": []}
            return reply([tool_use("classify", answer)])
        return reply([s.write(path=f"{iid}/outputs/final/success_plan.yaml")])

    unclear = "Something about Tarnholt Rail Services, you know which thing."
    iid = s.ask_for(memory, unclear, "inst_20261117_106")
    api = serve(script)
    result = run(iid)
    assert (result.status, api.billed, result.turns) == ("completed", 2, 1)
    assert "haiku" in str(api.requests[0].body["model"])
    assert result.usage["output"] > 0
