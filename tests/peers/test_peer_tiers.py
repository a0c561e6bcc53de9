"""What open peers make of tiers and weights: gaps between whole numbers, rounding first."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from agent.household import DEFAULT_PERSONA, open_household
from agent.resources import shipped
from agent.success.health.figure_book import KNOWN
from agent.success.health.model import load_model
from agent.success.health.scoring import score_ratings
from agent.success.policy import Renewal, load
from tests.peers.conftest import Book, row

POLICIES = open_household(DEFAULT_PERSONA).persona.policies
MODELS = [load_model(p, KNOWN) for name, p in POLICIES.items() if name.startswith("health_models/")]
RATED = next(m for m in MODELS if m.input == "ratings")
USUAL = "adoption-30-25-25-20"


def tier(score: str) -> str:
    """The tier of an account all of whose ratings are a tenth of `score`."""
    from datetime import date

    rating = float(Fraction(score) / 10)
    found = score_ratings(RATED, {m.id: rating for m in RATED.measures}, date(2026, 11, 17))
    return found.tier


@pytest.mark.parametrize("score", ["40.5", "65.5", "80.5", "59.5", "79.5", "39.5"])
def test_half_points_have_a_tier_and_are_not_unknown(score: str) -> None:
    expected = "green" if float(score) >= 80 else "yellow" if float(score) >= 60 else "red"
    assert tier(score) == expected


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        ("79.96", "yellow"),
        ("79.995", "yellow"),
        ("80", "green"),
        ("59.96", "red"),
        ("60", "yellow"),
    ],
)
def test_a_score_is_not_rounded_into_the_next_tier(score: str, expected: str) -> None:
    assert tier(score) == expected


@given(st.fractions(0, 100))
def test_every_score_falls_into_exactly_one_tier_of_every_model(score: Fraction) -> None:
    for model in MODELS:
        inside = [
            t.id
            for t in model.tiers
            if Fraction(str(t.start)) <= score
            and (t.below is None or score < Fraction(str(t.below)))
        ]
        assert inside == [model.tier_of(score)]


def test_every_tier_has_a_renewal_category_so_that_no_revenue_drops_out() -> None:
    outlook = load(Renewal, POLICIES["renewal"]).by_tier
    assert {t.id for m in MODELS for t in m.tiers} == set(outlook)


def test_what_is_due_is_split_over_the_categories_without_a_rest(book: Book) -> None:
    book.take(
        row(arr=100),
        row(id="b", active_users=5, logins=10, features_used=1, arr=20),
        row(id="c", sponsor_status="left", renewal_confidence=10, nps_company=-60, arr=3),
        {"id": "d", "arr": 4000, "currency": "EUR", "renewal_date": "2027-05-05"},
    )
    found = book.renewals()
    (total,) = found["totals"]
    unknown = sum(x["arr"] for x in found["lines"] if x["computed"] == "unknown")
    assert unknown == 4000
    assert total["best"] + total["at_risk"] + unknown == total["due"] == 4123
    assert "1 without an outlook" in book("renewals", "--period", "2027Q2").stdout


def model_file(folder: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """A folder of local policy in which the usual model is changed."""
    name = f"customer-success-manager/health_models/{USUAL}.yaml"
    document = yaml.safe_load((shipped("personas") / name).read_text(encoding="utf-8"))
    change(document)
    own = folder / "personas"
    shutil.copytree(shipped("personas"), own)
    (own / name).write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    return own


def weights(*given: Any) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        for component, weight in zip(document["components"], given, strict=True):
            component["weight"] = weight

    return change


def no_weight(document: dict[str, Any]) -> None:
    del document["components"][1]["weight"]


def tiers(*edges: tuple[str, float, float | None]) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        document["tiers"] = [
            {"id": id, "from": low} | ({} if high is None else {"below": high})
            for id, low, high in edges
        ]

    return change


REFUSED = [
    ("weights_all_zero", weights(0, 0, 0, 0), "all weigh nothing"),
    ("weight_negative", weights(-40, 30, 30, 80), "components.0.weight"),
    ("weight_nan", weights(float("nan"), 1, 1, 1), "components.0.weight"),
    ("weight_infinite", weights(float("inf"), 1, 1, 1), "components.0.weight"),
    ("weight_missing", no_weight, "components.1.weight"),
    ("tiers_integer_ranges",
     tiers(("red", 0, 59), ("yellow", 60, 79), ("green", 80, None)), "nothing covers 59 to 60"),
    ("tiers_overlap",
     tiers(("red", 0, 61), ("yellow", 60, 80), ("green", 80, None)), "overlap"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "told"), [r[1:] for r in REFUSED], ids=[str(r[0]) for r in REFUSED]
)
def test_a_model_with_bad_weights_or_tiers_is_refused_with_file_and_key(
    book: Book, tmp_path: Path, change: Any, told: str
) -> None:
    book.take(row())
    own = model_file(tmp_path, change)
    said = book("health", "--personas", str(own), code=2)
    assert f"{USUAL}.yaml" in said.stderr and told in said.stderr
    assert said.stdout == ""


def test_the_weights_that_were_used_are_shown(book: Book, tmp_path: Path) -> None:
    book.take(row())
    own = model_file(tmp_path, weights(1, 1, 1, 1))
    assert {c["weight"] for c in book.health()["components"]} == {0.3, 0.25, 0.2}
    (found,) = book("health", "wren", "--json", "--personas", str(own)).json
    assert {c["weight"] for c in found["components"]} == {0.25}
