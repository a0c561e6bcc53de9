"""What a figure in text may mean, and when a stated figure agrees with a known one.

A `Figure` has one or more options (12/11/2026 is 12 November or December 11); an option is a tuple
of readings that must all be borne out (118/120 needs both numbers).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple

FigureKind = Literal[
    "number", "percent", "money", "ratio", "date", "month", "quarter", "year", "time", "identifier"
]


class Unit(NamedTuple):
    """`kind` "" is unknown and conflicts with nothing; `name` is the currency or the time unit."""

    kind: Literal["", "percent", "ratio", "money", "time", "count"] = ""
    name: str = ""


NO_UNIT = Unit()
PERCENT = Unit("percent")


@dataclass(frozen=True)
class Quantity:
    """A number; `step` is one unit of its last stated digit (1000 for 96k, 0.1 for 98.3).

    `signed` is -1 or 1 when a sign was written, 0 when not: "fell by 5" may stand for -5.
    """

    value: Decimal
    step: Decimal = Decimal(0)
    unit: Unit = NO_UNIT
    signed: int = 0


@dataclass(frozen=True)
class Moment:
    """A date or the part of one that was stated."""

    year: int | None = None
    month: int | None = None
    day: int | None = None
    quarter: int | None = None
    half: int | None = None
    week: int | None = None

    @classmethod
    def of(cls, day: date) -> Moment:
        return cls(day.year, day.month, day.day)

    def as_date(self) -> date | None:
        """The full date, None when a part is missing or there is no such day."""
        if self.year is None or self.month is None or self.day is None:
            return None
        try:
            return date(self.year, self.month, self.day)
        except ValueError:
            return None


@dataclass(frozen=True)
class Clock:
    hour: int
    minute: int


@dataclass(frozen=True)
class Token:
    """An identifier: ticket, goal, product with digits, version, e-mail or web address."""

    text: str


Reading = Quantity | Moment | Clock | Token


@dataclass(frozen=True)
class Figure:
    """A figure as written (`text`) at characters `start` to `end` of the text it was found in."""

    text: str
    start: int
    end: int
    kind: FigureKind
    options: tuple[tuple[Reading, ...], ...]

    def or_else(self, *options: tuple[Reading, ...]) -> Figure:
        return replace(self, options=(*self.options, *options))


CURRENCY_CODES = [
    "EUR", "USD", "GBP", "CHF", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "RON", "BGN",
    "JPY", "CNY", "INR", "AUD", "CAD", "NZD", "SGD", "HKD", "BRL", "ZAR", "AED", "ILS",
    "MXN", "TRY", "KRW",
]  # fmt: skip
CURRENCY_SIGNS = {"€": "EUR", "£": "GBP", "₹": "INR", "$": "$", "¥": "¥", "US$": "USD"}
_CURRENCY_SIGNS_OF = {"$": {"USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN"}, "¥": {"JPY", "CNY"}}
TIME_WORDS = {
    "day": "day days d tag tage tagen jour jours día días dag dagen giorni",
    "week": "week weeks wk wks w woche wochen semaine semaines semana semanas weken",
    "month": "month months mo mos monat monate monaten mois mes meses maand maanden",
    "quarter": "quarter quarters quartal quartale trimestre trimestres",
    "year": "year years yr yrs jahr jahre jahren ans année années año años jaar",
    "hour": "hour hours hr hrs h stunde stunden heure heures hora horas uur",
    "minute": "minute minutes min mins minuten minuto minutos",
    "second": "second seconds sec secs sekunden",
}
PERCENT_WORDS = "% percent percentage pct prozent pourcent procent"
COUNT_WORDS = (
    "user users seat seats person persons people employee employees colleague colleagues "
    "licence licences license licenses login logins ticket tickets call calls admin admins "
    "feature features integration integrations workflow workflows respondent respondents "
    "place places session sessions participant participants "
)
_UNITS: dict[str, Unit] = {
    **{word: Unit("time", name) for name, words in TIME_WORDS.items() for word in words.split()},
    **{word: PERCENT for word in PERCENT_WORDS.split()},
    **{word: Unit("count") for word in COUNT_WORDS.split()},
    **{word: Unit("ratio") for word in ("ratio", "x", "×")},
    "euro": Unit("money", "EUR"), "euros": Unit("money", "EUR"),
    "dollar": Unit("money", "$"), "dollars": Unit("money", "$"),
    "pound": Unit("money", "GBP"), "pounds": Unit("money", "GBP"),
}  # fmt: skip
_UNIT_WORD = re.compile(r"[^\W\d_]+|[%€£$¥₹×]")


def parse_unit(text: str) -> Unit:
    """The unit named first in `text` ("hours per month" is hours); unknown words say nothing."""
    for word in _UNIT_WORD.findall(text[:120]):
        if word in CURRENCY_CODES:
            return Unit("money", word)
        if word in CURRENCY_SIGNS:
            return Unit("money", CURRENCY_SIGNS[word])
        if found := _UNITS.get(word.lower()):
            return found
    return NO_UNIT


def agrees(stated: Reading, known: Reading) -> bool:
    """Whether `known` bears out `stated`: equal after rounding to the stated digits, a date at
    least as precise as the stated one, the same time of day. Tokens are looked up as text."""
    if isinstance(stated, Quantity) and isinstance(known, Quantity):
        return _quantities_agree(stated, known)
    if isinstance(stated, Moment) and isinstance(known, Moment):
        return _moments_agree(stated, known)
    return isinstance(stated, Clock) and stated == known


def _quantities_agree(stated: Quantity, known: Quantity) -> bool:
    value = known.value
    if stated.unit.kind == "percent" and known.unit.kind == "ratio":
        value *= 100
    elif not _units_agree(stated.unit, known.unit):
        return False
    gap = abs(value - stated.value) if stated.signed else abs(abs(value) - abs(stated.value))
    return gap <= stated.step / 2


def _units_agree(stated: Unit, known: Unit) -> bool:
    if stated.kind == "percent":
        return known.kind == "percent"
    if not stated.kind or not known.kind or stated == known:
        return True
    if stated.kind == known.kind == "money":
        return known.name in _CURRENCY_SIGNS_OF.get(stated.name, ()) or stated.name in (
            _CURRENCY_SIGNS_OF.get(known.name, ())
        )
    return "ratio" in (stated.kind, known.kind) and "money" not in (stated.kind, known.kind)


def _moments_agree(stated: Moment, known: Moment) -> bool:
    if stated.year is not None and stated.year != known.year:
        return False
    if stated.day is not None:
        return (stated.month, stated.day) == (known.month, known.day)
    if stated.month is not None:
        return stated.month == known.month
    if stated.quarter is not None:
        return stated.quarter == (known.quarter or (known.month and (known.month + 2) // 3))
    if stated.half is not None:
        return stated.half == (known.half or (known.month and (known.month + 5) // 6))
    if stated.week is not None:
        day = known.as_date()
        return stated.week == (known.week or (day and day.isocalendar().week))
    return True
