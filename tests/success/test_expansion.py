"""Expansion: points, the gate with its reasons, and no price anywhere."""

from __future__ import annotations

from typing import Any

import pytest
from accounts import healthy, put
from signs import EXPANSION, expand, mail, note

SEED = {"high_adoption": 3, "new_department": 3, "feature_requests": 2, "executive_engagement": 2,
        "contract_renewal": 2}  # fmt: skip


def signs(data: Any, tier: str = "green") -> dict[str, int]:
    return {s.id: s.points for s in expand(data, tier).signals}


def ripe() -> dict[str, Any]:
    data = healthy()
    data["notes"] = [
        {
            "date": "2026-11-10",
            "author": "csm",
            "text": "The finance department asked when they could start.",
        },
        {"date": "2026-11-11", "author": "csm", "text": "She asked about the forecasting module."},
    ]
    return put(data, "contract.renewal_date", "2027-03-01")


def test_the_five_signs_have_their_points_and_twelve_is_the_most() -> None:
    points = {
        id: s["points"] for part in ("measured", "read") for id, s in EXPANSION.data[part].items()
    }
    assert {id: p for id, p in points.items() if p} == SEED
    view = expand(ripe())
    assert {s.id: s.points for s in view.signals if s.points} == SEED
    assert (view.points, view.gate) == (12, "open")


def test_the_recommendation_is_for_the_account_manager_and_names_no_price() -> None:
    view = expand(ripe())
    assert "account manager" in view.recommendation and "not a sum" in view.recommendation
    assert not any(ch.isdigit() for ch in view.recommendation)


@pytest.mark.parametrize("tier", ["yellow", "red", ""])
def test_the_gate_is_shut_unless_health_is_green(tier: str) -> None:
    view = expand(ripe(), tier)
    assert (view.gate, view.recommendation) == ("gated", "")
    assert any("health" in reason for reason in view.gate_reasons)
    assert view.points == 12


def test_an_open_high_risk_shuts_the_gate_and_is_named() -> None:
    view = expand(put(ripe(), "relationship.executive_sponsor.status", "left"))
    assert view.gate == "gated"
    assert any("has left" in reason for reason in view.gate_reasons)


def test_even_a_possible_comparison_shuts_the_gate() -> None:
    data = ripe()
    data["notes"].append(
        {"date": "2026-11-12", "author": "csm", "text": "They might be looking at alternatives."}
    )
    assert expand(data).gate == "gated"


def test_a_critical_ticket_shuts_the_gate() -> None:
    data = ripe()
    data["engagement"]["support_tickets"]["open"] = [
        {"id": "T-7", "subject": "Slow", "opened_on": "2026-11-15", "severity": "Critical"}
    ]
    assert "critical tickets are open: T-7" in expand(data).gate_reasons


def test_onboarding_shuts_the_gate() -> None:
    data = put(ripe(), "customer_since", "2026-10-20")
    data["onboarding"] = {"kickoff_held_on": "2026-10-25"}
    assert "the account is in onboarding" in expand(data).gate_reasons


def test_nothing_to_offer_is_not_an_open_gate() -> None:
    data = healthy()
    data["notes"] = []
    for row in data["usage"]["monthly"]:
        row |= {"active_users": 60, "api_calls": 1000}
    view = expand(data)
    assert (view.gate, view.recommendation) == ("none", "")
    assert [s.kind for s in view.signals if s.kind not in ("relationship", "timing")] == []


@pytest.mark.parametrize(
    ("sign", "text"),
    [
        ("new_department", "The marketing team is interested in the product."),
        ("new_department", "Two other departments watched the demo."),
        ("new_department", "Die Abteilung Einkauf hat nachgefragt, sie möchte mitmachen."),
        ("new_department", "Une autre direction souhaite commencer."),
        ("feature_requests", "He asked about the audit trail, which is only in Enterprise."),
        ("feature_requests", "They sent a feature request."),
        ("more_seats", "We need more seats in January."),
        ("more_seats", "We are really at the limit."),
        ("new_site", "They are opening a second site in Ghent."),
        ("integration_wish", "Can we connect it to our ERP?"),
        ("new_initiative", "There is a new initiative on traceability."),
        ("services_wish", "They want a workshop on custom templates."),
        ("budget_year", "Their budget year starts in January."),
        ("funding", "They raised a large round of funding."),
    ],
)
def test_needs_are_read_in_peoples_words(sign: str, text: str) -> None:
    view = expand(note(text))
    found = {s.id: s for s in view.signals}
    assert found[sign].evidence == ("note.1.s1",)


@pytest.mark.parametrize(
    ("sign", "text"),
    [
        ("new_department", "The finance department is not interested."),
        ("more_seats", "We do not need more seats."),
        ("new_site", "There is no new site planned."),
        ("integration_wish", "The integration is broken again."),
        ("funding", "Our supplier raised a round of funding."),
    ],
)
def test_what_is_denied_or_about_others_is_no_need(sign: str, text: str) -> None:
    assert sign not in signs(mail(text))


def test_limits_of_the_plan_are_measured() -> None:
    data = put(healthy(), "usage.monthly.2.api_calls", 590_000)
    data = put(data, "usage.monthly.2.active_users", 119)
    assert {"api_limit", "seat_limit", "high_adoption"} <= signs(data).keys()
    assert "api_limit" not in signs(put(data, "usage.monthly.2.api_calls", 100_000))


def test_stale_usage_is_no_ground_for_expansion() -> None:
    data = put(healthy(), "usage.as_of", "2026-05-31")
    assert not {"high_adoption", "seat_limit", "api_limit"} & signs(data).keys()


def test_an_overdue_renewal_is_no_good_moment() -> None:
    view = expand(put(ripe(), "contract.renewal_date", "2026-11-01"))
    assert "contract_renewal" not in {s.id for s in view.signals}
    assert view.gate == "gated"
