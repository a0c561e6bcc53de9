"""What you remember: an account's past in a few lines, however long it is.

Every section holds its newest and what is still open, and says how much more there is; lines and
words have a fixed length. So the digest of ten thousand events is as long as that of a hundred.
Each line is a fact with an id, its source the timeline and its pointer the event, so that a plan
may cite it. Detail stays where it is: in the timeline, which the tools can read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from agent.success.assessment import Assessment
from agent.success.carry import KEPT_OUT
from agent.success.continuity.reading import Told
from agent.success.continuity.sentences import figure
from agent.success.continuity.values import text
from agent.success.remembered.history import History
from agent.success.remembered.tried import tried

LINE = 260  # characters
MAX_LINES = 44
MAX_CHARS = (LINE + 1) * MAX_LINES
PREFIX = "memory."
"""Ids of the facts of a digest begin with it; a brief shows them here and nowhere else."""

_SCORES, _PLAYS, _SENT, _ANSWERS, _TRIED, _NOTED, _RENEWALS, _REVIEWS = 4, 6, 6, 3, 6, 5, 2, 3


@dataclass(frozen=True)
class Digest:
    """`lines` are complete, each with the id of its fact; empty without a past."""

    lines: tuple[str, ...] = ()
    source: str = ""

    def __bool__(self) -> bool:
        return bool(self.lines)


def digest(assessment: Assessment, past: History) -> Digest:
    """The digest of a past; registers its facts in the assessment's book."""
    desk = _Desk(assessment, past)
    lines = [line for section in _SECTIONS for line in section(desk)]
    return Digest(tuple(_short(line) for line in lines[:MAX_LINES]), past.source)


@dataclass(frozen=True)
class _Desk:
    a: Assessment
    past: History

    def event(self, id: str) -> Told:
        return next(t for t in self.past.told if t.id == id)

    def fact(self, id: str, t: Told, key: str, label: str) -> str:
        return self.past.fact(self.a.facts, PREFIX + id, t, key, _short(label, 200))

    def said(self, id: str) -> str:
        """The words of a fact, as they are shown."""
        fact = self.a.facts[id]
        quoted = " ".join(str(fact.value).split())
        return f": “{quoted}”" if fact.kind == "quote" else ""


def _section(
    title: str, lines: Sequence[str], total: int, kinds: str = "", *, newest_of: str = "older"
) -> Iterator[str]:
    """A heading, its lines, and how many there are beside them."""
    if not lines:
        return
    yield title
    yield from (f"- {line}" for line in lines)
    if total > len(lines):
        where = f": grep the timeline for {kinds}" if kinds else ""
        yield f"- and {total - len(lines)} {newest_of}{where}"


def _scores(desk: _Desk) -> Iterator[str]:
    scores = desk.past.state.scores
    told = []
    for n, score in enumerate(scores[-_SCORES:], 1):
        key = "tier" if score.value is None else "score"
        label = f"health score of {score.on}, {score.tier or 'not enough data'}"
        id = desk.fact(f"score.{n}", desk.event(score.event_id), key, label)
        shown = "no score" if score.value is None else f"{figure(score.value)} {score.tier}"
        told.append(f"{shown} on {score.on} ({id})")
    older = len(scores) - len(told)
    if told:
        yield "Scores: " + " → ".join(told) + (f"; {older} older" if older else "")


def _override(desk: _Desk) -> Iterator[str]:
    held = desk.past.state.override
    if held is None:
        return
    by = desk.past.words(held.by, 60)
    label = f"score set by hand by {by} on {held.since}, until {held.expires}"
    t = desk.event(held.event_id)
    id = desk.fact("override", t, "value", label)
    why = desk.said(desk.fact("override.reason", t, "reason", f"why, by {by}"))
    yield f"Override in force ({id}, {id}.reason): {figure(held.value)}, {label}{why}"


def _plays(desk: _Desk) -> Iterator[str]:
    started = {
        text(t.data.get("playbook")): t
        for t in desk.past.told
        if t.kind == "playbook_started" and (t.data.get("state") or "started") == "started"
    }
    open_ = [p for p in desk.a.plays if p.id in started and p.since and p.since < desk.a.as_of]
    told = [
        f"{desk.fact(f'play.{n}', started[play.id], 'playbook', f'play open since {play.since}')}"
        f": {play.id}, open since {play.since}"
        for n, play in enumerate(open_[:_PLAYS], 1)
    ]
    yield from _section("Plays that are open:", told, len(open_), "playbook_started")


