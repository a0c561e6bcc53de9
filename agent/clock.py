"""Time, at the edge: the one place where the clock is read, and how a date is understood."""

from __future__ import annotations

from datetime import UTC, date, datetime

from agent.errors import BadInput, printable


def utc_now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def as_of_date(text: str | date | None, now: datetime) -> date:
    """The business date of a run: a date, or the UTC date of a moment, or today in UTC.

    Days are counted between UTC calendar dates, so a run gives the same figures in every time zone.
    """
    if text is None:
        return now.date()
    if isinstance(text, datetime):
        return text.astimezone(UTC).date()
    if isinstance(text, date):
        return text
    try:
        if len(text) == 10:
            return date.fromisoformat(text)
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(
            f"{printable(text, 40)!r} is not a date",
            where="--as-of",
            fix="Give a date like 2026-11-17 or a moment like 2026-11-17T09:00:00Z.",
        ) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).date()


def stamp(moment: datetime) -> str:
    """ISO 8601 in UTC with seconds and `Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
