"""The words of a clause: where it begins, what stands in front of the ask, which rule fits it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from agent.boundary.asks import Source, Tok
from agent.boundary.lanes import Lanes, Language, Rule

_OBJECT_REACH = 12
_ASK_REACH = 40
_CLEARLY, _DOUBLY = 4, 2
_PRONOUNS = {"it", "that", "this", "these", "those", "them", "one"}


def norm_of(words: list[Tok]) -> str:
    """The words as patterns see them: joined by, and between, single spaces."""
    return " " + " ".join(t.norm for t in words) + " "


def detect(src: Source, lanes: Lanes) -> Language | None:
    """The language with most function words in the text, or None when no language is clear."""
    text = src.clean
    for code, lang in lanes.languages.items():
        if not lang.spaced and sum(text.count(w) for w in lang.function_words) >= 2:
            return lanes.languages[code]
    words = [w.strip(".,;:!?()[]{}\"'|").lower() for w in text.split()]
    counts = {
        c: sum(w in lang.function_words for w in words)
        for c, lang in lanes.languages.items()
        if lang.spaced
    }
    if not counts or not words:
        return None
    best = max(counts.values())
    if best >= _CLEARLY:
        near = [c for c in counts if counts[c] == best]
    else:
        near = [c for c in counts if counts[c] >= best - 1]
    if len(near) > 1:
        norm = " " + " ".join(words) + " "
        terms = {c: _DOUBLY * _terms(norm, lanes.languages[c]) + counts[c] for c in near}
        best = max(terms.values())
        near = [c for c in near if terms[c] == best]
        if best == 0:
            return lanes.languages.get("en") if text.isascii() and len(words) <= 12 else None
    return lanes.languages[near[0]] if len(near) == 1 else None


def _terms(norm: str, lang: Language) -> int:
    """How many key terms of a language a text uses; function words alone mislead in short texts."""
    groups = ("topics", "foreign_subjects", "deliverables", "support_signs")
    found = (lang.groups.get(g) for g in groups)
    hits = {m.span() for p in found if p is not None for m in p.finditer(norm)}
    nouns = {m.span() for r in lang.rules if r.nouns is not None for m in r.nouns.finditer(norm)}
    verb = lang.any_verb is not None and lang.any_verb.match(norm) is not None
    return len(hits | nouns) + verb


def clauses(words: list[Tok], lang: Language, question: bool) -> Iterator[list[Tok]]:
    """Cut a segment where, after a comma, colon or conjunction, a known verb begins a new ask."""
    joints = lang.sets.get("joints", frozenset())
    at = 0
    for n in range(1, len(words)):
        if not (words[n].before or words[n].norm in joints or words[n - 1].norm in joints):
            continue
        first = n + 1 if words[n].norm in joints else n
        rest = words[first : first + _ASK_REACH]
        if n > at and rest and _begins_ask(rest, lang, question):
            yield words[at:n]
            at = n
    if words[at:]:
        yield words[at:]


def _begins_ask(rest: list[Tok], lang: Language, question: bool) -> bool:
    body, opened = strip_openers(rest, lang)
    norm = norm_of(body)
    if lang.any_verb is None or not body:
        return False
    if lang.any_verb.match(norm):
        follower = body[1].norm if len(body) > 1 else ""
        noun_too = body[0].norm in lang.sets.get("noun_verbs", ())
        if not noun_too or opened or follower in lang.sets.get("determiners", ()):
            return True
        return any(r.lane != "in_lane" and not r.where and fits(r, norm, lang) for r in lang.rules)
    thing = lang.groups.get("np_openers")
    if thing is not None and len(body) > 1 and thing.match(norm) and not lang.has("lead_in", norm):
        return True
    return opened or (question and lang.has("question_words", norm))


def fits(rule: Rule, norm: str, lang: Language, earlier: str = "") -> bool:
    """Whether a rule's verb and one of its objects stand in a clause. A pronoun after the verb of
    a foreign rule may refer to an object named `earlier`."""
    hit = rule.verbs.search(norm) if rule.verbs is not None else None
    if rule.verbs is None or hit is None or (rule.unless is not None and rule.unless.search(norm)):
        return False
    if rule.objects is None:
        return True
    if not lang.verb_first:
        return rule.objects.search(norm) is not None
    inside = norm[: hit.end()]
    rest = " " + " ".join(norm[hit.end() :].split()[:_OBJECT_REACH]) + " "
    if rule.objects.search(rest) or rule.objects.search(inside):
        return True
    words = rest.split()
    refers = bool(set(words[:1]) & _PRONOUNS) or bool(set(inside.split()[1:]) & _PRONOUNS)
    return rule.lane != "in_lane" and refers and rule.objects.search(earlier[-400:]) is not None


def strip_openers(words: list[Tok], lang: Language) -> tuple[list[Tok], bool]:
    """Drop courtesy and role words in front of what is asked ("could you please …")."""
    joints = lang.sets.get("joints", frozenset())
    opened = False
    pattern = lang.groups.get("openers")
    for _ in range(8):
        while words and words[0].norm in joints:
            words = words[1:]
        hit = pattern.match(norm_of(words)) if pattern is not None and words else None
        if hit is None:
            break
        words = words[len(hit.group().split()) :]
        opened = opened or bool(lang.has("polite", hit.group()))
    return words, opened


def unspaced_clauses(words: list[Tok], lang: Language) -> Iterator[list[Tok]]:
    """Unspaced languages put the verb last: a clause ends at the first comma after a verb."""
    at = 0
    for n, piece in enumerate(words, start=1):
        joined = norm_of(words[at:n]).replace(" ", "")
        verb = any(r.verbs is not None and r.verbs.search(joined) for r in lang.rules)
        if verb or n == len(words):
            yield [replace(piece, norm=joined, start=words[at].start, before="")]
            at = n
