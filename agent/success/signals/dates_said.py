"""Dates as people write them in notes and e-mails, in six languages."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

import re2

from agent.success.signals.lexicon import plain

_MONTHS = {
    1: "january|jan|januar|janner|janvier|enero|januari|janeiro",
    2: "february|feb|februar|fevrier|febrero|februari|fevereiro",
    3: "march|mar|marz|mars|marzo|maart|marco",
    4: "april|apr|avril|abril",
    5: "may|mai|mayo|mei|maio",
    6: "june|jun|juni|juin|junio|junho",
    7: "july|jul|juli|juillet|julio|julho",
    8: "august|aug|aout|agosto|augustus",
    9: "september|sep|sept|septembre|septiembre|setiembre|setembro",
    10: "october|oct|oktober|okt|octobre|octubre|outubro",
    11: "november|nov|novembre|noviembre|novembro",
    12: "december|dec|dezember|dez|decembre|diciembre|dezembro",
}
_NUMBER = {name: number for number, names in _MONTHS.items() for name in names.split("|")}
_NAMES = "|".join(sorted(_NUMBER, key=len, reverse=True))
_ISO = re2.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_DAY_FIRST = re2.compile(
    rf"\b(\d{{1,2}})(?:\.|st|nd|rd|th|er)?\s+(?:of\s+|de\s+)?({_NAMES})\b\.?(?:,?\s+(?:de\s+|del\s+)?(\d{{4}}))?"
)
_MONTH_FIRST = re2.compile(rf"\b({_NAMES})\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+(\d{{4}}))?")
_END_OF = re2.compile(
    r"\b(?:end of|ende|fin|fin de|a fin de|finales de|final de|eind|einde|fim de|final do)\s+"
    rf"({_NAMES})\b(?:\s+(?:de\s+)?(\d{{4}}))?"
)
_RECENT = timedelta(days=30)


def first_date(text: str, said_on: date | None) -> date | None:
    """The first date in `text`, None when there is none that is certain.

    A date without a year is the next such day from a month before `said_on`; without `said_on` it
    stays unknown. All-figure dates other than ISO ("11/12") are left alone: nobody can tell the
    day from the month.
    """
    words = plain(text)
    iso = _ISO.search(words)
    if iso:
        return _day(int(iso.group(1)), int(iso.group(2)), int(iso.group(3)))
    found: list[tuple[int, date | None]] = []
    for match in _DAY_FIRST.finditer(words):
        found.append(
            (match.start(), _dated(match.group(3), match.group(2), match.group(1), said_on))
        )
    for match in _MONTH_FIRST.finditer(words):
        found.append(
            (match.start(), _dated(match.group(3), match.group(1), match.group(2), said_on))
        )
    for match in _END_OF.finditer(words):
        found.append((match.start(), _dated(match.group(2), match.group(1), None, said_on)))
    return next((day for _, day in sorted(found, key=lambda pair: pair[0]) if day), None)


def _dated(year: str | None, month: str, day: str | None, said_on: date | None) -> date | None:
    number = _NUMBER[month]
    if year:
        return _day(int(year), number, int(day) if day else None)
    if said_on is None:
        return None
    for candidate in (said_on.year - 1, said_on.year, said_on.year + 1):
        found = _day(candidate, number, int(day) if day else None)
        if found is not None and found >= said_on - _RECENT:
            return found
    return None


def _day(year: int, month: int, day: int | None) -> date | None:
    if not (1 <= year <= 9999 and 1 <= month <= 12):
        return None
    last = monthrange(year, month)[1]
    return date(year, month, day or last) if 0 < (day or last) <= last else None
