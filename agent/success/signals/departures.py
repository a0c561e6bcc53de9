"""Who is said to leave: the sponsor, the champion, another contact, openly or in confidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import re2

from agent.success.account import Sentence
from agent.success.assessment import Signal
from agent.success.insights.sentences import folded, mentions
from agent.success.signals.dates_said import first_date
from agent.success.signals.finder import Finder
from agent.success.signals.lexicon import plain
from agent.success.signals.moods import Manner, Mood, mood
from agent.success.signals.severity import moved

_FIRST_PERSON = re2.compile(
    r"\b(?:i|i'm|i'll|i've|my|mein|meine|meinen|ich|je|j'ai|mon|ma|yo|mi|ik|mijn|eu|meu|minha|"
    r"dejo|deixo|verlasse|renuncio)\b"
)
_WORD_BEFORE = re2.compile(r"[\w']+\W+$")
_SPONSOR = re2.compile(r"\b(?:executive )?sponsor\w*\b")
_CONTACT = re2.compile(
    r"\b(?:champion|main contact|key contact|primary contact|key user|admin|administrator|"
    r"ansprechpartner\w*|contactpersoon|contacto principal|contato principal)\b"
)
_TITLES = frozenset({
    "dr", "prof", "mr", "mrs", "ms", "herr", "frau", "mme", "m", "sr", "sra", "dhr", "mevr",
})  # fmt: skip
_MEASURED = ("sponsor_leaving", "sponsor_left", "sponsor_changed")


@dataclass(frozen=True)
class _Person:
    name: str
    title: str
    sponsor: bool
    champion: bool


@dataclass(frozen=True)
class _Departure:
    sentence: Sentence
    mood: Mood
    who: _Person
    on: date | None


def departures(f: Finder, words: Sequence[Sentence]) -> None:
    """Raises the departure signs; what the figures know already only gains the quotes."""
    found = [d for s in words if (d := _departure(f, s, words)) is not None]
    sponsor = [d for d in found if d.who.sponsor]
    others = [d for d in found if not d.who.sponsor]
    known = next((n for n, s in enumerate(f.found) if s.id in _MEASURED), None)
    if sponsor and known is not None:
        quotes = tuple(d.sentence.fact_id for d in sponsor)
        dated = next((d.on for d in sponsor if d.on), None)
        signal = f.found[known]
        f.found[known] = replace(
            signal,
            evidence=tuple(dict.fromkeys((*signal.evidence, *quotes, *_date_facts(f, sponsor)))),
            at=dated if dated and "sponsor.leaves_on" not in f.facts else signal.at,
        )
    elif sponsor:
        _raise(f, "sponsor_departure_said", sponsor, graver=False)
    if others:
        _raise(f, "contact_departure_said", others, graver=any(d.who.champion for d in others))
    _confidences(f, found, words)


def _departure(f: Finder, sentence: Sentence, words: Sequence[Sentence]) -> _Departure | None:
    sign = f.policy.read["sponsor_departure_said"]
    text = plain(sentence.text)
    mail = sentence.channel == "email"
    how = mood(text, sign.word_list(), Manner(sign.own_negation, mail=mail))
    who = _who(f, sentence, text, words) if how else None
    if who is None:
        gap = f.policy.read["contact_departure_said"]
        how = mood(text, gap.word_list(), Manner(gap.own_negation, mail=mail))
        who = _named(text, _people(f)) or _Person("", "", False, False)
    return _Departure(sentence, how, who, first_date(sentence.text, sentence.at)) if how else None


def _people(f: Finder) -> list[_Person]:
    a = f.account
    people = [_Person(s.name, s.role, False, s.champion) for s in a.stakeholders if s.name]
    if a.sponsor and a.sponsor.name:
        champion = any(p.champion and folded(p.name) == folded(a.sponsor.name) for p in people)
        people = [p for p in people if folded(p.name) != folded(a.sponsor.name)]
        people.insert(0, _Person(a.sponsor.name, a.sponsor.title, True, champion))
    return people


def _who(f: Finder, sentence: Sentence, text: str, words: Sequence[Sentence]) -> _Person | None:
    """The known person a departure is about; None when nobody we know can be meant."""
    people = _people(f)
    mail = sentence.channel == "email"
    if mail and _of_the_writer(f, text):
        return _writer(sentence, people)
    named = _named(text, people)
    if named:
        return named
    if _SPONSOR.search(text):
        return people[0] if people and people[0].sponsor else _Person("", "", True, False)
    if _CONTACT.search(text):
        return next((p for p in people if p.champion), _Person("", "", False, False))
    if mail and _FIRST_PERSON.search(text):
        return _writer(sentence, people)
    same = sentence.fact_id.rpartition(".")[0]
    around = " ".join(plain(s.text) for s in words if s.fact_id.rpartition(".")[0] == same)
    return _named(around, people)


def _writer(sentence: Sentence, people: list[_Person]) -> _Person:
    author = folded(sentence.author)
    known = (p for p in people if _surname(p.name) and _surname(p.name) in author)
    return next(known, _Person(sentence.author, "", False, False))


def _of_the_writer(f: Finder, text: str) -> bool:
    """Whether the words of departure, or the one before them, say "I" or "my"."""
    for _, start, end, _ in f.policy.read["sponsor_departure_said"].word_list().spans(text):
        before = _WORD_BEFORE.search(text[:start])
        if _FIRST_PERSON.search(text[before.start() if before else start : end]):
            return True
    return False


def _named(text: str, people: list[_Person]) -> _Person | None:
    for person in people:
        first = _first_name(person.name)
        by_first = (
            len(first) > 2 and re2.search(rf"\b{re2.escape(plain(first))}\b", text) is not None
        )
        by_title = (
            bool(person.title)
            and re2.search(rf"\b{re2.escape(plain(person.title))}\b", text) is not None
        )
        if by_first or by_title or mentions(text, person.name):
            return person
    return None


def _first_name(name: str) -> str:
    """The first name, without "Dr." and the like before it."""
    words = [w.strip(".") for w in folded(name).split()]
    return next((w for w in words if w not in _TITLES), "")


def _surname(name: str) -> str:
    words = [w for w in folded(name).split() if len(w) > 2]
    return words[-1] if words else ""


def _date_facts(f: Finder, said: list[_Departure]) -> tuple[str, ...]:
    """Registers the dates read in the quotes as computed facts."""
    ids = []
    for d in said:
        if d.on is None:
            continue
        id = f"{d.sentence.fact_id}.date"
        if id not in f.facts:
            f.facts.computed(
                id,
                d.on.isoformat(),
                "day of departure as written in the quote",
                inputs=(d.sentence.fact_id,),
                formula="the date in the quote; without a year, the next such day",
            )
        ids.append(id)
    return tuple(ids)


def _raise(f: Finder, id: str, said: list[_Departure], *, graver: bool) -> None:
    sign = f.policy.read[id]
    if not sign.enabled:
        return
    stated = any(d.mood == "stated" for d in said)
    who = next((d.who.name for d in said if d.who.name and "@" not in d.who.name), "")
    dated = next((d.on for d in said if d.on), None)
    title = sign.title + (f": {who}" if who else "") + (f", {dated}" if dated else "")
    f.found.append(
        Signal(
            id=id,
            family=sign.family,
            severity=moved(sign.severity, int(graver) - int(not stated)),
            title=(title if stated else f"Possible: {title}")[:300],
            basis="read",
            clears_when=sign.clears_when,
            at=dated or said[-1].sentence.at,
            playbook=sign.playbook,
            evidence=tuple(
                dict.fromkeys((*(d.sentence.fact_id for d in said), *_date_facts(f, said)))
            ),
        )
    )


def _confidences(f: Finder, found: list[_Departure], words: Sequence[Sentence]) -> None:
    """A departure told in confidence: the plan must not spread it."""
    sign = f.policy.read["departure_confidential"]
    told = {d.sentence.fact_id.rpartition(".")[0] for d in found}
    quotes = [
        s
        for s in words
        if s.fact_id.rpartition(".")[0] in told
        and mood(plain(s.text), sign.word_list(), Manner(own_negation=True))
    ]
    if quotes and sign.enabled:
        f.found.append(
            Signal(
                "departure_confidential",
                sign.family,
                sign.severity,
                sign.title,
                "read",
                sign.clears_when,
                quotes[-1].at,
                sign.playbook,
                tuple(s.fact_id for s in quotes),
            )
        )
