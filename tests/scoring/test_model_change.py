"""A change of model is told apart from a change of customer, and the parts sum exactly."""

from __future__ import annotations

import copy
import json
import shutil
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from agent import run
from agent.cli import app
from agent.errors import BadPersona
from agent.persona import PolicyFile
from agent.resources import shipped
from agent.success.assess import assess
from agent.success.assessment import Assessment
from agent.success.health.change import change_since
from agent.success.health.entry import score_entry
from agent.success.plan import Change
from tests.success.accounts import AS_OF, POLICY_DIR, SOURCE, commands, healthy, policy, put

ADOPTION = "health_models/adoption-30-25-25-20"
AUGUST = date(2026, 8, 18)
POLICIES: dict[str, Any] = {
    name: policy(name)
    for name in (p.relative_to(POLICY_DIR).with_suffix("").as_posix()
                 for p in sorted(POLICY_DIR.rglob("*.yaml")))
}  # fmt: skip


def reweighted(weights: list[float], version: str = "2") -> PolicyFile:
    file = POLICIES[ADOPTION]
    data = copy.deepcopy(file.data) | {"version": version}
    for component, weight in zip(data["components"], weights, strict=True):
        component["weight"] = weight
    return PolicyFile(data, f"{ADOPTION}.yaml")


def version_2(weights: list[float], *, keep: bool = True) -> dict[str, Any]:
    """The policies after a change of weights; with `keep`, the old file lies beside the new."""
    old = {f"{ADOPTION}-v1": POLICIES[ADOPTION]} if keep else {}
    return {**POLICIES, **old, ADOPTION: reweighted(weights)}


def assessed(share: Any, policies: dict[str, Any], history: Any = None) -> Assessment:
    return assess(
        share, account_id="alder", source=SOURCE, as_of=AS_OF, policies=policies, history=history,
        is_instruction=commands,
    )  # fmt: skip


def august(share: Any) -> dict[str, Any]:
    """The stored entry of a quarter ago, scored with the model of then."""
    then = replace(assessed(share, POLICIES).health, as_of=AUGUST)
    return score_entry(then, None, instruction_id="inst_0")


def changed(share: Any, policies: dict[str, Any], history: Any) -> Change:
    found = assessed(share, policies, history)
    moved = change_since(found.health, history, "inst_1", under=found.under_earlier_models)
    assert moved is not None
    return moved


def exact(moved: Change) -> Decimal:
    return sum((Decimal(repr(c.points)) for c in moved.causes), Decimal(0))


def test_only_the_model_changed() -> None:
    """90 and more everywhere but adoption 93.75, engagement 87.19, value 93.75, relationship 95.67:
    30/25/25/20 gives 92.49, 40/20/20/20 gives 92.82."""
    moved = changed(healthy(), version_2([40, 20, 20, 20]), august(healthy()))
    assert [(c.cause, c.points) for c in moved.causes] == [
        ("model changed from adoption-30-25-25-20 1 to adoption-30-25-25-20 2", 0.33)
    ]
    assert (moved.from_score, moved.to_score, moved.points) == (92.49, 92.82, 0.33)


def test_model_and_customer_changed() -> None:
    worse = put(healthy(), "usage.monthly.2.active_users", 40)
    moved = changed(worse, version_2([40, 20, 20, 20]), august(healthy()))
    same = changed(worse, POLICIES, august(healthy()))
    assert [c.cause for c in moved.causes][1:] == ["product adoption"]
    assert moved.causes[1:] == same.causes  # what the customer did, under either model
    assert exact(moved) == Decimal(repr(moved.points))


def test_only_the_customer_changed_needs_no_other_model() -> None:
    found = assessed(healthy(), POLICIES, august(healthy()))
    assert found.under_earlier_models == {}


@pytest.mark.parametrize("keep", [True, False])
def test_a_model_that_is_not_kept_is_not_guessed(keep: bool) -> None:
    moved = changed(healthy(), version_2([40, 20, 20, 20], keep=keep), august(healthy()))
    told = moved.causes[0].cause.startswith("not broken down: model changed")
    assert told is not keep
    assert exact(moved) == Decimal(repr(moved.points))


def test_a_score_that_the_earlier_model_would_not_give_is_not_broken_down() -> None:
    """With engagement alone the old model measures less than its floor; the new one asks less."""
    share = healthy()
    del share["usage"], share["value"], share["relationship"]
    easy = reweighted([1, 90, 1, 8])
    easy = PolicyFile(easy.data | {"coverage_floor": 0.1}, easy.source)
    policies = {**POLICIES, f"{ADOPTION}-v1": POLICIES[ADOPTION], ADOPTION: easy}
    moved = changed(share, policies, august(healthy()))
    assert moved.causes[0].cause.startswith("not broken down: model changed")
    assert len(moved.causes) == 1


