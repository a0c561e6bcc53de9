"""The five source documents load as they are, damaged characters and page chrome included."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.persona import load_file

SEEDS = Path(__file__).resolve().parents[2].parent / "shared" / "seeds"

pytestmark = [
    pytest.mark.evals,
    pytest.mark.skipif(not SEEDS.is_dir(), reason="../shared/seeds is not present"),
]


def seed(number: str) -> Path:
    return next(SEEDS.glob(f"{number}_*.txt"))


def test_role_card() -> None:
    persona = load_file(seed("000"))
    assert persona.name == "customer-success-manager"
    assert persona.persistent and persona.domain == "customer"
    assert len(persona.mandate) == 4
    assert [b.owner for b in persona.boundaries] == ["support-agent", "sales", ""]
    assert persona.body.startswith("# Customer Success Manager")
    assert persona.body.endswith("`LIBRARY.md`.\n")


def test_sub_agent_with_memory_ownership() -> None:
    persona = load_file(seed("001"))
    assert persona.tools == ("read", "grep", "glob", "write")
    assert persona.model == "sonnet"
    assert len(persona.mandate) == 5 and len(persona.capabilities) == 4
    assert persona.memory.write == (
        "{instruction_id}/outputs/final/success_plan.yaml",
        "_knowledge/semantic/customer_health_scores.yaml",
    )
    assert persona.memory.read == (
        "{instruction_id}/instruction.yaml",
        "_knowledge/semantic/customer_insights.yaml",
    )
    held = persona.collaboration
    assert held.consult == ("account-manager", "support-analyst", "product-owner")
    assert held.delegate == (
        "customer-support-rep",
        "support-trainer",
        "technical-support-engineer",
    )
    assert held.escalate == ("vp-customer-support", "sales-leadership", "executive-team")
    assert "refer others—creating" in persona.body


def test_compact_sub_agent_with_tools_we_do_not_have() -> None:
    persona = load_file(seed("002"))
    assert persona.tools == ("read", "grep", "glob", "write", "todo_write")
    assert any("Bash" in notice for notice in persona.notices)
    assert (persona.tier, persona.domain) == ("execution", "grow")
    assert persona.collaboration.receive == ("account-executive",)
    assert persona.collaboration.escalate == ("support", "product")


def test_plain_team_document() -> None:
    persona = load_file(seed("003"))
    assert persona.name == "customer-success-management-team"
    assert persona.tools == ()
    assert any("the name comes from the heading" in notice for notice in persona.notices)


def test_skill() -> None:
    persona = load_file(seed("004"))
    assert persona.name == "customer-success-manager"
    assert persona.tools == ()
    assert "ONBOARDING → ADOPTION" in persona.body and "Overall: 🟢 85" in persona.body
    assert any("mended" in notice for notice in persona.notices)
    assert persona.extra["author"] == "borghei"
