"""Places in the data that cannot both be right are named; agreeing data raise nothing."""

from __future__ import annotations

from typing import Any

import pytest
from accounts import healthy, problem, put, read

SPONSOR = "relationship.executive_sponsor.status"

CASES = [
    ("usage.monthly.2.active_users", 140, "usage.2026-10.active_users", "140 active users of 120"),
    ("usage.monthly.2.licensed_users", 0, "usage.2026-10.licensed_users", "is 0 in 2026-10"),
    (
        "usage.monthly.2.licensed_users",
        110,
        "contract.plan_limits.seats",
        "120 seats in the contract but 110",
    ),
    ("engagement.outreach.replied", 20, "engagement.outreach.replied", "20 replies but only 10"),
    (
        "engagement.support_tickets.open_now",
        4,
        "engagement.support_tickets.open_now",
        "4 tickets counted",
    ),
    ("value.roi.annual_cost", 80000, "value.roi.annual_cost", "80000 but the contract says 96000"),
    (
        "value.roi.source",
        "CSM estimate",
        "value.roi.source",
        "not confirmed by the customer's finance",
    ),
    ("value.goals.0.target", 48, "value.goals.G-1.target", "are both 48"),
    ("value.goals.0.as_of", "2025-01-01", "value.goals.G-1.actual", "685 days ago"),
    ("customer_since", "2026-10-01", "customer_since", "after the term began on 2026-05-01"),
    (
        "contract.start_date",
        "2027-05-01",
        "contract.renewal_date",
        "starts on 2027-05-01 but renews on",
    ),
    ("contract.term_months", 36, "contract.term_months", "36 months does not fit"),
    ("relationship.stakeholders.0.engagement", "none", SPONSOR, "engagement is none"),
    (
        "relationship.stakeholders.0.name",
        "Somebody Else",
        "relationship.stakeholders",
        "is not among",
    ),
    (
        "relationship.executive_sponsor.last_contact",
        "2026-06-11",
        "relationship.executive_sponsor.last_contact",
        "159 days ago",
    ),
    (
        "engagement.support_tickets.sentiment.negative",
        12,
        "relationship.renewal_confidence",
        "12 of 19 tickets",
    ),
    ("relationship.nps.score", -20, "relationship.renewal_confidence", "while the NPS is -20"),
    ("usage.as_of", "2026-07-31", "usage.as_of", "newest month is 2026-10"),
]


@pytest.mark.parametrize(("path", "value", "field", "message"), CASES)
def test_contradictions_in_the_figures(path: str, value: Any, field: str, message: str) -> None:
    account, _ = read(put(healthy(), path, value))
    assert message in problem(account, field)


NOTES = [
    ("Dr. Varga told us her last day is 2026-12-01, she has left the company by then.", SPONSOR),
    ("Our executive sponsor is leaving.", SPONSOR),
    ("They have only 61 active users, says the usage report.", "usage.active_users"),
    ("The contract has 90 seats.", "contract.plan_limits.seats"),
    ("ARR is 120,000 according to finance.", "contract.arr"),
    ("Their NPS was 12 this time.", "relationship.nps.score"),
    ("Renewal is on 30 June 2027.", "contract.renewal_date"),
    ("The contract ends 2027-03-31.", "contract.renewal_date"),
    ("Notice period is 90 days.", "contract.notice_period_days"),
    ("They will not renew, Joris said.", "relationship.renewal_confidence"),
]


@pytest.mark.parametrize(("text", "field"), NOTES)
def test_a_note_that_says_otherwise_raises_a_doubt(text: str, field: str) -> None:
    share = put(healthy(), "notes", [{"date": "2026-11-12", "author": "csm", "text": text}])
    account, _ = read(share)
    assert "contradictory" in problem(account, field)
    assert "(note.1.s1)" in problem(account, field)


@pytest.mark.parametrize(
    "text",
    [
        "They asked for 20 more seats.",
        "We need 35 seats for the new team.",
        "108 active users in October, all 120 seats sold.",
        "Renewal meeting on 12 January 2027.",
        "The renewal is on 2027-04-30.",
        "NPS was 62.",
        "ARR 96,000 stays as it is.",
        "Joris said a colleague has left the company.",
        "Dr. Varga left the meeting early.",
        "Budget year starts 2027-01-01.",
        "The contract started 2026-05-01.",
    ],
)
def test_harmless_notes_raise_none(text: str) -> None:
    account, _ = read(put(healthy(), "notes", [{"date": "2026-11-12", "text": text}]))
    assert account.problems == ()


def test_a_sponsor_who_writes_about_leaving_contradicts_an_active_status() -> None:
    share = healthy()
    share["emails"] = [
        {"date": "2026-11-12", "from": "h.varga@x.example", "body": "My last day is Friday."}
    ]
    account, _ = read(share)
    assert "marked active but the e-mail of 2026-11-12" in problem(account, SPONSOR)


def test_a_second_source_with_another_figure_is_named() -> None:
    share = healthy()
    share["crm"] = {"renewal_date": "2027-06-30", "arr": "96000", "seats": 100}
    account, _ = read(share)
    assert "'2027-06-30' but the contract says 2027-04-30" in problem(account, "crm.renewal_date")
    assert "100 but the contract says 120" in problem(account, "crm.seats")
    assert problem(account, "crm.arr") == ""
