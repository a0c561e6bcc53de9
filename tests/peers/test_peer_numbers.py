"""What open peers make of numbers that are none: NaN is perfect, "95%" is 0, -10 beats 0."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.peers.conftest import Book, row, without

Books = Callable[..., Book]
MEASURES = [
    ("active_users", "active_users"), ("logins", "login_frequency"), ("features_used", "features"),
    ("outreach_replied", "responsiveness"), ("qbr_attended", "business_reviews"),
    ("roi_annual_value", "roi"), ("integrations_live", "integrations"), ("nps_company", "nps"),
    ("renewal_confidence", "renewal_confidence"),
]  # fmt: skip


def remarks(book: Book) -> str:
    return book.said.stdout


@pytest.mark.parametrize(("column", "measure"), MEASURES)
@pytest.mark.parametrize("bad", ["NaN", "Infinity"])
def test_nan_and_infinity_count_as_nothing_and_are_named(
    book: Book, column: str, measure: str, bad: str
) -> None:
    book.take(row(**{column: bad}))
    found = book.measure(measure)
    assert found["score"] is None and found["state"] in ("missing", "invalid")
    assert f"customers.csv:2: {column}, '{bad}': " in remarks(book)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
def test_nan_and_infinity_in_json_are_refused_and_what_is_printed_is_json(
    book: Book, bad: float
) -> None:
    book.take(row(active_users=bad, arr=bad), name="customers.json")
    assert book.measure("active_users")["score"] is None
    for command in ("health", "risk", "expansion"):
        json.loads(book(command, "--json").stdout, parse_constant=pytest.fail)
    assert book.risk()["arr"] is None


def test_a_nan_decline_is_no_full_risk(books: Books) -> None:
    bad = books(row(active_users="NaN", logins="NaN", api_calls="NaN"))
    assert not {"active_users_declining", "logins_declining"} & bad.signals().keys()
    assert bad.risk()["level"] == books(without("active_users", "logins")).risk()["level"]


def test_a_number_as_text_is_read(books: Books) -> None:
    texts = {key: str(value) for key, value in row().items()}
    as_text = books(texts, name="customers.json")
    assert as_text.said.exit_code == 0
    assert as_text.health() == books(row(), name="customers.json").health()


def test_text_that_is_no_number_spoils_its_cell_and_not_the_file(book: Book) -> None:
    book.take(row(active_users="many"), row(id="two", name="Two"))
    assert {r["account_id"] for r in book.json("health")} == {"wren", "two"}
    assert "'many': is not a number" in remarks(book)
    assert book.measure("active_users", "two")["state"] == "present"


@pytest.mark.parametrize("column", ["active_users", "logins", "features_used"])
def test_a_percent_sign_in_a_count_is_not_silently_zero(book: Book, column: str) -> None:
    book.take(row(**{column: "95%"}))
    assert f"{column}, '95%': is a percentage where a number is expected" in remarks(book)
    name = {"active_users": "active_users", "logins": "login_frequency"}.get(column, "features")
    assert book.measure(name)["score"] is None


def test_a_percent_sign_in_a_percentage_is_read(books: Books) -> None:
    assert books(row(renewal_confidence="85%")).health() == books(row()).health()


@pytest.mark.parametrize("column", ["open_tickets", "tickets_negative", "active_users", "logins",
                                    "licensed_users", "seats"])  # fmt: skip
def test_a_negative_count_is_refused_and_never_better_than_zero(books: Books, column: str) -> None:
    bad, blank = books(row(**{column: -10})), books(row(**{column: None}))
    assert f"{column}, '-10': is negative" in remarks(bad)
    for ask in (Book.health, Book.risk, Book.expansion):
        assert ask(bad) == ask(blank)


def test_negative_revenue_is_refused_and_in_no_sum(book: Book) -> None:
    book.take(row(arr=-180000))
    assert "arr, '-180000': is negative" in remarks(book)
    found = book.renewals()
    assert (found["totals"], found["without_arr"]) == ([], 1)


@pytest.mark.parametrize("arr", ["120,000", "$120,000", "120 000", "120.000,00", "USD 120000"])
def test_thousands_separators_in_revenue_are_read_in_every_report(book: Book, arr: str) -> None:
    book.take(row(arr=arr, currency="USD"))
    (total,) = book.renewals()["totals"]
    assert total["due"] == 120_000
    for command in ("health", "risk", "expansion", "renewals"):
        assert book(command, *(["--period", "2027Q2"] if command == "renewals" else [])).stdout


def test_no_licensed_seats_are_no_use_of_5000_percent(book: Book) -> None:
    book.take(row(licensed_users=0, seats=0, active_users=50))
    found = book.measure("active_users")
    assert (found["state"], found["score"]) == ("not_applicable", None)
    assert "denominator is 0" in found["note"]
    assert not {"high_adoption", "seat_limit"} & {s["id"] for s in book.expansion()["signals"]}
    assert "low_adoption" not in book.signals()


def test_more_active_than_licensed_is_named_and_no_normal_seat_offer(book: Book) -> None:
    book.take(row(active_users=500))
    assert "more active than licensed users" in remarks(book)
    assert {"data_contradictory", "over_licence"} <= book.signals().keys()
    found = book.measure("active_users")
    assert (found["value"], found["score"]) == (100, 100)
    offer = book.expansion()
    assert (offer["gate"], offer["recommendation"]) == ("gated", "")
    assert (
        "500 active users on 100 seats cannot be: settle the counts first" in offer["gate_reasons"]
    )


def test_a_few_users_over_the_licence_may_still_be_offered_seats(book: Book) -> None:
    book.take(row(active_users=105))
    assert "over_licence" in book.signals()
    assert book.expansion()["gate"] == "open"


@pytest.mark.parametrize(("nps", "score"), [(30, 65), (-100, 0), (100, 100), (0, 50)])
def test_a_company_nps_is_read_on_its_own_scale(book: Book, nps: int, score: float) -> None:
    book.take(row(nps_company=nps))
    assert book.measure("nps")["score"] == score


@pytest.mark.parametrize("nps", [130, -101])
def test_an_nps_off_its_scale_is_refused(book: Book, nps: int) -> None:
    book.take(row(nps_company=nps))
    assert f"nps_company, '{nps}': is " in remarks(book)
    assert book.measure("nps")["state"] == "missing"


@pytest.mark.parametrize("value", [0, "0", 0.0])
def test_a_zero_is_a_value_and_not_missing(book: Book, value: Any) -> None:
    book.take(row(integrations_live=value))
    found = book.measure("integrations")
    assert (found["state"], found["score"]) == ("present", 0)
