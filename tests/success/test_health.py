"""The health score by hand, and what must hold whatever the data."""

from __future__ import annotations

from typing import Any

import pytest
from accounts import AS_OF, health, healthy, policy, put, read
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.success.assessment import HealthResult, MeasureResult
from agent.success.health.figure_book import KNOWN
from agent.success.health.figures import figures
from agent.success.health.model import load_model
from agent.success.health.scoring import health_status, score, score_ratings

RATED = "health_models/product-40-30-30"
RATINGS = {
    "login_frequency": 9,
    "feature_adoption": 8,
    "active_users": 9,
    "support_tickets": 9,
    "executive_engagement": 8,
    "meeting_attendance": 7,
    "nps": 9,
    "response_time": 8,
    "goals_achieved": 8,
    "roi_demonstrated": 9,
    "business_impact": 8,
}


def measures(result: HealthResult) -> dict[str, MeasureResult]:
    return {m.id: m for c in result.components for m in c.measures}


def component(result: HealthResult, id: str) -> float | None:
    return next(c.score for c in result.components if c.id == id)


def test_the_healthy_account_by_hand() -> None:
    result = health(healthy())
    adoption = (90 + 85 + 100 + 100) / 4  # 108/120, 17/20, 20 logins, API up
    engagement = (90 + 100 + 90 + 100 * (4 + 1.5) / 8) / 4
    value = (100 * (1 + 0.75) / 2 + 100 + 100 + 87.5) / 4
    relationship = (2 * (100 + 100 + 100 + 90) + 81) / 9
    assert component(result, "product_adoption") == pytest.approx(adoption)
    assert component(result, "engagement") == pytest.approx(engagement)
    assert component(result, "value_realization") == pytest.approx(value)
    assert component(result, "relationship") == pytest.approx(relationship)
    expected = 0.30 * adoption + 0.25 * engagement + 0.25 * value + 0.20 * relationship
    assert result.score == pytest.approx(expected)
    assert (result.tier, result.coverage, result.confidence) == ("green", 1.0, "high")
    assert health_status(result) == "scored"


def test_the_rated_model_gives_84_for_the_known_dashboard() -> None:
    result = score_ratings(load_model(policy(RATED), KNOWN), RATINGS, AS_OF)
    assert result.score == 84.0
    assert result.tier == "green"
    assert [c.contribution for c in result.components] == [35.0, 24.0, 25.0]


@pytest.mark.parametrize("rating", [None, "9", True, float("nan"), float("inf"), -1, 10.5])
def test_a_bad_rating_leaves_the_mean(rating: Any) -> None:
    result = score_ratings(load_model(policy(RATED), KNOWN), {**RATINGS, "nps": rating}, AS_OF)
    assert measures(result)["nps"].state == ("missing" if rating is None else "invalid")
    assert component(result, "relationship") == pytest.approx(100 * (8 + 7 + 8) / 30)
    assert result.coverage == pytest.approx(1 - 0.3 / 4)


def test_79_96_is_yellow_however_it_is_shown() -> None:
    model = load_model(policy(RATED), KNOWN)
    ratings = {id: 7.996 for id in RATINGS}
    result = score_ratings(model, ratings, AS_OF)
    assert result.score == pytest.approx(79.96)
    assert result.tier == "yellow"
    assert score_ratings(model, {id: 8 for id in RATINGS}, AS_OF).tier == "green"
    assert score_ratings(model, {id: 5.999 for id in RATINGS}, AS_OF).tier == "red"


def test_a_missing_component_is_null_and_the_others_share_its_weight() -> None:
    result = health(put(healthy(), "value", {}))
    assert component(result, "value_realization") is None
    assert result.coverage == pytest.approx(0.75)
    assert health_status(result) == "partial"
    assert "not computable: value realization" in result.reason
    others = [c for c in result.components if c.score is not None]
    assert result.score == pytest.approx(
        sum(c.weight * (c.score or 0) for c in others) / sum(c.weight for c in others)
    )


