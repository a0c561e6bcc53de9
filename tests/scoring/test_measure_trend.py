"""Each measure against itself a window ago, by the dates in the insights."""

from __future__ import annotations

import copy
import json
import random
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from agent.cli import app
from agent.errors import BadPersona
from agent.persona import PolicyFile
from agent.success.calendar import add_months
from agent.success.health.figure_book import KNOWN
from agent.success.health.measure_trend import MeasureTrend, measure_trends
from agent.success.health.model import HealthModel, load_model
from tests.success.accounts import AS_OF, healthy, policy, problem, put, read

NAME = "health_models/adoption-30-25-25-20"
SINCE = date(2026, 8, 19)  # 90 days before 17 November


def model(changes: dict[str, dict[str, Any]] | None = None, **top: Any) -> HealthModel:
    data = copy.deepcopy(dict(policy(NAME).data)) | top
    for component in data["components"]:
        for measure in component["measures"]:
            measure.update((changes or {}).get(measure["id"], {}))
    return load_model(PolicyFile(data, "m.yaml"), KNOWN)


def trends(share: Any, with_model: HealthModel | None = None) -> dict[str, MeasureTrend]:
    account, facts = read(share)
    found = measure_trends(with_model or model(), account, facts, AS_OF)
    return {t.measure: t for t in found}


def months(*active: int, last: str = "2026-10", **more: Any) -> dict[str, Any]:
    """The healthy account with one row a month, newest last; 100 licences."""
    share, newest = healthy(), date.fromisoformat(f"{last}-01")
    share["usage"]["monthly"] = [
        {"month": f"{add_months(newest, n + 1 - len(active)):%Y-%m}", "active_users": users,
         "licensed_users": 100, **more}
        for n, users in enumerate(active)
    ]  # fmt: skip
    return share


def test_by_hand_july_is_the_newest_month_over_before_19_august() -> None:
    found = trends(months(40, 50, 90, 90, 70))["active_users"]  # June to October
    assert (found.since, found.window_days) == (SINCE, 90)
    assert (found.before, found.before_on, found.now, found.now_on) == (
        50,
        "2026-07",
        70,
        "2026-10",
    )
    assert (found.change, found.trend) == (20, "improving")


@pytest.mark.parametrize(
    ("now", "word"),
    [(55, "improving"), (54, "stable"), (50, "stable"), (46, "stable"), (45, "declining")],
)
def test_less_than_five_percent_of_the_scale_is_no_move(now: int, word: str) -> None:
    assert trends(months(50, 60, 60, now))["active_users"].trend == word


def test_the_threshold_is_measured_on_the_scale_of_the_measure() -> None:
    """Logins go from 0 to 20 on their curve: one login is five percent, NPS from -100 to 100."""
    share = months(100, 100, 100, 100)
    for row, logins in zip(share["usage"]["monthly"], (1000, 1000, 1000, 1090), strict=True):
        row["logins"] = logins
    assert trends(share)["login_frequency"].trend == "stable"  # 10 → 10.9
    share["usage"]["monthly"][3]["logins"] = 1100
    assert trends(share)["login_frequency"].trend == "improving"  # 10 → 11


def test_where_less_is_better_a_fall_is_an_improvement() -> None:
    falls = {"direction": "lower_is_better", "curve": [[0, 100], [100, 0]]}
    found = trends(months(90, 80, 80, 60), model({"active_users": falls}))["active_users"]
    assert (found.change, found.trend) == (-30, "improving")
    found = trends(months(60, 80, 80, 90), model({"active_users": falls}))["active_users"]
    assert (found.change, found.trend) == (30, "declining")


def test_a_measure_can_have_its_own_window_and_threshold() -> None:
    own = model({"active_users": {"trend": {"window_days": 30}}})
    share = months(40, 50, 90, 90, 70)
    found = trends(share, own)
    assert found["active_users"].before_on == "2026-09"
    assert found["active_users"].trend == "declining"
    calm = model({"active_users": {"trend": {"window_days": 30, "stable_within": 21}}})
    assert trends(share, calm)["active_users"].trend == "stable"
    assert found["features"].window_days == 90


