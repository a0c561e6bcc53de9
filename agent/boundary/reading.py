"""Read one clause after the other: is it an ask, of which lane, or background?

Only what is *asked for* counts. A clause that is neither a recognised ask nor clearly background
is `unknown`; what its words lean towards tells triage whether that matters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Literal

from agent.boundary.asks import Segment, Source, Tok, tokens
from agent.boundary.clauses import clauses, fits, norm_of, strip_openers, unspaced_clauses
from agent.boundary.lanes import Language, Rule
from agent.boundary.leanings import BOTH, FOREIGN, leanings, named_lanes
from agent.boundary.verdict import Lane

Kind = Literal["ask", "weak", "background", "delegated", "unknown"]
_WHO_DOES, _WHO_DOES_ES = re.compile(r" who (\w+)s "), re.compile(r" who (\w+)es ")
_OWN_REACH = 5
_NOUN_REACH = 6
_TAIL = 2
_PAPER_REACH = 3


@dataclass(frozen=True)
class Finding:
    """A clause and what it is. `weak` asks are wishes in the passive ("the bill must be
    corrected"): they count only where nothing else is asked. `leans` is filled for unknowns."""

    kind: Kind
    start: int
    end: int
    segment: int
    norm: str
    lane: Lane | None = None
    rule: Rule | None = None
    why: str = ""
    target: str = ""
    leans: frozenset[str] = frozenset()


class Reader:
    """Reads the segments of one source in order, remembering what pronouns can refer to."""

    def __init__(
        self, src: Source, segs: list[Segment], lang: Language, *,
        strangers_from: int | None = None, pointing: bool = True,
    ) -> None:  # fmt: skip
        """`strangers_from`: the segment from which on the text is about somebody who is not a
        customer; 0 when all of it is. `pointing`: "see to it" may refer to some other text."""
        self.src, self.segs, self.lang = src, segs, lang
        self.strangers_from, self.negated = strangers_from, False
        self.new_party, self.pointing = False, pointing
        self.opening, self.quiet = 0, True
        self.earlier = " "
        self.firm = False

    @cached_property
    def whole(self) -> str:
        """All that is said, without what others have done or are doing already."""
        said = (norm_of(tokens(self.src, seg, self.lang)) for seg in self.segs)
        return " ".join(n for n in said if not self.lang.has("others_work", n))

    def findings(self) -> list[Finding]:
        out: list[Finding] = []
        for n, seg in enumerate(self.segs):
            words = tokens(self.src, seg, self.lang)
            if not words:
                continue
            before, first, self.opening = self.earlier, len(out), words[0].start
            self.quiet, self.negated = True, False
            for clause in self._cut(words, seg):
                out.append(self.clause(clause, seg, n))
                self.earlier += norm_of(clause).strip() + " "
            if len(out) - first > 1:
                out[first:] = _without_labels(out[first:], words)
            self.earlier = (before[-400:] + norm_of(words).strip() + " ")[-800:]
        return out

    def _cut(self, words: list[Tok], seg: Segment) -> Iterator[list[Tok]]:
        if not self.lang.spaced:
            return unspaced_clauses(words, self.lang)
        if self.lang.has("whose_job", norm_of(words)):
            return iter([words])
        return clauses(words, self.lang, seg.question)

    def clause(self, words: list[Tok], seg: Segment, n: int) -> Finding:
        start, end = words[0].start, words[-1].end
        whole = norm_of(words) if self.lang.spaced else words[0].norm
        strange = self.strangers_from is not None and n >= self.strangers_from
        self.new_party = strange or self.lang.has("not_a_customer", whole)
        if seg.kind in ("note", "aside"):
            return Finding("background", start, end, n, whole)
        refused = self.lang.has("negations", whole) or self.lang.has("courtesy", whole)
        if self.lang.has("whose_job", whole):
            if refused:
                return Finding("background", start, end, n, whole)
            return self._whose_job(whole, start, end, n)
        alternative = words[0].norm in self.lang.sets.get("alternatives", ())
        self.negated = refused or (self.negated and alternative)
        if self.negated and alternative:
            return Finding("background", start, end, n, whole)
        body, opened = strip_openers(words, self.lang)
        if body:
            start = body[0].start
        self.firm = False
        kind, lane, rule, why = self._judge(body, whole, seg, opened)
        # "ZD-1 drives them mad, fix it": whoever takes it over must read what "it" is.
        objects = rule.objects if rule is not None else None
        vague = objects is not None and objects.search(whole) is None
        vague = vague or (rule is not None and bool(rule.where))
        if vague and lane != "in_lane" and self.quiet:
            start = self.opening
        self.quiet = self.quiet and kind == "background"
        leans = frozenset[str]()
        if kind == "unknown":
            leans = leanings(norm_of(body) if body else whole, self.lang, self.earlier)
            leans = leans | BOTH if self.firm else leans
            if seg.question and not opened:
                leans -= {FOREIGN}
        return Finding(kind, start, end, n, whole, lane, rule, why, leans=leans)

    def _judge(
        self, body: list[Tok], whole: str, seg: Segment, opened: bool
    ) -> tuple[Kind, Lane | None, Rule | None, str]:
        norm = norm_of(body)
        lang = self.lang
        if not body or all(t.norm == "@" or t.norm.isdigit() for t in body):
            return "background", None, None, "name"
        polite = lang.has("courtesy", norm) or lang.has("courtesy", whole)
        if polite and self._anywhere(norm) is None:
            return "background", None, None, "courtesy"
        if lang.has("negations", norm) and not opened:
            return "background", None, None, "not wanted"
        if not lang.verb_first and not opened and lang.has("others_work", norm):
            return "background", None, None, "with others"
        points = lang.groups.get("delegation")
        found = points.match(norm) if self.pointing and points is not None else None
        if found is not None and len(norm[found.end() :].split()) <= _TAIL:
            return "delegated", None, None, "refers to other text"
        hit = self._ask(body, norm, seg)
        if hit is not None:
            return hit
        caused = lang.groups.get("causatives")
        if caused is not None and caused.match(norm):
            passive = self._match_done(norm)
            if passive is not None and lang.has("topics", norm):
                return self._doubt(f"may also ask for {passive.id}")
            if passive is not None:
                return "ask", passive.lane, passive, passive.why
        asking = body[0].before == ":" or body[0].start == self.opening
        if not opened and (seg.question or (asking and lang.has("indirect_questions", norm))):
            return self._question(norm)
        if lang.has("duty", whole):
            passive = self._match_done(whole) or self._anywhere(whole)
            if passive is not None:
                return "weak", passive.lane, passive, passive.why
            return "unknown", None, None, "something is asked that the policy does not know"
        if not opened and self._background(body, norm):
            return "background", None, None, "statement"
        return "unknown", None, None, "not understood"

    def _ask(
        self, body: list[Tok], norm: str, seg: Segment
    ) -> tuple[Kind, Lane | None, Rule | None, str] | None:
        lang = self.lang
        others, ours = self._fitting(norm, foreign=True), self._fitting(norm, foreign=False)
        foreign, own = next(iter(others), None), next(iter(ours), None)
        if len({r.lane for r in others}) > 1 or (others and ours and not lang.verb_first):
            return self._doubt("two lanes in one clause")
        if foreign is not None and own is not None and not self._near(foreign, norm):
            if foreign.lane != "product" and self._is_paper(own, norm):
                return self._own(own, norm)
            return self._doubt(f"{own.id} or {foreign.id}")
        if foreign is not None:
            return "ask", foreign.lane, foreign, foreign.why
        if own is not None:
            return self._own(own, norm)
        taken = lang.groups.get("np_openers")
        hit = taken.match(norm) if taken is not None else None
        rest = body[len(hit.group().split()) :] if hit else body
        if hit and rest:
            again, _ = strip_openers(rest, lang)
            if again != rest or (lang.any_verb is not None and lang.any_verb.match(norm_of(rest))):
                return self._ask(again, norm_of(again), seg)
        start = norm_of(rest[:_NOUN_REACH])
        if hit or not (lang.has("finite", start) or lang.has("lead_in", norm)):
            nouns = self._nouns(rest)
            if nouns is not None:
                return "ask", nouns.lane, nouns, nouns.why
        if hit:
            return "unknown", None, None, "asks for something the policy does not know"
        return None

    def _own(self, own: Rule, norm: str) -> tuple[Kind, Lane | None, Rule | None, str]:
        """An ask of ours, unless another lane's work is hidden behind the verb ("win them back
        by fixing their sync")."""
        lang = self.lang
        if lang.verb_first and not lang.has("safe_heads", norm):
            hidden = lang.groups.get("hiding")
            for hit in hidden.finditer(norm) if hidden is not None else ():
                inner = self._fitting(norm[hit.end() - 1 :], foreign=True)
                if inner:
                    return self._doubt(f"may hide {inner[0].id}")
            buried = self._buried(norm)
            if buried is not None:
                return self._doubt(f"may also ask for {buried.id}")
        hit = own.verbs.search(norm) if own.verbs is not None else None
        thing = " " + " ".join(norm[hit.end() :].split()[:_OWN_REACH]) + " " if hit else " "
        ours = lang.has("impact", norm) or lang.has("deliverables", thing)
        if own.generic and lang.has("foreign_subjects", norm) and not ours:
            return "unknown", None, None, f"{own.id} on a subject of others"
        return "ask", "in_lane", own, own.id

    def _doubt(self, why: str) -> tuple[Kind, Lane | None, Rule | None, str]:
        """Two lanes show in one clause: no other clause can settle which is meant."""
        self.firm = True
        return "unknown", None, None, why

    def _there(self, rule: Rule) -> bool:
        """Whether the text as a whole shows what the rule wants to see beside its verb."""
        has, whole = self.lang.has, self.whole if rule.where or rule.where_not else ""
        return all(has(g, whole) for g in rule.where) and not any(
            has(g, whole) for g in rule.where_not
        )

    def _fitting(self, norm: str, *, foreign: bool) -> list[Rule]:
        """All rules of the other lanes, or of ours, that fit; sales first about strangers."""
        hits = [
            r
            for r in self.lang.rules
            if (r.lane != "in_lane") is foreign
            and (r.party == "any" or self.new_party)
            and fits(r, norm, self.lang, self.earlier)
            and self._there(r)
        ]
        if foreign and self.new_party:
            return [r for r in hits if r.lane == "sales"] or hits
        return hits

    def _buried(self, norm: str) -> Rule | None:
        """A foreign ask some words behind an "and" that no comma announces ("and while you are in
        there reset his PIN")."""
        words = norm.split()
        joints = self.lang.sets.get("joints", frozenset())
        starts = {k for n, w in enumerate(words) if w in joints for k in range(n + 1, n + 9)}
        for k in sorted(starts):
            inner = self._fitting(" " + " ".join(words[k:]) + " ", foreign=True)
            if inner:
                return inner[0]
        return None

    def _near(self, rule: Rule, norm: str) -> bool:
        """The object is what the verb is about, not something mentioned later in the clause."""
        if rule.objects is None:
            return True
        hit = rule.verbs.search(norm) if rule.verbs is not None else None
        if hit is None:
            return False
        rest = " " + " ".join(norm[hit.end() :].split()[: 2 * _OWN_REACH]) + " "
        found = rule.objects.search(rest)
        if found is None or len(rest[: found.start()].split()) >= _OWN_REACH:
            return rule.objects.search(norm[: hit.end()]) is not None
        return not self.lang.has("own_documents", rest[: found.start() + 1])

    def _is_paper(self, own: Rule, norm: str) -> bool:
        """The verb is about something to write: what the paper mentions decides nothing."""
        hit = own.verbs.search(norm) if own.verbs is not None else None
        thing = " ".join(norm[hit.end() :].split()[:_PAPER_REACH]) if hit else ""
        return self.lang.verb_first and self.lang.has("own_documents", f" {thing} ")

    def _nouns(self, body: list[Tok]) -> Rule | None:
        start = norm_of(body[:_NOUN_REACH])
        full = norm_of(body)
        best: tuple[int, Rule] | None = None
        for rule in self.lang.rules:
            if rule.nouns is None or (rule.unless is not None and rule.unless.search(full)):
                continue
            hit = rule.nouns.search(start)
            if hit is not None and (best is None or hit.start() < best[0]):
                best = (hit.start(), rule)
        return best[1] if best else None

    def _match_done(self, norm: str) -> Rule | None:
        found: Rule | None = None
        for rule in self.lang.rules:
            if rule.lane == "in_lane" or rule.done is None or rule.party == "new":
                continue
            if rule.objects is None or not rule.done.search(norm):
                continue
            if rule.objects.search(norm) and not (rule.unless and rule.unless.search(norm)):
                if found is not None and found.lane != rule.lane:
                    return None
                found = found or rule
        return found

    def _anywhere(self, norm: str) -> Rule | None:
        """The one foreign lane whose verb and object both occur, in any order; None if several."""
        hits = named_lanes(norm, self.lang)
        return hits[0] if hits and len({r.lane for r in hits}) == 1 else None

    def _whose_job(self, norm: str, start: int, end: int, n: int) -> Finding:
        # "who resets", "who fixes": the rules know "reset" and "fix".
        readings = [norm, _WHO_DOES.sub(r" who \1 ", norm), _WHO_DOES_ES.sub(r" who \1 ", norm)]
        foreign = next((r for r in map(self._anywhere, readings) if r is not None), None)
        ours = self.lang.has("topics", norm)
        if foreign is not None and not ours:
            return Finding(
                "ask", start, end, n, norm, foreign.lane, foreign, f"question whose: {foreign.why}"
            )
        if ours and foreign is None and not self.lang.has("foreign_subjects", norm):
            return Finding("ask", start, end, n, norm, "in_lane", None, "question whose")
        leans = leanings(norm, self.lang, self.earlier)
        return Finding("unknown", start, end, n, norm, why="question whose", leans=leans)

    def _question(self, norm: str) -> tuple[Kind, Lane | None, Rule | None, str]:
        lang = self.lang
        foreign = lang.has("foreign_subjects", norm)
        if self._anywhere(norm) is not None or (foreign and not lang.has("impact", norm)):
            return "unknown", None, None, "question on a subject of others"
        if lang.has("topics", norm) or lang.has("impact", norm):
            return "ask", "in_lane", None, "question on the relationship"
        if lang.has("question_words", norm) and not lang.has("duty", norm):
            return "ask", "in_lane", None, "question for a judgement"
        return "unknown", None, None, "question not understood"

    def _background(self, body: list[Tok], norm: str) -> bool:
        lang = self.lang
        if not lang.spaced:
            return lang.has("statement", norm)
        if lang.has("lead_in", norm):
            return True
        finite = lang.sets.get("finite", frozenset())
        first = body[0].norm
        near = any(t.norm in finite for t in body[1:3])
        later = any(t.norm in finite or t.norm.endswith(("ed", "'s")) for t in body[1:])
        named = first in ("@", "#") or any(ch.isdigit() for ch in first)
        if lang.has("subjects", norm) or named:
            return True
        caption = body[-1].norm == "@" and body[-1].before == ":"
        if near or (caption and not (lang.any_verb and lang.any_verb.match(norm))):
            return True
        if lang.any_verb is not None and lang.any_verb.match(norm):
            return False
        noun_like = first.endswith("'s") or first.endswith(
            tuple(lang.sets.get("noun_endings", ())) or ("\0",)
        )
        return noun_like and not first.endswith("ss") and (later or lang.code == "en")


def _without_labels(found: list[Finding], words: list[Tok]) -> list[Finding]:
    """ "Unblock value: find out why …" names a purpose before the colon; what is asked follows."""
    marks = {t.start: t.before for t in words}
    out = list(found)
    for n, (one, after) in enumerate(pairwise(found)):
        starts = [s for s in marks if one.end <= s <= after.start]
        colon = any(":" in marks[s] for s in starts)
        if colon and one.lane == "in_lane" and after.lane not in (None, "in_lane"):
            out[n] = replace(
                one, kind="unknown", lane=None, rule=None, why="perhaps only a purpose", leans=BOTH
            )
    return out
