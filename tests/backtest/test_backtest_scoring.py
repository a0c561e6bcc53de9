"""Scores from data: scales, missing values, ratios, needs, fitted weights."""

from __future__ import annotations

import pytest

pytest.importorskip("sklearn", reason="needs the extra `backtest`")

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.errors import BadInput
from agent.success.backtest.evaluate import Settings, backtest
from agent.success.backtest.fitting import fit, split
from agent.success.backtest.mapping import Mapping, from_features
from agent.success.backtest.population import populate
from agent.success.backtest.scoring import percentile_ranks, score
from agent.success.backtest.table import Table


def mapping(*measures: dict[str, object], **more: object) -> Mapping:
    named = [{"id": f"m{i:02d}", "label": "measure", **m} for i, m in enumerate(measures)]
    base = {"id": "own", "version": "1", "title": "own", "tables": {"data": {}},
            "outcome": {"column": "lost"}, "measures": named}  # fmt: skip
    return Mapping.model_validate(base | more)


def scores(own: Mapping, **columns: list[str]) -> list[float]:
    n = len(next(iter(columns.values())))
    population = populate({"data": Table("t.csv", {**columns, "lost": ["0"] * n})}, own, None, 90)
    return [float(s) for s in score(own, population.taken).scores]


def test_percentile_ranks_share_ties_and_skip_gaps() -> None:
    ranks = percentile_ranks([10, 20, 20, 40, float("nan")])
    assert ranks.tolist()[:4] == [12.5, 50, 50, 87.5] and np.isnan(ranks[4])


def test_curve_levels_and_rank_make_one_score() -> None:
    own = mapping(
        {"column": "seats", "direction": "higher_is_better", "curve": [[0, 0], [100, 100]]},
        {"column": "plan", "direction": "levels", "levels": {"Annual": 100, "Monthly": 0}},
        {"column": "tickets", "direction": "lower_is_better"},
    )
    got = scores(own, seats=["30", "60%"], plan=["monthly", "annual "], tickets=["1", "9"])
    assert got == pytest.approx([(30 + 0 + 75) / 3, (60 + 100 + 25) / 3])


def test_missing_leaves_the_mean_and_under_the_floor_there_is_no_score() -> None:
    two = [
        {"column": c, "direction": "higher_is_better", "curve": [[0, 0], [100, 100]], "weight": w}
        for c, w in (("a", 3), ("b", 1))
    ]
    got = scores(mapping(*two), a=["80", "", "80"], b=["", "20", "40"])
    assert got[0] == 80 and np.isnan(got[1]) and got[2] == 70


def test_a_ratio_does_not_apply_without_use_and_costs_no_coverage() -> None:
    own = mapping(
        {"column": "failures", "per": "calls", "direction": "lower_is_better",
         "curve": [[0, 100], [1, 0]]},
        {"column": "calls", "direction": "higher_is_better", "curve": [[0, 0], [10, 100]]},
        coverage_floor=1.0,
    )  # fmt: skip
    assert scores(own, failures=["2", "0"], calls=["10", "0"]) == [90, 0]


def test_few_tickets_mean_nothing_without_use() -> None:
    own = mapping(
        {"id": "use", "column": "logins", "direction": "higher_is_better",
         "curve": [[0, 0], [10, 100]]},
        {"column": "tickets", "direction": "lower_is_better", "curve": [[0, 100], [5, 0]],
         "needs": "use"},
    )  # fmt: skip
    assert scores(own, logins=["0", "10"], tickets=["0", "0"]) == [0, 100]


def test_share_of_columns_and_what_cannot_be_asked() -> None:
    own = mapping(
        {"columns": ["backup", "shield"], "equals": ["Yes"], "not_applicable": ["No internet"],
         "direction": "higher_is_better", "curve": [[0, 0], [1, 100]]},
        {"column": "age", "direction": "higher_is_better", "curve": [[0, 0], [1, 100]]},
    )  # fmt: skip
    columns = {"backup": ["Yes", "No internet"], "shield": ["No", "No internet"]}
    assert scores(own, **columns, age=["0", "1"]) == [25, 100]


def test_out_of_range_and_unreadable_cells_are_invalid_not_extreme() -> None:
    own = mapping(
        {"column": "nps", "direction": "higher_is_better", "range": [-100, 100],
         "curve": [[-100, 0], [100, 100]]},
    )  # fmt: skip
    table = Table("t.csv", {"nps": ["50", "900", "often", "inf", ""], "lost": ["0"] * 5})
    taken = populate({"data": table}, own, None, 90).taken["m00"]
    assert taken.states == ("present", "invalid", "invalid", "invalid", "missing")


@given(st.lists(st.integers(0, 30), min_size=70, max_size=120), st.integers(0, 99))
@settings(deadline=None, max_examples=30)
def test_turning_every_direction_round_gives_one_minus_auc(values: list[int], seed: int) -> None:
    random = np.random.default_rng(seed)
    lost = random.permutation(np.arange(len(values)) % 2)
    table = Table("t.csv", {
        "a": [str(v) for v in values],
        "b": [str(v) for v in random.integers(0, 9, len(values))],
        "lost": [str(v) for v in lost],
    })  # fmt: skip
    found = []
    for text in ("a:+,b:-", "a:-,b:+"):
        own = from_features(text)
        own = own.model_copy(update={"outcome": own.outcome.model_copy(update={"column": "lost"})})
        people = populate({"data": table}, own, None, 90)
        found.append(backtest(people, own, Settings(resamples=100)).ranking.auc)
    assert found[0] == pytest.approx(1 - found[1])


def test_accounts_are_never_split_between_fitting_and_testing() -> None:
    names = [f"A{i // 3}" for i in range(300)]
    churned = np.array([i // 3 % 4 == 0 for i in range(300)])
    train, test = split(names, churned, seed=3)
    held = {n for n, t in zip(names, test, strict=True) if t}
    assert not held & {n for n, t in zip(names, train, strict=True) if t}
    assert len(held) == 30 and churned[test].sum() in (21, 24)
    turned = split(names[::-1], churned[::-1], seed=3)[1][::-1]
    assert (turned == test).all()


def test_fitted_weights_come_from_the_fitting_part_alone() -> None:
    random = np.random.default_rng(1)
    parts = random.random((400, 2)) * 100
    churned = random.random(400) < 1 - parts[:, 0] / 100
    train = np.arange(400) < 280
    first = fit(parts, churned, train)
    assert first.weights[0] > 2 > abs(first.weights[1]) * 2
    other = churned.copy()
    other[280:] = ~other[280:]
    assert fit(parts, other, train).weights == first.weights


def test_features_in_words() -> None:
    own = from_features('logins:+,"open tickets, all":-,plan:two year>one year>monthly')
    assert [(m.column, m.direction) for m in own.measures] == [
        ("logins", "higher_is_better"), ("open tickets, all", "lower_is_better"),
        ("plan", "levels"),
    ]  # fmt: skip
    assert own.measures[2].levels == {"two year": 100, "one year": 50, "monthly": 0}
    for bad in ("", "logins", "logins:*", ":+", "plan:a>a", "a:+,A:-"):
        with pytest.raises(BadInput, match="Fix"):
            from_features(bad)
