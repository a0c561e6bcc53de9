"""Periods as people name them."""

from __future__ import annotations

from datetime import date

import pytest

from agent.errors import BadInput
from agent.success.revenue.period import parse_period

TODAY = date(2026, 11, 17)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2027Q1", date(2027, 1, 1), date(2027, 3, 31)),
        ("Q1 2027", date(2027, 1, 1), date(2027, 3, 31)),
        ("q4", date(2026, 10, 1), date(2026, 12, 31)),
        ("Q1", date(2027, 1, 1), date(2027, 3, 31)),
        ("2028-02", date(2028, 2, 1), date(2028, 2, 29)),
        ("2027", date(2027, 1, 1), date(2027, 12, 31)),
    ],
)
def test_a_period_has_a_first_and_a_last_day(text: str, start: date, end: date) -> None:
    period = parse_period(text, TODAY)
    assert (period.start, period.end) == (start, end)
    assert start in period and end in period


@pytest.mark.parametrize(
    "text", ["", "banana", "Q5", "2027Q1 2028", "2027-13", "0000", "Q9-banana"]
)
def test_anything_else_is_refused_with_examples(text: str) -> None:
    with pytest.raises(BadInput, match="2027Q1"):
        parse_period(text, TODAY)