def test_without_an_earlier_row_the_trend_is_unknown_and_the_value_shown() -> None:
    found = trends(months(80, 90, 95))["active_users"]  # August to October
    assert (found.trend, found.now, found.before) == ("unknown", 95, None)
    assert "no earlier value with a date up to 2026-08-19" in found.note


def test_without_a_newer_row_the_trend_is_unknown_and_not_stable() -> None:
    short = model({"active_users": {"trend": {"window_days": 10}}})
    found = trends(months(50, 60), short)["active_users"]
    assert (found.trend, found.note) == ("unknown", "not measured again since 2026-10")


def test_a_value_that_is_stale_now_or_was_stale_then_is_no_end_of_a_trend() -> None:
    assert "no value now" in trends(put(months(50, 60), "usage.stale", True))["active_users"].note
    share = months(50, 60, 70)
    share["usage"]["monthly"][0]["month"] = "2026-03"  # 141 days old at the window's start
    found = trends(share)["active_users"]
    assert (found.trend, "141 days old" in found.note) == ("unknown", True)


def test_a_stand_in_is_not_compared_with_what_it_stands_for() -> None:
    """API calls are known now and were not in July: active users of then are no earlier value."""
    share = months(50, 60, 70, 80, 90)
    for row in share["usage"]["monthly"][2:]:
        row["api_calls"] = 1000
    assert trends(share)["usage_trend"].trend == "unknown"
    for row in share["usage"]["monthly"][:2]:
        row["api_calls"] = 500
    found = trends(share)["usage_trend"]  # July 100 % of June, October 200 %
    assert (found.before, found.now, found.trend) == (100, 200, "improving")


def test_weeks_of_a_ramp_up() -> None:
    share = healthy()
    share["usage"] = {
        "as_of": "2026-11-15",
        "weekly": [{"week": f"2026-W{n}", "active_users": users, "licensed_users": 60}
                   for n, users in ((43, 6), (44, 12), (45, 18), (46, 27))],
    }  # fmt: skip
    found = trends(share, model(trend={"window_days": 14, "stable_within": 5}))["active_users"]
    assert (found.before_on, found.before) == ("2026-W44", 20)  # week 44 ends on 1 November
    assert (found.now, found.trend) == (45, "improving")


def test_nps_against_the_survey_before_over_its_own_180_days() -> None:
    share = healthy()  # 62 on 2 October
    share["relationship"]["nps"]["history"] = [
        {"score": 70, "collected_on": "2026-09-01"},
        {"score": 30, "collected_on": "2026-04-10"},
        {"score": 10, "collected_on": "2025-10-01"},
    ]
    found = trends(share)["nps"]
    assert (found.window_days, found.since) == (180, date(2026, 5, 21))
    assert (found.before, found.before_on, found.now) == (30, "2026-04-10", 62)
    assert found.trend == "improving"


def test_goals_are_compared_where_they_were_measured_both_times() -> None:
    share = healthy()
    first, second = share["value"]["goals"]  # 48 → 24 hours, now 22; 0 → 4 sites, now 3
    first["history"] = [
        {"actual": 36, "as_of": "2026-07-31"},
        {"actual": 48, "as_of": "2026-04-30"},
    ]
    found = trends(share)["goals"]
    assert (found.before, found.now, found.trend) == (50, 100, "improving")
    assert found.before_on == "2026-07-31"
    second["history"] = [{"actual": 4, "as_of": "2026-08-01"}]
    found = trends(share)["goals"]  # (50 + 100) / 2 against (100 + 75) / 2
    assert (found.before, found.now, found.trend) == (75, 87.5, "improving")
    share["value"]["goals"].append(
        {"id": "G-3", "statement": "new", "baseline": 0, "target": 10, "actual": 0,
         "as_of": "2026-11-01"}
    )  # fmt: skip
    assert trends(share)["goals"] == found


