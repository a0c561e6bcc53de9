"""Signs read in people's words. They quote, and never take a sentence as an instruction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import re2

from agent.success.account import Account, Sentence
from agent.success.assessment import Signal
from agent.success.signals.departures import departures
from agent.success.signals.finder import Finder
from agent.success.signals.lexicon import named, plain
from agent.success.signals.moods import Manner, Mood, conditional, mood
from agent.success.signals.policy import SAID, ReadSign
from agent.success.signals.severity import moved

_MOST_QUOTES = 8
_WORD = re2.compile(r"\w+")


@dataclass(frozen=True)
class Said:
    """A sentence that speaks of a sign, and whether it states it or only thinks it possible."""

    sentence: Sentence
    text: str  # plain, with unfamiliar names marked
    mood: Mood


def read(f: Finder) -> None:
    """All signs of the policy's `read` part."""
    words = current(f)
    own = familiar(f.account)
    for id, sign in f.policy.read.items():
        if id not in SAID:
            quoted(f, id, sign, _said_for(f, id, words, own))
    introductions(f, words)
    departures(f, words)


def _said_for(f: Finder, id: str, words: Sequence[Sentence], own: frozenset[str]) -> list[Said]:
    """The sentences of a sign, with what another sign hands to it and without what it hands on:
    a notice under a condition is a threat."""
    sign = f.policy.read[id]
    said = spoken(words, sign, own)
    if sign.if_conditional is not None:
        listed = sign.word_list()
        said = [s for s in said if not conditional(s.text, listed)]
    for giver in f.policy.read.values():
        if giver.if_conditional == id:
            listed = giver.word_list()
            handed = (s for s in spoken(words, giver, own) if conditional(s.text, listed))
            said += [
                replace(s, mood="stated")
                for s in handed
                if all(s.sentence.fact_id != other.sentence.fact_id for other in said)
            ]
    return sorted(said, key=lambda s: words.index(s.sentence))


def current(f: Finder) -> list[Sentence]:
    """Sentences that are quotes of the book, not of the future and not too old, in a fixed order.

    Ticket subjects and themes count as the customer's words.
    """
    a = f.account
    words = list(a.sentences)
    for ticket in a.tickets:
        words.append(
            Sentence(f"ticket.{ticket.id}.subject", ticket.subject, ticket.opened_on, "", "email")
        )
    for n, theme in enumerate(a.ticket_themes, 1):
        words.append(Sentence(f"engagement.support_tickets.themes.{n}", theme, None, "", "email"))
    kept = [
        s
        for s in words
        if s.fact_id in f.facts
        and (s.at is None or 0 <= (f.as_of - s.at).days <= f.policy.text_max_age_days)
    ]
    return sorted(kept, key=lambda s: (s.at or date.min, message(s), position(s)))


def message(sentence: Sentence) -> str:
    """Id of the note or e-mail that holds the sentence."""
    return sentence.fact_id.rpartition(".")[0]


def position(sentence: Sentence) -> int:
    last = sentence.fact_id.rpartition(".")[2].lstrip("s")
    return int(last) if last.isdigit() else 0


def familiar(account: Account) -> frozenset[str]:
    """Plain words that name the customer and their people, and so no unknown product."""
    names = [account.name, *(s.name for s in account.stakeholders)]
    names += [account.sponsor.name] if account.sponsor else []
    names += [s.author for s in account.sentences]
    return frozenset(word for name in names for word in _WORD.findall(plain(name)))


def spoken(
    words: Iterable[Sentence], sign: ReadSign, own: frozenset[str] = frozenset()
) -> list[Said]:
    """Sentences that speak of `sign` without denying it; `own` are the words of `familiar`."""
    listed = sign.word_list()
    found = []
    for sentence in words:
        if sign.notes_only and sentence.channel == "email":
            continue
        text = named(sentence.text, own)
        manner = Manner(
            sign.own_negation, sign.company, sentence.channel == "email", sign.conditional
        )
        how = mood(text, listed, manner)
        if how is not None:
            found.append(Said(sentence, text, how))
    return found


def quoted(f: Finder, id: str, sign: ReadSign, said: Sequence[Said]) -> None:
    """Raises a read sign on its quotes, the newest ones when there are many."""
    if not said or not sign.enabled:
        return
    stated = any(s.mood == "stated" for s in said)
    newest = said[-_MOST_QUOTES:]
    f.found.append(
        Signal(
            id=id,
            family=sign.family,
            severity=sign.severity if stated else moved(sign.severity, -1),
            title=sign.title if stated else f"Possible: {sign.title}",
            basis="read",
            clears_when=sign.clears_when,
            at=newest[-1].sentence.at,
            playbook=sign.playbook,
            evidence=tuple(dict.fromkeys(s.sentence.fact_id for s in newest)),
        )
    )


def introductions(f: Finder, words: Sequence[Sentence]) -> None:
    """An executive was asked for and none is known; the sentence after the request is quoted too,
    for it usually says what came of it."""
    sign = f.policy.read["introduction_stalled"]
    if not any(s.id == "no_executive_contact" for s in f.found):
        return
    said = spoken(words, sign)
    if not said:
        return
    asked = {(message(s.sentence), position(s.sentence)) for s in said}
    after = [
        Said(s, "", "stated")
        for s in words
        if (message(s), position(s) - 1) in asked and (message(s), position(s)) not in asked
    ]
    both = sorted(
        [*said, *after],
        key=lambda s: (s.sentence.at or date.min, message(s.sentence), position(s.sentence)),
    )
    quoted(f, "introduction_stalled", sign, both)
