"""Hand-offs that the record calls for."""

from __future__ import annotations

from typing import Any

from accounts import AS_OF, healthy, policy, put
from signs import PLAYBOOKS, mail

from agent.success.assess import assess
from agent.success.plays.handoffs import SuggestedHandoff, suggested_handoffs

NAMES = ("signals", "playbooks", "expansion", "lifecycle", "renewal", "cadence", "segments",
         "health_models/adoption-30-25-25-20", "health_models/digital-40-25-25-10",
         "health_models/onboarding-40-20-20-10-10", "health_profiles")  # fmt: skip


def handed(data: Any) -> dict[str, SuggestedHandoff]:
    assessment = assess(
        data, account_id="alder", source="insights.yaml", as_of=AS_OF,
        policies={name: policy(name) for name in NAMES}, history=None,
        is_instruction=lambda _: False,
    )  # fmt: skip
    found = suggested_handoffs(assessment, PLAYBOOKS)
    assert all(h.evidence and all(id in assessment.facts for id in h.evidence) for h in found)
    return {f"{h.to}/{h.type}": h for h in found}


def test_open_expansion_goes_to_the_account_manager_with_a_business_case() -> None:
    found = handed(mail("The finance department asked when they could start."))
    assert "business case" in found["account-manager/handoff"].about
    assert "email.1.s1" in found["account-manager/handoff"].evidence


def test_gated_expansion_goes_nowhere() -> None:
    data = mail("The finance department asked when they could start.")
    data = put(data, "relationship.executive_sponsor.status", "left")
    assert "account-manager/handoff" not in handed(data)


def test_untrained_people_go_to_the_trainer_and_a_blocked_interface_to_the_engineer() -> None:
    data = mail("Could somebody tell them what access is needed?", day="2026-11-16")
    data |= {"customer_since": "2026-10-28"}
    data["contract"]["start_date"] = "2026-10-28"
    data["onboarding"] = {
        "kickoff_held_on": "2026-11-02",
        "users": {"licensed": 60, "activated": 19},
        "admins": {"planned": 2, "trained": 1, "untrained": ["Ines Calvo"]},
        "milestones": [{"name": "Interface live", "due": "2026-11-13", "status": "blocked",
                        "blocked_by": "credentials outstanding"}],
    }  # fmt: skip
    found = handed(data)
    assert "Ines Calvo" in found["support-trainer/delegation"].reason
    engineer = found["technical-support-engineer/consultation"]
    assert {"milestone.1.blocked_by", "email.1.s1"} <= set(engineer.evidence)


def test_tickets_go_to_support_by_kind_and_only_old_ones_to_the_engineer() -> None:
    data = healthy()
    data["engagement"]["support_tickets"]["open"] = [
        {"id": "T-1", "subject": "Export stops at row 50", "opened_on": "2026-10-29"},
        {"id": "T-2", "subject": "User locked out", "opened_on": "2026-11-16"},
        {"id": "T-3", "subject": "Search is slow", "opened_on": "2026-11-16"},
    ]
    found = handed(data)
    engineer = found["technical-support-engineer/delegation"].reason
    assert "T-1" in engineer and "T-2" not in engineer and "T-3" not in engineer
    assert "T-2" in found["customer-support-rep/delegation"].reason


def test_stale_usage_is_asked_from_the_analyst() -> None:
    found = handed(put(healthy(), "usage.as_of", "2026-06-30"))
    assert "usage.as_of" in found["support-analyst/consultation"].evidence


def test_wishes_for_the_product_are_brought_to_its_owner() -> None:
    found = handed(mail("It would be great if the export kept the filters."))
    assert found["product-owner/consultation"].evidence == ("email.1.s1",)


def test_a_quiet_healthy_account_hands_over_nothing_but_its_growth() -> None:
    data = healthy()
    data["notes"] = []
    assert set(handed(data)) <= {"account-manager/handoff"}
