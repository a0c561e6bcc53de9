"""The entry in the score file: history, trend, change, override."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from accounts import AS_OF, health, healthy, put
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.success.assessment import HealthResult
from agent.success.health.change import change, change_since
from agent.success.health.entry import own_standing, score_entry
from agent.success.health.schema import HealthScoreEntry
from agent.success.health.standing import Standing
from agent.success.plan import Change

GOOD = health(healthy())
WORSE = health(put(healthy(), "usage.monthly.2.active_users", 40))


def entry(
    result: HealthResult, earlier: Any = None, id: str = "inst_1", **more: Any
) -> dict[str, Any]:
    return score_entry(result, earlier, instruction_id=id, **more)


def at(result: HealthResult, day: date) -> HealthResult:
    return replace(result, as_of=day)


def total(found: Change) -> float:
    return round(sum(cause.points for cause in found.causes), 6)


def test_a_first_entry() -> None:
    found = entry(GOOD)
    HealthScoreEntry.model_validate(found)
    assert found["tier"] == "green"
    assert found["trend"] == "unknown"
    assert [item["instruction_id"] for item in found["history"]] == ["inst_1"]
    points = [c["contribution"] for c in found["components"].values()]
    assert round(sum(points), 6) == found["score"]


def test_running_again_on_the_same_day_adds_nothing() -> None:
    once = entry(GOOD)
    assert entry(GOOD, once) == once


def test_a_new_instruction_adds_one_item_in_order_of_date() -> None:
    first = entry(at(GOOD, date(2026, 8, 1)), id="inst_0")
    second = entry(WORSE, first)
    assert [item["date"] for item in second["history"]] == ["2026-08-01", "2026-11-17"]
    assert second["trend"] == "declining"
    late = entry(at(GOOD, date(2026, 10, 1)), second, id="inst_2")
    assert [item["date"] for item in late["history"]] == ["2026-08-01", "2026-10-01", "2026-11-17"]
    assert late["trend"] == "unknown"


@pytest.mark.parametrize(
    ("scores", "trend"),
    [([70, 80], "improving"), ([70, 71], "stable"), ([90, 88, 85], "declining"), ([], "unknown")],
)
def test_trend(scores: list[float], trend: str) -> None:
    history = [
        {"date": f"2026-0{n + 1}-01", "score": s, "tier": "yellow", "instruction_id": f"i{n}"}
        for n, s in enumerate(scores[:-1])
    ]
    result = replace(GOOD, score=float(scores[-1]) if scores else GOOD.score)
    assert entry(result, {"history": history})["trend"] == trend


def test_foreign_items_are_kept_and_skipped() -> None:
    foreign = [{"date": "x", "score": "high"}, "text", {"date": "2026-08-01", "score": 400}]
    good = {"date": "2026-08-01", "score": 60, "tier": "yellow", "by": "other tool"}
    found = entry(GOOD, {"history": [*foreign, good], "owner": "Kim"})
    assert found["history"][:3] == [foreign[0], {"unreadable": "text"}, foreign[2]]
    assert found["history"][3] == good
    assert found["owner"] == "Kim"
    assert found["trend"] == "improving"
    assert entry(GOOD, found) == found


@pytest.mark.parametrize("broken", [{"history": "lots"}, {"history": {"a": 1}}, {}, None])
def test_a_broken_history_is_not_lost(broken: Any) -> None:
    found = entry(GOOD, broken)
    assert found["history"][-1]["date"] == "2026-11-17"
    if broken and "history" in broken:
        assert found["history"][0] == {"unreadable": broken["history"]}


def test_a_score_kept_outside_the_history_is_moved_into_it() -> None:
    found = entry(GOOD, {"score": 70, "tier": "yellow", "date": "2026-08-01"})
    assert [item["score"] for item in found["history"]] == [70, found["score"]]


def test_overrides_hold_until_they_expire_and_never_hide_the_score() -> None:
    override = {"value": 50, "reason": "merger", "by": "lead", "expires": "2026-11-17"}
    found = entry(GOOD, {"override": override})
    assert found["override"] == {**override, "value": 50.0}
    assert found["score"] == entry(GOOD)["score"]
    later = entry(at(GOOD, date(2026, 11, 18)), found)
    assert later["override"] is None
    assert "expired on 2026-11-17" in later["note"]
    assert "dropped" in entry(GOOD, {"override": {"value": "high"}})["note"]


def test_without_a_score_the_entry_says_so() -> None:
    found = entry(health({"name": "Bare"}))
    assert (found["score"], found["tier"], found["status"]) == (None, None, "not_enough_data")
    assert "not enough data" in found["note"]
    assert found["history"][-1]["score"] is None


def test_the_change_is_broken_down_by_component() -> None:
    before = entry(at(GOOD, date(2026, 8, 1)), id="inst_0")
    found = change_since(WORSE, before, "inst_1")
    assert found is not None
    assert found.since == date(2026, 8, 1)
    assert [cause.cause for cause in found.causes] == ["product adoption"]
    assert total(found) == found.points == round(found.to_score - found.from_score, 6)


def test_a_rerun_compares_with_what_was_before_it() -> None:
    before = entry(at(GOOD, date(2026, 8, 1)), id="inst_0")
    after = entry(WORSE, before, change=change_since(WORSE, before, "inst_1"))
    assert change_since(WORSE, after, "inst_1") == change_since(WORSE, before, "inst_1")


def test_a_bare_earlier_score_is_not_broken_down() -> None:
    history = {"history": [{"date": "2026-08-01", "score": 60, "tier": "yellow"}]}
    found = change_since(GOOD, history, "inst_1")
    assert found is not None
    assert [cause.cause for cause in found.causes] == ["not broken down"]
    assert total(found) == found.points


def test_later_and_unreadable_scores_are_no_earlier_ones() -> None:
    assert change_since(GOOD, {"history": [{"date": "2026-12-01", "score": 60}]}, "i") is None
    assert change_since(GOOD, {"history": [{"date": "2026-08-01", "score": 400}]}, "i") is None
    assert change_since(GOOD, None, "i") is None


def test_a_new_component_says_that_it_was_not_computable() -> None:
    before = entry(at(health(put(healthy(), "value", {})), date(2026, 8, 1)), id="inst_0")
    found = change_since(GOOD, before, "inst_1")
    assert found is not None
    assert "value realization (was not computable before)" in {c.cause for c in found.causes}
    assert total(found) == found.points


def test_a_change_of_model_is_its_own_term() -> None:
    now = own_standing(GOOD, "inst_1")
    assert now is not None
    old = Standing(date(2026, 8, 1), 70.0, "yellow", "i0", "old 1", {"a": 40.0, "b": 30.0})
    under_old = Standing(AS_OF, 75.0, "yellow", "inst_1", "old 1", {"a": 42.0, "b": 33.0})
    found = change(old, now, under_old)
    assert found.causes[0].cause.startswith("model changed from old 1")
    assert {c.cause: c.points for c in found.causes[1:]} == {"a": 2.0, "b": 3.0}
    assert total(found) == found.points
    unknown = change(old, now)
    assert next(c.cause for c in unknown.causes).startswith("not broken down: model changed")


scores = st.integers(0, 10000).map(lambda n: n / 100)
parts = st.dictionaries(st.sampled_from("abcd"), scores, max_size=4)


@settings(deadline=None)
@given(scores, scores, parts, parts, st.booleans(), scores)
def test_causes_always_sum_to_the_change(
    a: float,
    b: float,
    before: dict[str, float],
    after: dict[str, float],
    same: bool,
    between: float,
) -> None:
    earlier = Standing(AS_OF - timedelta(90), a, "red", "i0", "m 1", before)
    now = Standing(AS_OF, b, "red", "i1", "m 1" if same else "m 2", after)
    bridge = Standing(AS_OF, between, "red", "i1", "m 1", after)
    for found in (change(earlier, now), change(earlier, now, bridge)):
        assert total(found) == pytest.approx(found.points, abs=1e-9)
