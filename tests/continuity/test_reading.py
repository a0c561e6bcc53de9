"""Two clocks: what had happened by a day, as it was known at a moment."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.success.continuity.reading import BACKDATED_DAYS, Reading, read, standing
from tests.continuity.makers import correction, event, fact

START = date(2026, 1, 1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def values(reading: Reading) -> list[Any]:
    return [told.data.get("value") for told in reading.standing if told.kind == "fact_noted"]


def test_what_happened_and_what_was_known_are_two_questions() -> None:
    late = fact("arr", 1, "2026-03-01", recorded="2026-06-01T09:00:00Z")
    soon = fact("arr", 2, "2026-04-01")
    events = [soon, late]
    assert values(read(events, as_of=date(2026, 3, 31))) == [1]
    assert values(read(events, known_at=at("2026-05-31"))) == [2]
    assert values(read(events, as_of=date(2026, 3, 31), known_at=at("2026-05-31"))) == []
    assert values(read(events)) == [1, 2], "by business date, whatever was recorded first"


def test_events_of_one_day_count_in_the_order_of_their_lines() -> None:
    """Also where the second writer's clock was an hour behind."""
    first = fact("arr", 1, recorded="2026-11-17T12:00:00Z")
    second = fact("arr", 2, recorded="2026-11-17T11:00:00Z")
    assert values(read([first, second])) == [1, 2]


def test_a_correction_counts_from_its_recording_and_the_old_words_stand_before() -> None:
    wrong = event("goal_set", "2026-03-01", goal="G-1", target=9, unit="%")
    mended = correction(wrong, "2026-06-01", data={"target": 8, "unit": None})
    before, after = (
        read([wrong, mended], known_at=at(d)).told for d in ("2026-05-31", "2026-06-02")
    )
    assert before[0].data == {"goal": "G-1", "target": 9, "unit": "%"}
    assert after[0].data == {"goal": "G-1", "target": 8}
    assert after[0].original["data"]["target"] == 9
    in_march = read([wrong, mended], as_of=date(2026, 3, 31)).told
    assert [t.data["target"] for t in in_march] == [8], "it is knowledge about March"


def test_a_correction_can_move_the_day_and_the_later_of_two_counts() -> None:
    wrong = event("goal_set", "2026-03-01", goal="G-1", target=9)
    first = correction(wrong, "2026-06-01", moved="2026-04-02")
    second = correction(wrong, "2026-06-02", moved="2026-05-02", data={"target": 7})
    told = read([wrong, first, second]).told[0]
    assert (told.on, told.data["target"], len(told.corrections)) == (date(2026, 5, 2), 7, 2)
    assert read([wrong, first, second], as_of=date(2026, 4, 30)).told == ()


def test_what_is_withdrawn_stays_on_the_timeline_and_out_of_the_state() -> None:
    wrong = fact("arr", 9, "2026-03-01")
    gone = correction(wrong, "2026-04-01", withdrawn=True)
    back = correction(gone, "2026-05-01", withdrawn=True)
    assert values(read([wrong, gone])) == []
    assert [t.withdrawn for t in read([wrong, gone]).told] == [True, False]
    assert values(read([wrong, gone, back])) == [9], "the correction itself was withdrawn"
    assert values(read([wrong, gone, back], known_at=at("2026-04-30"))) == []
    assert [e["kind"] for e in standing([wrong, gone, back])] == ["fact_noted", "corrected"]


def test_a_correction_of_nothing_changes_nothing_and_is_named() -> None:
    real = fact("arr", 9, "2026-03-01")
    early = correction(real, "2026-02-01", withdrawn=True)
    stray = correction({"event_id": "f" * 16}, "2026-04-01", withdrawn=True)
    itself = event("corrected", "2026-04-02", corrects=None)
    reading = read([early, real, stray, itself])
    assert values(reading) == [9]
    assert [id for id, _ in reading.unusable] == [e["event_id"] for e in (early, stray, itself)]


def test_dates_that_cannot_be_read_prove_nothing() -> None:
    undated = {**fact("arr", 1), "at": "soon"}
    unmarked = {**fact("arr", 2), "recorded_at": "yesterday"}
    assert values(read([undated, unmarked])) == [2]
    assert read([undated, unmarked]).unusable == (
        (undated["event_id"], "its business date cannot be read"),
    )
    assert values(read([undated, unmarked], known_at=at("2100-01-01"))) == []


def test_back_dated_is_more_than_a_week_late() -> None:
    def late(days: int) -> int:
        recorded = datetime(2026, 3, 1, 9, tzinfo=UTC) + timedelta(days=days)
        return read([fact("arr", 1, "2026-03-01", recorded=recorded.isoformat())]).told[0].days_late

    assert [late(days) for days in (-3, 0, BACKDATED_DAYS, BACKDATED_DAYS + 1)] == [0, 0, 0, 8]


days = st.integers(0, 40).map(lambda n: START + timedelta(days=n))


@st.composite
def histories(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Facts and corrections of what stands before them, recorded in the order of their lines."""
    events: list[dict[str, Any]] = []
    recorded = datetime(2026, 1, 1, tzinfo=UTC)
    for n in range(draw(st.integers(1, 12))):
        recorded += timedelta(hours=draw(st.integers(0, 60)))
        day, moment = draw(days).isoformat(), recorded.strftime("%Y-%m-%dT%H:%M:%SZ")
        if not events or draw(st.booleans()):
            key = draw(st.sampled_from(["arr", "seats"]))
            events.append(fact(key, draw(st.integers(0, 3)), day, recorded=moment, n=n))
        else:
            target = draw(st.sampled_from(events))
            wrong = draw(st.sampled_from([{"withdrawn": True}, {"data": {"value": 77}}]))
            events.append(correction(target, day, moment, n=n, **wrong))
    return events


@settings(deadline=None)
@given(histories(), st.integers(0, 12), days)
def test_the_past_is_not_changed_by_what_is_recorded_later(
    events: list[dict[str, Any]], cut: int, on: date
) -> None:
    """An answer about a moment is the same before and after later lines were written."""
    then, later = events[:cut], events[cut:]
    if not then:
        return
    moment = at(then[-1]["recorded_at"][:-1])
    later = [e for e in later if at(e["recorded_at"][:-1]) > moment]
    assert read(then, as_of=on, known_at=moment) == read([*then, *later], as_of=on, known_at=moment)


@settings(deadline=None)
@given(histories(), days, days)
def test_nothing_that_was_recorded_later_is_ever_shown(
    events: list[dict[str, Any]], on: date, known: date
) -> None:
    moment = datetime(known.year, known.month, known.day, tzinfo=UTC)
    for told in read(events, as_of=on, known_at=moment).told:
        assert told.on <= on
        for shown in (told.original, *told.corrections):
            assert at(shown["recorded_at"][:-1]) <= moment


@settings(deadline=None)
@given(histories())
def test_what_was_recorded_is_never_altered_and_never_lost(events: list[dict[str, Any]]) -> None:
    reading = read(events)
    assert sorted((t.original for t in reading.told), key=lambda e: events.index(e)) == events
    kept = [told.event for told in reading.standing]
    assert sorted(kept, key=lambda e: e["event_id"]) == sorted(
        standing(events), key=lambda e: e["event_id"]
    )
