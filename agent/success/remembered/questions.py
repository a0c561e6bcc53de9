"""What the plan has to ask because sources disagree, are old, came late or were never answered.

A gap is a figure that is missing (`data_gaps`); a question is which of two is right, or whether
something is still so. Nothing here decides between sources.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

from agent.success.assessment import Assessment
from agent.success.carry import KEPT_OUT
from agent.success.continuity.facts import Fact, Noted
from agent.success.continuity.reading import Told
from agent.success.continuity.sent import Sent
from agent.success.continuity.sentences import sentence, value
from agent.success.facts import FactBook
from agent.success.insights.reading import escape
from agent.success.plan import Carried, Question
from agent.success.promises.outcome import GONE
from agent.success.remembered.history import WORDS, History
from agent.success.upkeep.policy import AnswerWithin

DOUBTED = frozenset({"contradictory", "stale"})
"""States of a problem that are a question and no gap."""

MOST = 6  # of one sort; how many more there are is said
CSM = "customer-success-manager"
_MISSING = object()


def questions(
    assessment: Assessment,
    past: History,
    share: Mapping[str, Any],
    *,
    source: str,
    within: AnswerWithin,
    carried: Sequence[Carried] = (),
) -> list[Question]:
    """All questions that memory raises, each with what bears it out.

    Args:
        share: the account's block of the insights, as stored in the file `source`.
        within: days in which a message wants an answer.
    """
    told = [
        *_doubts(assessment),
        *_some(_against_insights(assessment, past, share, source), "facts that do not agree"),
        *_some(_unanswered(assessment, past, within), "messages without an answer"),
        *_some(_back_dated(assessment.facts, past), "entries that came late"),
        *_some(_goals_gone(carried), "goals that are no longer on record"),
    ]
    return [
        Question(question=text[:2000], ask=ask[:200] or CSM, evidence=cites[:40])
        for text, ask, cites in told
    ]


_Asked = tuple[str, str, list[str]]  # question, whom to ask, evidence
_Question = tuple[str, str, Callable[[], list[str]]]
"""Question, whom to ask, and what makes its evidence: only for those that are asked."""


def _some(asked: Iterable[_Question], what: str) -> Iterator[_Asked]:
    found = list(asked)
    yield from ((text, ask, evidence()) for text, ask, evidence in found[:MOST])
    if len(found) > MOST:
        rest = len(found) - MOST
        yield f"{rest} more {what}: `csm account` and `csm timeline` show them.", CSM, []


def _doubts(a: Assessment) -> Iterator[_Asked]:
    ends = {"contradictory": "Which holds?", "stale": "Is there anything newer?"}
    for problem in a.problems:
        if problem.state in DOUBTED:
            said = problem.message.rstrip(".")
            yield f"{said}. {ends[problem.state]}", problem.ask, _below(a.facts, problem.field)


def _below(facts: FactBook, field: str) -> list[str]:
    """Facts under the field a problem names, so that its figures have their evidence."""
    return [f.id for f in facts if f.id == field or f.id.startswith(field + ".")][:20]


def _against_insights(
    a: Assessment, past: History, share: Mapping[str, Any], source: str
) -> Iterator[_Question]:
    """Facts on the timeline that contradict each other, or what the insights say today. What an
    import has changed is asked about only while the insights have not been written anew since."""
    by_id = {t.id: t for t in past.told}
    for key, fact in past.state.facts.items():
        if fact.contradictory:
            yield _two_values(a.facts, past, key, fact, by_id)
            continue
        noted = next((n for n in fact.valid if by_id[n.event_id].kind == "fact_noted"), None)
        stored = _at(share, key)
        if noted is None or stored is _MISSING or _agree(noted.value, stored):
            continue
        by = f" by {past.words(noted.by, 60)}" if noted.by else ""
        from_ = f" ({past.words(noted.source)})" if noted.source else ""
        yield (
            f"{key}: noted{by} as {_shown(past, noted.value)}, valid from "
            f"{noted.valid_from}{from_}; the insights say {_shown(past, stored)}. Which holds?",
            CSM,
            partial(_both_sides, a, past, key, noted, by_id, stored, source),
        )


def _both_sides(
    a: Assessment, past: History, key: str, noted: Noted, by_id: Mapping[str, Told], stored: Any,
    source: str,
) -> list[str]:  # fmt: skip
    here = _insight(a, past, key, stored, source)
    return [_noted_fact(a.facts, past, key, noted, by_id), *here]


def _two_values(
    facts: FactBook, past: History, key: str, fact: Fact, by_id: Mapping[str, Told]
) -> _Question:
    sides = [
        f"{_shown(past, n.value)}" + (f" by {past.words(n.by, 60)}" if n.by else "")
        for n in fact.valid
    ]
    shown = fact.valid[:4]

    def cites() -> list[str]:
        return [_noted_fact(facts, past, key, n, by_id, m) for m, n in enumerate(shown, 1)]

    start = fact.valid[0].valid_from
    told = f"{key}: recorded as valid from {start} are {' and '.join(sides[:4])}. Which holds?"
    return told, CSM, cites


def _noted_fact(
    facts: FactBook, past: History, key: str, noted: Noted, by_id: Mapping[str, Told], n: int = 1
) -> str:
    t = by_id[noted.event_id]
    id = f"noted.{key}" if n == 1 else f"noted.{key}.{n}"
    if t.kind == "fact_noted":
        return past.fact(facts, id, t, "value", f"{key} as noted on {t.on}")
    return past.fact(facts, id, t, "file", f"{key} as imported on {t.on}")


def _insight(a: Assessment, past: History, key: str, stored: Any, source: str) -> list[str]:
    """The fact that holds the insights' side, made if there is none."""
    if key in a.facts:
        return [key]
    if not isinstance(stored, (str, int, float)) or past.keeps_out(str(stored)):
        return []
    pointer = "/".join(["/accounts", escape(a.account.id), *map(escape, key.split("."))])
    id = f"insights.{key}"
    if isinstance(stored, str):
        return [a.facts.quote(id, stored[:WORDS], f"{key} today", source=source, pointer=pointer)]
    return [a.facts.stored(id, stored, f"{key} today", source=source, pointer=pointer)]


