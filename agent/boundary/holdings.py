"""Which figures and words the facts of a run bear out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal

from agent.boundary.figures import extract
from agent.boundary.quantities import (
    NO_UNIT,
    PERCENT,
    Figure,
    Moment,
    Quantity,
    Reading,
    Token,
    Unit,
    agrees,
    parse_unit,
)
from agent.success.facts import Fact, FactBook

_PERIOD = re.compile(r"\d{4}-(?:\d\d|W\d\d)")
_SHARE_LABEL = re.compile(r"%|\b(?:percent|rate|share|ratio|confidence|progress|coverage)\b", re.I)
_RECENT = timedelta(days=60)


def readings(text: str, at: date | None = None) -> list[Reading]:
    """Everything `text` can be taken to state; a date without a year is the next one from `at` on,
    or the last one when that is at most sixty days before."""
    out = [r for figure in extract(text, liberal=True) for option in figure.options for r in option]
    if at is not None:
        for reading in list(out):
            if isinstance(reading, Moment) and reading.year is None:
                out += _dated(reading, at)
    return out


def _dated(moment: Moment, at: date) -> list[Reading]:
    out: list[Reading] = []
    for year in range(at.year - 1, at.year + 5):  # far enough for 29 February
        end = _last_day(replace(moment, year=year))
        if end is None:
            continue
        if end >= at:
            return [*out, replace(moment, year=year)]
        if at - end <= _RECENT:
            out.append(replace(moment, year=year))
    return out


def _last_day(moment: Moment) -> date | None:
    """Last day of a moment whose year is known; None where there is no such day or week."""
    year = moment.year or 0
    if moment.day is not None:
        return moment.as_date()
    if moment.week is not None:
        try:
            return date.fromisocalendar(year, moment.week, 7)
        except ValueError:
            return None
    month = moment.month or 3 * (moment.quarter or 0) or 6 * (moment.half or 2)
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def of_number(value: float | Decimal, unit: Unit = NO_UNIT) -> list[Reading]:
    """A stored number; NaN and infinity bear out nothing."""
    exact = Decimal(value) if isinstance(value, (int, Decimal)) else Decimal(repr(value))
    if not exact.is_finite():
        return []
    quantity = Quantity(exact, unit=unit)
    if exact == exact.to_integral_value() and 1900 <= exact < 2200:
        return [quantity, Moment(int(exact))]
    return [quantity]


def of_fact(fact: Fact) -> list[Reading]:
    """What one fact bears out: its value, the dates it is true for, figures in its unit."""
    at = _date(fact.at)
    out: list[Reading] = list(readings(fact.at)) if fact.at else []
    for period in _PERIOD.findall(f"{fact.id} {fact.label}"):
        out += readings(period)
    if fact.unit:
        out += readings(fact.unit)
    if isinstance(fact.value, str):
        out += readings(fact.value, at)
    elif isinstance(fact.value, (int, float)) and not isinstance(fact.value, bool):
        unit = parse_unit(fact.unit)
        out += of_number(fact.value, unit)
        if not fact.unit and _SHARE_LABEL.search(f"{fact.label} {fact.id}".replace("_", " ")):
            out += of_number(fact.value, PERCENT)
    return out


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def spelled(text: str) -> str:
    """`text` for comparing names and identifiers: NFC, case folded, dashes and blanks plain."""
    text = unicodedata.normalize("NFC", text).casefold()
    return re.sub(r"\s+", " ", re.sub(r"[\u2010-\u2015\u2212]", "-", text))


def occurs(name: str, spelled_text: str) -> bool:
    """Whether `name` stands in `spelled_text` with no letter or digit directly before or after."""
    name = spelled(name).strip()
    at = spelled_text.find(name) if name else -1
    while at >= 0:
        before, after = spelled_text[at - 1 : at], spelled_text[at + len(name) : at + len(name) + 1]
        if not (before.isalnum() and name[0].isalnum()) and not (
            after.isalnum() and name[-1].isalnum()
        ):
            return True
        at = spelled_text.find(name, at + 1)
    return False


@dataclass
class Holdings:
    """The facts of a run, read once.

    Args:
        facts: the book; citing an id also brings in what it was computed from.
        identity: texts whose figures any item may repeat: account name and id, instruction id,
            quarter, the date of the document.
    """

    facts: FactBook
    identity: Iterable[str] = ()
    _by_fact: dict[str, list[Reading]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.identity = tuple(text for text in self.identity if text)
        self._granted = [r for text in self.identity for r in readings(text)]
        words = [w for fact in self.facts for w in (fact.id, fact.label, str(fact.value))]
        self._words = spelled("\n".join([*words, *self.identity]))

    def of(self, fact: Fact) -> list[Reading]:
        if fact.id not in self._by_fact:
            self._by_fact[fact.id] = of_fact(fact)
        return self._by_fact[fact.id]

    def cited(self, ids: Iterable[str], own: Iterable[Reading] = ()) -> Callable[[Figure], bool]:
        """A test of figures against the cited facts, the item's `own` typed fields and the
        identity of the document."""
        known = [r for fact in self.facts.closure(ids) for r in self.of(fact)]
        known += [*own, *self._granted]
        return lambda figure: any(
            all(self._borne_out(reading, known) for reading in option) for option in figure.options
        )

    def holders(self, figure: Figure, limit: int = 3) -> list[str]:
        """Ids of facts that bear `figure` out by themselves, own values before quotes; for a pair
        such as 118/120 without such a fact, one fact for each number."""
        if whole := self._holders(figure.options, limit):
            return whole
        parts = [self._holders(((reading,),), 1) for reading in figure.options[0]]
        return [ids[0] for ids in parts] if all(parts) else []

    def _holders(self, options: Iterable[tuple[Reading, ...]], limit: int) -> list[str]:
        order = {"stored": 0, "computed": 0, "policy": 1, "quote": 1}
        found = [
            fact
            for fact in self.facts
            if any(
                all(any(agrees(r, known) for known in self.of(fact)) for r in option)
                for option in options
            )
        ]
        found.sort(key=lambda fact: order[fact.kind] + isinstance(fact.value, str))
        return [fact.id for fact in found[:limit]]

    def mentions(self, name: str) -> bool:
        """Whether `name` stands in any fact, fact id or the identity of the document."""
        return occurs(name, self._words)

    def _borne_out(self, reading: Reading, known: list[Reading]) -> bool:
        if isinstance(reading, Token):
            spellings = {
                reading.text,
                reading.text.replace(" ", ""),
                reading.text.replace(" ", "-"),
            }
            return any(self.mentions(spelling) for spelling in spellings)
        return any(agrees(reading, fact) for fact in known)
