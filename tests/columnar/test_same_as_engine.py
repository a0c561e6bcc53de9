"""The columnar pass and the engine must say the same of the same facts."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import pytest

pl = pytest.importorskip("polars")

from agent.household import DEFAULT_PERSONA, open_household  # noqa: E402
from agent.persona import PolicyFile  # noqa: E402
from agent.success.assess import assess  # noqa: E402
from agent.success.assessment import Assessment  # noqa: E402
from agent.success.columnar.book import Judge, rules  # noqa: E402
from agent.success.columnar.columns import COLUMNS  # noqa: E402
from agent.success.columnar.signs import COVERED  # noqa: E402
from tests.columnar.flat_rows import row, share  # noqa: E402

DAYS = (date(2026, 11, 17), date(2026, 10, 31), date(2028, 2, 29))


@pytest.fixture(scope="module")
def policies() -> Any:
    return open_household(DEFAULT_PERSONA).persona.policies


def with_map(policies: Any, name: str) -> dict[str, Any]:
    """The same policies with another map of health profiles in force."""
    file = policies["health_profiles"]
    return {**policies, "health_profiles": PolicyFile({**file.data, "use": name}, file.source)}


def judged(rows: list[dict[str, str | None]], policies: Any, as_of: date) -> list[dict[str, Any]]:
    names = [column.name for column in COLUMNS]
    batch = pl.DataFrame([[r.get(n) for n in names] for r in rows], schema=dict.fromkeys(names, pl.String), orient="row")  # fmt: skip  # noqa: E501
    return Judge(rules(policies), as_of).judge(batch).to_dicts()


def engine(row: dict[str, str | None], policies: Any, as_of: date) -> Assessment:
    return assess(
        share(row, as_of),
        account_id=row["id"] or "",
        source="s",
        as_of=as_of,
        policies=policies,
        history=None,
        is_instruction=lambda _: False,
    )


@pytest.mark.parametrize("map", ["standard", "tailored"])
@pytest.mark.parametrize("seed", range(3))
def test_same_verdict_as_the_engine(policies: Any, seed: int, map: str) -> None:
    rng, as_of = random.Random(seed), DAYS[seed]
    policies = with_map(policies, map)
    rows = [row(rng, n, as_of, dirty=(0.0, 0.05, 0.3)[n % 3]) for n in range(150)]
    for given, found in zip(rows, judged(rows, policies, as_of), strict=True):
        a = engine(given, policies, as_of)
        shown = {k: v for k, v in given.items() if v}
        assert found["model"] == a.choice.model.named, shown
        if a.health.score is None:
            assert found["score"] is None, shown
        else:
            assert found["score"] == pytest.approx(a.health.score, abs=1e-9), shown
        assert found["coverage"] == pytest.approx(a.health.coverage, abs=1e-9), shown
        assert (found["tier"], found["confidence"]) == (a.health.tier, a.health.confidence), shown
        for c in a.health.components:
            assert found[f"c.{c.id}"] == (
                None if c.score is None else pytest.approx(c.score, abs=1e-9)
            ), (c.id, shown)
        assert (found["days_left"], found["renewal_status"], found["renewal_category"]) == (
            a.renewal.days_left,
            a.renewal.status,
            a.renewal.category,
        ), shown
        assert found["renewal_probability"] == a.renewal.probability
        signs = {s.id: s.severity for s in a.signals}
        assert dict(s.split(":") for s in found["signs"].split()) == signs, shown
        assert (found["expansion_points"], found["expansion_gate"]) == (
            a.expansion.points,
            a.expansion.gate,
        ), shown


def test_every_model_of_the_map_scores_somewhere_and_leaves_the_others_columns_empty(
    policies: Any,
) -> None:
    rng, as_of = random.Random(2), DAYS[0]
    rows = [row(rng, n, as_of, dirty=0.0) for n in range(200)]
    found = judged(rows, with_map(policies, "tailored"), as_of)
    assert {r["model"] for r in found} == {
        "adoption-30-25-25-20 1", "digital-40-25-25-10 1", "onboarding-40-20-20-10-10 1"
    }  # fmt: skip
    assert [r["id"] for r in found] == [r["id"] for r in rows]
    for r in found:
        if not r["model"].startswith("onboarding"):
            assert r["c.onboarding_progress"] is None


def test_every_covered_sign_fires_somewhere(policies: Any) -> None:
    rng, as_of = random.Random(11), DAYS[0]
    rows = [row(rng, n, as_of, dirty=0.02) for n in range(1500)]
    found = {s.split(":")[0] for r in judged(rows, policies, as_of) for s in r["signs"].split()}
    assert found == set(COVERED)


def test_a_row_does_not_depend_on_its_neighbours(policies: Any) -> None:
    rng, as_of = random.Random(5), DAYS[0]
    rows = [row(rng, n, as_of, dirty=0.1) for n in range(60)]
    straight = judged(rows, policies, as_of)
    assert judged(rows[::-1], policies, as_of)[::-1] == straight
    assert [r for one in rows for r in judged([one], policies, as_of)] == straight


def test_nothing_known_is_unknown_and_never_low(policies: Any) -> None:
    (found,) = judged(
        [{"id": "a", "goals_progress": "abc", "nps_company": "NaN"}], policies, DAYS[0]
    )
    assert (found["score"], found["tier"], found["coverage"]) == (None, "", 0)
    assert found["risk"] == "unknown"
    assert found["renewal_category"] == "unknown"
    assert found["bad.goals_progress"] and found["bad.nps_company"]
