"""Which health model scores whom: by segment and phase, as the policy says."""

from __future__ import annotations

import copy
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.errors import BadPersona
from agent.persona import PolicyFile
from agent.success import lifecycle
from agent.success.account import Account
from agent.success.assess import assess
from agent.success.assessment import Assessment
from agent.success.facts import FactBook
from agent.success.health.figure_book import KNOWN
from agent.success.health.model import load_model
from agent.success.health.profiles import FILE, ModelMap, load_map
from agent.success.policy import Lifecycle, load
from tests.success.accounts import AS_OF, POLICY_DIR, SOURCE, commands, healthy, policy, put

STAGES = load(Lifecycle, policy("lifecycle"))
POLICIES: dict[str, Any] = {
    name: policy(name)
    for name in (p.relative_to(POLICY_DIR).with_suffix("").as_posix()
                 for p in sorted(POLICY_DIR.rglob("*.yaml")))
}  # fmt: skip


def with_profiles(**changed: Any) -> dict[str, Any]:
    file = POLICIES[FILE]
    return {**POLICIES, FILE: PolicyFile(copy.deepcopy(file.data) | changed, file.source)}


TAILORED = with_profiles(use="tailored")


def assessed(share: Any, policies: dict[str, Any]) -> Assessment:
    return assess(
        share, account_id="alder", source=SOURCE, as_of=AS_OF, policies=policies, history=None,
        is_instruction=commands,
    )  # fmt: skip


def a_map(*rules: dict[str, Any], default: str = "adoption-30-25-25-20") -> dict[str, Any]:
    found = [{"model": "digital-40-25-25-10", "because": "a test", **rule} for rule in rules]
    return with_profiles(use="own", maps={"own": {"default": default, "rules": found}})


def chosen(policies: dict[str, Any]) -> ModelMap:
    return load_map(policies, KNOWN)


def new_customer() -> dict[str, Any]:
    share = put(healthy(), "customer_since", "2026-10-20")
    put(share, "contract.start_date", "2026-10-20")
    share["onboarding"] = {
        "kickoff_held_on": "2026-10-26",
        "weekly_checkins": {"planned": 4, "held": 3},
        "users": {"licensed": 120, "invited": 120, "activated": 48},
        "milestones": [
            {"name": "Data loaded", "due": "2026-11-02", "status": "done"},
            {"name": "Training held", "due": "2026-11-10", "status": "open"},
            {"name": "First value", "due": "2026-12-10", "status": "open"},
        ],
    }
    return share


def test_one_model_scores_everybody_unless_a_person_switches() -> None:
    for share in (healthy(), new_customer(), put(healthy(), "segment", "smb")):
        found = assessed(share, POLICIES)
        assert found.health.model == "adoption-30-25-25-20"
        assert (found.choice.map, found.choice.profile) == ("standard", "default")


@pytest.mark.parametrize(
    ("share", "model", "profile", "told"),
    [
        (healthy(), "adoption-30-25-25-20", "default", "no rule for segment mid market, phase est"),
        (new_customer(), "onboarding-40-20-20-10-10", "onboarding", "phase onboarding"),
        (put(healthy(), "segment", "smb"), "digital-40-25-25-10", "digital", "segment smb"),
        (put(new_customer(), "segment", "smb"), "onboarding-40-20-20-10-10", "onboarding", "smb"),
    ],
    ids=["default", "phase", "segment", "first-rule-counts"],
)
def test_the_tailored_map(share: Any, model: str, profile: str, told: str) -> None:
    found = assessed(share, TAILORED)
    assert (found.health.model, found.choice.profile) == (model, profile)
    assert told in found.choice.why and "tailored" in found.choice.why


def test_the_onboarding_model_by_hand() -> None:
    found = assessed(new_customer(), TAILORED).health
    progress = (2 * 40 / 80 * 100 + 2 * 50 + 75) / 5  # 48 of 120 users; 1 of 2 milestones due; 3/4
    use = (90 + 85 + 100) / 3
    engagement = (90 + 90 + 68.75) / 3
    value = (100 + 87.5) / 2
    assert [c.score for c in found.components] == pytest.approx(
        [progress, use, engagement, value, 100]
    )
    assert found.score == pytest.approx(
        0.4 * progress + 0.2 * use + 0.2 * engagement + 0.1 * value + 0.1 * 100
    )


def test_the_digital_model_by_hand() -> None:
    found = assessed(put(healthy(), "segment", "smb"), TAILORED).health
    use = (90 + 85 + 100 + 100) / 4
    engagement = (90 + 90 + 68.75) / 3
    value = (87.5 + 100 + 100 + 87.5) / 4
    relationship = (2 * 100 + 2 * 90 + 81) / 5
    assert found.score == pytest.approx(
        0.4 * use + 0.25 * engagement + 0.25 * value + 0.1 * relationship
    )


def test_milestones_that_are_not_due_are_no_failure() -> None:
    share = new_customer()
    share["onboarding"]["milestones"] = [{"name": "First value", "due": "2026-12-10"}]
    measures = {m.id: m for c in assessed(share, TAILORED).health.components for m in c.measures}
    assert measures["milestones"].state == "not_applicable"


def test_a_model_with_a_stricter_limit_on_usage_reads_the_account_by_it() -> None:
    """October's figures are 17 days old: fine for the default, stale for a limit of ten days."""
    data = copy.deepcopy(POLICIES["health_models/digital-40-25-25-10"].data)
    for measure in data["components"][0]["measures"]:
        measure["max_age_days"] = 10
    strict = {**a_map({"id": "all_smb", "segments": ["smb"]})}
    strict["health_models/digital-40-25-25-10"] = PolicyFile(data, "strict.yaml")
    assert not assessed(healthy(), strict).account.usage_stale
    assert assessed(put(healthy(), "segment", "smb"), strict).account.usage_stale