@pytest.mark.parametrize(
    "history",
    ["often", [5], [{"score": 30}], [{"score": 300, "collected_on": "2026-04-10"}],
     [{"score": 30, "collected_on": "2027-04-10"}], [{"score": 30, "collected_on": "spring"}],
     [{"score": "NaN", "collected_on": "2026-04-10"}]],
)  # fmt: skip
def test_a_bad_history_is_named_and_no_value(history: Any) -> None:
    share = healthy()
    share["relationship"]["nps"]["history"] = history
    account, _ = read(share)
    assert any(p.field.startswith("relationship.nps.history") for p in account.problems)
    assert trends(share)["nps"].trend == "unknown"
    assert problem(account, "relationship.nps.score") == ""


UNDATED = ("responsiveness", "business_reviews", "training", "ticket_sentiment", "roi",
           "integrations", "workflows", "sponsor", "stakeholders", "advocacy",
           "renewal_confidence")  # fmt: skip


def test_what_carries_no_date_has_no_trend() -> None:
    found = trends(months(*range(40, 60)))
    assert {t.trend for id, t in found.items() if id in UNDATED} == {"unknown"}
    assert len(found) == len(model().measures)


def test_a_model_without_a_window_takes_no_trends() -> None:
    assert trends(healthy(), model(trend=None)) == {}


@pytest.mark.parametrize(
    ("trend", "key"),
    [
        ({"window_days": 0, "stable_within": 5}, "trend.window_days"),
        ({"window_days": 90}, "trend.stable_within"),
        ({"window_days": 90, "stable_within": float("nan")}, "trend.stable_within"),
        ({"window_days": 90, "stable_within": 5, "months": 3}, "trend.months"),
    ],
    ids=["zero", "lacking", "nan", "unknown"],
)
def test_a_bad_window_is_refused_with_its_key(trend: dict[str, Any], key: str) -> None:
    with pytest.raises(BadPersona, match=rf"m\.yaml: {key}: "):
        model(trend=trend)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 100), min_size=1, max_size=15), st.integers(1, 400),
       st.randoms(use_true_random=False))  # fmt: skip
def test_the_earlier_value_is_never_newer_than_the_window(
    active: list[int], days: int, rng: random.Random
) -> None:
    window = model(trend={"window_days": days, "stable_within": 5})
    share = months(*active)
    found = trends(share, window)["active_users"]
    if found.before is not None:
        year, month = map(int, found.before_on.split("-"))
        assert add_months(date(year, month, 1), 1) <= AS_OF - timedelta(days=days) + timedelta(1)
        assert found.trend == "unknown" or found.change == found.now - found.before  # type: ignore[operator]
    rng.shuffle(share["usage"]["monthly"])
    assert trends(share, window)["active_users"] == found


def test_the_command_shows_both_ends_and_last_nights_score_plays_no_part(tmp_path: Path) -> None:
    folder = tmp_path / "Agent_Memory/_knowledge/semantic"
    folder.mkdir(parents=True)
    account = months(40, 50, 90, 90, 70)
    (folder / "customer_insights.yaml").write_text(
        yaml.safe_dump({"schema": "customer_insights/1", "accounts": {"alder": account}}), "utf-8"
    )
    (folder / "customer_health_scores.yaml").write_text(
        yaml.safe_dump({
            "schema": "customer_health_scores/1",
            "accounts": {"alder": {"history": [{"date": "2026-11-16", "score": 99.0}]}},
        }),
        "utf-8",
    )  # fmt: skip
    where = ["--memory", str(tmp_path / "Agent_Memory"), "--as-of", "2026-11-17"]
    shown = CliRunner().invoke(
        app, ["health", "alder", "--explain", *where], env={"COLUMNS": "140"}
    )
    assert "improving  50 (2026-07) → 70 (2026-10) 90 d" in shown.stdout
    assert "unknown, no two dated values: " in shown.stdout
    found = json.loads(CliRunner().invoke(app, ["health", "alder", "--json", *where]).stdout)[0]
    by_id = {t["measure"]: t for t in found["trends"]}
    assert by_id["active_users"]["trend"] == "improving"
    assert by_id["sponsor"]["trend"] == "unknown"
