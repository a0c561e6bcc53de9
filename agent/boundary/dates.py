"""Dates, months, quarters, weeks and times of day as people write them.

Month names are read in English, German, French, Spanish, Italian and Dutch. A month name without
day or year ("in March") is a figure only in `liberal` reading, which is for evidence.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from decimal import Decimal

from agent.boundary.folding import blank
from agent.boundary.quantities import Clock, Figure, FigureKind, Moment, Quantity, Reading, Token

_MONTH_NAMES = (
    "january jan januar jänner janvier enero gennaio januari",
    "february feb februar février fevrier febrero febbraio februari",
    "march mar märz mrz mars marzo maart mrt",
    "april apr avril abril aprile",
    "may mai mayo maggio mei",
    "june jun juni juin junio giugno",
    "july jul juli juillet julio luglio",
    "august aug août aout agosto augustus",
    "september sep sept septembre septiembre settembre",
    "october oct oktober okt octobre octubre ottobre",
    "november nov novembre noviembre",
    "december dec dezember dez décembre diciembre dicembre",
)
MONTHS = {name: n for n, names in enumerate(_MONTH_NAMES, 1) for name in names.split()}
MONTH_NAME = "(" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")\b"
_ORD = r"(?:st|nd|rd|th|er|\.)?"
_YEAR = r"((?:19|20|21)\d\d|'\d\d)(?!\w)"
_AND = r"\s?(?:-|\b(?:and|to|or|und|bis)\b)\s?"
Found = tuple[int, int, FigureKind, tuple[tuple[Reading, ...], ...]]


def _pattern(source: str) -> re.Pattern[str]:
    return re.compile(source, re.I)


def _year(text: str | None) -> int | None:
    if not text:
        return None
    digits = text.lstrip("'")
    return int(digits) + (2000 if len(digits) == 2 else 0)


def _days_fit(year: int | None, month: int, *days: int) -> bool:
    last = monthrange(year or 2024, month)[1] if 1 <= month <= 12 else 0
    return all(1 <= day <= last for day in days)


def _iso(m: re.Match[str]) -> Found | None:
    year, month, day = int(m[1]), int(m[3]), int(m[4])
    if not 1900 <= year < 2200 or not _days_fit(year, month, day):
        return None
    option: tuple[Reading, ...] = (Moment(year, month, day),)
    if m[5]:
        if int(m[5]) > 24 or int(m[6]) > 59:
            return None
        option += (Clock(int(m[5]), int(m[6])),)
    return m.start(), m.end(), "date", (option,)


def _iso_week(m: re.Match[str]) -> Found | None:
    week = Moment(_year(m[1]), week=int(m[2]))
    return (m.start(), m.end(), "date", ((week,),)) if 1 <= int(m[2]) <= 53 else None


def _numbered_week(m: re.Match[str]) -> Found | None:
    number = int(m[1])
    return m.start(1), m.end(), "number", ((_count(number),), (Moment(week=number),))


def _year_month(m: re.Match[str]) -> Found | None:
    return m.start(), m.end(), "month", ((Moment(int(m[1]), int(m[2])),),)


def _quarter(m: re.Match[str]) -> Found | None:
    return m.start(), m.end(), "quarter", ((Moment(_year(m[2] or m[3]), quarter=int(m[1])),),)


def _quarter_after_year(m: re.Match[str]) -> Found | None:
    return m.start(), m.end(), "quarter", ((Moment(int(m[1]), quarter=int(m[2])),),)


def _half(m: re.Match[str]) -> Found | None:
    return m.start(), m.end(), "quarter", ((Moment(_year(m[2]), half=int(m[1])),),)


def _fiscal_year(m: re.Match[str]) -> Found | None:
    return m.start(), m.end(), "year", ((Moment(_year(m[1])),),)


def _day_month(m: re.Match[str]) -> Found | None:
    month, year = MONTHS[m[3].lower()], _year(m[4])
    days = [int(d) for d in (m[1], m[2]) if d]
    if not _days_fit(year, month, *days):
        return None
    both = tuple(Moment(year, month, day) for day in days)
    options: tuple[tuple[Reading, ...], ...] = (both,)
    if len(days) == 2:
        options += ((_count(days[0]), both[1]),)
    elif year is None and m[3].islower():  # "what was planned for day 20 may slip"
        options += ((_count(days[0]),),)
    return m.start(), m.end(), "date", options


def _month_day(m: re.Match[str]) -> Found | None:
    month, year = MONTHS[m[1].lower()], _year(m[4])
    days = [int(d) for d in (m[2], m[3]) if d]
    if not _days_fit(year, month, *days):
        return None
    options: tuple[tuple[Reading, ...], ...] = (tuple(Moment(year, month, day) for day in days),)
    if year is None:  # "In October 12 users were active"
        options += (tuple(_count(day) for day in days),)
    return m.start(), m.end(), "date", options


def _month_year(m: re.Match[str]) -> Found | None:
    return m.start(), m.end(), "month", ((Moment(_year(m[2]), MONTHS[m[1].lower()]),),)


def _bare_month(m: re.Match[str]) -> Found | None:
    return m.start(), m.end(), "month", ((Moment(month=MONTHS[m[1].lower()]),),)


def _numeric(m: re.Match[str]) -> Found | None:
    """Day and month in both orders; 1.2.30 may also be a version, 12/10/20 three numbers."""
    first, second, year = int(m[1]), int(m[3]), _year(m[4])
    options: list[tuple[Reading, ...]] = [
        (Moment(year, month, day),)
        for day, month in dict.fromkeys(((first, second), (second, first)))
        if _days_fit(year, month, day)
    ]
    if not options:
        return None
    if len(m[4]) == 2:
        three = (_count(first), _count(second), _count(int(m[4])))
        options.append((Token(m[0]),) if m[2] == "." else three)
    return m.start(), m.end(), "date", tuple(options)


def _clock(m: re.Match[str]) -> Found | None:
    hour, minute, half = int(m[1]), int(m[2] or 0), (m[3] or "").replace(".", "").lower()
    if hour > 24 or minute > 59 or (half in ("am", "pm") and not 1 <= hour <= 12):
        return None
    if half == "pm":
        hour = hour % 12 + 12
    elif half == "am":
        hour %= 12
    options: tuple[tuple[Reading, ...], ...] = ((Clock(hour, minute),),)
    if not half:
        options += ((_count(int(m[1])), _count(int(m[2]))),)
    return m.start(), m.end(), "time", options


def _count(value: int) -> Quantity:
    return Quantity(Decimal(value), Decimal(1))


_RULES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Found | None]], ...] = (
    (_pattern(r"(?<!\d)(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)"
              r"(?:(?:T|\s)(\d{2}):(\d{2})(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?(?!\w))?"),
     _iso),
    (_pattern(r"(?<!\w)((?:19|20|21)\d\d)-?W(\d{1,2})(?!\w)"), _iso_week),
    (_pattern(r"(?<!\w)(?:W|KW\s?)()(\d{1,2})(?!\w)"), _iso_week),
    (_pattern(r"(?<!\w)week (\d{1,2})(?![\w%]|[.,]\d|\s?-\s?\d)"), _numbered_week),
    (_pattern(r"(?<![\w-])((?:19|20|21)\d\d)[-/](0[1-9]|1[0-2])(?![\w-]|/\d)"), _year_month),
    (_pattern(r"(?<!\w)((?:19|20|21)\d\d)[ -]?Q([1-4])(?!\w)"), _quarter_after_year),
    (_pattern(rf"(?<!\w)Q([1-4])(?:[ /-]?\s?(?:FY ?)?{_YEAR}|[/-](\d\d)(?!\w))?(?!\w)"), _quarter),
    (_pattern(rf"(?<!\w)H([12])(?:[ /-]?\s?{_YEAR})?(?!\w)"), _half),
    (_pattern(r"(?<!\w)FY ?((?:19|20|21)\d\d|'?\d\d)(?!\w)"), _fiscal_year),
    (_pattern(rf"(?<![\w.,/])(?<!\d-)(?:(\d{{1,2}}){_ORD}{_AND})?(\d{{1,2}}){_ORD}[\s-]?"
              rf"(?:of |de )?{MONTH_NAME}\.?(?:,?[\s-](?:de )?{_YEAR})?"), _day_month),
    (_pattern(rf"\b{MONTH_NAME}\.?[\s-](\d{{1,2}})(?:st|nd|rd|th)?(?:{_AND}(\d{{1,2}})(?:st|nd|rd|th)?"
              rf")?(?!\w|[.,]\d|\s?[%€]|-[^\W\d_])(?:,?\s{_YEAR})?"), _month_day),
    (_pattern(rf"\b{MONTH_NAME}\.?,?[\s/-]?\s?(?:of |de )?{_YEAR}"), _month_year),
    (_pattern(r"(?<![\d./-])(\d{1,2})([./])(\d{1,2})\2(\d{4}|\d{2})(?!\d|[./-]\d)"), _numeric),
    (_pattern(r"(?<![\d./-])(\d{1,2})(-)(\d{1,2})-(\d{4})(?!\d|[./-]\d)"), _numeric),
    (_pattern(r"(?<![\d:.,])(\d{1,2}):(\d{2})(?::\d{2})?(?:\s?(am|pm|a\.m\.|p\.m\.|uhr|h)\b)?"
              r"(?![\d:])"), _clock),
    (_pattern(r"(?<![\d:.,])(\d{1,2})(?:\.(\d{2}))?\s?(am|pm|a\.m\.|p\.m\.|uhr)(?!\w)"), _clock),
)  # fmt: skip
_BARE = (_pattern(rf"\b{MONTH_NAME}"), _bare_month)


def find_dates(text: str, liberal: bool) -> tuple[list[Figure], str]:
    """Calendar figures of `text` and the text with them blanked, most specific notation first, so
    that no character is read twice."""
    figures: list[Figure] = []
    for pattern, read in (*_RULES, _BARE) if liberal else _RULES:
        found = []
        for match in pattern.finditer(text):
            if (hit := read(match)) is not None:
                start, end, kind, options = hit
                found.append(Figure(text[start:end], start, end, kind, options))
        text = blank(text, [(figure.start, figure.end) for figure in found])
        figures += found
    return figures, text
