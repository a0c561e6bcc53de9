"""What open peers make of expansion: 155 % of ARR, to accounts that are about to leave."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.peers.conftest import Book, row

Books = Callable[..., Book]


def note(*texts: str) -> list[dict[str, str]]:
    return [{"date": f"2026-11-{n:02}", "author": "csm", "text": t} for n, t in enumerate(texts, 1)]


RIPE = {"active_users": 97, "renewal_date": "2027-02-20",
        "notes": note("The finance department asked when they could start.",
                      "She asked about the forecasting module.")}  # fmt: skip


def ripe(**changes: Any) -> dict[str, Any]:
    return row(**RIPE | changes)


BARRED: list[tuple[str, dict[str, Any], str]] = [
    ("health_not_green", {"active_users": 92, "logins": 30, "features_used": 2, "qbr_attended": 0,
                          "outreach_replied": 0, "integrations_live": 0, "nps_company": -80,
                          "renewal_confidence": 5}, "health is "),
    ("sponsor_gone", {"sponsor_status": "left"}, "open risk: "),
    ("competitor", {"notes": [*RIPE["notes"], *note("They are evaluating a competitor.")]},
     "open risk: "),
    ("contract_ended", {"renewal_date": "2026-10-01"}, "open risk: "),
    ("many_tickets", {"open_tickets": 90}, "open risk: "),
    ("critical_ticket", {"tickets": [{"id": "W-9", "subject": "Down", "opened_on": "2026-11-16",
                                      "severity": "critical"}]}, "critical tickets are open: W-9"),
]  # fmt: skip


def test_a_healthy_account_with_a_need_is_open(book: Book) -> None:
    book.take(ripe(), name="customers.json")
    assert book.expansion()["gate"] == "open"


@pytest.mark.parametrize(
    ("changes", "reason"), [b[1:] for b in BARRED], ids=[str(b[0]) for b in BARRED]
)
def test_an_account_at_risk_gets_no_offer_and_the_reason_is_said(
    book: Book, changes: dict[str, Any], reason: str
) -> None:
    book.take(ripe(**changes), name="customers.json")
    found = book.expansion()
    assert (found["gate"], found["recommendation"]) == ("gated", "")
    assert any(why.startswith(reason) for why in found["gate_reasons"]), found["gate_reasons"]
    assert "held back" in book("expansion", "wren").stdout


def test_options_are_not_added_up_to_more_than_the_revenue(book: Book) -> None:
    wish = note("We need more seats.", "They asked about the enterprise plan.",
                "Can we connect it to our ERP?", "They want a workshop on glazes.")  # fmt: skip
    book.take(ripe(notes=wish), row(id="b", name="B"), name="customers.json")
    said = json.dumps(book.json("expansion")) + book("expansion").stdout
    assert not re.search(r"(?i)revenue|potential|[€$£]|EUR|84,?000", said)
    assert "not a sum" in book.expansion()["recommendation"]


def test_points_are_capped_and_are_no_money(book: Book) -> None:
    book.take(ripe(), name="customers.json")
    found = book.expansion()
    assert found["points"] == sum(s["points"] for s in found["signals"]) <= 12


def test_a_half_used_account_gets_no_upgrade_offer(book: Book) -> None:
    book.take(row(active_users=35))
    found = book.expansion()
    assert not {"high_adoption", "seat_limit"} & {s["id"] for s in found["signals"]}
    assert found["gate"] != "open"


def test_the_order_in_which_things_are_listed_changes_nothing(books: Books) -> None:
    texts = ["The finance department asked when they could start.", "We need more seats.",
             "She asked about the forecasting module."]  # fmt: skip
    made = []
    for order in (texts, texts[::-1]):
        listed = [{"date": "2026-11-10", "author": "csm", "text": t} for t in order]
        made.append(books(ripe(notes=listed), name="customers.json").expansion())
    plain = [{s["id"]: (s["points"], s["title"]) for s in m["signals"]} for m in made]
    assert plain[0] == plain[1]
    assert [m["gate"] for m in made] == ["open", "open"]
    assert made[0]["recommendation"] == made[1]["recommendation"]


def test_what_they_asked_for_is_named_in_their_words(book: Book) -> None:
    """A peer's text report of a cross-sell leaves the name of the module out."""
    book.take(ripe(), name="customers.json")
    assert "“She asked about the forecasting module.”" in book("expansion", "wren").stdout


def test_a_segment_changes_no_offer(books: Books) -> None:
    made = [books(ripe(segment=s), name="customers.json").expansion()
            for s in ("smb", "enterprise", None)]  # fmt: skip
    assert made[0]["points"] == made[1]["points"] == made[2]["points"]
    assert made[0]["gate_reasons"] == made[1]["gate_reasons"] == made[2]["gate_reasons"]
