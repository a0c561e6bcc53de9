"""What becomes of a promise: recorded, measured, moved, or nobody's word at all."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from agent.success.facts import FactBook
from agent.success.promises.outcome import DATE_CHANGED, GONE
from tests.carry.plans import (
    AUGUST,
    FEBRUARY,
    MAY,
    NOVEMBER,
    becomes,
    by_title,
    goal,
    ours,
    plan,
    settle,
    told,
)

CALL: dict[str, Any] = {"title": "Call the depot", "due": "2026-09-01", "owner": "Noor"}
KEYS = {"plan_id": "plan_a", "pointer": "/actions/0/title", "kind": "action"}


def one(*events: Any, item: dict[str, Any] = CALL, **options: Any) -> Any:
    (carried,) = becomes(plan(ours(actions=[item])), *events, **options)
    return carried


def test_without_a_record_a_promise_is_overdue_open_or_unknown_and_never_done() -> None:
    assert (one().outcome, one().owner) == ("overdue", "Noor")
    assert one(on=AUGUST).outcome == "open"
    assert one(item={"title": "Call the depot"}).outcome == "unknown"
    assert one(item={"title": "Call the depot", "due": "some day"}).outcome == "unknown"


def test_done_and_dropped_with_reason_and_author() -> None:
    done = one(settle("done", "Call the depot", "2026-09-01", why="", **KEYS))
    assert (done.outcome, done.basis) == ("done", "recorded")
    dropped = one(settle("dropped", "Call the depot", "2026-09-01", **KEYS))
    assert dropped.outcome == "dropped" and "V. B." in dropped.why and "as agreed" in dropped.why
    assert any(id.endswith(".settled") for id in dropped.evidence)


def test_moved_says_why_and_to_when_and_is_overdue_once_that_day_has_passed() -> None:
    event = settle("moved", "Call the depot", "2026-09-01", to="2026-12-01", **KEYS)
    moved = one(event)
    assert (moved.outcome, moved.moved_to, moved.was_due) == ("moved", "2026-12-01", "2026-09-01")
    late = one(event, on=FEBRUARY)
    assert late.outcome == "overdue" and "2026-12-01" in late.why


def test_the_last_word_counts_and_a_withdrawn_one_does_not() -> None:
    moved = settle("moved", "Call the depot", "2026-09-01", to="2026-12-01", **KEYS)
    done = settle("done", "Call the depot", "2026-10-01", **KEYS)
    assert one(moved, done).outcome == "done"
    taken_back = told("corrected", "2026-10-02", corrects=done["event_id"], withdrawn=True,
                      why="another depot", by="V. B.")  # fmt: skip
    assert one(moved, done, taken_back).outcome == "moved"
    assert one(done, on=date(2026, 9, 30)).outcome == "overdue"  # not known yet


def test_what_cannot_be_used_settles_nothing() -> None:
    for broken in (
        settle("moved", "Call the depot", "2026-09-01", **KEYS),
        settle("finished", "Call the depot", "2026-09-01", **KEYS),
        settle("done", "Call the other depot", "2026-09-01", **KEYS),
        settle("done", "Call the depot", "2026-08-17"),  # before the plan promised it
    ):
        assert one(broken).outcome == "overdue"


def test_of_two_promises_in_the_same_words_the_one_that_is_meant_is_settled() -> None:
    prior = plan(ours(actions=[CALL, CALL]))
    keys = {**KEYS, "pointer": "/actions/1/title"}
    outcomes = [
        c.outcome for c in becomes(prior, settle("done", CALL["title"], "2026-09-01", **keys))
    ]
    assert outcomes == ["overdue", "done"]
    prior = plan({"tasks": "- Call them\n- Call them"})
    keys = {"plan_id": "plan_a", "pointer": "/tasks", "kind": "action", "nth": 2}
    outcomes = [
        c.outcome for c in becomes(prior, settle("done", "Call them", "2026-09-01", **keys))
    ]
    assert outcomes == ["unknown", "done"]


def test_one_matter_as_a_milestone_and_an_action_is_settled_once() -> None:
    prior = plan(ours(milestones=[CALL], actions=[CALL]))
    carried = becomes(prior, settle("done", CALL["title"], "2026-09-01", **KEYS))
    assert [c.outcome for c in carried] == ["done", "done"]


# ---- goals ---------------------------------------------------------------------------------------


def objective(due: str, stored: str = "") -> dict[str, Any]:
    """A plan with one objective; the records then said `stored` for its goal."""
    evidence = [{"id": "goal.G-1.due", "value": stored}] if stored else []
    item = {"title": "Fewer paper slips", "goal": "G-1", "due": due}
    return ours(objectives=[item], evidence=evidence)


@pytest.mark.parametrize(
    ("now", "outcome", "moved_to"),
    [(date(2027, 3, 31), "moved", "2027-03-31"), (date(2026, 12, 31), "open", ""),
     (date(2026, 10, 1), "overdue", "2026-10-01")],
    ids=["later", "as it was", "moved to a day that has passed"],
)  # fmt: skip
def test_a_goal_whose_date_on_record_changed_has_moved(
    now: date, outcome: str, moved_to: str
) -> None:
    prior = plan(objective("2026-12-31", "2026-12-31"))
    (carried,) = becomes(prior, goals=[goal("G-1", "Fewer slips", now)])
    assert (carried.outcome, carried.moved_to) == (outcome, moved_to)
    assert (outcome == "open") != carried.why.startswith(DATE_CHANGED)


def test_a_day_that_only_our_writer_proposed_is_not_called_a_change_of_the_records() -> None:
    prior = plan(objective("2026-10-31", stored="2026-12-31"))
    (carried,) = becomes(prior, goals=[goal("G-1", "Fewer slips", date(2026, 12, 31))])
    assert (carried.outcome, carried.moved_to) == ("overdue", "")


def test_a_goal_that_has_gone_from_the_records_is_asked_about() -> None:
    (carried,) = becomes(plan(objective("2026-12-31", "2026-12-31")))
    assert (carried.outcome, carried.why) == ("unknown", GONE)


def test_an_objective_of_our_own_is_done_when_its_measure_has_reached_the_target() -> None:
    item = {"title": "Bring users back", "current": 61.0, "target": 80, "due": "2026-10-01",
            "evidence": ["usage.active_ratio", "usage.other"]}  # fmt: skip
    evidence = [{"id": "usage.active_ratio", "value": 61.0}, {"id": "usage.other", "value": 3}]
    prior = plan(ours(objectives=[item], evidence=evidence))

    def now(value: float) -> str:
        facts = FactBook()
        facts.computed("usage.active_ratio", value, "share", inputs=(), formula="f")
        (carried,) = becomes(prior, facts=facts)
        return carried.outcome

    assert (now(80.0), now(79.9)) == ("done", "overdue")


# ---- over several quarters -----------------------------------------------------------------------


def test_a_promise_moved_twice_keeps_its_origin() -> None:
    first = plan(ours(actions=[CALL]), MAY, "plan_may")
    keys = {"plan_id": "plan_may", "pointer": "/actions/0/title", "kind": "action"}
    august = becomes(first, settle("moved", CALL["title"], "2026-07-01", to="2026-10-01", **keys),
                     on=AUGUST)  # fmt: skip
    second = plan(ours(august), AUGUST, "plan_august")
    keys = {"plan_id": "plan_august", "pointer": "/carried_forward/0/title", "kind": "action"}
    november = becomes(
        second, settle("moved", CALL["title"], "2026-09-15", to="2027-01-15", **keys)
    )
    (item,) = november
    assert (item.outcome, item.was_due, item.moved_to) == ("moved", "2026-10-01", "2027-01-15")
    assert (item.first_plan, item.first_due) == ("plan_may", "2026-09-01")
    (item,) = becomes(plan(ours(november), NOVEMBER, "plan_november"), on=FEBRUARY)
    assert (item.outcome, item.was_due, item.first_due) == ("overdue", "2027-01-15", "2026-09-01")


def test_an_unsettled_promise_stays_once_and_leaves_when_it_is_settled() -> None:
    carried = becomes(plan(ours(actions=[CALL]), MAY, "plan_may"), on=AUGUST)
    again = [{"title": "Settle what became of: Call the depot", "due": "2026-08-25"}]
    november = becomes(plan(ours(carried, actions=again), AUGUST, "plan_august"))
    (item,) = november  # the question and the promise are one matter
    assert (item.first_plan, item.outcome) == ("plan_may", "overdue")
    done = settle("done", item.title, "2026-12-01", plan_id="plan_november",
                  pointer="/carried_forward/0/title", kind="action")  # fmt: skip
    (item,) = becomes(plan(ours(november), NOVEMBER, "plan_november"), done, on=FEBRUARY)
    assert item.outcome == "done"
    assert becomes(plan(ours([item]), FEBRUARY, "plan_february"), done, on=FEBRUARY) == ()


def test_what_was_recorded_late_about_an_older_plan_is_not_lost() -> None:
    """Dated before the newest plan, recorded after it: that plan could not know."""
    carried = becomes(plan(ours(actions=[CALL]), MAY, "plan_may"), on=AUGUST)
    second = plan(ours(carried), AUGUST, "plan_august")
    published = told("plan_published", "2026-08-18", plan_id="plan_august")
    late = settle("done", CALL["title"], "2026-08-01", plan_id="plan_may",
                  pointer="/actions/0/title", kind="action")  # fmt: skip
    assert becomes(second, published, late)[0].outcome == "done"
    assert becomes(second, late, published)[0].outcome == "overdue"


def test_a_recurring_title_is_promised_anew() -> None:
    done = settle("done", CALL["title"], "2026-08-18", plan_id="plan_may",
                  pointer="/actions/0/title", kind="action")  # fmt: skip
    assert one(done).outcome == "overdue"


def test_titles_stay_unique_when_a_goal_is_promised_every_quarter() -> None:
    view = goal("G-1", "Fewer slips", date(2026, 12, 31))
    carried = becomes(plan(objective("2026-12-31", "2026-12-31"), MAY, "plan_may"), goals=[view],
                      on=AUGUST)  # fmt: skip
    document = {**objective("2026-12-31", "2026-12-31"), **{
        "carried_forward": ours(carried)["carried_forward"]}}  # fmt: skip
    found = by_title(becomes(plan(document), goals=[view]))
    assert found["Fewer paper slips"].first_plan == "plan_may"
