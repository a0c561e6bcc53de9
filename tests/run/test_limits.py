"""Limits: looked at before anything is spent, a normal end that keeps what there is."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from itertools import count
from pathlib import Path

import pytest

from agent import Limits, Result
from tests.run import support as s
from tests.support.messages_api import MessagesApi, fault, reply, text, tool_use

Serve = Callable[..., MessagesApi]
Run = Callable[..., Result]

LOOKS = reply([tool_use("glob", {}), tool_use("grep", {"pattern": "renewal"})])


def first_plan() -> dict[str, object]:
    """A plan that is accepted, from a model that has not said that it is done."""
    return reply([s.write(s.good_draft("A first plan."), done=False)])


@pytest.mark.parametrize(
    "limits",
    [
        Limits(turns=0),
        Limits(tokens=1_000),
        Limits(dollars=Decimal("0.0001")),
        Limits(dollars=Decimal(0)),
    ],
    ids=lambda limits: repr(limits)[7:],
)
def test_nothing_is_asked_when_nothing_may_be_spent(
    memory: Path, serve: Serve, run: Run, limits: Limits
) -> None:
    api = serve([s.writes()])
    result = run(limits=limits)
    assert (result.status, result.exit_code, result.turns) == ("limit_reached", 5, 0)
    assert (api.requests, result.usage["output"], result.cost_usd) == ([], 0, "0")
    assert run().status == "completed"
    assert api.billed == 1


def test_the_limit_of_turns_keeps_the_accepted_plan(memory: Path, serve: Serve, run: Run) -> None:
    api = serve([LOOKS, first_plan(), s.writes()])
    result = run(limits=Limits(turns=2))
    assert (result.status, api.billed) == ("limit_reached", 2)
    assert "2 turns" in result.summary
    assert {output.path for output in result.outputs} == {s.PLAN, s.SCORES}
    assert s.load(memory, s.PLAN)["summary"]["text"] == "A first plan."
    assert s.load(memory, f"{s.IID}/status.yaml")["status"] == "paused"


@pytest.mark.parametrize(
    ("tight", "raised"),
    [
        (Limits(turns=2), Limits(turns=3)),
        (Limits(tool_calls=3), Limits(tool_calls=4)),
    ],
    ids=["turns", "tool calls"],
)
def test_a_raised_limit_goes_on_without_paying_twice(
    memory: Path, serve: Serve, run: Run, tight: Limits, raised: Limits
) -> None:
    api = serve([LOOKS, first_plan(), s.writes()])
    stopped = run(limits=tight)
    assert stopped.status == "limit_reached"
    paid = api.billed
    assert run(limits=tight, resume=True).status == "limit_reached"
    assert api.billed == paid  # the same limit again: nothing is spent
    result = run(limits=raised, resume=True)
    assert (result.status, api.billed, result.turns) == ("completed", 3, 3)
    assert Decimal(result.cost_usd) >= Decimal(stopped.cost_usd)
    plan = s.load(memory, s.PLAN)
    assert (plan["revision"], plan["supersedes"]) == (1, None)
    assert plan["summary"]["text"] == s.good_draft()["summary"]["text"]


def test_tokens_and_dollars_of_a_resumed_run_count_from_its_beginning(
    memory: Path, serve: Serve, run: Run
) -> None:
    serve([LOOKS])
    one = run(limits=Limits(turns=1))
    used, cost = sum(one.usage.values()), Decimal(one.cost_usd)
    api = serve([s.writes()])
    for limits in (Limits(tokens=used + 10_000), Limits(dollars=cost + Decimal("0.01"))):
        result = run(limits=limits, resume=True)
        assert (result.status, api.billed) == ("limit_reached", 0)
        assert sum(result.usage.values()) == used
    assert (run(resume=True).status, api.billed) == ("completed", 1)


def test_what_failed_attempts_cost_counts_after_a_resume_too(
    memory: Path, serve: Serve, run: Run
) -> None:
    serve([fault("error_mid_stream", blocks=[s.write()])] * 5)
    failed = run()
    cost = Decimal(failed.cost_usd)
    assert failed.status == "failed" and cost > 0
    api = serve([s.writes()])
    assert run(limits=Limits(dollars=cost + Decimal("0.01"))).status == "limit_reached"
    assert api.requests == []
    result = run()
    assert result.status == "completed" and Decimal(result.cost_usd) > cost


def test_seconds_are_looked_at_before_each_call(memory: Path, serve: Serve, run: Run) -> None:
    api = serve(lambda _body: LOOKS)
    ticks = count(step=10)
    result = run(limits=Limits(seconds=60), clock=lambda: float(next(ticks)))
    assert (result.status, api.billed) == ("limit_reached", 2)
    assert "60 seconds" in result.summary


def test_a_silent_endpoint_is_not_waited_for_longer_than_the_run_may_take(
    serve: Serve, run: Run
) -> None:
    serve([fault("hang")])
    result = run(limits=Limits(seconds=0.3), model_options={})
    assert (result.status, result.turns) == ("failed", 0)


def test_a_batch_of_calls_runs_whole_or_not_at_all(memory: Path, serve: Serve, run: Run) -> None:
    serve([LOOKS, LOOKS])
    assert run(limits=Limits(tool_calls=3)).status == "limit_reached"
    ran = [r["turn"] for r in s.journal(memory) if r["kind"] == "tool_result"]
    assert ran == [1, 1]


def test_format_errors_are_counted_over_the_whole_run(memory: Path, serve: Serve, run: Run) -> None:
    api = serve([reply([text("words")], "max_tokens"), LOOKS, reply([text("words")], "sunspot")])
    result = run(limits=Limits(format_errors=1))
    assert (result.status, api.billed) == ("limit_reached", 3)
    api = serve([s.writes()])
    assert run(limits=Limits(format_errors=1)).status == "limit_reached"
    assert (run(limits=Limits(format_errors=2)).status, api.billed) == ("completed", 1)


def test_a_limit_reached_after_the_last_accepted_write_does_not_matter(
    serve: Serve, run: Run
) -> None:
    api = serve([s.writes()])
    assert (run(limits=Limits(turns=1, tool_calls=1)).status, api.billed) == ("completed", 1)


def test_triage_does_not_ask_when_its_budget_is_nothing(
    memory: Path, serve: Serve, run: Run
) -> None:
    api = serve([s.writes()])
    unclear = "Something about Tarnholt Rail Services, you know which thing."
    iid = s.ask_for(memory, unclear, "inst_20261117_107")
    result = run(iid, limits=Limits(dollars=Decimal("0.0001")))
    assert (result.status, api.requests) == ("limit_reached", [])
