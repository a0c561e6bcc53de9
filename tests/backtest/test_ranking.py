"""AUC, average precision, top 20 %, intervals and rates, against figures worked out by hand."""

from __future__ import annotations

import pytest

pytest.importorskip("sklearn", reason="needs the extra `backtest`")

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.success.backtest.ranking import at_top, auc, auc_interval, rank
from agent.success.backtest.rates import band, rises, tenths, tiers, wilson

Case = tuple[list[float], list[bool]]


def arrays(case: Case) -> tuple[np.ndarray, np.ndarray]:
    return np.array(case[0], dtype=float), np.array(case[1], dtype=bool)


def test_auc_counts_pairs() -> None:
    # lost: 10, 40; kept: 20, 50. Pairs: 10<20, 10<50, 40>20, 40<50 → 3 of 4.
    assert auc(*arrays(([10, 20, 40, 50], [True, False, True, False]))) == 0.75


def test_auc_counts_ties_half() -> None:
    # lost: 10, 20; kept: 20, 20. Pairs: two won, two tied → (2 + 2/2) / 4.
    assert auc(*arrays(([10, 20, 20, 20], [True, True, False, False]))) == 0.75
    assert auc(*arrays(([5, 5, 5, 5], [True, True, False, False]))) == 0.5


def test_average_precision_by_hand() -> None:
    # From the riskiest on: lost, kept, lost, kept → (1/1 + 2/3) / 2.
    scores, churned = arrays(([1, 2, 3, 4], [True, False, True, False]))
    found = rank(scores, churned, groups=None, resamples=100, seed=1)
    assert found.average_precision == pytest.approx((1 + 2 / 3) / 2)
    # All tied: one step, at which everybody is called → the base rate.
    scores, churned = arrays(([1, 1, 1, 1], [True, False, True, False]))
    found = rank(scores, churned, groups=None, resamples=100, seed=1)
    assert found.average_precision == pytest.approx(0.5)


def test_top_fifth_by_hand() -> None:
    # 10 accounts, so the riskiest two: one of the two was lost, of four lost in all.
    churned = np.array([1, 0, 0, 1, 1, 0, 0, 1, 0, 0], dtype=bool)
    scores = np.arange(10.0)
    assert at_top(scores, churned) == (0.5, 0.25)
    found = rank(scores, churned, groups=None, resamples=100, seed=1)
    assert (found.precision, found.recall) == (0.5, 0.25)
    assert found.lift == pytest.approx(0.5 / 0.4)


def test_a_tie_across_the_line_counts_with_the_share_that_fits() -> None:
    # Room for two; one is taken by score 0 (lost), the other shared by four, one of them lost.
    scores = np.array([0, 1, 1, 1, 1, 2, 2, 2, 2, 2], dtype=float)
    churned = np.array([1, 1, 0, 0, 0, 0, 0, 0, 0, 0], dtype=bool)
    assert at_top(scores, churned) == (1.25 / 2, 1.25 / 2)


def test_wilson_interval_of_the_textbook() -> None:
    # 10 of 100: Newcombe (1998), method 3, gives 0.0552 to 0.1744.
    assert wilson(10, 100) == pytest.approx((0.0552, 0.1744), abs=5e-5)
    assert wilson(0, 10) == pytest.approx((0.0, 0.2775), abs=5e-5)
    assert wilson(0, 0) == (0.0, 1.0)


def test_tiers_say_whether_the_rate_rises() -> None:
    scores = np.array([90, 80, 50, 50, 10, 20], dtype=float)
    labels = ["green", "green", "yellow", "yellow", "red", "red"]
    up = tiers(("green", "yellow", "red"), labels, scores, np.array([0, 0, 0, 1, 1, 1], dtype=bool))
    flat = tiers(("green", "yellow", "red"), labels, scores, np.array([0, 1, 0, 1, 1, 1], bool))
    assert [b.rate for b in up] == [0, 0.5, 1] and rises(up)
    assert not rises(flat)


def test_an_empty_tier_has_no_rate_and_does_not_count() -> None:
    empty = band("yellow", np.array([]), np.array([], dtype=bool))
    assert empty.rate is None and empty.mean is None
    one = band("green", np.array([1.0, 1.0]), np.array([False, False]))
    two = band("red", np.array([1.0, 1.0]), np.array([True, False]))
    assert rises([one, empty, two])


def test_calibration_bands_hold_everybody_once_and_keep_ties_together() -> None:
    scores = np.array([1.0] * 50 + list(range(2, 52)))
    churned = np.arange(100) % 4 == 0
    bands = tenths(scores, churned)
    assert sum(b.n for b in bands) == 100 and sum(b.events for b in bands) == 25
    assert bands[0].n >= 50
    assert all(b.low <= b.rate <= b.high for b in bands if b.rate is not None)


def sample(seed: int, n: int = 200) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    churned = random.random(n) < 0.3
    return random.normal(size=n) - churned, churned


def test_the_interval_is_the_same_for_the_same_seed_only() -> None:
    scores, churned = sample(1)
    first = auc_interval(scores, churned, resamples=300, seed=5)
    assert first == auc_interval(scores, churned, resamples=300, seed=5)
    assert first != auc_interval(scores, churned, resamples=300, seed=6)
    low, high = first
    assert low < auc(scores, churned) < high


def test_the_interval_agrees_with_the_formula_of_hanley_and_mcneil() -> None:
    scores, churned = sample(3, 1000)
    a, lost, kept = auc(scores, churned), churned.sum(), (~churned).sum()
    q1, q2 = a / (2 - a), 2 * a * a / (1 + a)
    error = np.sqrt(
        (a * (1 - a) + (lost - 1) * (q1 - a * a) + (kept - 1) * (q2 - a * a)) / (lost * kept)
    )
    low, high = auc_interval(scores, churned, resamples=2000, seed=1)
    assert (high - low) / 2 == pytest.approx(1.96 * error, rel=0.1)


def test_several_rows_of_an_account_widen_the_interval() -> None:
    """The same row four times over is no new evidence."""
    scores, churned = sample(2)
    names = [f"A{i}" for i in range(scores.size)] * 4
    scores4, churned4 = np.tile(scores, 4), np.tile(churned, 4)
    single = auc_interval(scores, churned, resamples=1000, seed=1)
    blind = auc_interval(scores4, churned4, resamples=1000, seed=1)
    grouped = auc_interval(scores4, churned4, groups=names, resamples=1000, seed=1)
    assert blind[1] - blind[0] < 0.7 * (single[1] - single[0])
    assert grouped[1] - grouped[0] == pytest.approx(single[1] - single[0], rel=0.15)


cases = st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=2, max_size=60).filter(
    lambda rows: 0 < sum(lost for _, lost in rows) < len(rows)
)


@given(cases)
@settings(deadline=None)
def test_auc_ignores_monotone_changes_of_the_score(rows: list[tuple[int, bool]]) -> None:
    scores, churned = arrays(([s for s, _ in rows], [c for _, c in rows]))
    assert auc(scores, churned) == auc(np.exp(scores) + 3, churned)
    assert auc(scores, churned) == pytest.approx(1 - auc(-scores, churned))


@given(cases, st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=40)
def test_nothing_depends_on_the_order_of_rows(rows: list[tuple[int, bool]], random) -> None:  # type: ignore[no-untyped-def]
    mixed = rows[:]
    random.shuffle(mixed)
    results = [
        rank(*arrays(([s for s, _ in r], [c for _, c in r])), groups=None, resamples=100, seed=3)
        for r in (rows, mixed)
    ]
    assert results[0] == results[1]