DAYS = st.none() | st.integers(-1500, 500).map(lambda n: AS_OF + timedelta(n))


@given(DAYS, DAYS, DAYS, DAYS, st.sampled_from(["green", "yellow", "red", ""]))
def test_the_stage_refines_the_phase_and_health_never_moves_the_phase(
    since: date | None, start: date | None, renewal: date | None, kickoff: date | None, tier: str
) -> None:
    account = Account(id="a", name="A", customer_since=since, start_date=start,
                      renewal_date=renewal, kickoff_on=kickoff)  # fmt: skip
    phase = lifecycle.phase(account, STAGES, AS_OF)
    stage = lifecycle.stage(account, FactBook(), STAGES, AS_OF, tier).id
    later = {"adoption", "expansion", "advocacy", "value_realization"}
    allowed = {"established": later, "unknown": {"adoption"}}
    assert stage in allowed.get(phase, {phase})


@given(
    st.sampled_from(["smb", "mid_market", "enterprise", "strategic", ""]),
    st.sampled_from(["onboarding", "adoption", "established", "renewal", "unknown"]),
)
def test_the_first_rule_that_matches_counts(segment: str, phase: Any) -> None:
    rules = [
        {"id": "first", "segments": ["smb"], "phases": ["renewal", "adoption"]},
        {"id": "second", "segments": ["smb", "enterprise"]},
        {"id": "third", "phases": ["renewal", "unknown"]},
        {"id": "fourth", "segments": ["unknown"]},
    ]
    fits = [
        r["id"] for r in rules
        if (segment or "unknown") in r.get("segments", [segment or "unknown"])
        and phase in r.get("phases", [phase])
    ]  # fmt: skip
    assert chosen(a_map(*rules)).choose(segment, phase).profile == (fits or ["default"])[0]


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ([{"id": "x1", "segments": ["platinum"]}], "maps.own.rules.0.segments.0: "),
        ([{"id": "x1", "phases": ["churned"]}], "maps.own.rules.0.phases.0: "),
        ([{"id": "x1", "phases": ["expansion"]}], "maps.own.rules.0.phases.0: "),
        ([{"id": "x1", "segments": ["smb"], "model": "moon"}],
         "maps.own.rules.0.model: there is no health model 'moon'"),
        ([{"id": "x1", "segments": ["smb"], "model": "product-40-30-30"}],
         "maps.own.rules.0.model: 'product-40-30-30' takes ratings"),
        ([{"id": "x1"}], "maps.own.rules.0: names neither segments nor phases"),
        ([{"id": "x1", "segments": ["smb"]}, {"id": "x1", "segments": ["enterprise"]}],
         "maps.own.rules.1.id: 'x1' is taken"),
        ([{"id": "default", "segments": ["smb"]}], "maps.own.rules.0.id: 'default' is taken"),
        ([{"id": "x1", "segments": ["smb"]}, {"id": "x2", "segments": ["smb"],
                                              "phases": ["renewal"]}],
         "maps.own.rules.1: rule 'x2' can never apply"),
        ([{"id": "x1", "segments": ["smb", "mid_market", "unknown"]},
          {"id": "x2", "segments": ["enterprise", "strategic"]},
          {"id": "x3", "phases": ["onboarding"]}],
         "maps.own.rules.2: rule 'x3' can never apply"),
        ([{"id": "x1", "segments": ["smb"], "weight": 3}], "maps.own.rules.0.weight: "),
        ([{"id": "x1", "segments": ["smb"], "because": ""}], "maps.own.rules.0.because: "),
    ],
    ids=["segment", "phase", "stage-is-no-phase", "model", "ratings", "empty", "twice", "reserved",
         "covered", "covered-together", "key", "reason"],
)  # fmt: skip
def test_a_bad_rule_is_refused_with_file_and_key(rules: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(BadPersona) as caught:
        chosen(a_map(*rules))
    told = str(caught.value)
    assert told.startswith(f"personas/customer-success-manager/health_profiles.yaml: {message}")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"use": "fancy"}, "use: there is no map 'fancy'. Fix: use one of standard, tailored"),
        ({"maps": {}}, "maps: "),
        ({"maps": {"standard": {"default": "moon", "rules": []}}}, "maps.standard.default: "),
        ({"maps": {"standard": {"rules": []}}}, "maps.standard.default: "),
        ({"maps": {"standard": {"default": "../x", "rules": []}}}, "maps.standard.default: "),
    ],
)
def test_a_bad_file_is_refused_with_the_key(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(BadPersona) as caught:
        chosen(with_profiles(**changed))
    assert f"health_profiles.yaml: {message}" in str(caught.value)


def test_a_fault_in_the_map_that_is_not_in_force_is_told_too() -> None:
    maps = copy.deepcopy(POLICIES[FILE].data["maps"])
    maps["tailored"]["rules"][0]["model"] = "gone"
    with pytest.raises(BadPersona, match=r"maps\.tailored\.rules\.0\.model"):
        chosen(with_profiles(maps=maps))


def test_rules_may_overlap_in_part() -> None:
    found = chosen(a_map({"id": "x1", "segments": ["smb"]}, {"id": "x2", "phases": ["renewal"]}))
    assert found.choose("smb", "renewal").profile == "x1"
    assert found.choose("enterprise", "renewal").profile == "x2"


def test_every_shipped_model_of_insights_is_loadable_and_named_by_its_file() -> None:
    for name, file in POLICIES.items():
        if name.startswith("health_models/"):
            assert load_model(file, KNOWN).id == name.removeprefix("health_models/")
