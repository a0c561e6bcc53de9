"""Numbers in digits: separators, currency, magnitude, percent, fractions, units."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from decimal import Decimal

from agent.boundary.folding import blank
from agent.boundary.quantities import (
    CURRENCY_CODES,
    CURRENCY_SIGNS,
    PERCENT,
    PERCENT_WORDS,
    TIME_WORDS,
    Figure,
    FigureKind,
    Moment,
    Quantity,
    Reading,
    Token,
    Unit,
    parse_unit,
)

_CODES = "|".join(CURRENCY_CODES)
_NUMBER = re.compile(
    rf"(?P<sign>(?<![\w)\]\x00.%-])(?<!\d\s)[+-])?"
    rf"(?P<money>(?:US|CA|AU|NZ|[ACS])?\$\s?|[€£¥₹]\s?|(?<![^\W\d_])(?:{_CODES})\s?)?"
    r"(?P<sign2>(?<=[€£¥₹$])-)?"
    r"(?P<digits>(?<![\d_])(?:"
    r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d{1,3}(?:'\d{3})+(?:[.,]\d+)?"
    r"|\d{1,3}(?: \d{3})+(?:[.,]\d+)?|\d{1,2}(?:,\d\d)+,\d{3}|\d+(?:[.,]\d+)?|(?<![\w.])\.\d+"
    r")(?!\d))"
)
_TIME = "|".join(
    sorted((w for ws in TIME_WORDS.values() for w in ws.split()), key=len, reverse=True)
)
_PERCENT = "|".join(PERCENT_WORDS.split()) + "|per cent|pour cent|por ciento|‰"
_MAGNITUDE = re.compile(
    r"\s?(?:(?P<k>k|thousand|tsd\.?)|(?P<m>million(?:s|en|es)?|mio\.?|mn|m(?<=\dm))"
    r"|(?P<b>billions?|bn|mrd\.?|b(?<=\db)))(?![^\W_])",
    re.I,
)
_SCALE = {"k": Decimal(1000), "m": Decimal(10**6), "b": Decimal(10**9)}
_SUFFIX = re.compile(
    rf"\s?(?:(?P<points>percentage points?|%-points?|pp(?!\w))|(?P<percent>{_PERCENT})(?!\w)"
    rf"|(?P<money>[€£$¥₹](?!\d)|(?-i:{_CODES})(?!\w)|euros?(?!\w)|dollars?(?!\w)|pounds?(?!\w))"
    r"|(?P<times>[x×](?!\w))|(?P<ordinal>(?:st|nd|rd|th)(?!\w))"
    r"|(?P<size>(?:[KMGTP]i?B|k[mg]|ms|px|k?Wh)(?!\w)))"
    rf"|[\s-]?(?P<time>{_TIME})(?!\w)",
    re.I,
)
_RANGE = re.compile(r"\s?(?:-|\b(?:to|and|bis|und)\b)\s?\Z")
_LETTERS = re.compile(r"\w+")
_LONGEST = 30  # digits; a longer run is a key or a hash, not a figure
_WORD_AFTER = re.compile(r"\s(?:active |licensed )?([^\W\d_]+)")
_VULGAR = re.compile(r"(\d{0,6})\s?([¼½¾⅐-⅞])")


def find_numbers(text: str) -> list[Figure]:
    """Figures in digits, in order. "3:1" and "118/120" are one figure of two numbers; the first
    number of a range such as "10-15k" may also have the magnitude and unit of the second."""
    fractions = [_vulgar(match) for match in _VULGAR.finditer(text)]
    text = blank(text, [(f.start, f.end) for f in fractions])
    out: list[Figure] = []
    for match in _NUMBER.finditer(text):
        if out and match.start() < out[-1].end and out[-1].kind == "identifier":
            continue  # inside a name such as 4f9a2c
        figure = _figure(text, match)
        between = text[out[-1].end : figure.start] if out else ""
        if between in (":", "/") and _plain(out[-1]) and _plain(figure):
            figure = _pair(out.pop(), between, figure)
        elif len(between) <= 6 and _RANGE.match(between) and _plain(out[-1]):
            out[-1] = _like(out[-1], figure)
        out.append(figure)
    return fractions + out


def with_unit(text: str, figure: Figure) -> Figure:
    """`figure` (a number in words) with the percent sign, currency or time unit that follows it."""
    suffix = _SUFFIX.match(text, figure.end)
    unit = _unit_of(suffix, "") or _counted(text, figure.end)
    if not unit.kind:
        return figure
    options = tuple(tuple(_in(unit, r) for r in option) for option in figure.options)
    kind: FigureKind = "percent" if unit == PERCENT else "number"
    return replace(figure, options=options, kind=kind)


def _figure(text: str, match: re.Match[str]) -> Figure:
    digits, end = match["digits"], match.end()
    if len(digits) > _LONGEST:
        return Figure(match[0], match.start(), end, "identifier", ((Token(digits),),))
    scale = Decimal(1)
    if magnitude := _MAGNITUDE.match(text, end):
        scale, end = _SCALE[str(magnitude.lastgroup)], magnitude.end()
    suffix = _SUFFIX.match(text, end)
    if suffix:
        end = suffix.end()
    elif text[end : end + 1].isalpha() or text[end : end + 1] == "_":
        return _identifier(text, match)
    unit = _unit_of(suffix, (match["money"] or "").strip())
    if not unit.kind:
        unit = _counted(text, end)
    sign = {"-": -1, "+": 1}.get(match["sign"] or match["sign2"] or "", 0)
    options: list[tuple[Reading, ...]] = [
        tuple(_quantity(text, scale if i == len(texts) - 1 else Decimal(1), unit, sign)
              for i, text in enumerate(texts))
        for texts in _spellings(digits)
        if len(texts) == 1 or "," not in digits or unit.kind not in ("percent", "money")
    ]  # fmt: skip
    kind: FigureKind = unit.kind if unit.kind in ("percent", "money") else "number"
    if digits.isdecimal() and kind == "number" and scale == 1:
        moment = _as_moment(digits)
        if moment is not None:
            options.append((moment,))
            kind = "year" if len(digits) == 4 else kind
    return Figure(text[match.start() : end], match.start(), end, kind, tuple(options))


def _identifier(text: str, match: re.Match[str]) -> Figure:
    """ "7zip", "4f9a2c": letters follow that are no unit."""
    start = match.start("digits")
    word = _LETTERS.match(text, match.end())
    end = word.end() if word else match.end()
    return Figure(text[start:end], start, end, "identifier", ((Token(text[start:end]),),))


def _spellings(digits: str) -> list[tuple[str, ...]]:
    """Readings of the digits as plain decimals: "96,000" is 96000; "96.000" is that or, where it
    is no round figure, 96.000; "12,5" is 12.5 or the two numbers 12 and 5, which
    the caller leaves out before a percent sign; "12 300" likewise."""
    for mark in "' ":
        if mark in digits:
            plain = (digits.replace(mark, "").replace(",", "."),)
            groups = tuple(digits.replace(",", ".").split(mark))
            apart = mark == " " and not any(group.startswith("0") for group in groups)
            return [plain, groups] if apart else [plain]
    commas, dots = digits.count(","), digits.count(".")
    if commas and dots:
        thousands = digits[min(digits.index(","), digits.index("."))]
        return [(digits.replace(thousands, "").replace(",", "."),)]
    mark = "," if commas else "."
    count = commas + dots
    if not count:
        return [(digits,)]
    head, _, tail = digits.partition(mark)
    joined = (digits.replace(mark, ""),)
    if count > 1:
        return [joined]
    decimal = (f"{head or '0'}.{tail}",)
    grouped = len(tail) == 3 and 1 <= len(head) <= 3 and not head.startswith("0")
    if mark == ",":
        return [joined] if grouped else [decimal, (head, tail)]
    if grouped:
        return [joined] if tail == "000" else [joined, decimal]
    return [decimal]


def _quantity(plain: str, scale: Decimal, unit: Unit, sign: int) -> Quantity:
    places = len(plain.partition(".")[2])
    value = Decimal(plain) * scale * (sign or 1)
    return Quantity(value, Decimal(1).scaleb(-places) * scale, unit, sign)


def _unit_of(suffix: re.Match[str] | None, before: str) -> Unit:
    if before:
        sign = "US$" if before == "US$" else before[-1] if before[-1] == "$" else before
        return Unit("money", CURRENCY_SIGNS.get(sign, sign))
    if suffix is None or suffix["ordinal"] or suffix["points"] or suffix["size"]:
        return Unit()
    if suffix["percent"]:
        return PERCENT
    return parse_unit(suffix[0].strip(" -"))


def _counted(text: str, end: int) -> Unit:
    """The thing counted, when its word follows directly: "118 users"."""
    word = _WORD_AFTER.match(text, end)
    unit = parse_unit(word[1].lower()) if word else Unit()
    return unit if unit.kind == "count" else Unit()


def _as_moment(digits: str) -> Moment | None:
    if len(digits) == 4 and 1900 <= int(digits) < 2200:
        return Moment(int(digits))
    if len(digits) == 8 and 1900 <= int(digits[:4]) < 2200:
        moment = Moment(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
        return moment if moment.as_date() else None
    return None


def _vulgar(match: re.Match[str]) -> Figure:
    value = Decimal(match[1] or 0) + Decimal(repr(unicodedata.numeric(match[2])))
    option = (Quantity(value, Decimal("0.02")),)
    return Figure(match[0], match.start(), match.end(), "number", (option,))


def _plain(figure: Figure) -> bool:
    return len(figure.options[0]) == 1 and isinstance(figure.options[0][0], Quantity)


def _pair(first: Figure, mark: str, second: Figure) -> Figure:
    """ "3:1" is also the ratio 3, "12/11" also a day and a month."""
    a, b = first.options[0][0], second.options[0][0]
    text = f"{first.text}{mark}{second.text}"
    pair = Figure(text, first.start, second.end, "ratio", ((a, b),))
    if not isinstance(a, Quantity) or not isinstance(b, Quantity):
        return pair
    if mark == ":":
        return pair.or_else((a,)) if b.value == 1 else pair
    parts = (int(a.value), int(b.value)) if a.step == b.step == 1 else (0, 0)
    moments = [Moment(2024, m, d) for m, d in (parts, parts[::-1]) if 0 < m < 13 and 0 < d < 32]
    return pair.or_else(*((replace(m, year=None),) for m in moments if m.as_date()))


def _like(first: Figure, second: Figure) -> Figure:
    """`first` with the further reading that it shares magnitude and unit with `second`."""
    a, b = first.options[0][0], second.options[0][0]
    if not isinstance(a, Quantity) or not isinstance(b, Quantity) or a.step > 1:
        return first
    magnitude = _MAGNITUDE.search(second.text)
    scale = _SCALE[str(magnitude.lastgroup)] if magnitude else Decimal(1)
    unit = a.unit if a.unit.kind else b.unit
    if scale == 1 and unit == a.unit:
        return first
    return first.or_else((replace(a, value=a.value * scale, step=a.step * scale, unit=unit),))


def _in(unit: Unit, reading: Reading) -> Reading:
    return replace(reading, unit=unit) if isinstance(reading, Quantity) else reading
