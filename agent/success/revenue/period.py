"""Periods that people name: a quarter, a month, a year."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from agent.errors import BadInput, printable
from agent.success.calendar import month_end, quarter_start

_QUARTER = re.compile(r"(?:(\d{4})[- ]?)?Q([1-4])(?:[- ]?(\d{4}))?", re.I)
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_YEAR = re.compile(r"\d{4}")


@dataclass(frozen=True)
class Period:
    """First and last day, both included."""

    label: str
    start: date
    end: date

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.start <= day <= self.end


def parse_period(text: str, as_of: date) -> Period:
    """`2027Q1`, `Q1 2027`, `Q1` (the next one that has not ended by `as_of`), `2027-03`, `2027`.

    Raises BadInput for anything else.
    """
    cleaned = text.strip()
    if match := _QUARTER.fullmatch(cleaned):
        before, number, behind = match.groups()
        if not (before and behind):  # "2027Q1 2028" names two years
            year = int(before or behind) if before or behind else _next_year(int(number), as_of)
            return _quarter(year, int(number))
    if (match := _MONTH.fullmatch(cleaned)) and 1 <= int(match.group(2)) <= 12:
        return Period(
            cleaned, date(int(match.group(1)), int(match.group(2)), 1), month_end(cleaned)
        )
    if _YEAR.fullmatch(cleaned) and int(cleaned) > 0:
        year = int(cleaned)
        return Period(cleaned, date(year, 1, 1), date(year, 12, 31))
    raise BadInput(
        f"{printable(text, 40)!r} is not a period",
        where="--period",
        fix="Give a quarter (2027Q1 or Q1), a month (2027-03) or a year (2027).",
    )


def _next_year(number: int, as_of: date) -> int:
    return as_of.year if _quarter(as_of.year, number).end >= as_of else as_of.year + 1


def _quarter(year: int, number: int) -> Period:
    label = f"{year:04d}Q{number}"
    last = f"{year:04d}-{number * 3:02d}"
    return Period(label, quarter_start(label), month_end(last))