def _at(share: Mapping[str, Any], key: str) -> Any:
    found: Any = share
    for step in key.split("."):
        if not isinstance(found, Mapping) or step not in found:
            return _MISSING
        found = found[step]
    return found


def _agree(noted: Any, stored: Any) -> bool:
    """Whether two sources say the same; a record is the same thing when its name is."""
    if isinstance(stored, Mapping):
        stored = stored.get("name", stored)
    if isinstance(noted, str) and isinstance(stored, str):
        return " ".join(noted.casefold().split()) == " ".join(stored.casefold().split())
    if isinstance(noted, bool) or isinstance(stored, bool):
        return noted is stored
    if isinstance(noted, (int, float)) and isinstance(stored, (int, float)):
        return noted == stored
    return str(noted) == str(stored)


def _shown(past: History, item: Any) -> str:
    if isinstance(item, Mapping) and isinstance(item.get("name"), str):
        item = item["name"]
    told = value(item)
    return KEPT_OUT if past.keeps_out(told) else told


def _unanswered(a: Assessment, past: History, within: AnswerWithin) -> Iterator[_Question]:
    by_id = {t.id: t for t in past.told}
    waiting = [s for s in past.state.unanswered if s.kind != "redirected"]
    for n, sent in enumerate(sorted(waiting, key=lambda s: s.sent_on, reverse=True), 1):
        days = sent.days_open(a.as_of)
        if days <= _limit(sent, within):
            continue
        what = "escalation" if sent.kind == "escalated" else "hand-off"
        about = past.words(sent.about)
        label = f"{what} to {past.words(sent.to, 60)} on {sent.sent_on}, not answered"
        event = by_id[sent.event_id]
        yield (
            f"The {what} to {past.words(sent.to, 60)} of {sent.sent_on} (“{about}”) has had no "
            f"answer for {days} days. What became of it?",
            past.words(sent.to, 60),
            partial(_one, past, a.facts, f"waiting.{n}", event, "about", label),
        )


def _limit(sent: Sent, within: AnswerWithin) -> int:
    """Days to answer. Events do not tell consultation and delegation from other hand-offs."""
    return within.escalation if sent.kind == "escalated" else within.handoff


def _back_dated(facts: FactBook, past: History) -> Iterator[_Question]:
    """What people recorded after the last plan about days before it: the plan did not know it."""
    since = past.since
    if since is None:
        return
    late = [
        t
        for t in past.told
        if t.days_late and t.on < since <= _recorded(t) and not t.event.get("instruction_id")
    ]
    for n, t in enumerate(reversed(late), 1):
        told = sentence(t.kind, t.data)
        told = KEPT_OUT if past.keeps_out(told) else told[:300]
        at = t.on.isoformat()
        label = f"{t.kind.replace('_', ' ')}, recorded on {_recorded(t)}"
        yield (
            f"Recorded on {_recorded(t)} for {at}, {t.days_late} days late and after the last "
            f"plan: {told}. Does anything that was decided meanwhile rest on the opposite?",
            CSM,
            partial(_late, past, facts, f"late.{n}", t, label),
        )


def _late(past: History, facts: FactBook, id: str, t: Told, label: str) -> list[str]:
    at = t.on.isoformat()
    pointer = f"/{t.id}/at"
    return [facts.stored(id, at, label, source=past.source, pointer=pointer, at=at)]


def _one(past: History, facts: FactBook, id: str, t: Told, key: str, label: str) -> list[str]:
    return [past.fact(facts, id, t, key, label)]


def _recorded(t: Told) -> date:
    """The day of recording; an event whose moment cannot be read is not late, see `days_late`."""
    return date.fromisoformat(str(t.original["recorded_at"])[:10])


def _goals_gone(carried: Sequence[Carried]) -> Iterator[_Question]:
    for item in carried:
        if item.why == GONE and item.outcome == "unknown":
            told = f"The goal “{item.title}” of {item.from_plan} is no longer on record."
            yield f"{told} Was it dropped, and why?", CSM, partial(list, item.evidence)
