"""Documents as views: what the events say that the scores file and the plans hold."""

from __future__ import annotations

from typing import Any

from agent.memory import views


def scored(day: str, score: float, *before: str, **more: Any) -> dict[str, Any]:
    history = [{"date": d, "score": 50.0} for d in before] + [{"date": day, "score": score}]
    entry = {"score": score, "as_of": day, "override": None, "history": history, **more}
    return {"kind": "health_scored", "at": day, "view": views.entry_view(entry)}


def overridden(value: float) -> dict[str, Any]:
    return {"kind": "override_set", "data": {"value": value, "by": "A. Lead"}}


def planned(text: str, revision: int, iid: str = "inst_1") -> dict[str, Any]:
    kept = f"{iid}/outputs/revisions/success_plan.r{revision}.yaml"
    view = views.plan_view(f"{iid}/outputs/final/success_plan.yaml", text, kept)
    return {"kind": "plan_published", "view": view}


def test_the_newest_score_is_the_entry_and_an_override_joins_it() -> None:
    may, august = scored("2026-05-19", 61.0), scored("2026-08-18", 70.0, "2026-05-19")
    assert views.score_entry([]) is None
    assert views.score_entry([overridden(5)]) is None
    assert views.score_entry([may, august]) == august["view"]["entry"]
    entry = views.score_entry([may, overridden(80)])
    assert entry == {**may["view"]["entry"], "override": {"value": 80, "by": "A. Lead"}}


def test_a_score_recorded_late_joins_the_history_only() -> None:
    may, august = scored("2026-05-19", 61.0), scored("2026-08-18", 70.0)
    entry = views.score_entry([august, may])
    assert entry is not None and entry["score"] == 70.0
    assert [item["date"] for item in entry["history"]] == ["2026-05-19", "2026-08-18"]
    assert views.score_entry([august, may, may]) == entry


def test_events_of_earlier_versions_say_nothing_about_documents() -> None:
    old = {"kind": "health_scored", "at": "2026-05-19", "data": {"score": 61.0}}
    assert views.score_entry([old]) is None
    assert views.plan_texts([{"kind": "plan_published", "data": {"plan_id": "p"}}]) == {}


def test_a_file_that_an_earlier_event_left_is_behind() -> None:
    may, august = scored("2026-05-19", 61.0), scored("2026-08-18", 70.0)
    assert views.is_behind(None, [may])
    assert views.is_behind(may["view"]["entry"], [may, august])
    assert not views.is_behind(august["view"]["entry"], [may, august])
    changed_by_hand = {**may["view"]["entry"], "score": 1.0}
    assert not views.is_behind(changed_by_hand, [may, august])
    assert not views.is_behind(None, [])


def test_a_superseded_revision_lies_where_it_is_kept() -> None:
    found = views.plan_texts([planned("one", 1), planned("two", 2), planned("else", 1, "inst_2")])
    assert found == {
        "inst_1/outputs/revisions/success_plan.r1.yaml": "one",
        "inst_1/outputs/final/success_plan.yaml": "two",
        "inst_2/outputs/final/success_plan.yaml": "else",
    }
