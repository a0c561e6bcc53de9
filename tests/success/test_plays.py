"""Playbooks: what starts them, who owns the steps, and dates that hold."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from accounts import AS_OF, healthy, put, read
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from signs import PLAYBOOKS, detect, mail, started

from agent.success.assessment import Play, Signal
from agent.success.plays import start as plays
from agent.success.signals.lexicon import compiled, plain

CSM = "customer-success-manager"
IDS = tuple(PLAYBOOKS.data["plays"])


def sign(id: str, playbook: str, severity: str = "high", at: date | None = None) -> Signal:
    return Signal(
        id, "business", severity, id, "measured", "it is over", at, playbook, (f"fact.{id}",)
    )  # type: ignore[arg-type]


def start(*signals: Signal, renewal: date | None = None, as_of: date = AS_OF) -> dict[str, Play]:
    data = healthy()
    data["contract"]["renewal_date"] = renewal.isoformat() if renewal else None
    account, _ = read(data, as_of)
    return {p.id: p for p in plays.start(signals, account, PLAYBOOKS, as_of)}


FIVE_STEPS = {
    "low_engagement": (
        "main contact", "training refresh", "best practices", "power users", "leadership",
    ),
    "low_adoption": (
        "Analyse usage", "Identify blockers", "Customise training", "Set adoption goals",
        "weekly check-ins",
    ),
    "executive_change": (
        "Request an introduction", "value review", "Refresh the business case",
        "Reset the success metrics", "Build new relationships",
    ),
    "competitor_evaluation": (
        "Understand the concerns", "Demonstrate the unique value", "executive sponsor",
        "strategic review", "Negotiate",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("play", "steps"), FIVE_STEPS.items())
def test_the_four_playbooks_have_their_five_steps(play: str, steps: tuple[str, ...]) -> None:
    titles = [s["do"] for s in PLAYBOOKS.data["plays"][play]["steps"]]
    assert len(titles) == 5
    for title, words in zip(titles, steps, strict=True):
        assert words in title


def test_many_signs_start_one_play_with_the_gravest_severity() -> None:
    found = start(sign("a", "low_adoption", "medium"), sign("b", "low_adoption", "high"))
    play = found["low_adoption"]
    assert (play.signals, play.severity, play.evidence) == (
        ("a", "b"),
        "high",
        ("fact.a", "fact.b"),
    )


def test_a_mild_sign_starts_nothing_alone_but_joins_a_play() -> None:
    assert start(sign("a", "low_adoption", "low")) == {}
    found = start(sign("a", "low_adoption", "low"), sign("b", "low_adoption", "medium"))
    assert found["low_adoption"].signals == ("a", "b")


def test_the_gravest_play_comes_first() -> None:
    found = start(sign("a", "low_engagement", "medium"), sign("b", "merger", "critical"))
    assert list(found) == ["merger", "low_engagement"]


def test_a_combination_starts_the_save_strategy() -> None:
    found = start(
        sign("sponsor_left", "executive_change"), sign("low_adoption", "low_adoption", "medium")
    )
    assert set(found["save_strategy"].signals) == {"sponsor_left", "low_adoption"}
    assert "save_strategy" not in start(sign("sponsor_left", "executive_change"))


def test_the_save_strategy_has_four_dated_phases() -> None:
    play = started(mail("We hereby terminate the contract."))["save_strategy"]
    days: dict[str, list[int]] = {}
    for step in play.steps:
        days.setdefault(step.phase, []).append((step.due - AS_OF).days)
    assert list(days) == [
        "Diagnose (days 1-3)",
        "Plan (days 4-7)",
        "Execute (days 8-30)",
        "Rebuild (months 2-6)",
    ]
    assert max(days["Diagnose (days 1-3)"]) <= 3
    assert days["Rebuild (months 2-6)"][-1] >= 180


def test_steps_that_need_the_leaver_come_before_the_last_day() -> None:
    leaving = sign("sponsor_leaving", "executive_change", at=AS_OF + timedelta(days=6))
    play = start(leaving, renewal=date(2027, 5, 15))["executive_change"]
    dues = [s.due for s in play.steps]
    assert all(due < AS_OF + timedelta(days=6) for due in dues[:3])
    assert all(due > AS_OF + timedelta(days=6) for due in dues[3:])


def test_a_departure_bends_the_plays_of_other_signs_too() -> None:
    leaving = sign("sponsor_leaving", "executive_change", at=AS_OF + timedelta(days=3))
    play = start(leaving, sign("single_threaded", "multi_threading"))["multi_threading"]
    asked = next(s for s in play.steps if "introductions" in s.title)
    assert asked.due < AS_OF + timedelta(days=3)


def test_the_path_to_the_renewal_keeps_its_days_and_catches_up() -> None:
    far = start(sign("a", "renewal_path"), renewal=date(2027, 5, 17))["renewal_path"]
    assert far.steps[0].due == date(2027, 1, 18)  # 120 days before is a Sunday
    assert far.steps[-1].due == date(2027, 4, 19)  # 30 days before is a Saturday
    near = start(sign("a", "renewal_path"), renewal=AS_OF + timedelta(days=45))["renewal_path"]
    dues = [s.due for s in near.steps]
    assert dues == sorted(dues)
    assert dues[0] <= AS_OF + timedelta(days=4)
    assert dues[-1] < AS_OF + timedelta(days=45)


def test_what_is_about_the_time_after_may_be_due_after_the_renewal() -> None:
    renewal = AS_OF + timedelta(days=40)
    play = start(sign("a", "save_strategy"), renewal=renewal)["save_strategy"]
    assert all(s.due < renewal for s in play.steps if not s.phase.startswith("Rebuild"))
    assert all(s.due > renewal for s in play.steps if s.phase.startswith("Rebuild"))


def test_an_account_in_onboarding_gets_what_is_left_of_the_checklist() -> None:
    data = healthy()
    data |= {"customer_since": "2026-10-28"}
    data["contract"] |= {"start_date": "2026-10-28", "renewal_date": "2027-10-27"}
    data["onboarding"] = {"kickoff_held_on": "2026-11-02"}
    play = started(data)["onboarding_checklist"]
    assert all(s.due >= AS_OF for s in play.steps)
    assert play.steps[-1].phase == "week 8"
    assert "kickoff" not in play.steps[0].title
    assert "onboarding_checklist" not in started(healthy())


def test_the_work_of_another_lane_has_another_owner() -> None:
    never = compiled(tuple(PLAYBOOKS.data["csm_never"]))
    for play in PLAYBOOKS.data["plays"].values():
        for step in play["steps"]:
            assert step["owner"] != CSM or never.search(plain(step["do"])) is None
    assert never.search("reset the password") and never.search("negotiate the contract")


def test_step_titles_hold_no_figures() -> None:
    for play in PLAYBOOKS.data["plays"].values():
        assert not any(ch.isdigit() for step in play["steps"] for ch in step["do"])


@given(
    play=st.sampled_from(IDS),
    ahead=st.integers(1, 500),
    today=st.dates(date(2026, 1, 1), date(2028, 12, 31)),
    last_day=st.none() | st.integers(1, 120),
)
@settings(deadline=None, max_examples=150)
def test_every_step_is_on_a_working_day_before_the_renewal(
    play: str, ahead: int, today: date, last_day: int | None
) -> None:
    renewal = today + timedelta(days=ahead)
    wall = renewal - timedelta(days=1)
    assume(any((today + timedelta(days=n)).weekday() < 5 for n in range(ahead)))
    leaving = today + timedelta(days=last_day) if last_day else None
    assume(
        leaving is None
        or any((today + timedelta(days=n)).weekday() < 5 for n in range(last_day or 0))
    )
    signals = [sign("a", play)]
    if leaving:
        signals.append(sign("sponsor_leaving", "executive_change", at=leaving))
    rules = PLAYBOOKS.data["plays"]
    for found in start(*signals, renewal=renewal, as_of=today).values():
        by_title = {s["do"]: s for s in rules[found.id]["steps"]}
        for step in found.steps:
            rule = by_title[step.title]
            assert step.due >= today
            assert step.due.weekday() < 5
            assert step.due <= wall or rule.get("after_renewal")
            if leaving and rule.get("needs_leaver"):
                assert step.due < leaving


def test_with_no_working_day_left_the_step_is_due_today() -> None:
    saturday = date(2026, 11, 21)
    found = start(sign("a", "merger"), renewal=date(2026, 11, 23), as_of=saturday)
    assert {s.due for s in found["merger"].steps} <= {saturday}


def test_a_renewal_in_the_past_or_unknown_is_no_wall() -> None:
    for renewal in (None, AS_OF - timedelta(days=10), AS_OF):
        found = start(sign("a", "renewal_path"), sign("b", "merger"), renewal=renewal)
        for play in found.values():
            assert all(s.due > AS_OF for s in play.steps)


def test_the_plays_of_a_real_account_rest_on_its_signs() -> None:
    data = put(healthy(), "relationship.executive_sponsor.status", "left")
    found = started(data)
    assert found["executive_change"].signals == ("sponsor_left",)
    assert set(found["executive_change"].evidence) == set(detect(data)["sponsor_left"].evidence)
