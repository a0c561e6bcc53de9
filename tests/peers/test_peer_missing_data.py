"""What open peers make of data that are missing, null or stale: a zero, a perfect score, "low"."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.peers.conftest import Book, row, without

Books = Callable[..., Book]

USAGE = ("usage_date", "active_users", "licensed_users", "logins", "features_used",
         "features_available", "api_calls")  # fmt: skip
SUPPORT = ("open_tickets", "tickets_last_90d", "tickets_positive", "tickets_neutral",
           "tickets_negative")  # fmt: skip
NPS = ("nps_company", "nps_respondents", "nps_collected_on")


def raw(found: dict[str, Any], *, besides: set[str]) -> dict[str, Any]:
    """State, value and score of every measure but those named."""
    return {
        m["measure"]: (m["state"], m["value"], m["score"])
        for c in found["components"]
        for m in c["measures"]
        if m["measure"] not in besides
    }


@pytest.mark.parametrize("name", ["customers.csv", "customers.json"])
def test_only_an_id_is_unknown_and_neither_red_nor_low_risk(book: Book, name: str) -> None:
    book.take({"id": "wren"}, name=name)
    found = book.health()
    assert (found["score"], found["tier"], found["coverage"]) == (None, "", 0)
    assert found["reason"].startswith("not enough data: 0 %")
    assert book.risk()["level"] == "unknown"
    assert (book.expansion()["points"], book.expansion()["gate"]) == (0, "none")


def test_a_row_of_blank_cells_says_the_same_as_only_an_id(books: Books) -> None:
    blank, bare = books(dict.fromkeys(row(), "") | {"id": "wren"}), books({"id": "wren"})
    for ask in (Book.health, Book.risk, Book.expansion):
        assert ask(blank) == ask(bare)


def test_missing_usage_leaves_the_mean_and_never_counts_as_zero(books: Books) -> None:
    full, less = books(row()), books(without(*USAGE))
    used = {"active_users", "features", "login_frequency", "usage_trend"}
    assert raw(less.health(), besides=used) == raw(full.health(), besides=used)
    assert {m[0] for m in raw(less.health(), besides=set(raw(full.health(), besides=used)))
            .values()} == {"missing"}  # fmt: skip
    parts = {c["component"]: c["score"] for c in less.health()["components"]}
    assert parts["product_adoption"] is None
    assert less.health()["coverage"] < full.health()["coverage"]
    assert less.health()["confidence"] == "low"
    assert "usage_missing" in less.signals()


def test_missing_support_data_does_not_praise(books: Books) -> None:
    full, less = books(row(tickets_negative=6, tickets_positive=0)), books(without(*SUPPORT))
    assert less.measure("ticket_sentiment")["state"] == "missing"
    assert raw(less.health(), besides={"ticket_sentiment"}) == raw(
        full.health(), besides={"ticket_sentiment"}
    )
    assert less.health()["coverage"] < full.health()["coverage"]


@pytest.mark.parametrize("column", ["active_users", "outreach_replied", "nps_company",
                                    "sponsor_status", "integrations_live"])  # fmt: skip
def test_a_measure_that_is_null_is_missing_and_not_zero_with_full_weight(
    book: Book, column: str
) -> None:
    name = {"active_users": "active_users", "outreach_replied": "responsiveness",
            "nps_company": "nps", "sponsor_status": "sponsor",
            "integrations_live": "integrations"}[column]  # fmt: skip
    book.take(row(**{column: None}), name="customers.json")
    found = book.measure(name)
    assert (found["state"], found["score"], found["contribution"]) == ("missing", None, None)


@pytest.mark.parametrize(
    "block", ["contract", "usage", "engagement", "value", "relationship", "onboarding", "notes"]
)
def test_a_block_that_is_null_is_no_traceback(book: Book, block: str) -> None:
    book.take({"id": "wren", "name": "Wren", block: None}, {"id": "two"}, name="customers.json")
    assert book.said.exit_code == 0
    assert book.health()["score"] is None and book.risk()["level"] == "unknown"


def test_without_any_data_churn_risk_is_unknown_and_not_low(book: Book) -> None:
    book.take(without(*USAGE, *SUPPORT, *NPS), {"id": "two", "name": "Two"})
    ranked = {r["account_id"]: r["level"] for r in book.json("risk")}
    assert ranked["two"] == "unknown"
    assert ranked["wren"] not in ("low", "none")


def test_a_missing_nps_is_neither_a_detractor_nor_a_promoter(books: Books) -> None:
    known, less = books(row()), books(without(*NPS))
    assert less.measure("nps")["state"] == "missing"
    assert raw(less.health(), besides={"nps"}) == raw(known.health(), besides={"nps"})
    assert less.signals() == known.signals()


def test_a_component_without_data_fires_no_signal_of_its_own(books: Books) -> None:
    less = books(without(*USAGE))
    about_use = {"low_adoption", "active_users_declining", "logins_declining", "api_calls_falling",
                 "features_unused", "seats_at_limit", "over_licence"}  # fmt: skip
    assert not about_use & less.signals().keys()


def test_if_everything_is_stale_the_stale_data_are_not_scored(book: Book) -> None:
    old = {"usage_date": "2025-06-30", "nps_collected_on": "2024-01-15"}
    keep = {key: row()[key] for key in ("id", "name", *USAGE, *NPS)}
    book.take(keep | old)
    found = book.health()
    assert (found["score"], found["tier"], found["confidence"]) == (None, "", "low")
    states = {name: state for name, (state, _, _) in raw(found, besides=set()).items()}
    assert (states["active_users"], states["nps"]) == ("stale", "stale")
    assert "present" not in {states[m] for m in ("features", "login_frequency", "nps")}
    assert "usage_stale" in book.signals()


def test_no_tickets_because_nobody_uses_the_product_is_no_perfect_support(books: Books) -> None:
    calm = dict.fromkeys(SUPPORT, 0)
    idle = books(row(active_users=0, logins=0, features_used=0, **calm))
    assert idle.measure("ticket_sentiment")["state"] == "not_applicable"
    assert idle.signals()["low_adoption"] == "high"
    assert idle.health()["score"] < books(row(**calm)).health()["score"] - 15


def test_ninety_open_tickets_are_no_strong_support(books: Books) -> None:
    few, many = books(row(open_tickets=1)), books(row(open_tickets=90))
    assert many.signals()["tickets_many_open"] == "high"
    assert "tickets_many_open" not in few.signals()
    assert many.health()["score"] <= few.health()["score"]
    assert many.expansion()["gate"] == "gated"


def test_the_same_tickets_are_not_counted_in_two_measures(books: Books) -> None:
    before, after = books(row()), books(row(tickets_negative=40))
    same = {"ticket_sentiment"}
    assert raw(before.health(), besides=same) == raw(after.health(), besides=same)
    assert before.measure("ticket_sentiment")["score"] > after.measure("ticket_sentiment")["score"]


def test_a_month_that_is_not_over_is_no_decline(book: Book) -> None:
    months = [
        {"month": month, "active_users": users, "licensed_users": 100, "logins": logins}
        for month, users, logins in (("2026-08", 80, 1600), ("2026-09", 82, 1650),
                                     ("2026-10", 84, 1700), ("2026-11", 20, 300))
    ]  # fmt: skip
    keep = without(*USAGE, "seats")
    book.take(keep | {"usage_monthly": months, "usage_date": "2026-11-10"}, name="customers.json")
    assert (
        not {"active_users_declining", "logins_declining", "low_adoption"} & book.signals().keys()
    )


@pytest.mark.parametrize("missing", [USAGE, SUPPORT, NPS, ("executive_sponsor", "sponsor_status")])
def test_bad_data_are_told_and_not_only_documented(book: Book, missing: tuple[str, ...]) -> None:
    book.take(without(*missing))
    table = book("health").stdout
    assert "coverage" in table and "confidence" in table
    explained = book("health", "wren", "--explain").stdout
    assert "missing" in explained and "ask " in explained
