"""Time, at the edge: the one place where the clock is read, and how a date is understood."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, time

from agent.errors import BadInput, printable

MIN_YEAR, MAX_YEAR = 1970, 2200
SET_BY = "CSM_NOW"
"""Environment variable that sets the clock: for playing through a year of a memory, day by day."""


def utc_now() -> datetime:
    """The moment in UTC, in whole seconds: the machine's, or the one that `CSM_NOW` sets.

    Raises:
        BadInput: `CSM_NOW` is set to no moment that can be used.
    """
    text = os.environ.get(SET_BY, "").strip()
    return _moment(text) if text else datetime.now(UTC).replace(microsecond=0)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        usable = MIN_YEAR <= moment.year <= MAX_YEAR
    except (ValueError, OverflowError):
        usable = False
    if not usable:
        raise BadInput(
            f"{printable(text, 40)!r} is no moment that the clock can be set to",
            where=SET_BY,
            fix="Give a moment like 2026-11-17T09:00:00Z, or unset it.",
        )
    return moment.replace(microsecond=0)


def as_of_date(text: str | date | None, now: datetime, *, option: str = "--as-of") -> date:
    """The business date of a run: a date, or the UTC date of a moment, or today in UTC.

    Days are counted between UTC calendar dates, so a run gives the same figures in every time zone.
    A moment without a zone is taken as UTC, never as the machine's local time.

    Raises:
        BadInput: no such day, or a year outside 1970-2200; names the `option` it was given with.
    """
    try:
        day = _day(text, now)
    except (ValueError, OverflowError):
        day = date.min
    if not MIN_YEAR <= day.year <= MAX_YEAR:
        raise BadInput(
            f"{printable(str(text), 40)!r} is not a date that can be used",
            where=option,
            fix="Give a date like 2026-11-17 or a moment like 2026-11-17T09:00:00Z.",
        )
    return day


def moment_of(text: str, *, option: str) -> datetime:
    """The moment a text names; a bare date is its last second in UTC.

    Raises:
        BadInput: no such moment, or a year outside 1970-2200; names the `option`.
    """
    day = as_of_date(text, datetime.max.replace(tzinfo=UTC), option=option)
    if len(text) == 10:
        return datetime.combine(day, time(23, 59, 59), UTC)
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _day(text: str | date | None, now: datetime) -> date:
    if isinstance(text, date) and not isinstance(text, datetime):
        return text
    if isinstance(text, str) and len(text) == 10:
        return date.fromisoformat(text)
    moment = datetime.fromisoformat(text) if isinstance(text, str) else text or now
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).date()


def stamp(moment: datetime) -> str:
    """ISO 8601 in UTC with seconds and `Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
