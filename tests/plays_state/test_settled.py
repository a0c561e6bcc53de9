"""Promises of the last plan meet what the timeline has recorded since."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from agent.success.assessment import Play, PlayStep
from agent.success.carry import SETTLE, PriorPlan, carry
from agent.success.events import event
from agent.success.facts import FactBook
from agent.success.plays.settled import Settled, settled

FEBRUARY, MAY = date(2026, 2, 17), date(2026, 5, 19)


def told(on: str, state: str, **data: Any) -> dict[str, Any]:
    data = {"playbook": "save", "state": state, **data}
    return event("x", "playbook_started", "", date.fromisoformat(on), f"{on}T09:00:00Z", data, "t")


def decided(on: str, outcome: str) -> dict[str, Any]:
    data = {"outcome": outcome}
    return event("x", "renewal_decided", "", date.fromisoformat(on), f"{on}T09:00:00Z", data, "t")


def started(on: str = "2026-02-17") -> dict[str, Any]:
    steps = [
        {"title": title, "owner": "customer-success-manager", "due": "2026-03-01"}
        for title in ("Find the cause", "Bring the executives together")
    ]
    return told(on, "started", title="Save", severity="high", because=["a"], steps=steps)


def found(*events: dict[str, Any], plays: tuple[Play, ...] = ()) -> Settled:
    return settled([started(), *events], plays, FEBRUARY, MAY)


def going() -> Play:
    steps = tuple(
        PlayStep(title, "customer-success-manager", date(2026, 3, 1))
        for title in ("Find the cause", "Bring the executives together")
    )
    return Play("save", "Save", ("a",), "high", steps)


def test_what_was_done_stays_done_when_its_play_is_over() -> None:
    done = told("2026-02-20", "step_done", step=1, title="Find the cause", by="N. E.")
    assert found(done).done == {"Find the cause"}
    assert "Bring the executives together" in found(done).ended


def test_nothing_ends_while_its_play_goes_on() -> None:
    assert found(plays=(going(),)) == Settled()


def test_what_was_done_before_the_plan_or_after_today_does_not_count() -> None:
    early = told("2026-02-16", "step_done", step=1, title="Find the cause")
    late = told("2026-05-20", "step_done", step=1, title="Find the cause")
    assert found(early, late, plays=(going(),)).done == frozenset()


@pytest.mark.parametrize(
    ("on", "outcome"),
    [("2026-02-16", ""), ("2026-02-17", "renewed"), ("2026-05-19", "renewed"), ("2026-05-20", "")],
)
def test_a_renewal_counts_between_the_plan_and_today(on: str, outcome: str) -> None:
    assert found(decided(on, "renewed")).renewal == outcome


def carried(item: dict[str, Any], known: Settled, kind: str = "actions") -> tuple[str, str]:
    prior = PriorPlan("i/outputs/final/success_plan.yaml", "i", "p", FEBRUARY, {kind: [item]})
    facts = FactBook()
    facts.stored("contract.renewal_date", "2026-06-30", "renewal date", source="s", pointer="/r")
    (out,) = carry(prior, (), facts, MAY, known)
    assert out.title == item["title"]
    return out.outcome, out.why


def test_each_promise_gets_the_outcome_that_is_on_record() -> None:
    known = Settled(done=frozenset({"Find the cause"}), ended=frozenset({"Call the board"}))
    item = {"title": "Find the cause", "due": "2026-03-01"}
    assert carried(item, known)[0] == "done"
    assert carried({**item, "title": "Call the board"}, known)[0] == "dropped"
    assert carried({**item, "title": "Something else"}, known)[0] == "overdue"


def test_a_question_about_a_promise_is_settled_with_the_promise() -> None:
    title = f"{SETTLE}{SETTLE}Find the cause"
    known = Settled(done=frozenset({"Find the cause"}))
    assert carried({"title": title, "due": "2026-03-01"}, known)[0] == "done"


@pytest.mark.parametrize(("outcome", "said"), [("renewed", "done"), ("churned", "dropped")])
def test_a_decided_renewal_settles_the_path_to_it_and_nothing_else(outcome: str, said: str) -> None:
    known = Settled(renewal=outcome)
    step = {"title": "60 days: terms", "due": "2026-05-01", "evidence": ["contract.renewal_date"]}
    assert carried(step, known, "milestones") == (said, f"the renewal was decided: {outcome}")
    asked = {**step, "title": f"{SETTLE}60 days: terms"}
    assert carried(asked, known)[0] == said
    other = {**step, "evidence": ["goal.G-1.due"]}
    assert carried(other, known, "milestones")[0] == "overdue"