def test_stale_usage_leaves_the_mean_and_costs_confidence() -> None:
    result = health(put(healthy(), "usage.as_of", "2026-07-31"))
    assert measures(result)["active_users"].state == "stale"
    assert "109 days old" in measures(result)["active_users"].note
    assert component(result, "product_adoption") is None
    assert result.confidence == "low"


def test_below_the_floor_there_is_no_score_but_a_list_of_whom_to_ask() -> None:
    share = healthy()
    del share["usage"], share["value"]
    share["relationship"] = {}
    result = health(share)
    assert (result.score, result.tier) == (None, "")
    assert health_status(result) == "not_enough_data"
    assert result.reason.startswith("not enough data: 25 % of the model could be measured")
    assert "active of licensed users (missing, ask support-analyst)" in result.reason
    assert component(result, "engagement") is not None
    assert all(m.contribution is None for m in measures(result).values())


def test_invalid_is_told_from_missing() -> None:
    result = health(put(healthy(), "usage.monthly.2.active_users", -5))
    assert measures(result)["active_users"].state == "invalid"
    assert "-5 is negative" in measures(result)["active_users"].note
    result = health(put(healthy(), "usage.monthly.2.active_users", None))
    assert measures(result)["active_users"].state == "missing"


def test_more_active_than_licensed_scores_100_at_most() -> None:
    result = measures(health(put(healthy(), "usage.monthly.2.active_users", 140)))["active_users"]
    assert (result.value, result.score) == (100.0, 100.0)


@pytest.mark.parametrize(
    ("path", "measure"),
    [
        ("usage.monthly.2.licensed_users", "active_users"),
        ("engagement.qbr.scheduled", "business_reviews"),
        ("engagement.training.places_offered", "training"),
        ("value.integrations.planned", "integrations"),
        ("value.roi.annual_cost", "roi"),
    ],
)
def test_a_zero_denominator_is_left_out_and_said(path: str, measure: str) -> None:
    result = measures(health(put(healthy(), path, 0)))[measure]
    assert (result.state, result.score) == ("not_applicable", None)
    assert "0" in result.note


def test_a_goal_that_went_backwards_counts_as_nothing() -> None:
    share = put(healthy(), "value.goals.0.actual", 60)  # 60 hours, from 48, target 24
    assert measures(health(share))["goals"].value == pytest.approx(100 * 0.75 / 2)


def test_few_tickets_without_use_are_no_praise() -> None:
    share = healthy()
    put(share, "usage.monthly.2.active_users", 0)
    assert measures(health(share))["ticket_sentiment"].state == "not_applicable"
    share = healthy()
    put(share, "engagement.support_tickets.sentiment", {"positive": 0, "neutral": 0, "negative": 0})
    assert measures(health(share))["ticket_sentiment"].state == "not_applicable"


@pytest.mark.parametrize(
    ("status", "last_contact", "expected"),
    [
        ("active", "2026-11-05", 100),
        ("passive", "2026-11-05", 50),
        ("changed", "2026-11-05", 25),
        ("leaving", "2026-11-05", 20),
        ("left", "2026-11-05", 0),
        ("active", "2026-07-20", 75),  # 120 days: half way from 60 to 180
        ("active", "2026-01-05", 50),
        ("active", None, 100),
    ],
)
def test_the_sponsor_counts_by_status_and_recency(
    status: str, last_contact: str | None, expected: float
) -> None:
    share = put(healthy(), "relationship.executive_sponsor.status", status)
    put(share, "relationship.executive_sponsor.last_contact", last_contact)
    assert measures(health(share))["sponsor"].score == pytest.approx(expected)


def test_without_api_calls_the_trend_is_taken_from_active_users() -> None:
    share = healthy()
    for row in share["usage"]["monthly"]:
        del row["api_calls"]
    put(share, "usage.monthly.2.active_users", 80)
    trend = measures(health(share))["usage_trend"]
    assert trend.score == pytest.approx(60)  # 80 % of the first month
    assert "taken from usage.active_trend" in trend.note


