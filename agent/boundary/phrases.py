"""The small phrase language of boundaries.yaml, compiled to patterns that cannot hang.

    reset               the word itself (rules also know its -ing form and its participle)
    licen*              any word beginning so; a lone * is any one word
    a|b                 either word
    (the)               the word may be missing
    let .. back in      up to eight words in between (fourteen where the verb is split)
    @                   a proper name, a quotation
    #                   the number of a ticket, as in ZD-311 or "ticket 4471"

Matching works on a clause's words, lower-cased, joined and surrounded by single spaces.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import re2

_CJK_GAP = r".{0,20}"
_IRREGULAR = {
    "bring": "brought", "build": "built", "buy": "bought", "do": "done", "draw": "drawn",
    "find": "found", "get": "got", "give": "given", "go": "gone", "hold": "held", "let": "let",
    "make": "made", "pay": "paid", "put": "put", "reset": "reset", "run": "run", "sell": "sold",
    "send": "sent", "resend": "resent", "set": "set", "take": "taken", "teach": "taught",
    "win": "won", "write": "written", "rewrite": "rewritten", "rebuild": "rebuilt",
    "undo": "undone", "split": "split", "cut": "cut", "keep": "kept", "tell": "told",
}  # fmt: skip
_VOWELS = "aeiou"
_NO_SIGNS = str.maketrans("", "", " *|.()@#'’-&%/+_ー")


class BadPhrase(ValueError):
    """A phrase that is empty or uses a sign outside the phrase language."""


def _doubled(word: str) -> bool:
    return (
        len(word) > 2
        and word[-1] not in "wxy" + _VOWELS
        and word[-2] in _VOWELS
        and word[-3] not in _VOWELS
    )


def gerunds(verb: str) -> list[str]:
    """-ing forms of an English verb; a wrong spelling beside the right one does no harm."""
    if verb.endswith("ie"):
        return [verb[:-2] + "ying"]
    if verb.endswith("e") and not verb.endswith("ee"):
        return [verb[:-1] + "ing"]
    return [verb + "ing"] + ([verb + verb[-1] + "ing"] if _doubled(verb) else [])


def participles(verb: str) -> list[str]:
    """Past participles of an English verb."""
    if verb in _IRREGULAR:
        return [_IRREGULAR[verb]]
    if verb.endswith("e"):
        return [verb + "d"]
    if verb.endswith("y") and verb[-2:-1] not in _VOWELS:
        return [verb[:-1] + "ied"]
    return [verb + "ed"] + ([verb + verb[-1] + "ed"] if _doubled(verb) else [])


def _check(phrase: str) -> None:
    if not phrase.strip():
        raise BadPhrase("an empty phrase matches everything")
    if phrase.translate(_NO_SIGNS).isalnum():
        return
    for ch in phrase:
        if not (unicodedata.category(ch)[0] in "LNM" or ch in " *|.()@#'’-&%/+_ー"):
            raise BadPhrase(f"{ch!r} has no meaning in a phrase")


def _check_word(part: str) -> None:
    if part.isalnum() or part == "*":
        return
    words = part.split("|")
    if not all(words) or "*" in words:
        raise BadPhrase(f"{part!r} leaves a word empty")
    if any("*" in w[:-1] for w in words):
        raise BadPhrase(f"{part!r}: a * may only end a word")


def _word(part: str) -> str:
    if part.isalnum():
        return part
    if part == "*":
        return r"\S+"
    words = part.split("|")
    return "|".join(_escaped(w[:-1]) + r"\S*" if w[-1] == "*" else _escaped(w) for w in words)


def _escaped(word: str) -> str:
    return word if word.isalnum() else str(re2.escape(word))


def _forms(word: str, form: str) -> str:
    verbs = word.split("|")
    if form == "participle":
        return "|".join(p for v in verbs for p in participles(v))
    if form == "any":
        return "|".join([*verbs, *(g for v in verbs for g in gerunds(v))])
    return word


def _parts(phrase: str) -> list[str]:
    return phrase.lower().replace("’", "'").split()


def _may_be_missing(part: str) -> bool:
    return part.startswith("(") and part.endswith(")")


@lru_cache(maxsize=16_384)
def check_phrase(phrase: str, spaced: bool) -> None:
    """Raise BadPhrase if `phrase` cannot become a pattern. Cached: verbs recur in many rules."""
    if phrase.isalpha():
        return
    _check(phrase)
    parts = _parts(phrase)
    if all(p.startswith("(") or p in ("..", "*") for p in parts):
        raise BadPhrase(f"{phrase!r} has no word that must be there")
    for part in parts:
        if part != "..":
            _check_word(part[1:-1] if spaced and _may_be_missing(part) else part)


def _source(phrase: str, form: str, spaced: bool, gap: int) -> str:
    if spaced and phrase.isalpha():
        return f" (?:{_forms(phrase.lower(), form)})"
    out: list[str] = []
    for n, part in enumerate(_parts(phrase)):
        if part == "..":
            out.append(rf"(?: \S+){{0,{gap}}}" if spaced else _CJK_GAP)
        elif not spaced:
            out.append(f"(?:{_word(part)})")
        elif _may_be_missing(part):
            out.append(f"(?: (?:{_word(part[1:-1])}))?")
        else:
            shaped = _forms(part, form) if n == 0 and "*" not in part else part
            out.append(f" (?:{_word(shaped)})")
    return "".join(out)


@dataclass(frozen=True)
class Phrases:
    """One pattern for many phrases. Checked when made, compiled when first used: a run reads one
    language and must not pay for the others."""

    phrases: tuple[str, ...]
    head: bool
    form: str
    spaced: bool
    gap: int

    @cached_property
    def source(self) -> str:
        either = "|".join(_source(p, self.form, self.spaced, self.gap) for p in self.phrases)
        return ("^" if self.head else "") + f"(?:{either})" + (" " if self.spaced else "")

    @cached_property
    def _pattern(self) -> Any:
        options = re2.Options()
        options.max_mem = 64 << 20
        options.longest_match = True
        return re2.compile(self.source, options)

    def search(self, norm: str) -> Any:
        return self._pattern.search(norm)

    def match(self, norm: str) -> Any:
        return self._pattern.match(norm)

    def finditer(self, norm: str) -> Iterator[Any]:
        return iter(self._pattern.finditer(norm))


def compile_phrases(
    phrases: Iterable[str],
    *,
    head: bool = False,
    form: str = "plain",
    spaced: bool = True,
    gap: int = 8,
) -> Phrases | None:
    """One pattern for many phrases, or None when there are none.

    Args:
        head: match only at the beginning of a clause.
        form: `plain`; `any` adds the -ing form of the first word; `participle` puts it there.
        spaced: False for languages written without spaces between words.
        gap: how many words `..` spans at most.

    Raises:
        BadPhrase: a phrase is empty or uses signs outside the phrase language.
    """
    phrases = tuple(phrases)
    for phrase in phrases:
        check_phrase(phrase, spaced)
    return checked_phrases(phrases, head=head, form=form, spaced=spaced, gap=gap)


def checked_phrases(
    phrases: Iterable[str],
    *,
    head: bool = False,
    form: str = "plain",
    spaced: bool = True,
    gap: int = 8,
) -> Phrases | None:
    """As `compile_phrases`, for phrases that have passed `check_phrase` already."""
    phrases = tuple(phrases)
    return Phrases(phrases, head, form, spaced, gap) if phrases else None
