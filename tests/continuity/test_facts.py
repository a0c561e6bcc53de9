"""Facts by key: since when, what they took the place of, and what contradicts what."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.success.continuity.facts import Fact, facts, key_of
from agent.success.continuity.reading import read
from tests.continuity.makers import correction, event, fact


def on(day: str, *events: dict[str, Any]) -> dict[str, Fact]:
    return facts(read(events).standing, date.fromisoformat(day))


def held(day: str, *events: dict[str, Any]) -> list[Any]:
    found = on(day, *events).get("arr")
    return [noted.value for noted in found.valid] if found else []


FIRST = fact("arr", 100, "2026-01-01")
SECOND = fact("arr", 120, "2026-07-01")


def test_a_value_holds_until_the_day_before_the_next() -> None:
    days = ("2025-12-31", "2026-01-01", "2026-06-30", "2026-07-01")
    assert [held(day, FIRST, SECOND) for day in days] == [[], [100], [100], [120]]
    history = on("2026-12-31", FIRST, SECOND)["arr"].history
    assert [(n.supersedes, n.superseded_by) for n in history] == [
        ((), (SECOND["event_id"],)),
        ((FIRST["event_id"],), ()),
    ]


def test_a_fact_that_is_noted_late_takes_its_place_in_the_past() -> None:
    late = fact("arr", 110, "2026-04-01", recorded="2026-09-01T09:00:00Z")
    assert held("2026-12-31", FIRST, SECOND, late) == [120]
    assert held("2026-05-01", FIRST, SECOND, late) == [110]
    between = on("2026-12-31", FIRST, SECOND, late)["arr"].history[1]
    assert between.supersedes == (FIRST["event_id"],)
    assert between.superseded_by == (SECOND["event_id"],)


def test_a_fact_may_be_noted_before_its_day_comes() -> None:
    ahead = fact("arr", 130, "2026-11-17", valid_from="2027-01-01")
    assert held("2026-12-31", SECOND, ahead) == [120]
    assert held("2027-01-01", SECOND, ahead) == [130]
    alone = on("2026-12-31", ahead)["arr"]
    assert (alone.valid, alone.contradictory, len(alone.history)) == ((), False, 1)


def test_values_of_one_day_that_differ_contradict_until_one_is_withdrawn() -> None:
    other = fact("arr", 125, "2026-07-01", by="A. Lead")
    for events in ((SECOND, other), (other, SECOND)):
        found = on("2026-12-31", FIRST, *events)["arr"]
        assert found.contradictory and {n.value for n in found.valid} == {120, 125}
    settled = correction(other, "2026-08-01", withdrawn=True)
    found = on("2026-12-31", FIRST, SECOND, other, settled)["arr"]
    assert not found.contradictory and [n.value for n in found.valid] == [120]


@pytest.mark.parametrize(
    ("one", "two", "contradictory"),
    [(100, 100.0, False), (1, True, True), ("100", 100, True), ([1], [1], False), (None, 0, True)],
    ids=str,
)
def test_what_is_the_same_value(one: Any, two: Any, contradictory: bool) -> None:
    found = on("2026-12-31", fact("arr", one), fact("arr", two, by="A. Lead"))["arr"]
    assert found.contradictory is contradictory and len(found.valid) == 2


def test_an_import_gives_facts_under_the_keys_that_people_use() -> None:
    changes = [
        {"pointer": "/contract/arr", "from": 100, "to": 120},
        {"pointer": "/usage/monthly/2026-10/active_users", "from": None, "to": 5},
        {"pointer": "/notes/3", "from": None, "to": {"text": "a mail"}},
        {"pointer": "/odd~1key/a~0b", "to": 1},
        {"pointer": "/no_value", "from": 1},
        "no change",
    ]
    made = event("facts_imported", "2026-10-31", file="crm.csv", changes=changes)
    found = on("2026-12-31", made, fact("contract.arr", 121, "2026-10-31"))
    assert list(found) == ["contract.arr", "odd/key.a~b", "usage.monthly.2026-10.active_users"]
    assert [(n.value, n.source) for n in found["contract.arr"].valid] == [
        (120, "crm.csv"), (121, ""),
    ]  # fmt: skip
    assert found["contract.arr"].contradictory


def test_both_spellings_of_a_key_are_one() -> None:
    assert key_of("/contract/arr") == key_of("contract.arr") == "contract.arr"


def test_data_of_another_shape_takes_nothing_else_along() -> None:
    odd = [
        event("fact_noted"), event("fact_noted", key="arr"), event("fact_noted", key=7, value=1),
        event("facts_imported", changes={"pointer": "/arr"}), {**fact("arr", 3), "data": "text"},
    ]  # fmt: skip
    assert held("2026-12-31", *odd, FIRST) == [100]


@settings(deadline=None)
@given(st.permutations([FIRST, SECOND, fact("arr", 7, "2026-07-01"), fact("seats", 3)]))
def test_the_order_of_recording_decides_nothing_about_facts(events: list[dict[str, Any]]) -> None:
    found = on("2026-12-31", *events)
    assert sorted(n.value for n in found["arr"].valid) == [7, 120]
    assert {n.value for n in found["arr"].history} == {7, 100, 120}
    assert found["seats"].valid[0].value == 3