def test_in_onboarding_what_cannot_exist_yet_does_not_apply() -> None:
    share = healthy()
    share["engagement"]["qbr"] = None
    share["value"] = {"integrations": {"planned": 1, "live": 0}}
    share["relationship"]["advocacy"] = []
    result = health(share, onboarding=True)
    states = {id: m.state for id, m in measures(result).items()}
    for id in ("business_reviews", "goals", "roi", "workflows", "advocacy"):
        assert states[id] == "not_applicable"
    assert states["integrations"] == "present"
    assert measures(health(share))["goals"].state == "missing"


# ---- what always holds ------------------------------------------------------------------------

FIELDS = [
    "usage.monthly.2.active_users",
    "usage.monthly.2.logins",
    "usage.monthly.0.api_calls",
    "usage.monthly.2.features_used",
    "engagement.outreach.sent",
    "engagement.outreach.replied",
    "engagement.qbr.attended_by_customer",
    "engagement.training.attended",
    "value.goals.1.actual",
    "value.roi.annual_value",
    "value.integrations.live",
    "value.workflows.planned",
    "relationship.nps.score",
    "relationship.renewal_confidence",
    "relationship.executive_sponsor.status",
    "engagement.support_tickets.sentiment.negative",
]
values = st.none() | st.integers(-10, 10**6) | st.floats() | st.sampled_from(["left", "5", "x"])
bends = st.dictionaries(st.sampled_from(FIELDS), values, max_size=6)


def bent(changes: dict[str, Any]) -> dict[str, Any]:
    share = healthy()
    for path, value in changes.items():
        put(share, path, value)
    return share


@settings(deadline=None, max_examples=150)
@given(bends)
def test_contributions_add_up_and_scores_stay_in_range(changes: dict[str, Any]) -> None:
    result = health(bent(changes))
    found = measures(result).values()
    for measure in found:
        assert measure.score is None or 0 <= measure.score <= 100
        assert (measure.score is None) == (measure.state != "present")
    if result.score is None:
        return
    assert 0 <= result.score <= 100
    assert sum(m.contribution or 0 for m in found) == pytest.approx(result.score, abs=1e-9)
    assert sum(c.contribution or 0 for c in result.components) == pytest.approx(
        result.score, abs=1e-9
    )
    assert result.tier == (
        "green" if result.score >= 80 else "yellow" if result.score >= 60 else "red"
    )
    assert sum(m.weight for m in found) == pytest.approx(1)
    assert result.coverage == pytest.approx(sum(m.weight for m in found if m.score is not None))


@settings(deadline=None, max_examples=60)
@given(bends)
def test_same_input_gives_an_equal_result(changes: dict[str, Any]) -> None:
    assert health(bent(changes)) == health(bent(changes))


@pytest.mark.parametrize("path", FIELDS)
def test_removing_a_figure_changes_only_the_measures_made_of_it(path: str) -> None:
    full, less = measures(health(healthy())), measures(health(put(healthy(), path, None)))
    changed = {
        id for id in full if (full[id].value, full[id].score) != (less[id].value, less[id].score)
    }
    two = {"active_users", "login_frequency"}
    assert changed <= two if path.endswith("active_users") else len(changed) <= 1


def test_the_score_is_a_fact_with_its_way_back_to_stored_ones() -> None:
    account, facts = read(healthy())
    model = load_model(policy("health_models/adoption-30-25-25-20"), KNOWN)
    result = score(model, figures(account, facts, AS_OF))
    assert facts["health.score"].value == round(result.score or 0, 1)
    assert facts["health.tier"].value == "green"
    reached = {fact.id for fact in facts.closure(["health.score"])}
    assert {"health.product_adoption", "health.m.active_users", "usage.active_ratio"} <= reached
    assert "usage.2026-10.active_users" in reached
