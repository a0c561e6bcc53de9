"""Text made simple to scan, character for character, so that positions stay those of the original.

Unusual blanks, dashes, apostrophes and digits become their plain forms; letters of scripts that
write without blanks become separators, so that a figure between them stands alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

BLANK = "\x00"
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d"
_APOSTROPHES = "\u2018\u2019\u02bc\u2032\uff07"


class _Folding(dict[int, str]):
    """Filled as characters are met; the alphabet of real texts is small."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        folded = char
        if char in _DASHES:
            folded = "-"
        elif char in _APOSTROPHES:
            folded = "'"
        elif (digit := unicodedata.decimal(char, None)) is not None:
            folded = str(digit)
        elif unicodedata.category(char) == "Lo":
            folded = "\x1f"
        elif char.isspace() and char != "\n":
            folded = " "
        elif char == "\uff05":
            folded = "%"
        if len(self) < 5000:
            self[code] = folded
        return folded


_FOLDING = _Folding()


def word_set(text: str) -> frozenset[str]:
    """The words of a list written as text."""
    return frozenset(text.split())


def fold(text: str) -> str:
    """`text` in plain characters, of the same length."""
    return text.translate(_FOLDING)


def blank(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """`text` with the characters of the (ordered, disjoint) spans replaced by blanks of no kind."""
    out, at = [], 0
    for start, end in spans:
        out += [text[at:start], BLANK * (end - start)]
        at = end
    return "".join(out) + text[at:] if out else text


def blank_phrases(text: str, phrases: Iterable[str]) -> str:
    """`text` with every whole occurrence of the phrases blanked, longest first; "by 5" is no part
    of "by 50" or "by 5.5"."""
    for phrase in sorted({p for p in phrases if p and p in text}, key=len, reverse=True):
        whole = rf"(?<!\w){re.escape(phrase)}(?![\w%]|[.,]\d|\s%)"
        text = re.sub(whole, BLANK * len(phrase), text)
    return text
