"""What open peers make of a business review: "At Risk" in the customer's copy, [target]%, N/A."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.peers.conftest import Book, row, without

Books = Callable[..., Book]
SECRET = "Sponsor left, do not tell the customer."
GOAL = {"id": "G-1", "statement": "Kiln losses", "metric": "percent", "baseline": 9, "target": 3,
        "actual": 5, "due": "2027-03-31", "as_of": "2026-10-31"}  # fmt: skip
INTERNAL = re.compile(r"(?i)health|at.risk|\brisk|churn|renewal|internal|expansion|\bred\b|yellow")
LEFT_OVER = re.compile(r"\[[^\]\n]*\]|\{\{|\}\}|\bTBD\b|\bN/A\b|\bXX\b|\bNone\b|\bnan\b|\bnull\b")


def ill(**changes: Any) -> dict[str, Any]:
    notes = [{"date": "2026-11-10", "author": "csm", "text": SECRET}]
    return row(active_users=20, logins=100, sponsor_status="left", nps_company=-60,
               renewal_confidence=10, goals=[GOAL], notes=notes, **changes)  # fmt: skip


def review(book: Book, *words: str) -> str:
    return book("qbr", "wren", *words).stdout.split("</style>")[-1]


@pytest.mark.parametrize("form", ["md", "html"])
def test_the_customers_copy_holds_no_health_label_risk_or_internal_note(
    book: Book, form: str
) -> None:
    book.take(ill(), name="customers.json")
    text = review(book, "--audience", "customer", "--format", form)
    assert not INTERNAL.search(text), INTERNAL.search(text)
    assert "Sponsor left" not in text and "do not tell" not in text
    inside = review(book, "--audience", "internal")
    assert "not for the customer" in inside and "Risk, high" in inside


@pytest.mark.parametrize("audience", ["customer", "internal"])
def test_no_placeholder_is_left_over(books: Books, audience: str) -> None:
    for each in (books(ill(), name="customers.json"), books({"id": "wren", "name": "Wren"})):
        text = review(each, "--audience", audience)
        assert not LEFT_OVER.search(text), LEFT_OVER.search(text)


def test_what_is_not_known_is_not_measured_and_never_na(book: Book) -> None:
    book.take(without("roi_annual_value", "roi_annual_cost", "active_users", "logins",
                      "features_used", "features_available", "api_calls", "licensed_users",
                      "usage_date", goals=[{**GOAL, "actual": None}]),
              name="customers.json")  # fmt: skip
    text = review(book, "--audience", "customer")
    assert "Yearly value: not measured" in text
    assert "Not measured in this quarter." in text
    assert "| not measured |" in text


def test_zero_values_are_shown_and_not_dropped(book: Book) -> None:
    book.take(row(active_users=0, logins=0, integrations_live=0, goals=[{**GOAL, "actual": 0}]),
              name="customers.json")  # fmt: skip
    text = review(book, "--audience", "customer")
    assert "Active users | 0 (2026-10)" in text and "Integrations live: 0 of 4" in text
    assert "| 9 | no earlier value | 0 | 3 |" in text


HOSTILE = "Wren | # Co\n# Big news\n<script>alert(1)</script> [x](http://evil.example) `rm`"


def test_text_of_others_cannot_break_the_document(book: Book) -> None:
    book.take(row(name=HOSTILE, goals=[{**GOAL, "statement": HOSTILE}]), name="customers.json")
    for audience in ("customer", "internal"):
        text = review(book, "--audience", audience)
        assert "<script" not in text and not re.search(r"(?<!\\)\]\(", text)
        assert "\n# Big news" not in text
        (line,) = [x for x in text.splitlines() if x.startswith("| Wren")]
        assert len(re.findall(r"(?<!\\)\|", line)) == 8  # seven cells, as in the heading
        page = review(book, "--audience", audience, "--format", "html")
        assert "<script>alert" not in page and "&lt;script&gt;" in page


@pytest.mark.parametrize("quarter", ["Q9-banana", "2026Q5", "Q0", "autumn", "2026"])
def test_a_quarter_that_there_is_not_is_refused(book: Book, quarter: str) -> None:
    book.take(row())
    said = book("qbr", "wren", "--quarter", quarter, code=2)
    assert "--quarter" in said.stderr and "2026Q4" in said.stderr and said.stdout == ""


@pytest.mark.parametrize(("as_of", "label"), [("2026-11-17", "2026Q4"), ("2025-02-01", "2025Q1")])
def test_the_quarter_left_out_is_that_of_the_business_date(
    book: Book, as_of: str, label: str
) -> None:
    book.take(row())
    assert book("qbr", "wren", as_of=as_of).stdout.startswith(f"# Business review {label}")


def test_the_quarters_figures_are_compared_with_those_before_it(book: Book) -> None:
    months = [{"month": m, "active_users": n, "licensed_users": 100, "logins": 10 * n}
              for m, n in (("2026-08", 70), ("2026-09", 75), ("2026-10", 88))]  # fmt: skip
    keep = without("active_users", "licensed_users", "logins", "features_used",
                   "features_available", "api_calls")  # fmt: skip
    book.take(keep | {"usage_monthly": months}, name="customers.json")
    text = review(book, "--audience", "customer")
    assert "| Active users | 75 (2026-09) | 88 (2026-10) | +13 |" in text
