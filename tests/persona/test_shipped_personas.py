"""The personas that ship with the product load, and say what the runtime relies on."""

from __future__ import annotations

import re

import pytest

from agent.persona import load_library
from agent.resources import shipped

LIBRARY = load_library(shipped("personas"))


def test_the_customer_success_manager() -> None:
    csm = LIBRARY.load("customer-success-manager")
    assert csm.tools == (
        "read", "grep", "glob", "write", "handoff", "todo_write",
        "health_score", "risk_analyzer", "renewal_forecast", "expansion", "qbr_generator",
    )  # fmt: skip
    assert csm.persistent and csm.domain == "customer" and csm.model == "sonnet"
    assert csm.notices == ()
    assert csm.origin == "shipped"
    assert csm.memory.write == (
        "{instruction_id}/outputs/final/success_plan.yaml",
        "_knowledge/semantic/customer_health_scores.yaml",
    )
    assert csm.memory.read == (
        "{instruction_id}/instruction.yaml",
        "_knowledge/semantic/customer_insights.yaml",
    )
    assert len(csm.mandate) == 4
    assert csm.body.count("\n") <= 260
    assert not re.search(r"\b(19|20)\d\d\b", csm.body), "the prompt holds no dates"


@pytest.mark.parametrize("name", LIBRARY.names)
def test_every_card_loads_and_points_at_people_who_exist(name: str) -> None:
    persona = LIBRARY.load(name)
    assert persona.title and persona.description and len(persona.mandate) >= 3
    us = {"customer-success-manager"}
    for boundary in persona.boundaries:
        assert boundary.owner, boundary.text
        assert boundary.owner in us or LIBRARY.roster.resolve(boundary.owner).id == boundary.owner
    held = persona.collaboration
    for role in (*held.consult, *held.delegate, *held.escalate, *held.receive):
        assert LIBRARY.roster.resolve(role).id == role


def test_escalations_and_delegations_are_accepted_by_their_targets() -> None:
    held = LIBRARY.load("customer-success-manager").collaboration
    for roles, kind in (
        (held.consult, "consultation"),
        (held.delegate, "delegation"),
        (held.escalate, "escalation"),
    ):
        assert roles
        for role in roles:
            assert kind in LIBRARY.roster.resolve(role).accepts
