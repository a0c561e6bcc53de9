"""What open peers make of dates: the clock inside, part of a day, and 2020 is "soon"."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from tests.peers.conftest import Book, row

Books = Callable[..., Book]
COMMANDS = [("health", "--json"), ("risk", "--json"), ("expansion", "--json"),
            ("renewals", "--period", "2027Q2", "--json"), ("qbr", "wren")]  # fmt: skip


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0])
def test_the_output_does_not_change_with_the_clock(
    book: Book, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    book.take(row())
    said = []
    for moment in (datetime(2027, 3, 1, 0, 0, 1, tzinfo=UTC),
                   datetime(2031, 7, 9, 23, 59, 59, tzinfo=UTC)):  # fmt: skip
        monkeypatch.setattr("agent.clock.utc_now", lambda moment=moment: moment)
        said.append(book(*words).stdout)
    assert said[0] == said[1] and "2031" not in said[0]


@pytest.mark.parametrize(
    ("as_of", "left"), [("2027-03-30", 31), ("2027-03-31", 30), ("2027-04-30", 0)]
)
def test_days_are_whole_days_whatever_the_time_of_day(
    book: Book, monkeypatch: pytest.MonkeyPatch, as_of: str, left: int
) -> None:
    book.take(row())
    for hour in (0, 23):
        now = datetime(2027, 4, 1, hour, 59, 1, tzinfo=UTC)
        monkeypatch.setattr("agent.clock.utc_now", lambda now=now: now)
        assert book.risk(as_of=as_of)["days_to_renewal"] == left


def test_a_contract_that_ended_is_overdue_and_not_approaching(book: Book) -> None:
    book.take(row(contract_start="2019-03-02", renewal_date="2020-03-01"))
    found = book.risk()
    assert found["days_to_renewal"] < -2000
    assert book.signals()["renewal_overdue"] == "high"
    assert "notice_deadline_near" not in book.signals()
    (line,) = book.renewals("2020")["lines"]
    assert line["overdue"] is True
    assert "overdue" in book("renewals", "--period", "2020").stdout
    assert "contract_renewal" not in {s["id"] for s in book.expansion()["signals"]}


def test_an_ended_contract_is_never_low_risk_however_green(book: Book) -> None:
    book.take(row(contract_start="2019-03-02", renewal_date="2020-03-01"))
    assert (book.health()["tier"], book.risk()["level"]) == ("green", "high")
    assert book.expansion()["gate"] == "gated"


@pytest.mark.parametrize("bad", ["31/12/2026", "03/12/2026", "31/12/26", "2026-02-30", "soon"])
def test_a_bad_date_is_named_and_not_read_as_another_day(book: Book, bad: str) -> None:
    book.take(row(renewal_date=bad))
    assert f"renewal_date, '{bad}': " in book.said.stdout
    assert book.risk()["days_to_renewal"] is None
    assert book.renewals("2027")["without_date"] == ["wren"]
    assert "no renewal date on record: wren" in book("renewals", "--period", "2027").stdout


def test_a_contract_without_an_end_is_said_and_has_no_made_up_urgency(book: Book) -> None:
    book.take(row(renewal_date=None))
    assert book.risk()["days_to_renewal"] is None
    assert not {"renewal_at_risk", "renewal_overdue"} & book.signals().keys()


@pytest.mark.parametrize(
    ("column", "measure"),
    [
        ("usage_date", "active_users"),
        ("usage_date", "login_frequency"),
        ("nps_collected_on", "nps"),
    ],
)
def test_a_future_timestamp_is_not_fresh(book: Book, column: str, measure: str) -> None:
    book.take(row(**{column: "2027-06-30"}))
    found = book.measure(measure)
    assert found["score"] is None and found["state"] in ("missing", "invalid")


def test_a_goal_measured_in_the_future_has_not_been_measured(book: Book) -> None:
    goal = {"id": "G-1", "statement": "Kiln losses", "metric": "percent", "baseline": 9,
            "target": 3, "actual": 3, "due": "2027-09-30", "as_of": "2027-08-31"}  # fmt: skip
    book.take(row(goals=[goal]), name="customers.json")
    assert book.measure("goals")["score"] is None
    (shown,) = book.json("qbr", "wren")["goals"]
    assert (shown["now"], shown["status"]) == ("not measured", "not measured")


def test_a_sponsor_met_in_the_future_has_not_been_met(books: Books) -> None:
    ahead, never = (books(row(sponsor_last_contact=day)) for day in ("2027-01-04", None))
    assert ahead.measure("sponsor")["score"] == never.measure("sponsor")["score"]
    assert not {s["id"] for s in ahead.expansion()["signals"]} & {"executive_engagement"}
