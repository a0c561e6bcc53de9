"""English number words. Figures written out in other languages are not read.

"One" to "ten" are figures only before a noun of measure ("three weeks", "two users"); larger
words ("twelve", "ninety-eight", "a dozen", "a hundred") and shares ("half of", "two thirds of")
always. In `liberal` reading, which is for evidence, every number word counts.
"""

from __future__ import annotations

import re
from decimal import Decimal

from agent.boundary.quantities import PERCENT, Figure, Quantity, Reading, Unit

_UNITS = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
]  # fmt: skip
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_SMALL = {word: n for n, word in enumerate(_UNITS)} | {
    word: 10 * n for n, word in enumerate(_TENS, 2)
}
SCALES = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9}
_WORD = "(?:" + "|".join(sorted((*_SMALL, *SCALES, "dozen"), key=len, reverse=True)) + ")"
_RUN = re.compile(
    rf"(?<!\w)(?:an?[\s-](?=hundred|thousand|million|billion|dozen))?{_WORD}\b"
    rf"(?:[\s-](?:and[\s-])?{_WORD}\b)*",
    re.I,
)
_MEASURE = re.compile(
    r"(?:[\s-]|\s?(?=%))(?:more |further |additional |active |licensed |open "
    r"|full |business |working )?"
    r"(?:%|per\s?cent|percentage|days?|weeks?|months?|quarters?|years?|hours?|minutes?|users?|seats?|"
    r"people|persons?|employees|colleagues|licen[cs]es?|logins|tickets?|calls|admins?|points|euros?|"
    r"dollars?|pounds)(?!\w)",
    re.I,
)
_SHARES = {
    "half": ("50", "10"), "third": ("33.33", "6"), "quarter": ("25", "6"),
    "fifth": ("20", "4"), "two third": ("66.67", "6"), "three quarter": ("75", "6"),
}  # fmt: skip
_SHARE = re.compile(
    r"(?<![\w-])(?<!first )(?<!second )(?:(?:an?|one)[\s-](?P<part>third|quarter|fifth)"
    r"|(?:one[\s-])?(?P<half>half)|(?P<many>(?:two[\s-]third|three[\s-]quarter))s)"
    r"(?=\s(?:of|the|their|its|our|all)\b)"
    r"(?!\sof\s(?:\x00|(?:the\s)?(?:year|quarter|month|week|day)))",
    re.I,
)
_TIMES = re.compile(r"(?<!\w)(once|twice|thrice|a couple)(?!\w)", re.I)
_TIMES_VALUE = {"once": 1, "twice": 2, "thrice": 3, "a couple": 2}


def find_words(text: str, liberal: bool) -> list[Figure]:
    """Figures in words, in no particular order. Units are left to the caller."""
    out = [_share(match) for match in _SHARE.finditer(text)]
    taken = {at for figure in out for at in range(figure.start, figure.end)}
    for match in _RUN.finditer(text):
        if match.start() in taken:
            continue
        words = re.findall("[a-z]+", match[0].lower())
        if words[0] in SCALES or words[0] == "dozen":
            continue  # "a million-euro account" names no count, "hundreds" no number
        values = _values([w for w in words if w not in ("a", "an", "and")])
        plain = len(words) == 1 and values[0] <= 10
        if plain and not liberal and not _MEASURE.match(text, match.end()):
            continue
        option: tuple[Reading, ...] = tuple(Quantity(Decimal(v), Decimal(1)) for v in values)
        out.append(Figure(match[0], match.start(), match.end(), "number", (option,)))
    if liberal:
        for match in _TIMES.finditer(text):
            value = Decimal(_TIMES_VALUE[match[0].lower()])
            option = (Quantity(value, Decimal(1)),)
            out.append(Figure(match[0], match.start(), match.end(), "number", (option,)))
    return out


def _share(match: re.Match[str]) -> Figure:
    name = re.sub(r"[\s-]", " ", (match["part"] or match["half"] or match["many"]).lower())
    value, width = (Decimal(text) for text in _SHARES[name])
    options: tuple[tuple[Reading, ...], ...] = (
        (Quantity(value, width, PERCENT),),
        (Quantity(value / 100, width / 100, Unit("ratio")),),
    )
    return Figure(match[0], match.start(), match.end(), "percent", options)


def _values(words: list[str]) -> list[int]:
    """The numbers that a run of words names: one in "two hundred five", two in "five six"."""
    numbers: list[int] = []
    total = current = 0
    last = 10**12
    for word in words:
        if word in SCALES or word == "dozen":
            scale = SCALES.get(word, 12)
            if scale == 100 or word == "dozen":
                current = (current or 1) * scale
            else:
                total, current = total + (current or 1) * scale, 0
            last = scale
        else:
            value = _SMALL[word]
            if current % 100 and not (last in range(20, 100) and 0 < value < 10):
                numbers.append(total + current)
                total = current = 0
            current += value
            last = value
    numbers.append(total + current)
    return numbers
