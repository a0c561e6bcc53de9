"""What holds of every score, whichever model made it and however the accounts lie in the file."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from agent.cli import app
from agent.success.assessment import HealthResult, MeasureResult
from agent.success.compose import component_views
from agent.success.health.entry import score_entry
from agent.success.health.figure_book import KNOWN
from agent.success.health.figures import figures
from agent.success.health.model import load_model
from agent.success.health.scoring import score
from agent.success.rounding import shown
from tests.success.accounts import AS_OF, healthy, policy, put, read

ROOT = Path(__file__).resolve().parents[2]
MODELS = {
    name: load_model(policy(f"health_models/{name}"), KNOWN)
    for name in ("adoption-30-25-25-20", "onboarding-40-20-20-10-10", "digital-40-25-25-10")
}
MADE_OF = {  # a field of the insights → the measures that may change with it
    "usage.monthly.2.licensed_users": {"active_users"},
    "usage.monthly.2.logins": {"login_frequency"},
    "usage.monthly.2.api_calls": {"usage_trend"},
    "usage.monthly.2.features_used": {"features"},
    "engagement.outreach.replied": {"responsiveness"},
    "engagement.qbr.attended_by_customer": {"business_reviews"},
    "engagement.training.attended": {"training"},
    "engagement.support_tickets.sentiment": {"ticket_sentiment"},
    "value.goals.0.actual": {"goals"},
    "value.roi.annual_value": {"roi"},
    "value.integrations.live": {"integrations"},
    "value.workflows.optimised": {"workflows"},
    "relationship.nps.score": {"nps"},
    "relationship.executive_sponsor.status": {"sponsor"},
    "relationship.advocacy": {"advocacy"},
    "relationship.renewal_confidence": {"renewal_confidence"},
    "onboarding.users.activated": {"activation"},
    "onboarding.weekly_checkins.held": {"check_ins"},
    "onboarding.milestones": {"milestones"},
}
RIGHT: dict[str, Any] = {
    "engagement.support_tickets.sentiment": {"positive": 1, "neutral": 1, "negative": 0},
    "relationship.executive_sponsor.status": "passive",
    "relationship.advocacy": ["a reference call"],
    "onboarding.milestones": [{"name": "Data loaded", "due": "2026-11-02", "status": "done"}],
}


def whole() -> dict[str, Any]:
    share = healthy()
    share["onboarding"] = {
        "users": {"licensed": 120, "invited": 100, "activated": 90},
        "weekly_checkins": {"planned": 9, "held": 8},
        "milestones": [{"name": "First value", "due": "2026-11-10", "status": "open"}],
    }
    return share


def bent(changes: dict[str, Any]) -> dict[str, Any]:
    share = whole()
    for path, value in changes.items():
        put(share, path, value)
    return share


def scored(share: dict[str, Any], model: str, onboarding: bool = False) -> HealthResult:
    account, facts = read(share)
    return score(MODELS[model], figures(account, facts, AS_OF), onboarding=onboarding)


def readings(share: dict[str, Any], model: str) -> dict[str, MeasureResult]:
    return {m.id: m for c in scored(share, model).components for m in c.measures}


VALUES = st.none() | st.integers(-3, 140) | st.floats(allow_nan=True) | st.sampled_from(["x", ""])
BENDS = st.dictionaries(st.sampled_from(sorted(MADE_OF)), VALUES, max_size=7)
NAMES = st.sampled_from(sorted(MODELS))


@settings(deadline=None, max_examples=120)
@given(BENDS, NAMES, st.booleans())
def test_contributions_sum_to_the_last_digit(
    changes: dict[str, Any], model: str, onboarding: bool
) -> None:
    result = scored(bent(changes), model, onboarding)
    views = component_views(result)
    if result.score is None:
        assert {v.contribution for v in views} <= {None}
        return
    points = [Decimal(repr(v.contribution)) for v in views if v.contribution is not None]
    assert sum(points, Decimal(0)) == Decimal(repr(shown(result.score)))
    for view in views:
        own = [Decimal(repr(m.contribution)) for m in view.measures if m.contribution is not None]
        if view.contribution is None:
            assert not own
        else:
            assert sum(own, Decimal(0)) == Decimal(repr(view.contribution))


@settings(deadline=None, max_examples=120)
@given(BENDS, st.sampled_from(sorted(MADE_OF)), st.integers(0, 90), NAMES)
def test_a_measure_that_was_missing_changes_no_other_measures_value(
    changes: dict[str, Any], path: str, value: int, model: str
) -> None:
    """Known by now or not: the others keep value, state and score; only the weights move."""
    before = readings(bent(changes | {path: None}), model)
    after = readings(bent(changes | {path: RIGHT.get(path, value)}), model)
    for id, then in before.items():
        if id not in MADE_OF[path]:
            now = after[id]
            assert (now.value, now.score, now.state) == (then.value, then.score, then.state), id


def test_every_measure_of_the_models_is_tried() -> None:
    """`stakeholders` is a list of people: a missing list is tried in its own test."""
    tried = set().union(*MADE_OF.values())
    assert {m.id for model in MODELS.values() for m in model.measures} - tried == {"stakeholders"}


@given(BENDS, NAMES)
@settings(deadline=None, max_examples=40)
def test_same_input_and_date_give_the_same_bytes(changes: dict[str, Any], model: str) -> None:
    texts = {
        json.dumps(score_entry(scored(bent(changes), model), None, instruction_id="i"))
        for _ in range(2)
    }
    assert len(texts) == 1


# ---- a book of accounts -----------------------------------------------------------------------


def write(folder: Path, accounts: dict[str, Any]) -> list[str]:
    place = folder / "Agent_Memory/_knowledge/semantic"
    place.mkdir(parents=True, exist_ok=True)
    text = yaml.safe_dump({"schema": "customer_insights/1", "accounts": accounts}, sort_keys=False)
    (place / "customer_insights.yaml").write_text(text, "utf-8")
    return ["--memory", str(folder / "Agent_Memory"), "--as-of", "2026-11-17"]


def shown_by(where: list[str], *words: str) -> str:
    result = CliRunner().invoke(app, ["health", *words, *where])
    assert result.exit_code == 0, result.output
    return result.stdout


@settings(
    deadline=None, max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(BENDS, min_size=2, max_size=5), st.randoms(use_true_random=False))
def test_the_order_of_accounts_does_not_matter(
    tmp_path: Path, book: list[dict[str, Any]], rng: random.Random
) -> None:
    accounts = {f"acc-{n}": bent(changes) for n, changes in enumerate(book)}
    straight = shown_by(write(tmp_path, accounts), "--json")
    ids = list(accounts)
    rng.shuffle(ids)
    assert shown_by(write(tmp_path, {id: accounts[id] for id in ids}), "--json") == straight
    alone = shown_by(write(tmp_path, {ids[0]: accounts[ids[0]]}), "--json")
    assert json.loads(alone)[0] in json.loads(straight)  # nor does who else is there


def test_two_processes_print_the_same_bytes(tmp_path: Path) -> None:
    """Whatever the process's hash seed: nothing printed follows the order of a set."""
    accounts = {f"acc-{n}": whole() | {"parent": "acc-0"} for n in range(1, 4)}
    where = write(tmp_path, {"acc-0": whole(), **accounts})
    printed = set()
    for seed in ("1", "2"):
        for words in (["--json"], ["acc-0", "--explain"]):
            done = subprocess.run(
                [sys.executable, "-m", "agent", "health", *words, *where],
                cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True,
                check=True,
            )  # fmt: skip
            printed.add((*words, done.stdout))
    assert len(printed) == 2


@pytest.mark.parametrize("model", sorted(MODELS))
def test_a_list_of_people_that_was_missing_changes_no_other_measure(model: str) -> None:
    without = whole()
    without["relationship"]["stakeholders"] = None
    before, after = readings(without, model), readings(whole(), model)
    for id, then in before.items():
        if id != "stakeholders":
            now = after[id]
            assert (now.value, now.score, now.state) == (then.value, then.score, then.state), id


def test_facts_of_a_score_are_in_the_same_order_every_time() -> None:
    def ids() -> list[str]:
        account, facts = read(whole())
        score(MODELS["onboarding-40-20-20-10-10"], figures(account, facts, AS_OF))
        return [f.id for f in facts]

    assert ids() == ids()
