"""Dates of the trade: quarters, months and working days. Nothing here reads the clock."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta


def quarter_label(day: date) -> str:
    """Calendar quarter as '2026Q4'."""
    return f"{day.year}Q{(day.month - 1) // 3 + 1}"


def quarter_start(label: str) -> date:
    """First day of a quarter label such as '2026Q4'; ValueError for anything else."""
    year, _, number = label.partition("Q")
    if not (len(year) == 4 and year.isdigit() and number in {"1", "2", "3", "4"}):
        raise ValueError(f"{label!r} is no quarter label like '2026Q4'")
    return date(int(year), 3 * int(number) - 2, 1)


def next_quarter(label: str) -> str:
    """Label of the quarter after `label`."""
    return quarter_label(add_months(quarter_start(label), 3))


def add_months(day: date, months: int) -> date:
    """The same day `months` later (or earlier), on the month's last day where it is shorter:
    31 January plus one month is 28 or 29 February."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def full_months(start: date, end: date) -> int:
    """Whole months from `start` to `end`, negative when `end` is earlier."""
    if end < start:
        return -full_months(end, start)
    months = (end.year - start.year) * 12 + end.month - start.month
    return months if add_months(start, months) <= end else months - 1


def month_end(period: str) -> date:
    """Last day of a month '2026-10' or ISO week '2026-W47'; ValueError when there is none."""
    year, _, rest = period.partition("-")
    if rest.startswith("W"):
        return date.fromisocalendar(int(year), int(rest[1:]), 7)
    return date(int(year), int(rest), monthrange(int(year), int(rest))[1])


def month_start(period: str) -> date:
    """First day of a month '2026-10' or ISO week '2026-W47'; ValueError when there is none."""
    year, _, rest = period.partition("-")
    if rest.startswith("W"):
        return date.fromisocalendar(int(year), int(rest[1:]), 1)
    return date(int(year), int(rest), 1)


def is_business_day(day: date) -> bool:
    """Monday to Friday; public holidays differ by country and are not known here."""
    return day.weekday() < 5


def on_or_after(day: date) -> date:
    """`day`, or the Monday after when it falls on a weekend."""
    return day + timedelta(days=(7 - day.weekday()) if day.weekday() > 4 else 0)


def on_or_before(day: date) -> date:
    """`day`, or the Friday before when it falls on a weekend."""
    return day - timedelta(days=max(0, day.weekday() - 4))


def add_business_days(day: date, count: int) -> date:
    """The `count`-th working day after `day` (count 0: `day` itself or the Monday after)."""
    current = on_or_after(day)
    for _ in range(count):
        current = on_or_after(current + timedelta(days=1))
    return current
