"""Identifiers, which hold digits but state no figure, and terms that mean nothing to check.

Ticket and goal ids, product names with digits, versions, standards, e-mail and web addresses are
identifiers: they need no figure as evidence, but must stand somewhere in the account's facts.
"""

from __future__ import annotations

import re
from decimal import Decimal

from agent.boundary.dates import MONTH_NAME
from agent.boundary.folding import blank
from agent.boundary.quantities import CURRENCY_CODES, Figure, Quantity, Token

_IGNORED = re.compile(
    r"(?<![\w:/-])(?:24/7(?:/365)?|24x7|24/5|1:1s?|1-on-1s?|9-to-5|b2b2?c?|b2c|2fa|oauth2|g2)(?![\w:/])"
    r"|(?<!\w)(?:step|phase|option|part|item|question|wave|scenario|section)\s\d{1,2}(?![\w.,]\d|\w|%)",
    re.I,
)
_NUMBERING = re.compile(
    rf"^[ \t>*-]{{0,8}}\(?\d{{1,2}}[.)](?=\s)(?!\s(?:\d|{MONTH_NAME}))", re.M | re.I
)
_INLINE_NUMBERING = re.compile(r"\((\d)\)(?=\s)")
_ADDRESS = re.compile(
    r"(?:https?://|www\.)[^\s<>\"'\x00]{1,2000}|(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}",
    re.I,
)
_STANDARD = re.compile(
    r"(?<!\w)(?:ISO(?:/IEC)?|IEC|SOC|DIN|NIST|TLS|Windows|Office)[ -]?\d[\d.:-]{0,12}(?<=\d)(?!\w)"
)
_VERSION = re.compile(
    r"(?<![\w.])(?:version |release )(\d{1,6}(?:\.\d{1,6}){0,4})(?![\w])"
    r"|(?<![\w.,])(\d{1,6}(?:\.\d{1,6}){2,6})(?![\w,])",
    re.I,
)
_NUMBERED = re.compile(
    r"(?<!\w)(?:ticket|case|incident)s? (?:no\.? ?|number )?#?(\d{4,})(?!\w)|(?<![\w&])#(\d+)", re.I
)
_WORD = re.compile(r"(?<!\w)[^\W\d]\w*(?:[-.]\w+)*")
_DIGIT = re.compile(r"\d")
_UPPER = re.compile(r"[A-Z][A-Z0-9]{0,11}\Z")
_PRICED = re.compile(rf"(?:{'|'.join(CURRENCY_CODES)})\d")
_GROUPED = re.compile(r"\d{1,3}(?:\.\d{3})+\Z")


def blank_ignored(text: str) -> str:
    """`text` without list numbering and set terms such as 24/7."""
    numbered = list(_INLINE_NUMBERING.finditer(text))
    if [m[1] for m in numbered[:2]] == ["1", "2"]:
        text = blank(text, [m.span() for m in numbered])
    text = blank(text, [m.span() for m in _NUMBERING.finditer(text)])
    return blank(text, [m.span() for m in _IGNORED.finditer(text)])


def find_addresses(text: str) -> tuple[list[Figure], str]:
    """E-mail and web addresses, and the text with them blanked (before dates are looked for)."""
    out = []
    for match in _ADDRESS.finditer(text):
        shown = match[0].rstrip(".,;:!?)")
        out.append(_token(shown, match.start()))
    return out, blank(text, [(f.start, f.end) for f in out])


def find_identifiers(text: str) -> tuple[list[Figure], str]:
    """All other identifiers, and the text with them blanked (before numbers are looked for)."""
    out: list[Figure] = []
    for pattern in (_STANDARD, _VERSION, _NUMBERED):
        found = []
        for match in pattern.finditer(text):
            group = match.lastindex or 0
            if _GROUPED.match(match[group]):
                continue  # 1.234.567 is a number
            figure = _token(match[group], match.start(group))
            if pattern is _NUMBERED and len(match[group]) < 10:
                figure = figure.or_else((Quantity(Decimal(match[group]), Decimal(1)),))
            found.append(figure)
        text = blank(text, [(f.start, f.end) for f in found])
        out += found
    words = [
        _token(name, match.start())
        for match in _WORD.finditer(text)
        if _DIGIT.search(match[0]) and (name := _name(match[0]))
    ]
    return out + words, blank(text, [(f.start, f.end) for f in words])


def _name(word: str) -> str:
    """The identifier at the start of `word`, "" when its digits are a figure ("day-20")."""
    if "_" in word or "." in word:
        return word
    parts = word.split("-")
    last = max(i for i, part in enumerate(parts) if _DIGIT.search(part))
    if _PRICED.match(parts[0]):
        return ""
    if _DIGIT.search(parts[0]) or (_UPPER.match(parts[0]) and parts[0] not in CURRENCY_CODES):
        return "-".join(parts[: last + 1])
    return ""


def _token(text: str, start: int) -> Figure:
    return Figure(text, start, start + len(text), "identifier", ((Token(text),),))
