"""Open plays: what the timeline tells, and what a second firing does to a play that is open."""

from __future__ import annotations

import copy
import random
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.success.plays.state import Ledger, fold

SHOP = "acme"
DAY = date(2026, 11, 17)
STEPS = [
    {"title": "Ask what changed", "owner": "customer-success-manager", "due": "2026-11-18"},
    {"title": "Refresh the training", "owner": "support-trainer", "due": "2026-11-23"},
]


def told(state: str, at: str = "2026-11-17", playbook: str = "low_adoption", **data: Any) -> Any:
    more = {"playbook": playbook, "state": state, **data}
    return {"kind": "playbook_started", "account_id": SHOP, "at": at, "data": more}


def started(at: str = "2026-11-17", **data: Any) -> Any:
    what = {"title": "Low adoption", "because": ["low_adoption"], "severity": "medium"}
    return told("started", at, **{**what, "steps": STEPS, **data})


def test_a_play_is_open_from_its_start_to_its_close() -> None:
    events = [started(), told("closed", "2026-12-01", reason="agreed", by="A")]
    assert fold(events, date(2026, 11, 16)).plays == {}
    play = fold(events, DAY).plays["low_adoption"]
    assert (play.since, play.severity, play.signals) == (DAY, "medium", ("low_adoption",))
    assert [step.due.isoformat() for step in play.steps] == ["2026-11-18", "2026-11-23"]
    assert fold(events, date(2026, 12, 1)).plays == {}


def test_a_second_start_updates_and_keeps_the_first_day_and_what_is_done() -> None:
    events = [
        started(),
        told("step_done", "2026-11-19", step=1, by="V. Brandt"),
        started("2026-11-24", because=["low_adoption", "logins_declining"], severity="high"),
    ]
    play = fold(events, date(2026, 11, 24)).plays["low_adoption"]
    assert (play.since, play.severity) == (DAY, "high")
    assert play.signals == ("low_adoption", "logins_declining")
    assert (play.steps[0].done_on, play.steps[0].done_by) == (date(2026, 11, 19), "V. Brandt")
    assert play.next_step() == (2, play.steps[1])


def test_a_snoozed_play_sleeps_until_its_day() -> None:
    events = [started(), told("snoozed", until="2026-12-01", reason="year end", by="A")]
    play = fold(events, DAY).plays["low_adoption"]
    assert play.snoozed(date(2026, 11, 30)) and not play.snoozed(date(2026, 12, 1))
    woken = fold([*events, told("updated", "2026-11-20", snoozed_until=None)], date(2026, 11, 20))
    assert not woken.plays["low_adoption"].snoozed(date(2026, 11, 20))


def test_events_from_before_there_were_states_count_as_started() -> None:
    old = {"kind": "playbook_started", "account_id": SHOP, "at": "2026-08-18",
           "data": {"playbook": "value_gap", "because": ["no_goals"]}}  # fmt: skip
    play = fold([old], DAY).plays["value_gap"]
    assert (play.title, play.since, play.steps) == ("value gap", date(2026, 8, 18), ())
    assert play.next_step() is None


def test_risks_open_once_and_close() -> None:
    def risk(kind: str, at: str) -> Any:
        data = {"signal": "no_reply", "family": "engagement", "basis": "measured"}
        return {"kind": kind, "account_id": SHOP, "at": at, "data": data}

    opened = [risk("risk_opened", "2026-08-18"), risk("risk_opened", "2026-11-17")]
    assert fold(opened, DAY).risks["no_reply"].since == date(2026, 8, 18)
    closed = fold([*opened, risk("risk_closed", "2026-11-18")], date(2026, 11, 18))
    assert closed.risks == {}
    assert closed.next_number("signal", "no_reply") == 4


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {"playbook": 7},
        {"playbook": "low_adoption", "state": "invented_later"},
        {"playbook": "low_adoption", "state": ["closed"]},
        {"playbook": "low_adoption", "state": "step_done", "step": "1"},
        {"playbook": "low_adoption", "state": "step_done", "step": True},
        {"playbook": "low_adoption", "state": "step_done", "step": 99},
        {"playbook": "low_adoption", "state": "snoozed", "until": "soon"},
        {"playbook": "low_adoption", "state": "updated", "steps": [{"title": "x", "due": "soon"}]},
        {"playbook": "low_adoption", "state": "updated", "severity": "dreadful", "because": "x"},
    ],
)
def test_an_event_that_cannot_be_used_changes_nothing(data: Any) -> None:
    broken = {"kind": "playbook_started", "account_id": SHOP, "at": "2026-11-17", "data": data}
    assert fold([started(), broken], DAY).plays == fold([started()], DAY).plays


_EVENTS = st.lists(
    st.builds(
        lambda state, on, playbook, step: told(
            state, (DAY + timedelta(days=on)).isoformat(), playbook,
            step=step, steps=STEPS[:step], until="2026-12-20", because=["a", "b"][:step],
        ),
        st.sampled_from(["started", "updated", "step_done", "snoozed", "closed"]),
        st.integers(0, 20), st.sampled_from(["low_adoption", "merger"]), st.integers(0, 3),
    ),
    max_size=25,
)  # fmt: skip


@settings(deadline=None)
@given(_EVENTS, st.integers(0, 21))
def test_what_happens_later_does_not_change_what_was_open(events: list[Any], days: int) -> None:
    until = DAY + timedelta(days=days)
    known = [e for e in events if e["at"] <= until.isoformat()]
    now, then = fold(events, until), fold(known, until)
    assert (now.plays, now.risks) == (then.plays, then.risks)


@settings(deadline=None)
@given(_EVENTS, st.randoms(use_true_random=False))
def test_the_order_of_lines_of_different_days_does_not_matter(
    events: list[Any], chance: random.Random
) -> None:
    one_a_day = list({e["at"]: e for e in events}.values())
    shuffled = copy.copy(one_a_day)
    chance.shuffle(shuffled)
    end = DAY + timedelta(days=21)
    assert fold(one_a_day, end).plays == fold(shuffled, end).plays


@settings(deadline=None)
@given(_EVENTS)
def test_a_step_never_gets_lost_or_undone_while_the_play_is_open(events: list[Any]) -> None:
    before: Ledger = Ledger()
    for on in range(22):
        after = fold(events, DAY + timedelta(days=on))
        for id, play in after.plays.items():
            earlier = before.plays.get(id)
            if earlier is None or play.since != earlier.since:
                continue
            assert len(play.steps) >= len(earlier.steps)
            for old, new in zip(earlier.steps, play.steps, strict=False):
                assert old.done_on is None or new.done_on is not None
        before = after
    assert replace(before) == before


def test_the_shipped_policy_has_no_two_steps_of_one_title_in_a_playbook() -> None:
    """A step is known again by its title."""
    path = Path(__file__).parents[2] / "personas/customer-success-manager/playbooks.yaml"
    for play in yaml.safe_load(path.read_text("utf-8"))["plays"].values():
        titles = [step["do"] for step in play["steps"]]
        assert len(set(titles)) == len(titles)
