"""What open peers make of retention: undated expansion that counts again in every quarter."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from agent.errors import BadInput
from agent.success.revenue.period import parse_period
from agent.success.revenue.retention import Movement, retention
from tests.peers.conftest import Book, row

DAY = date(2026, 11, 17)


def decide(book: Book, account: str, outcome: str, on: str, arr: int | None = None) -> None:
    words = ["renewals", "--record", account, "--outcome", outcome, "--on", on, "--by", "me"]
    book(*words, *(["--arr", str(arr)] if arr is not None else []))


def kept(book: Book, period: str) -> list[dict[str, Any]]:
    found = book.json("renewals", "--period", period)["retention"]
    return [dict(r) for r in found]


def test_an_expansion_counts_in_its_own_quarter_and_not_again(book: Book) -> None:
    book.take(row(arr=100_000), row(id="b", arr=50_000))
    decide(book, "wren", "renewed", "2026-08-10", 112_000)
    (third,) = kept(book, "2026Q3")
    assert (third["expansion"], third["nrr"]) == (12_000, pytest.approx(162 / 150))
    assert kept(book, "2026Q4") == []  # nothing was decided in it
    decide(book, "b", "renewed", "2026-10-10")
    (fourth,) = kept(book, "2026Q4")
    assert (fourth["expansion"], fourth["nrr"]) == (0, 1.0)


@pytest.mark.parametrize("kind", ["expansion", "contraction", "churn"])
def test_a_movement_without_a_date_is_refused(kind: Any) -> None:
    with pytest.raises(BadInput, match="has no date"):
        retention({"a": 100}, [Movement("a", None, kind, 10)], parse_period("2026Q3", DAY))


def test_the_closing_revenue_of_a_quarter_opens_the_next(book: Book) -> None:
    book.take(row(arr=100_000), row(id="b", arr=50_000), row(id="c", arr=30_000))
    decide(book, "wren", "renewed", "2026-05-10", 90_000)
    decide(book, "b", "churned", "2026-08-12")
    decide(book, "c", "renewed", "2026-10-12", 33_000)
    closing = None
    for quarter in ("2026Q2", "2026Q3", "2026Q4"):
        (r,) = kept(book, quarter)
        if closing is not None:
            assert r["opening"] == closing
        closing = r["opening"] - r["churn"] - r["contraction"] + r["expansion"]


def test_no_revenue_with_a_contraction_divides_by_nothing(book: Book) -> None:
    book.take(row(arr=0), row(id="b", arr=50_000, currency="USD"))
    decide(book, "wren", "renewed", "2026-11-10", 0)
    decide(book, "b", "renewed", "2026-11-11", 40_000)
    rates = {r["currency"]: (r["opening"], r["grr"], r["nrr"]) for r in kept(book, "2026Q4")}
    assert rates == {"EUR": (0, None, None), "USD": (50_000, 0.8, 0.8)}
    assert "USD retention" in book("renewals", "--period", "2026Q4").stdout


def test_gross_retention_never_passes_100_percent_and_its_definition_is_printed(
    book: Book,
) -> None:
    book.take(row(arr=100_000))
    decide(book, "wren", "renewed", "2026-11-10", 300_000)
    (r,) = kept(book, "2026Q4")
    assert (r["grr"], r["nrr"]) == (1.0, 3.0)
    assert "cohort: accounts with ARR at the opening" in r["definition"]


def test_an_amount_of_zero_is_an_amount(book: Book) -> None:
    book.take(row(arr=0))
    found = book.renewals()
    (line,) = found["lines"]
    assert (line["arr"], line["expected"], found["without_arr"]) == (0, 0, 0)


def test_default_probabilities_say_that_they_are_not_measured(book: Book) -> None:
    book.take(row())
    assert book.renewals()["basis"] == "default, uncalibrated"
    assert "uncalibrated" in book("renewals", "--period", "2027Q2").stdout
