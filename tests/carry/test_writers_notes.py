"""What a writer may say about the last plan's promises, and what only a record can say."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from agent.success.plan import PlanDraft
from agent.success.promises.notes import faults, with_notes
from tests.carry.plans import NOVEMBER, becomes, ours, plan, settle

CALL, SHOW = (
    {"title": "Call the depot", "due": "2026-09-01"},
    {"title": "Show it", "due": "2027-01-01"},
)


def draft(*notes: dict[str, Any], **parts: Any) -> PlanDraft:
    action = {"title": "Meet them", "owner": "customer-success-manager", "due": "2026-12-01"}
    return PlanDraft.model_validate(
        {"summary": {"text": "x"}, "actions": [action], "carried": list(notes), **parts}
    )


def carried(*events: Any) -> Any:
    return becomes(plan(ours(actions=[CALL, SHOW])), *events)


def note(promise: str = "prior.1", outcome: str = "dropped", **more: Any) -> dict[str, Any]:
    return {"promise": promise, "outcome": outcome, "why": "they have a depot app now", **more}


def test_a_writer_moves_or_drops_with_a_reason_and_it_is_marked_as_proposed() -> None:
    dropped, moved = with_notes(
        carried(), draft(note(), note("prior.2", "moved", to="2027-02-01")), NOVEMBER
    )
    assert (dropped.outcome, dropped.why) == ("dropped", "they have a depot app now")
    assert (moved.outcome, moved.moved_to, moved.basis) == ("moved", "2027-02-01", "proposed")


def test_no_writer_can_call_a_promise_done() -> None:
    with pytest.raises(ValidationError, match="outcome"):
        draft(note(outcome="done"))


@pytest.mark.parametrize(
    ("notes", "wrong"),
    [
        ([note("prior.9")], "no promise of the last plan"),
        ([note(), note()], "two notes"),
        ([note(outcome="moved")], "no day ahead"),
        ([note(outcome="moved", to="2026-11-17")], "no day ahead"),
        ([note(to="2027-01-01")], "has a new day"),
    ],
)
def test_a_note_that_cannot_hold_is_refused_and_changes_nothing(
    notes: list[dict[str, Any]], wrong: str
) -> None:
    before = carried()
    ((_, said, fix),) = faults(before, draft(*notes), NOVEMBER)
    assert wrong in said and fix
    assert [c.basis for c in with_notes(before, draft(*notes), NOVEMBER)][1] == "computed"


@pytest.mark.parametrize("outcome", ["done", "dropped", "moved"])
def test_no_note_goes_against_what_is_recorded(outcome: str) -> None:
    keys = {"plan_id": "plan_a", "pointer": "/actions/0/title", "kind": "action"}
    before = carried(settle(outcome, CALL["title"], "2026-09-01", to="2026-12-20", **keys))
    ((promise, said, _),) = faults(before, draft(note()), NOVEMBER)
    assert promise == "prior.1" and f"is {outcome} already" in said
    assert with_notes(before, draft(note()), NOVEMBER) == list(before)


def again(due: str, why: str = "") -> PlanDraft:
    action = {
        "title": "call the  depot",
        "owner": "customer-success-manager",
        "due": due,
        "why": why,
    }
    return draft(actions=[action])


def test_a_promise_made_again_for_a_later_day_has_moved_for_the_reason_given() -> None:
    item = with_notes(carried(), again("2026-12-10", "the depot manager is new"), NOVEMBER)[0]
    assert (item.outcome, item.moved_to) == ("moved", "2026-12-10")
    assert (item.why, item.basis) == ("the depot manager is new", "proposed")


def test_what_is_overdue_and_made_again_for_today_is_still_overdue() -> None:
    assert with_notes(carried(), again("2026-11-17"), NOVEMBER)[0].outcome == "overdue"


def test_asking_what_became_of_a_promise_moves_nothing() -> None:
    action = {"title": "Settle what became of: Call the depot",
              "owner": "customer-success-manager", "due": "2026-11-24"}  # fmt: skip
    assert with_notes(carried(), draft(actions=[action]), NOVEMBER)[0].outcome == "overdue"
