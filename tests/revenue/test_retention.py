"""Gross and net retention: golden cases by hand, and what must hold for any book."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.errors import BadInput
from agent.success.revenue.period import parse_period
from agent.success.revenue.retention import Movement, retention

Q1 = parse_period("2027Q1", date(2027, 1, 1))
BOOK = {"a": 100.0, "b": 200.0, "c": 50.0, "d": 150.0}


def test_the_golden_case_by_hand() -> None:
    moves = [
        Movement("a", date(2027, 1, 10), "expansion", 40),
        Movement("b", date(2027, 2, 1), "contraction", 50),
        Movement("c", date(2027, 3, 31), "churn", 50),
    ]
    kept = retention(BOOK, moves, Q1)
    assert kept.opening == 500
    assert kept.grr == pytest.approx((500 - 50 - 50) / 500)
    assert kept.nrr == pytest.approx((500 - 50 - 50 + 40) / 500)
    assert (kept.logos_kept, kept.logos) == (3, 4)


def test_the_worked_example_of_the_role_25_to_50_licences_and_premium_is_140_percent() -> None:
    kept = retention({"x": 100.0}, [Movement("x", date(2027, 2, 1), "expansion", 40)], Q1)
    assert kept.nrr == pytest.approx(1.4)
    assert kept.grr == pytest.approx(1.0)


def test_an_expansion_counts_once_in_the_period_of_its_date() -> None:
    move = [Movement("a", date(2026, 12, 31), "expansion", 40)]
    assert retention(BOOK, move, Q1).nrr == 1.0


def test_an_undated_movement_is_refused() -> None:
    with pytest.raises(BadInput, match="no date"):
        retention(BOOK, [Movement("a", None, "expansion", 40)], Q1)


def test_a_negative_amount_is_refused() -> None:
    with pytest.raises(BadInput, match="positive"):
        retention(BOOK, [Movement("a", date(2027, 1, 2), "contraction", -5)], Q1)


def test_without_an_opening_book_there_is_no_rate_and_no_division() -> None:
    kept = retention({"a": 0.0}, [Movement("a", date(2027, 1, 2), "contraction", 5)], Q1)
    assert kept.grr is None and kept.nrr is None


amounts = st.floats(0, 1e6, allow_nan=False)
kinds = st.sampled_from(["expansion", "contraction", "churn"])
days = st.dates(date(2026, 12, 1), date(2027, 4, 30))
moves = st.lists(st.builds(Movement, st.sampled_from("abcdx"), days, kinds, amounts), max_size=12)


@given(moves)
@settings(deadline=None)
def test_grr_lies_between_0_and_1_and_never_above_nrr(found: list[Movement]) -> None:
    kept = retention(BOOK, found, Q1)
    assert kept.grr is not None and kept.nrr is not None
    assert 0 <= kept.grr <= 1
    assert kept.nrr >= kept.grr - 1e-12


@given(moves)
@settings(deadline=None)
def test_the_order_of_movements_does_not_matter(found: list[Movement]) -> None:
    assert retention(BOOK, found, Q1).nrr == pytest.approx(retention(BOOK, found[::-1], Q1).nrr)
