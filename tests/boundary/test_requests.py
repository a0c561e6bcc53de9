"""Plain requests as people write them, and the figures for three sets of unseen ones."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from agent.boundary.lanes import Lanes
from agent.boundary.triage import decide
from agent.memory import strict_yaml

HERE = Path(__file__).parent
SHIPPED = HERE.parents[1] / "personas/customer-success-manager/boundaries.yaml"
SETS = ("held_out.jsonl", "fresh.jsonl", "fresh2.jsonl")


@dataclass(frozen=True)
class Policy:
    data: dict[str, Any]
    source: str = "boundaries.yaml"


LANES = Lanes.load(Policy(strict_yaml.load(SHIPPED.read_bytes(), where=SHIPPED.name)))


@pytest.mark.parametrize(
    "text",
    [
        "Success plan for Larch Mills for the autumn. Usage is growing; make sure the value is "
        "proven before the renewal season starts.",
        "Health review and success plan for Larch Mills. Logins have been slipping since spring, "
        "find out what is behind it.",
        "Prepare the success plan for Larch Mills. What stands between us and a signature, what "
        "did we promise last quarter and did it happen?",
        "Our sponsor at Larch Mills is gone and usage is falling. Tell us how bad it is and what "
        "we do this week.",
        "The champion at Larch Mills is silent. Look into it and get the relationship going.",
        "Don't write a quote and don't touch the tickets, only summarise how Larch Mills feels.",
    ],
)
def test_what_is_not_understood_does_not_hide_a_clear_ask_of_ours(text: str) -> None:
    triage = decide(text, None, LANES)
    assert (triage.label, triage.sure) == ("in_lane", True)


@pytest.mark.parametrize(
    "paper",
    [
        "QBR pack",
        "Business review deck",
        "Renewal brief",
        "Adoption report",
        "Save plan",
        "Onboarding plan",
        "Account summary",
        "Health check",
        "Stakeholder map",
        "Executive summary",
    ],
)
def test_a_paper_of_ours_is_asked_for_without_a_verb(paper: str) -> None:
    text = f"{paper} for Larch Mills, the meeting is on 8 December. One version is for us."
    triage = decide(text, None, LANES)
    assert (triage.label, triage.sure) == ("in_lane", True)


@pytest.mark.parametrize(
    "text",
    [
        "PM-0412: the till in Coimbra prints prices without decimals. Find the fault, correct the "
        "label template and close the ticket today.",
        "ZD-511 Printer in ward 4 prints nothing. Get it working again.",
        "The nightly upload of Larch Mills stops halfway. Please look into it and sort it out.",
        '{"ticket": "CS-4419", "problem": "page is blank", "task": "diagnose and resolve"}',
        "Ticket 4471: Der Drucker im Lager druckt leere Etiketten. Bitte Fehler suchen.",
    ],
)
def test_a_pure_ticket_is_recognised_by_fault_number_and_repair_verb(text: str) -> None:
    triage = decide(text, None, LANES)
    assert (triage.label, triage.sure) == ("support", True)
    assert triage.parts[0].target == "technical-support-engineer"


def test_one_numbered_thing_of_three_is_a_repair_and_another_a_date() -> None:
    text = (
        "1. Success plan for Larch Mills.\n2. Please fix VE-3307, the night report has no "
        "pressure column.\n3. Fix a date for the meeting with the sponsor."
    )
    triage = decide(text, None, LANES)
    assert triage.label == "mixed"
    assert [p.target for p in triage.parts] == ["technical-support-engineer"]
    assert "VE-3307" in triage.parts[0].span
    assert len(triage.own) == 2


def test_a_fault_named_before_a_vague_ask_is_handed_over_beside_our_own_work() -> None:
    text = "Prepare the QBR for Larch Mills. Their sync is broken, please make that go away."
    assert [p.lane for p in decide(text, None, LANES).parts] == ["support"]


def test_a_redirect_says_that_somebody_is_not_a_customer_yet() -> None:
    text = (
        "Dale Kraft AS (not a customer yet, 150 users, met in Bergen) want a proposal. Send them "
        "a price, run the demo and close before year end."
    )
    (part,) = decide(text, None, LANES).parts
    assert part.target == "account-executive"
    assert "not a customer" in part.why


def test_a_success_plan_for_a_prospect_is_no_work_of_ours() -> None:
    text = "Success plan for Norwood Timber. They are a prospect, the trial ends on the 12th."
    triage = decide(text, None, LANES)
    assert (triage.label, triage.own) == ("sales", ())


def test_a_stranger_brought_in_late_does_not_claim_the_asks_before() -> None:
    text = (
        "Please send out the minutes of the Larkfield review. Oh, and Brind Seeds, no contract "
        "with us, want a price; make them one."
    )
    triage = decide(text, None, LANES)
    assert triage.label == "mixed"
    assert [p.target for p in triage.parts] == ["account-executive"]


@pytest.mark.parametrize(
    ("text", "recognised"),
    [
        ("asdf qwer \U0001f986\U0001f986", False),
        ("…", False),
        ("lorem ipsum dolor", False),
        ("What is going on at Larch Mills?", True),
        ("Reset the password and build a connector.", True),
        ("Success plan for Larch Mills", True),
    ],
)
def test_nonsense_is_told_apart_from_what_is_only_unclear(text: str, recognised: bool) -> None:
    assert decide(text, None, LANES).recognised is recognised


def test_a_number_behind_a_bill_is_no_ticket() -> None:
    triage = decide("Correct bill BX-3307 for Larch Mills.", None, LANES)
    assert [p.target for p in triage.parts] == ["customer-support-rep"]


def test_three_sets_of_requests_written_before_the_policy_saw_them() -> None:
    decided = right = refused = ours = total = 0
    for name in SETS:
        for line in (HERE / name).read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            triage = decide(record["text"], record.get("context"), LANES)
            working = record["label"] in ("in_lane", "mixed")
            total, ours = total + 1, ours + working
            if triage.sure:
                decided += 1
                right += triage.label == record["label"]
                refused += working and triage.label in ("support", "sales", "product")
    assert total >= 400
    assert right >= 0.95 * decided
    assert refused <= 0.02 * ours
    assert decided >= 0.80 * total
