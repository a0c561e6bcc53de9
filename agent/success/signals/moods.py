"""Reading one sentence: is something stated, merely possible, denied, or about somebody else?

The customer's words are evidence and never instruction; all that is taken from a sentence is
whether a phrase of a word list stands in it, in which mood, and about whom.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import re2

from agent.success.signals.grammar import GRAMMARS, SPANNING_NEGATORS, Grammar
from agent.success.signals.lexicon import WordList, compiled

Mood = Literal["stated", "possible"]

_REACH = 5  # words between a denial and what it denies; further away it denies something else
_LIST_REACH = 8
_CLAUSE_END = r"[,;:()\[\]\"“”„«»!?]|[–—]|\s-\s|\.(?:\s|$)"
_WORD = re2.compile(r"[\w']+")
_BACK_TO_US = re2.compile(r"^(?:\W+\w+){0,2}\W+(?:us|our|uns|unsere?|nous|ons|nos)\b")
_ELSEWHERE = re2.compile(r"^\W+(?:at|of|in|bei|von|chez|bij|na|no|en)(?:\W|$)")
_WITH = re2.compile(
    r"(?:with|by|to|from|for|than|mit|von|durch|par|avec|con|por|door|met|com|pelo|pela)\W+$"
)
_BOUNDARIES: dict[str, Any] = {
    lang: re2.compile(
        _CLAUSE_END + r"|\b(?:" + "|".join(re2.escape(w) for w in grammar.joins) + r")\b"
    )
    for lang, grammar in GRAMMARS.items()
}
_LIST = re2.compile(r",|\b(?:or|and|oder|und|ou|et|o|y|of|en|e)\b")
_VERB = re2.compile(
    r"\b(?:is|are|was|were|will|have|has|had|started|looking|we|they|i|ist|sind|wird|wir|nous|est|"
    r"sont|somos|estamos|hay|es|zijn|wij|wordt|but|aber|mais|pero|maar|mas)\b"
)


@dataclass(frozen=True)
class Manner:
    """How a sentence is to be read.

    Attributes:
        own_negation: the phrases contain their own "not" ("will not renew"), so only a denial
            before the match counts.
        company: the sign speaks of the customer's company; a mention whose subject is a supplier
            or competitor of theirs, or the vendor, is left out.
        mail: the customer writes; otherwise it is a note of ours.
        conditional: "if" and "unless" belong to what the phrases say and make it no maybe.
    """

    own_negation: bool = False
    company: bool = False
    mail: bool = False
    conditional: bool = False


def mood(text: str, words: WordList, manner: Manner) -> Mood | None:
    """How `text` (already `plain`) says what `words` list; None when it does not, or denies it."""
    verdicts: list[tuple[int, int, Mood | None]] = []
    for lang, start, end, denies in words.spans(text):
        silent = (
            (manner.company and _about_others(text, lang, start, end, manner.mail))
            or _over(text, lang, start, end)
            or _denied(text, lang, start, end, manner.own_negation or denies)
        )
        sure = _certainty(text, lang, start, end, manner.conditional)
        verdicts.append((start, end, None if silent else sure))
    # A cognate ("fusion") is found in several languages; the most doubtful reading of one and the
    # same spot wins, for only one of the languages understood the denial around it.
    settled = [
        _weakest(other[2] for other in verdicts if other[0] < v[1] and v[0] < other[1])
        for v in verdicts
    ]
    if "stated" in settled:
        return "stated"
    return "possible" if "possible" in settled else None


def conditional(text: str, words: WordList) -> bool:
    """Whether every mention of `words` in `text` (`plain`) hangs on a condition: after "if" or
    "or else", or before "unless". An "if" behind the mention counts only in the same clause, for
    "we will not renew, tell me if you need a form" is settled."""
    found = words.spans(text)
    return bool(found) and all(_hangs(text, span.lang, span.start, span.end) for span in found)


def _hangs(text: str, lang: str, start: int, end: int) -> bool:
    grammar = GRAMMARS[lang]
    _, right = _clause(text, lang, start, end)
    return bool(
        compiled(grammar.condition + grammar.otherwise).search(text[:end])
        or compiled(grammar.condition).search(text[end:right])
        or compiled(grammar.unless).search(text[end:])
    )


def _over(text: str, lang: str, start: int, end: int) -> bool:
    """Long past or never come true ("back in 2021", "we would have left")."""
    left, right = _clause(text, lang, start, end)
    return compiled(GRAMMARS[lang].over).search(text[left:right]) is not None


def _weakest(moods: Iterable[Mood | None]) -> Mood | None:
    found = list(moods)
    if None in found:
        return None
    return "possible" if "possible" in found else "stated"


def _clause(text: str, lang: str, start: int, end: int) -> tuple[int, int]:
    """Bounds of the clause that holds `start`..`end`, widened to where the match itself reaches."""
    left, right = 0, len(text)
    for match in _BOUNDARIES[lang].finditer(text):
        if match.end() <= start:
            left = match.end()
        elif match.start() >= end:
            right = match.start()
            break
    return left, right


def _denied(text: str, lang: str, start: int, end: int, own_negation: bool) -> bool:
    grammar = GRAMMARS[lang]
    text = _without(_without(text, grammar.doubt), grammar.empty)
    left, right = _clause(text, lang, start, end)
    stop = start if own_negation else end
    if not own_negation:
        inner = [m.end() for m in _BOUNDARIES[lang].finditer(text) if start < m.end() <= end]
        left = max([left, *inner])
    for match in compiled(grammar.negators).finditer(text[left:stop]):
        between = text[left + match.end() : max(start, left + match.end())]
        if len(_WORD.findall(between)) <= _REACH:
            return True
    if compiled(grammar.denied_after).search(text[end:right]):
        return True
    return _listed(text[:start], grammar)


def _without(text: str, phrases: tuple[str, ...]) -> str:
    """`text` of the same length with `phrases` made unreadable."""
    blanked: str = compiled(phrases).sub(lambda m: "_" * len(m.group()), text)
    return blanked


def _listed(before: str, grammar: Grammar) -> bool:
    """ "no layoffs, reorganisation or budget cuts": one negator in front of a list denies all."""
    for match in compiled(grammar.negators).finditer(before):
        between = before[match.end() :]
        if match.group() not in SPANNING_NEGATORS or between.lstrip().startswith(","):
            continue  # "No, we …" answers a question
        listed = _LIST.search(between) is not None and _VERB.search(between) is None
        if listed and len(_WORD.findall(between)) <= _LIST_REACH:
            return True
    return False


def _certainty(text: str, lang: str, start: int, end: int, conditional: bool) -> Mood:
    grammar = GRAMMARS[lang]
    text = _without(text, grammar.certain)
    left, right = _clause(text, lang, start, end)
    if compiled(grammar.doubt).search(text[left:right]):
        return "possible"
    if conditional:
        return "stated"
    return "possible" if compiled(grammar.condition).search(text[:start]) else "stated"


def _about_others(text: str, lang: str, start: int, end: int, mail: bool) -> bool:
    grammar = GRAMMARS[lang]
    left, right = _clause(text, lang, start, end)
    others = compiled(grammar.others + (grammar.others_in_mail if mail else ()))
    before, after = text[left:start], text[end:right]
    for match in others.finditer(before):
        together = _WITH.search(before[: match.start()])
        if together is None and _BACK_TO_US.search(after) is None:
            return True
    named = others.search(after)
    return named is not None and _ELSEWHERE.search(after[: named.start()]) is not None
