"""Each formula of the score by hand: scales, weeks, coverage, confidence, rounding to a sum."""

from __future__ import annotations

import copy
from fractions import Fraction
from typing import Any

import pytest

from agent.persona import PolicyFile
from agent.success.assessment import HealthResult, MeasureResult
from agent.success.health.figure_book import KNOWN
from agent.success.health.measure import Measure
from agent.success.health.model import HealthModel, load_model
from agent.success.health.scoring import score_ratings
from agent.success.rounding import apportion
from tests.success.accounts import AS_OF, health, healthy, policy, put


def measures(result: HealthResult) -> dict[str, MeasureResult]:
    return {m.id: m for c in result.components for m in c.measures}


def scale(curve: list[list[float]], direction: str = "higher_is_better") -> Measure:
    return Measure.model_validate(
        {"id": "m1", "label": "m", "direction": direction, "weight": 1, "curve": curve}
    )


@pytest.mark.parametrize(
    ("value", "points"),
    [(-5, 10), (0, 10), (10, 30), (20, 50), (35, 60), (50, 70), (75, 85), (100, 100), (900, 100)],
)
def test_a_curve_is_straight_between_its_points_and_flat_outside(value: int, points: int) -> None:
    assert scale([[0, 10], [20, 50], [50, 70], [100, 100]]).score(Fraction(value)) == points


def test_a_curve_where_less_is_better() -> None:
    days = scale([[0, 100], [10, 0]], "lower_is_better")
    assert [days.score(Fraction(n)) for n in (0, 3, 10, 11)] == [100, 70, 0, 0]


def test_thirds_stay_exact() -> None:
    assert scale([[0, 0], [3, 100]]).score(Fraction(2)) == Fraction(200, 3)


@pytest.mark.parametrize(
    ("path", "value", "measure", "points"),
    [
        ("value.roi.annual_value", 24000, "roi", 25),  # a quarter of the cost of 96,000
        ("value.roi.annual_value", 96000, "roi", 100),
        ("relationship.nps.score", -100, "nps", 0),
        ("relationship.nps.score", 0, "nps", 50),
        ("usage.monthly.2.logins", 1080, "login_frequency", 50),  # 10 each, 20 is full use
        ("usage.monthly.2.api_calls", 375000, "usage_trend", 50),  # 75 % of 500,000
        ("usage.monthly.2.api_calls", 250000, "usage_trend", 0),
        ("engagement.outreach.replied", 3, "responsiveness", 30),
        ("engagement.qbr.attended_by_customer", 0, "business_reviews", 0),
        ("relationship.stakeholders.2.engagement", "none", "stakeholders", 100 * 2 / 3),
        ("relationship.advocacy", [], "advocacy", 0),
        ("value.goals.0.actual", 36, "goals", 100 * (0.5 + 0.75) / 2),  # 48 → 24 hours
        ("value.workflows.optimised", 2, "workflows", 25),
        ("engagement.support_tickets.sentiment", {"positive": 1, "negative": 3},
         "ticket_sentiment", 25),
    ],
)  # fmt: skip
def test_each_measure_by_hand(path: str, value: Any, measure: str, points: float) -> None:
    found = measures(health(put(healthy(), path, value)))[measure]
    assert found.score == pytest.approx(points)


def test_logins_of_a_week_count_as_a_month() -> None:
    share = healthy()
    share["usage"] = {
        "as_of": "2026-11-15",
        "weekly": [{"week": "2026-W46", "active_users": 10, "licensed_users": 40, "logins": 21}],
    }
    found = measures(health(share))["login_frequency"]
    assert found.value == pytest.approx(2.1 * 365 / 84)  # 365 / 12 / 7 weeks a month: 9.125
    assert found.score == pytest.approx(9.125 / 20 * 100)


def test_the_weight_of_what_is_missing_goes_to_the_rest_of_its_group() -> None:
    """NPS has half the weight of the four others of the relationship: 8 of 9 parts are left."""
    found = health(put(healthy(), "relationship.nps", {}))
    relationship = found.components[3]
    assert relationship.score == pytest.approx((100 + 100 + 100 + 90) / 4)
    assert relationship.coverage == pytest.approx(8 / 9)
    assert found.coverage == pytest.approx(1 - 0.2 / 9)


def rated(**changed: Any) -> HealthModel:
    data = copy.deepcopy(dict(policy("health_models/product-40-30-30").data)) | changed
    return load_model(PolicyFile(data, "m.yaml"), KNOWN)


PRODUCT = {id: 9 for id in ("login_frequency", "feature_adoption", "active_users",
                            "support_tickets")}  # fmt: skip


def test_the_floor_of_coverage_is_enough() -> None:
    """The four ratings of product are 40 % of the weight, which is exactly the floor."""
    at_floor = score_ratings(rated(), PRODUCT, AS_OF)
    assert (at_floor.score, at_floor.coverage) == (90.0, 0.4)
    below = score_ratings(rated(), {k: v for k, v in PRODUCT.items() if k != "active_users"}, AS_OF)
    assert (below.score, below.tier) == (None, "")


@pytest.mark.parametrize(
    ("left_out", "confidence"),
    [
        ((), "high"),
        (("nps", "response_time"), "high"),  # 85 % measured
        (("nps", "response_time", "meeting_attendance"), "medium"),  # 77.5 %
        (("goals_achieved", "roi_demonstrated", "business_impact", "nps"), "medium"),  # 62.5 %
        (("goals_achieved", "roi_demonstrated", "business_impact", "nps", "response_time"), "low"),
    ],
    ids=["100", "85", "77.5", "62.5", "55"],
)
def test_confidence_follows_the_coverage(left_out: tuple[str, ...], confidence: str) -> None:
    model = rated()
    ratings = {m.id: 8 for m in model.measures if m.id not in left_out}
    assert score_ratings(model, ratings, AS_OF).confidence == confidence


def test_stale_measures_cost_a_step_of_confidence() -> None:
    found = health(put(healthy(), "relationship.nps.collected_on", "2025-06-01"))
    assert measures(found)["nps"].state == "stale"
    assert (round(found.coverage, 3), found.confidence) == (0.978, "medium")


@pytest.mark.parametrize(
    ("parts", "total", "shown"),
    [
        ([100 / 3, 100 / 3, 100 / 3], 100.0, [33.34, 33.33, 33.33]),
        ([0.005, 0.005], 0.01, [0.01, 0.0]),
        ([1.239, None, 2.239], 3.478, [1.24, None, 2.24]),
        ([1.231, 2.239], 3.47, [1.23, 2.24]),
        ([10.0], 10.0, [10.0]),
        ([1.555, 2.555], None, [1.56, 2.56]),  # without a total each is only rounded
        ([], 0.0, []),
    ],
    ids=["thirds", "tie", "null", "largest", "one", "no-total", "none"],
)
def test_what_is_left_of_rounding_goes_to_the_largest_remainders(
    parts: list[float | None], total: float | None, shown: list[float | None]
) -> None:
    assert apportion(parts, total) == shown
