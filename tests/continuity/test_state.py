"""The account on a day, folded from its timeline."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.success.continuity.sent import Reply
from agent.success.plays.state import fold
from tests.continuity.makers import correction, event, fact, state


def scored(at: str, score: float | None, tier: str = "green", **more: Any) -> dict[str, Any]:
    return event("health_scored", at, score=score, tier=tier, model="m", model_version="1", **more)


def planned(at: str, plan: str, supersedes: str | None = None, **more: Any) -> dict[str, Any]:
    data = {"plan_id": plan, "revision": 1, "supersedes": supersedes, "stage": "adoption", **more}
    return event("plan_published", at, iid=f"inst_{plan}", **data)


def goal(at: str, plan: str, **more: Any) -> dict[str, Any]:
    data = {"title": "Fewer stops", "goal": "G-1", "plan_id": plan, **more}
    return event(
        "goal_set" if "target" in more else "goal_measured", at, iid=f"inst_{plan}", **data
    )


def sent(at: str, id: str, kind: str = "handoff_sent") -> dict[str, Any]:
    return event(kind, at, to="support", message_id=id, about="old tickets")


def test_the_newest_score_and_what_was_before() -> None:
    events = [
        scored("2026-11-17", 60.5, "yellow"),
        scored("2026-08-18", 85.0),
    ]
    found = state(events)
    assert [(s.on.isoformat(), s.value, s.tier) for s in found.scores] == [
        ("2026-08-18", 85.0, "green"), ("2026-11-17", 60.5, "yellow"),
    ]  # fmt: skip
    assert state(events, "2026-09-01").scores[-1].value == 85.0
    assert state([scored("2026-11-17", None, "")]).scores[-1].value is None


def test_an_override_is_in_force_from_its_day_to_its_last() -> None:
    first = event("override_set", "2026-03-01", value=40, reason="r", by="A", expires="2026-06-30")
    later = event("override_set", "2026-04-01", value=50, reason="s", by="B", expires="2026-04-30")
    days = ("2026-02-28", "2026-03-01", "2026-04-30", "2026-05-01")
    forces = [found.value if (found := state([first, later], d).override) else None for d in days]
    assert forces == [None, 40, 50, None], "the last one that was set, even when it has ended"
    damaged = event("override_set", "2026-04-02", value="low", expires="2026-04-30")
    assert state([first, damaged], "2026-05-01").override is not None


def test_a_goal_across_plans() -> None:
    events = [
        planned("2026-02-01", "p1"),
        goal("2026-02-01", "p1", target=9, due="2026-06-30", baseline=21, unit="stops"),
        goal("2026-02-01", "p1", value=14),
        planned("2026-05-01", "p2", "p1"),
        goal("2026-05-01", "p2", target=8, due="2026-09-30", baseline=21, unit="stops"),
        goal("2026-05-01", "p2", value=14),
        goal("2026-08-01", "p2", value=11),
    ]
    found = state(events).goals["G-1"]
    assert (found.baseline, found.value, found.target, found.due) == (21, 11, 8, date(2026, 9, 30))
    assert [(m.on.isoformat(), m.value) for m in found.measured] == [
        ("2026-02-01", 14), ("2026-08-01", 11),
    ]  # fmt: skip
    assert [(m.what, m.before, m.after) for m in found.moved] == [
        ("target", 9, 8), ("due", date(2026, 6, 30), date(2026, 9, 30)),
    ]  # fmt: skip
    assert state(events).is_current(found)
    dropped = state([*events, planned("2026-10-01", "p3", "p2")])
    assert not dropped.is_current(dropped.goals["G-1"])
    assert state(events, "2026-03-01").goals["G-1"].target == 9


def test_plans_with_their_reviews() -> None:
    def decided(decision: str) -> dict[str, Any]:
        return event("review_decided", "2026-02-03", decision=decision, plan_id="p1", by="A. Lead")

    events = [planned("2026-02-01", "p1"), decided("sent_back"), decided("approved"),
              planned("2026-05-01", "p2", "p1", stage="renewal")]  # fmt: skip
    found = state(events)
    reviews = [(p.plan_id, p.supersedes, p.review and p.review.decision) for p in found.plans]
    assert reviews == [("p1", "", "approved"), ("p2", "p1", None)]
    assert (found.stage, state(events, "2026-03-01").stage) == ("renewal", "adoption")
    assert [r.decision for r in found.reviews] == ["sent_back", "approved"]


def test_messages_are_open_until_they_are_answered() -> None:
    answered = event("handoff_answered", "2026-03-05", message_id="m1", by="support", answer="ok",
                     on="2026-03-04")  # fmt: skip
    events = [sent("2026-03-01", "m1"), sent("2026-03-02", "m2", "escalated"), answered,
              sent("2026-03-03", "m1")]  # fmt: skip
    found = state(events, "2026-03-10")
    assert [(s.message_id, s.days_open(date(2026, 3, 10))) for s in found.sent] == [
        ("m1", 0), ("m2", 8),
    ]  # fmt: skip
    answer = found.sent[0].answer
    assert answer and (answer.by, answer.on.isoformat(), answer.recorded) == (
        "support", "2026-03-04", True,
    )  # fmt: skip
    assert [s.message_id for s in state(events, "2026-03-03").unanswered] == ["m1", "m2"]


def test_a_message_that_says_it_answers_counts_as_its_senders_word_from_its_moment() -> None:
    reply = Reply("m1", "support", datetime(2026, 3, 4, 9, tzinfo=UTC), "done", "inbox/msg.yaml")
    stranger = Reply("m9", "who", datetime(2026, 3, 4, 9, tzinfo=UTC), "x", "inbox/other.yaml")
    events = [sent("2026-03-01", "m1")]
    answer = state(events, replies=[stranger, reply]).sent[0].answer
    assert answer and (answer.by, answer.recorded, answer.source) == (
        "support", False, "inbox/msg.yaml",
    )  # fmt: skip
    assert state(events, "2026-03-03", replies=[reply]).unanswered
    assert state(events, known="2026-03-04T08:59:59Z", replies=[reply]).unanswered
    recorded = event("handoff_answered", "2026-03-09", message_id="m1", by="A", answer="", on="")
    answer = state([*events, recorded], replies=[reply]).sent[0].answer
    assert answer and answer.recorded, "what a person recorded goes before"


def test_plays_and_risks_are_those_of_the_plays_own_fold_with_corrections() -> None:
    opened = event("risk_opened", "2026-03-01", signal="usage_falling", severity="high", number=1)
    begun = event("playbook_started", "2026-03-01", playbook="value_gap", state="started",
                  title="Value gap", because=["usage_falling"], number=1)  # fmt: skip
    gone = correction(opened, "2026-04-01", withdrawn=True)
    events = [opened, begun, gone]
    found = state(events)
    assert not found.plays.risks and list(found.plays.plays) == ["value_gap"]
    assert (
        state(events, known="2026-03-31T00:00:00Z").plays.risks["usage_falling"].severity == "high"
    )
    ledger = fold(events, date(2026, 12, 31))
    assert not ledger.risks
    assert ledger.next_number("signal", "usage_falling") == 2, "what was withdrawn was still told"


def test_a_promise_a_renewal_and_a_contradiction() -> None:
    events = [
        event("promise_settled", "2026-05-01", title="Training day", outcome="done", why="held"),
        event("renewal_decided", "2026-06-01", outcome="renewed", arr_before=100, arr_after=120,
              currency="EUR", by="V. B."),
        fact("seats", 45), fact("seats", 60, by="A. Lead"), fact("region", "north"),
    ]  # fmt: skip
    found = state(events)
    assert [(s.title, s.outcome) for s in found.settled] == [("Training day", "done")]
    assert [(r.outcome, r.arr_after) for r in found.renewals] == [("renewed", 120)]
    assert [f.key for f in found.contradictions] == ["seats"]


def test_kinds_and_shapes_of_other_versions_pass_through() -> None:
    odd = [
        event("invented_later", "2026-03-01", anything=1), {**scored("2026-03-02", 1), "data": []},
        event("plan_published", "2026-03-03"), event("handoff_sent", "2026-03-04", to="x"),
        event("goal_set", "2026-03-05"), event("goal_measured", "2026-03-06", goal="G", value="n"),
        event("risk_opened", "2026-03-07", signal=["x"]),
    ]  # fmt: skip
    found = state([*odd, scored("2026-04-01", 70.0)])
    assert found.events == len(odd) + 1
    assert (found.scores[-1].value, found.sent, found.plays.risks) == (70.0, (), {})


PUBLISHED = [
    scored("2026-11-17", 70.0), planned("2026-11-17", "p1"),
    goal("2026-11-17", "p1", target=9, due="2027-01-31", baseline=21),
    event("risk_opened", signal="a", severity="low"), event("risk_opened", signal="b"),
    sent("2026-11-17", "m1"), sent("2026-11-17", "m2"), fact("arr", 1), fact("arr", 2),
    fact("k", 3),
]  # fmt: skip


@settings(deadline=None)
@given(st.integers(0, 10_000))
def test_the_lines_of_one_moment_fold_alike_in_any_order(seed: int) -> None:
    """Each line is about another thing; only of one thing does the later line win."""
    shuffled = random.Random(seed).sample(PUBLISHED, len(PUBLISHED))
    first, found = state(PUBLISHED), state(shuffled)
    assert (found.scores, found.plans, found.goals) == (first.scores, first.plans, first.goals)
    assert found.plays.risks == first.plays.risks
    assert {s.message_id: s for s in found.sent} == {s.message_id: s for s in first.sent}
    assert {n.value for n in found.facts["arr"].valid} == {1, 2}
    assert found.facts["k"] == first.facts["k"]