def test_scoring_with_the_earlier_model_leaves_no_facts() -> None:
    history = august(healthy())
    before = list(assessed(healthy(), version_2([40, 20, 20, 20], keep=False), history).facts)
    assert list(assessed(healthy(), version_2([40, 20, 20, 20]), history).facts) == before


def test_two_different_files_of_one_version_are_refused() -> None:
    policies = version_2([40, 20, 20, 20]) | {
        f"{ADOPTION}-copy": reweighted([10, 20, 30, 40], version="1")
    }
    with pytest.raises(BadPersona, match=r"id, version: .* says 'adoption-30-25-25-20 1' too"):
        assessed(healthy(), policies, august(healthy()))


BENDS = st.dictionaries(
    st.sampled_from([
        "usage.monthly.2.active_users", "usage.monthly.2.logins", "usage.monthly.2.features_used",
        "engagement.outreach.replied", "engagement.training.attended", "value.goals.1.actual",
        "value.roi.annual_value", "value.integrations", "relationship.nps.score",
        "relationship.renewal_confidence", "relationship.advocacy", "usage",
    ]),
    st.none() | st.integers(0, 130),
    max_size=5,
)  # fmt: skip
WEIGHTS = st.lists(st.integers(0, 50), min_size=4, max_size=4).filter(any)


def bent(changes: dict[str, Any]) -> dict[str, Any]:
    share = healthy()
    for path, value in sorted(changes.items(), reverse=True):  # `usage` last, it takes the rest
        put(share, path, None if path == "usage" else value)
    return share


@settings(deadline=None, max_examples=30)
@given(BENDS, BENDS, WEIGHTS, st.booleans())
def test_causes_sum_to_the_change_to_the_last_digit(
    before: dict[str, Any], after: dict[str, Any], weights: list[float], keep: bool
) -> None:
    history = august(bent(before))
    found = assessed(bent(after), version_2(weights, keep=keep), history)
    moved = change_since(found.health, history, "inst_1", under=found.under_earlier_models)
    if moved is None:
        assert found.health.score is None or history["score"] is None
        return
    assert exact(moved) == Decimal(repr(moved.points))
    assert Decimal(repr(moved.to_score)) - Decimal(repr(moved.from_score)) == exact(moved)
    if keep and found.under_earlier_models["adoption-30-25-25-20 1"].score is not None:
        assert not any(c.cause.startswith("not broken down") for c in moved.causes)


# ---- as a person sees it ----------------------------------------------------------------------


@pytest.fixture
def memory(tmp_path: Path) -> Path:
    return Path(shutil.copytree(shipped("Agent_Memory"), tmp_path / "Agent_Memory"))


@pytest.fixture
def tailored(tmp_path: Path) -> Path:
    """A local folder that switches the map of profiles and changes nothing else."""
    folder = tmp_path / "own"
    (folder / "customer-success-manager").mkdir(parents=True)
    text = (POLICY_DIR / "health_profiles.yaml").read_text("utf-8")
    (folder / "customer-success-manager/health_profiles.yaml").write_text(
        text.replace("use: standard", "use: tailored"), "utf-8"
    )
    return folder


def test_a_switch_of_the_map_is_told_apart_in_the_run_and_on_the_command_line(
    memory: Path, tailored: Path
) -> None:
    """Kamionka is in onboarding: the switch gives it another model between two runs."""
    iid = "inst_20261117_007"
    run(iid, memory=memory, model="playbook", as_of="2026-11-17")
    asked = ["health", "kamionka-kruszywa", "--memory", str(memory), "--as-of", "2026-11-18",
             "--since", "2026-11-17", "--json", "--personas", str(tailored)]  # fmt: skip
    shown = CliRunner().invoke(app, asked)
    moved = json.loads(shown.stdout)[0]["change"]
    told = "model changed from adoption-30-25-25-20 1 to onboarding-40-20-20-10-10 1"
    assert moved["causes"][0]["cause"] == told
    assert sum(Decimal(repr(c["points"])) for c in moved["causes"]) == Decimal(
        repr(moved["points"])
    )
    run(iid, memory=memory, model="playbook", as_of="2026-11-18", again=True, personas=tailored)
    plan = yaml.safe_load((memory / iid / "outputs/final/success_plan.yaml").read_text("utf-8"))
    assert plan["health"]["model"] == "onboarding-40-20-20-10-10"
    assert plan["health"]["change"]["causes"][0]["cause"] == told
    assert plan["health"]["change"]["points"] == moved["points"]
