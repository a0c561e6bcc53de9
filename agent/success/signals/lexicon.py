"""The small phrase language of the word lists, compiled to patterns that cannot hang.

    merger              the word itself
    restructur*         any word beginning so; `*abbau` any word ending so
    tender|rfp          either word; `single_sign-on|sso` for one of several words
    (the)               the word may be missing
    looking .. vendor*  up to eight words in between; ` . ` up to two words
    trial of <name>     a capitalised word that is nobody and nothing familiar (see `named`)
    <number> seats      a number in figures or words

Matching works on `plain` text: lower case, without accents, so a list needs one spelling only.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple

import re2

from agent.success.insights.sentences import folded
from agent.success.signals.grammar import GRAMMARS
from agent.success.signals.names_said import MARK, NAME, marked

LANGUAGES = ("en", "de", "fr", "es", "nl", "pt")

_GAPS = {"..": r"(?:\W+[\w']+){0,8}?", ".": r"(?:\W+[\w']+){0,2}?"}
_SEPARATOR = rf"[\s\-{MARK}]+"
_NUMBER = (
    r"(?:\d+|a|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|"
    r"forty|fifty|sixty|hundred|dozen|few|couple|zwei|drei|vier|funf|sechs|sieben|acht|neun|zehn|"
    r"zwolf|funfzehn|zwanzig|dreissig|funfzig|hundert|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|"
    r"douze|quinze|vingt|trente|cinquante|cent|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|doce|"
    r"quince|veinte|treinta|cincuenta|cien|twee|drie|vijf|zes|zeven|acht|negen|tien|twaalf|vijftien|"
    r"twintig|dertig|vijftig|honderd|dois|duas|quatro|sete|oito|nove|dez|doze|quinze|vinte|trinta|"
    r"cinquenta|cem)"
)
_SPECIAL = {"<name>": NAME, "<number>": _NUMBER}
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


@lru_cache(maxsize=2048)  # every sign reads the same sentences of an account
def named(text: str, familiar: frozenset[str] = frozenset()) -> str:
    """`plain` text in which unfamiliar names carry a mark, so that `<name>` finds them.

    Args:
        familiar: plain words that are no unknown product: the people and the company themselves.
    """
    visible = "".join(ch for ch in text if unicodedata.category(ch) != "Cf")
    return marked(visible, plain, familiar)


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
    return re2.compile(r"\b(?:" + "|".join(_source(p) for p in phrases) + ")")


@lru_cache(maxsize=8192)
def _source(phrase: str) -> str:
    parts = plain(phrase).split()
    if not parts or parts[0] in _GAPS or parts[-1] in _GAPS:
        raise BadPhrase(f"{phrase!r} is empty or begins or ends with a gap")
    out, separator = "", ""
    for part in parts:
        if part in _GAPS:
            out, separator = out + _GAPS[part], r"\W+"
            continue
        optional = part.startswith("(") and part.endswith(")")
        word = _word(part[1:-1] if optional else part, phrase)
        if not optional:
            out, separator = out + separator + word, _SEPARATOR
        elif separator:
            out += f"(?:{separator}{word})?"
        else:
            raise BadPhrase(f"{phrase!r} begins with a word that may be missing")
    # behind a name stands its mark, which is no word's end
    return out if "<name>" in parts[-1] else out + r"(?:\b|$)"


def _word(part: str, phrase: str) -> str:
    return "(?:" + "|".join(_alternative(word, phrase) for word in part.split("|")) + ")"


def _alternative(word: str, phrase: str) -> str:
    if word in _SPECIAL:
        return _SPECIAL[word]
    if word.isalnum():
        return word
    if not word.strip("*_") or not all(ch.isalnum() or ch in "*'-&./_" for ch in word):
        raise BadPhrase(f"{phrase!r}: {word!r} is no word of the phrase language")
    escaped = re2.escape(word.strip("_")).replace(r"\*", r"\w*").replace(r"\-", rf"{MARK}?-")
    pattern: str = escaped.replace(r"\_", "_").replace("_", _SEPARATOR)
    return pattern


class Span(NamedTuple):
    """Where a phrase stands in `plain` text; `denies` when the phrase brings its own "not"."""

    lang: str
    start: int
    end: int
    denies: bool


class WordList:
    """Phrases by language. `unless` are phrases of any language that take a match back when they
    overlap it ("merge cells" is no merger)."""

    def __init__(self, phrases: Mapping[str, Sequence[str]], unless: Sequence[str] = ()) -> None:
        patterns = []
        for lang, listed in phrases.items():
            for denies in (False, True):
                part = tuple(p for p in listed if _denies(p, lang) is denies)
                if part:
                    patterns.append((lang, denies, compiled(part)))
        self._patterns = tuple(patterns)
        self._unless = compiled(tuple(unless))

    def spans(self, text: str) -> list[Span]:
        """The matches in `plain` text, per language the first few: a text that says the same
        hundred times says no more, and must not cost a hundred times as much."""
        found = [
            Span(lang, match.start(), match.end(), denies)
            for lang, denies, pattern in self._patterns
            for match in islice(pattern.finditer(text), _MOST_MATCHES)
        ]
        if not found:
            return []
        barred = [match.span() for match in self._unless.finditer(text)]
        return [
            span for span in found if not any(s < span.end and span.start < e for s, e in barred)
        ]


@lru_cache(maxsize=8192)
def _denies(phrase: str, lang: str) -> bool:
    """Whether a word of the phrase is a "not" of its language."""
    words = re2.sub(r"[()|_*]", " ", plain(phrase))
    return compiled(GRAMMARS[lang].negators).search(words) is not None