def _sent(desk: _Desk) -> Iterator[str]:
    waiting = sorted(desk.past.state.unanswered, key=lambda s: s.sent_on, reverse=True)
    told = []
    for n, sent in enumerate(waiting[:_SENT], 1):
        how = {"escalated": "escalated", "redirected": "redirected"}.get(sent.kind, "handed over")
        label = f"{how} to {desk.past.words(sent.to, 60)} on {sent.sent_on}, never answered"
        id = desk.fact(f"sent.{n}", desk.event(sent.event_id), "about", label)
        days = desk.a.facts.computed(
            f"{id}.days", sent.days_open(desk.a.as_of), "days without an answer", inputs=[id],
            formula="days from sending to the day of the plan", unit="days",
        )  # fmt: skip
        ago = f"{sent.days_open(desk.a.as_of)} days ({days})"
        told.append(f"{id}: {label} for {ago}{desk.said(id)}")
    kinds = "handoff_sent or escalated"
    yield from _section("Sent and never answered:", told, len(waiting), kinds)


def _answers(desk: _Desk) -> Iterator[str]:
    found = [t for t in desk.past.fresh if t.kind == "handoff_answered"][::-1]
    told = []
    for n, t in enumerate(found[:_ANSWERS], 1):
        label = f"answered by {desk.past.words(text(t.data.get('by')), 60)} on {t.on}"
        id = desk.fact(f"answer.{n}", t, "answer", label)
        told.append(f"{id}: {label}{desk.said(id)}")
    theirs = [s for s in desk.past.state.sent if s.answer is not None and not s.answer.recorded]
    for sent in theirs[-_ANSWERS:]:
        told.append(
            f"{desk.past.words(sent.to, 60)} says it has answered the message of {sent.sent_on}; "
            "nobody has recorded that: see the inbox"
        )
    yield from _section(
        "Answers since the last plan:", told, len(found) + len(theirs), "handoff_answered"
    )


def _tried(desk: _Desk) -> Iterator[str]:
    found = tried(desk.past.told)
    told = []
    for n, item in enumerate(found[:_TRIED], 1):
        label = KEPT_OUT if desk.past.keeps_out(item.label) else item.label
        id = desk.fact(f"tried.{n}", item.told, item.key, label)
        why = desk.said(id) if item.key in ("reason", "why") else ""
        told.append(f"{id}: {label}{why}")
    yield from _section(
        "Tried, and did not work:", told, len(found), "risk_opened, playbook_started or "
        "promise_settled",
    )  # fmt: skip


def _noted(desk: _Desk) -> Iterator[str]:
    found = [t for t in desk.past.fresh if t.kind == "fact_noted"][::-1]
    told = []
    for n, t in enumerate(found[:_NOTED], 1):
        key = desk.past.words(text(t.data.get("key")), 80)
        by = desk.past.words(text(t.data.get("by")), 60)
        label = f"{key}, noted by {by or 'somebody'} on {t.on}"
        id = desk.fact(f"noted.{n}", t, "value", label)
        value = desk.said(id) or f": {desk.a.facts[id].value}"
        told.append(f"{id}: {label}{value}")
    yield from _section("Noted since the last plan:", told, len(found), "fact_noted")


def _renewals(desk: _Desk) -> Iterator[str]:
    found = desk.past.state.renewals[::-1]
    told = []
    for n, renewal in enumerate(found[:_RENEWALS], 1):
        t = desk.event(renewal.event_id)
        id = desk.fact(f"renewal.{n}", t, "outcome", f"renewal decided on {renewal.on}")
        money = ""
        if renewal.arr_after is not None:
            after = desk.fact(f"renewal.{n}.arr", t, "arr_after", f"ARR from {renewal.on} on")
            money = f", {renewal.currency[:10]} {figure(renewal.arr_after)} a year ({after})"
        told.append(f"{id}: on {renewal.on}: {desk.past.words(renewal.outcome, 40)}{money}")
    yield from _section("Renewals decided:", told, len(found), "renewal_decided")


def _reviews(desk: _Desk) -> Iterator[str]:
    """What came of our plans; those sent back first, since their reason binds the next one."""
    newest = desk.past.state.reviews[::-1]
    found = sorted(newest, key=lambda r: r.decision != "sent_back")
    told = []
    for n, review in enumerate(found[:_REVIEWS], 1):
        by = desk.past.words(review.by, 60)
        label = f"plan {review.plan_id[:80]} {review.decision.replace('_', ' ')} by {by} on "
        label += str(review.on)
        key = "why" if review.why else "decision"
        id = desk.fact(f"review.{n}", desk.event(review.event_id), key, label)
        told.append(f"{id}: {label}{desk.said(id) if review.why else ''}")
    yield from _section("Reviews of earlier plans:", told, len(found), "review_decided")


def _short(line: str, most: int = LINE) -> str:
    line = " ".join(line.split())
    return line if len(line) <= most else line[: most - 1] + "…"


_SECTIONS: tuple[Callable[[_Desk], Iterable[str]], ...] = (
    _scores, _override, _sent, _plays, _tried, _answers, _noted, _reviews, _renewals,
)  # fmt: skip
