"""The whole judgement of an account."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from accounts import AS_OF, POLICY_DIR, SOURCE, commands, healthy, policy, put

from agent.errors import BadPersona
from agent.success.assess import assess
from agent.success.assessment import Assessment
from agent.success.health.entry import score_entry
from agent.success.policy import PolicyLike

POLICIES: dict[str, PolicyLike] = {
    name: policy(name)
    for name in (
        path.relative_to(POLICY_DIR).with_suffix("").as_posix()
        for path in POLICY_DIR.rglob("*.yaml")
    )
}


def assessed(share: Any, as_of: date = AS_OF, history: Any = None) -> Assessment:
    return assess(
        share,
        account_id="alder",
        source=SOURCE,
        as_of=as_of,
        policies=POLICIES,
        history=history,
        is_instruction=commands,
    )


def test_everything_is_there_and_cites_known_facts() -> None:
    found = assessed(healthy())
    assert (found.quarter, found.health.tier, found.stage.id) == ("2026Q4", "green", "expansion")
    assert found.renewal.days_left == 164
    assert found.cadence and found.goals
    cited = [
        *found.stage.evidence,
        *found.renewal.evidence,
        *(id for s in found.signals for id in s.evidence),
        *(id for s in found.expansion.signals for id in s.evidence),
        *(id for g in found.goals for id in g.evidence),
        *(id for c in found.health.components for m in c.measures for id in m.evidence),
        *(id for _, _, ids in found.escalate for id in ids),
        *(id for fact in found.facts for id in fact.inputs),
    ]
    assert [id for id in cited if id not in found.facts] == []


def test_policy_figures_are_facts_with_their_file() -> None:
    facts = assessed(healthy()).facts
    target = facts["policy.onboarding.activation_target"]
    assert (target.value, target.unit, target.kind) == (80, "%", "policy")
    assert target.source == "personas/customer-success-manager/lifecycle.yaml"
    assert target.pointer == "/onboarding/activation_target"
    assert facts["policy.renewal.path.1"].value == 120


def test_same_input_and_day_give_an_equal_assessment() -> None:
    one, two = assessed(healthy()), assessed(healthy())
    assert list(one.facts) == list(two.facts)
    for name in (
        "account",
        "health",
        "stage",
        "renewal",
        "signals",
        "plays",
        "expansion",
        "cadence",
        "goals",
        "problems",
        "escalate",
    ):
        assert getattr(one, name) == getattr(two, name)


def test_during_onboarding_absent_outcomes_are_not_due() -> None:
    share = healthy()
    share["customer_since"] = share["contract"]["start_date"] = "2026-10-28"
    share["contract"]["renewal_date"] = "2027-10-27"
    share["relationship"].pop("nps")
    share["value"]["goals"][0]["actual"] = None
    states = {p.field: p.state for p in assessed(share).problems}
    assert states["relationship.nps.score"] == "not_due"
    assert states["value.goals.G-1.actual"] == "not_due"


def test_a_missing_segment_is_taken_from_the_size() -> None:
    assert assessed(put(healthy(), "segment", None)).account.segment == "mid_market"


def test_the_earlier_score_is_a_fact() -> None:
    earlier = score_entry(assessed(healthy(), date(2026, 11, 1)).health, None, instruction_id="i0")
    facts = assessed(healthy(), history=earlier).facts
    assert facts["health.previous.score"].value == earlier["score"]
    assert facts["health.previous.score"].pointer == "/accounts/alder/history/0/score"
    assert "health.previous.score" not in assessed(healthy(), history={"history": "x"}).facts


@pytest.mark.parametrize("share", [{}, None, [], "text", {"usage": {"monthly": [None, 1]}}])
def test_data_never_raise(share: Any) -> None:
    found = assessed(share)
    assert found.health.score is None
    assert found.renewal.status == "unknown"
    assert found.problems


def test_a_missing_policy_is_named() -> None:
    with pytest.raises(BadPersona, match=r"cadence\.yaml"):
        assess(
            healthy(),
            account_id="a",
            source="s",
            as_of=AS_OF,
            history=None,
            is_instruction=commands,
            policies={k: v for k, v in POLICIES.items() if k != "cadence"},
        )
