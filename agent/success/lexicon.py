"""The small phrase language of the word lists, compiled to patterns that cannot hang.

    merger              the word itself
    restructur*         any word beginning so; `*abbau` any word ending so
    tender|rfp          either word
    (the)               the word may be missing
    looking .. vendor*  up to eight words in between

Matching works on `plain` text: lower case, without accents, so a list needs one spelling only.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any

import re2

from agent.success.text import folded

LANGUAGES = ("en", "de", "fr", "es", "nl", "pt")

_GAP = r"(?:\W+[\w']+){0,8}?"
_SEPARATOR = r"[\s\-]+"
_MOST_MATCHES = 12
_LETTERS = str.maketrans(
    {"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "’": "'", "‘": "'", "ʼ": "'", "‑": "-"}
)


class BadPhrase(ValueError):
    """A phrase that is empty or uses a sign outside the phrase language."""


def plain(text: str) -> str:
    """`text` for matching: lower case, no accents, straight apostrophes, no invisible signs."""
    if text.isascii():
        return text.lower()
    visible = "".join(ch for ch in text if unicodedata.category(ch) != "Cf")
    return folded(visible).translate(_LETTERS)


def check(phrase: str) -> None:
    """Raise BadPhrase if `phrase` is empty or uses a sign outside the phrase language."""
    _source(phrase)


@lru_cache(maxsize=2048)
def compiled(phrases: tuple[str, ...]) -> Any:
    """One pattern for many phrases; it matches nothing when there are none.

    Raises:
        BadPhrase: a phrase is empty or uses signs outside the phrase language.
    """
    if not phrases:
        return re2.compile(r"[^\s\S]")
    return re2.compile(r"\b(?:" + "|".join(_source(p) for p in phrases) + r")(?:\b|$)")


@lru_cache(maxsize=8192)
def _source(phrase: str) -> str:
    parts = plain(phrase).split()
    if not parts or parts[0] == ".." or parts[-1] == "..":
        raise BadPhrase(f"{phrase!r} is empty or begins or ends with a gap")
    out, separator = "", ""
    for part in parts:
        if part == "..":
            out, separator = out + _GAP, r"\W+"
            continue
        optional = part.startswith("(") and part.endswith(")")
        word = _word(part[1:-1] if optional else part, phrase)
        if not optional:
            out, separator = out + separator + word, _SEPARATOR
        elif separator:
            out += f"(?:{separator}{word})?"
        else:
            raise BadPhrase(f"{phrase!r} begins with a word that may be missing")
    return out


def _word(part: str, phrase: str) -> str:
    words = part.split("|")
    for word in words:
        if not word.strip("*") or not all(ch.isalnum() or ch in "*'-&./" for ch in word):
            raise BadPhrase(f"{phrase!r}: {word!r} is no word of the phrase language")
    return "(?:" + "|".join(re2.escape(w).replace(r"\*", r"\w*") for w in words) + ")"


class WordList:
    """Phrases by language. `unless` are phrases of any language that take a match back when they
    overlap it ("merge cells" is no merger)."""

    def __init__(self, phrases: Mapping[str, Sequence[str]], unless: Sequence[str] = ()) -> None:
        self.by_language = tuple((lang, compiled(tuple(p))) for lang, p in phrases.items() if p)
        self._unless = compiled(tuple(unless))

    def spans(self, text: str) -> list[tuple[str, int, int]]:
        """(language, start, end) of the matches in `plain` text, per language the first few: a text
        that says the same hundred times says no more, and must not cost a hundred times as much."""
        found = [
            (lang, *match.span())
            for lang, pattern in self.by_language
            for match in islice(pattern.finditer(text), _MOST_MATCHES)
        ]
        if not found:
            return []
        barred = [match.span() for match in self._unless.finditer(text)]
        return [span for span in found if not any(s < span[2] and span[1] < e for s, e in barred)]
