"""Quarters, months and working days."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.success.calendar import (
    add_business_days,
    add_months,
    full_months,
    is_business_day,
    month_end,
    next_quarter,
    on_or_after,
    on_or_before,
    quarter_label,
    quarter_start,
)

days = st.dates(date(1990, 1, 1), date(2100, 12, 31))


def test_quarters() -> None:
    assert quarter_label(date(2026, 11, 17)) == "2026Q4"
    assert next_quarter("2026Q4") == "2027Q1"
    assert quarter_start("2027Q2") == date(2027, 4, 1)
    for wrong in ("2026", "2026Q5", "26Q1", "Q1"):
        with pytest.raises(ValueError, match="no quarter label"):
            quarter_start(wrong)


def test_month_ends_and_leap_days() -> None:
    assert add_months(date(2027, 1, 31), 1) == date(2027, 2, 28)
    assert add_months(date(2028, 1, 31), 1) == date(2028, 2, 29)
    assert add_months(date(2028, 2, 29), 12) == date(2029, 2, 28)
    assert add_months(date(2026, 3, 31), -1) == date(2026, 2, 28)
    assert month_end("2028-02") == date(2028, 2, 29)
    assert month_end("2026-W47") == date(2026, 11, 22)
    assert full_months(date(2026, 1, 31), date(2026, 2, 28)) == 1
    assert full_months(date(2026, 5, 1), date(2027, 4, 30)) == 11
    assert full_months(date(2027, 4, 30), date(2026, 5, 1)) == -11


def test_working_days() -> None:
    saturday = date(2026, 11, 21)
    assert on_or_after(saturday) == date(2026, 11, 23)
    assert on_or_before(saturday) == date(2026, 11, 20)
    assert add_business_days(date(2026, 11, 20), 1) == date(2026, 11, 23)
    assert add_business_days(saturday, 0) == date(2026, 11, 23)


@given(days)
def test_moved_days_are_working_days_close_by(day: date) -> None:
    for moved in (on_or_after(day), on_or_before(day)):
        assert is_business_day(moved)
        assert abs((moved - day).days) <= 2


@given(days, st.integers(-120, 120))
def test_adding_months_lands_in_the_right_month(day: date, months: int) -> None:
    moved = add_months(day, months)
    assert (moved.year * 12 + moved.month) - (day.year * 12 + day.month) == months
    assert moved.day <= day.day
