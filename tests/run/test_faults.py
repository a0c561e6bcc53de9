"""Every fault of an endpoint: recovered, or a run that ends in the right status.

Never a traceback, never a half-written file, a journal that can be read, and a later run against a
healthy server that pays for nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from agent import Limits, Result
from agent.models.retry import RetryPolicy
from tests.run import support as s
from tests.support.messages_api import (
    MessagesApi,
    Spec,
    fault,
    raw_tool_use,
    reply,
    text,
    thinking,
    tool_use,
)

Serve = Callable[..., MessagesApi]
Run = Callable[..., Result]

PASSING = {
    "429 with retry-after": fault("rate_limit", headers={"retry-after": "7"}),
    "529": fault("overloaded"),
    "500": fault("server_error"),
    "reset before a reply": fault("reset"),
    "reset in mid-stream": fault("reset_mid_stream", blocks=[s.write()]),
    "error in mid-stream": fault("error_mid_stream", blocks=[s.write()]),
    "stream cut short": fault("truncated_stream", blocks=[s.write()]),
    "malformed JSON": fault("malformed_json"),
    "hang": fault("hang"),
}
LASTING = {
    "no key": fault("unauthorized"),
    "forbidden": fault("forbidden"),
    "bad request": fault("bad_request"),
    "unknown model": fault("not_found"),
    "too large": fault("too_large"),
    "prompt too long": fault("prompt_too_long"),
    "no credit": fault("no_credit"),
    "spend limit": fault("spend_limit", details={"error_code": "spend_limit_reached"}),
    "wait for an hour": fault("rate_limit", headers={"retry-after": "3600"}),
    "a web page": fault("not_json"),
}


def params(cases: dict[str, Any]) -> Any:
    return pytest.mark.parametrize("case", cases.values(), ids=[*cases])


def assert_whole(memory: Path) -> None:
    """No half-written file: every document can be read, the journal too, no temporary is left."""
    for path in memory.rglob("*.yaml"):
        s.load(memory, path.relative_to(memory).as_posix())
    assert [path for path in memory.rglob(".tmp-*")] == []
    for n, record in enumerate(s.journal(memory), 1):
        assert record["seq"] == n
    assert (memory / s.PLAN).exists() == (memory / s.SCORES).exists()


def quick(naps: list[float], **policy: Any) -> dict[str, Any]:
    """Options of a model that waits for nothing in earnest and gives up a silence soon."""
    return {
        "sleep": naps.append,
        "jitter": lambda: 0.0,
        "idle_timeout": 0.3,
        "retry": RetryPolicy(**policy),
    }


@params(PASSING)
def test_a_passing_fault_is_waited_out(
    memory: Path, serve: Serve, run: Run, naps: list[float], case: Spec
) -> None:
    api = serve([s.reads(), case, s.writes()])
    result = run(model_options=quick(naps))
    assert (result.status, len(api.requests), len(naps)) == ("completed", 3, 1)
    assert api.requests[1].raw == api.requests[2].raw
    if case["headers"]:
        assert naps == [7.0]
    assert_whole(memory)


def test_what_a_broken_stream_cost_is_in_the_bill(serve: Serve, run: Run) -> None:
    serve([s.writes()])
    plain = run()
    serve([fault("error_mid_stream", blocks=[s.write()]), s.writes()])
    broken = run(again=True)
    assert sum(broken.usage.values()) > 1.5 * sum(plain.usage.values())
    assert Decimal(broken.cost_usd) > Decimal(plain.cost_usd)


@params(PASSING)
def test_a_fault_that_does_not_pass_fails_the_run_and_leaves_it_to_be_resumed(
    memory: Path, serve: Serve, run: Run, naps: list[float], case: Spec
) -> None:
    serve([s.reads(), case, case])
    failed = run(model_options=quick(naps, attempts=2))
    assert (failed.status, failed.exit_code, failed.turns) == ("failed", 1, 1)
    assert failed.usage["output"] > 0 and failed.not_done
    assert_whole(memory)
    assert not (memory / s.PLAN).exists()
    api = serve([s.writes()])
    result = run()
    assert (result.status, api.billed, result.turns) == ("completed", 1, 2)
    assert Decimal(result.cost_usd) > Decimal(failed.cost_usd)
    assert len(api.requests[0].body["messages"]) == 3
    assert_whole(memory)


def test_a_disk_that_refuses_costs_nothing_twice(memory: Path, serve: Serve, run: Run) -> None:
    api = serve([s.reads(), s.writes()])

    def obstruct(kind: str, data: Mapping[str, Any]) -> None:
        if kind == "replied" and data["turn"] == 2:
            (memory / s.PLAN).mkdir(parents=True)  # from now on nothing can be published there

    failed = run(progress=obstruct)
    assert (failed.status, failed.turns) == ("failed", 2)
    assert s.PLAN in failed.summary and Decimal(failed.cost_usd) > 0
    assert not (memory / s.SCORES).exists()
    (memory / s.PLAN).rmdir()
    result = run()
    assert (result.status, api.billed) == ("completed", 2)
    assert result.cost_usd == failed.cost_usd
    assert_whole(memory)


@params(LASTING)
def test_a_refused_request_is_not_repeated_and_says_what_to_do(
    memory: Path, serve: Serve, run: Run, naps: list[float], case: Spec
) -> None:
    broken = serve([s.reads(), case])
    failed = run(model_options=quick(naps))
    assert (failed.status, naps) == ("failed", [])
    assert "Fix: " in failed.summary
    assert len(broken.requests) == 2
    assert_whole(memory)
    api = serve([s.writes()])
    assert (run(resume=True).status, api.billed) == ("completed", 1)


def test_a_message_of_an_endpoint_cannot_carry_the_key_out(
    memory: Path, serve: Serve, run: Run
) -> None:
    key = "sk-ant-test-0123456789-not-a-key"
    serve([fault("bad_request", message=f"bad key {key}")])
    assert key not in run().summary
    assert all(key.encode() not in data for data in s.tree(memory).values())


ODD = {
    "unknown block type": reply([{"type": "hologram", "data": "?"}, s.write()]),
    "thinking": reply([thinking("Let me see."), s.write()]),
    "call without an id": reply([tool_use("glob", {}) | {"id": ""}, s.write(id="")]),
    "call with a strange id": reply([s.write(id="call:1/ü")]),
}


@params(ODD)
def test_an_odd_reply_with_a_good_plan_is_a_good_reply(
    memory: Path, serve: Serve, run: Run, case: Spec
) -> None:
    api = serve([case])
    assert (run().status, api.billed) == ("completed", 1)
    assert_whole(memory)


# Replies that cannot be used as they are; the next one is the answer to what was said about it.
MENDABLE = {
    "unknown stop reason with a call": reply([s.write()], "sunspot"),
    "unknown stop reason with text": reply([text("Well.")], "sunspot"),
    "cut off in mid-call": reply(
        [text("I write."), raw_tool_use("write", '{"path": "inst_2026')], "max_tokens"
    ),
    "cut off in mid-thought": reply([thinking("hm", signature="")], "max_tokens"),
    "paused": reply([text("One moment.")], "pause_turn"),
    "same id twice": reply([tool_use("glob", {}, "toolu_x"), tool_use("glob", {}, "toolu_x")]),
    "unknown tool": reply([tool_use("web_fetch", {"url": "http://example.org"})]),
    "tool without a usable name": reply([tool_use("", {})]),
    "malformed input": reply([raw_tool_use("write", '{"path": "x", "docu')]),
    "input that is a list": reply([raw_tool_use("read", '["a"]')]),
    "input that is NaN": reply([raw_tool_use("read", '{"path": "a", "offset": NaN}')]),
    "unknown field": reply([tool_use("read", {"path": s.PLAN, "sudo": True})]),
    "empty content": reply([]),
    "blank text": reply([text("   ")]),
    "no tool but tool_use": reply([text("I use a tool.")], "tool_use"),
}


@params(MENDABLE)
def test_a_reply_that_cannot_be_used_is_answered_and_mended(
    memory: Path, serve: Serve, run: Run, case: Spec
) -> None:
    api = serve([case, s.reads(), s.writes()])
    result = run()
    assert (result.status, api.billed, result.turns) == ("completed", 3, 3)
    assert len(api.requests) == 3  # the server found every history sound
    assert_whole(memory)


def test_ids_that_come_again_in_a_later_turn_do_not_brick_the_run(serve: Serve, run: Run) -> None:
    glob = reply([tool_use("glob", {}, "call_0")])
    api = serve([glob, glob, glob, reply([s.write(id="call_0")])])
    assert (run().status, api.billed) == ("completed", 4)


@pytest.mark.parametrize("stop_reason", ["max_tokens", "sunspot", "refusal"])
def test_no_tool_of_a_reply_that_is_not_whole_runs(
    memory: Path, serve: Serve, run: Run, stop_reason: str
) -> None:
    serve([reply([s.handoff(), s.write()], stop_reason), reply([text("Done.")])])
    run(limits=Limits(format_errors=0))
    assert [r for r in s.journal(memory) if r["kind"] == "tool_result"] == []
    assert s.inbox(memory) == [] and not (memory / s.PLAN).exists()
    assert_whole(memory)


def test_a_refusal_ends_the_run_and_a_new_one_begins_from_the_start(
    memory: Path, serve: Serve, run: Run
) -> None:
    serve([reply([s.write(done=False)]), reply([text("I decline."), s.handoff()], "refusal")])
    result = run()
    assert (result.status, result.exit_code) == ("blocked", 4)
    assert "I decline." in result.summary and result.outputs == ()
    assert not (memory / s.PLAN).exists()
    serve([s.writes()])
    second = run()
    assert (second.status, second.run) == ("completed", 2)


def test_a_full_context_window_is_a_limit(memory: Path, serve: Serve, run: Run) -> None:
    serve([reply([s.write(done=False)]), reply([text("…")], "model_context_window_exceeded")])
    result = run()
    assert (result.status, result.exit_code) == ("limit_reached", 5)
    assert (memory / s.PLAN).exists() and result.outputs
    assert_whole(memory)


def test_five_hundred_calls_at_once_run_none_of_them(memory: Path, serve: Serve, run: Run) -> None:
    calls = [tool_use("glob", {"pattern": f"*{n}"}) for n in range(500)]
    serve([reply(calls)])
    result = run()
    assert result.status == "limit_reached" and "500" in result.summary
    assert [r for r in s.journal(memory) if r["kind"] == "tool_result"] == []
    assert_whole(memory)


@pytest.mark.parametrize(
    "case", [s.reads(), reply([text("soon")], "pause_turn")], ids=["reads", "pauses"]
)
def test_a_model_that_never_writes_meets_the_limit_of_turns(
    memory: Path, serve: Serve, run: Run, case: Spec
) -> None:
    api = serve(lambda _body: case)
    result = run(limits=Limits(turns=5))
    assert (result.status, api.billed, result.turns) == ("limit_reached", 5, 5)
    assert_whole(memory)


def test_a_model_that_never_uses_a_tool_properly_meets_the_limit_of_format_errors(
    memory: Path, serve: Serve, run: Run
) -> None:
    api = serve(lambda _body: reply([raw_tool_use("write", '{"pa')], "max_tokens"))
    result = run()
    assert (result.status, api.billed) == ("limit_reached", Limits().format_errors + 1)
    assert_whole(memory)
