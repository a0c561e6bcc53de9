"""What has become of a promise, as far as records tell; never "done" where nothing says so."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from agent.success.assessment import GoalView
from agent.success.facts import FactBook
from agent.success.plays.settled import Settled
from agent.success.promises.found import Promise
from agent.success.promises.settlements import Settlement, last_word
from agent.success.promises.vocabulary import is_done, is_dropped

Outcome = Literal["done", "moved", "dropped", "overdue", "open", "unknown"]
Basis = Literal["recorded", "computed"]
GONE = "the goal is no longer on record, and nothing says why; ask whether it was dropped"
DATE_CHANGED = "the goal's date in the records changed"
DATE_DIFFERS = "the records now give another date for the goal than the plan did"


@dataclass(frozen=True)
class Standing:
    """An outcome with its reason. `basis`: recorded by somebody, or computed from the data.

    `due` is the day that holds now, `goal` the goal on record, `settled` the record that decides,
    `cites` ids of facts that bear it out.
    """

    outcome: Outcome
    why: str
    basis: Basis = "computed"
    due: date | None = None
    goal: GoalView | None = None
    settled: Settlement | None = None
    cites: tuple[str, ...] = ()


@dataclass(frozen=True)
class Records:
    """What outcomes are read from: the plan that promised, the goals and figures of today, and
    what the timeline says since."""

    plan_id: str
    plan_of: date | None
    document: Mapping[str, Any]
    goals: Sequence[GoalView]
    facts: FactBook
    known: Settled
    as_of: date


def standing(promise: Promise, records: Records) -> Standing:
    """The outcome of one promise. What people recorded goes before what the data say, and of that
    the newest; a day that has passed without a record is overdue."""
    said = last_word(promise, records.plan_id, records.plan_of, records.known.settlements)
    goal = _matching(promise, records.goals)
    if said is not None:
        return _recorded(said, goal, records.as_of)
    told = _told(promise, records.known)
    if told is not None:
        return Standing(*told, basis="recorded", goal=goal)
    if goal is not None and goal.status == "met":
        return Standing("done", "the goal's latest value reaches its target", goal=goal)
    if is_done(promise.status):
        return Standing("done", "recorded as done in the earlier plan", basis="recorded", goal=goal)
    if is_dropped(promise.status):
        return Standing("dropped", "recorded as dropped in the earlier plan", basis="recorded")
    if (reached := _reached(promise, records)) is not None:
        return reached
    return _redated(promise, goal, records) or _by_date(promise, goal, records.as_of)


def _recorded(said: Settlement, goal: GoalView | None, as_of: date) -> Standing:
    who = f" by {said.by}" if said.by else ""
    why = f": {said.why}" if said.why else ""
    told = f"recorded{who} on {said.on}{why}"
    if said.outcome == "moved" and said.to is not None and said.to < as_of:
        late = f"moved to {said.to}, {told}; that day has passed and nothing records it as done"
        return Standing("overdue", late, "recorded", said.to, goal, said)
    return Standing(said.outcome, told, "recorded", said.to, goal, said)


def _told(promise: Promise, known: Settled) -> tuple[Outcome, str] | None:
    """What the timeline says about plays and the renewal; None where it is silent."""
    if promise.matter in known.done:
        return "done", "recorded as done on the timeline"
    if promise.about_renewal and known.renewal == "renewed":
        return "done", "the renewal was decided: renewed"
    if promise.about_renewal and known.renewal:
        return "dropped", f"the renewal was decided: {known.renewal}"
    if promise.matter in known.ended:
        return "dropped", "its playbook has ended: what called for it is no longer there"
    return None


def _redated(promise: Promise, goal: GoalView | None, records: Records) -> Standing | None:
    """A goal whose date on record is another one now. A date that only our writer had proposed is
    no date of the records, so the plan's own evidence is asked what they said then."""
    now = goal.goal.due if goal else None
    if goal is None or now is None or promise.day is None:
        return None
    then = _evidence_value(records.document, f"goal.{goal.goal.id}.due")
    if then == now.isoformat() or (not then and promise.day == now):
        return None
    why = DATE_CHANGED if then else DATE_DIFFERS
    if now >= records.as_of:
        return Standing("moved", why, due=now, goal=goal)
    late = f"{why}, to {now}, which has passed too; nothing records it as done"
    return Standing("overdue", late, due=now, goal=goal)


def _by_date(promise: Promise, goal: GoalView | None, as_of: date) -> Standing:
    due = promise.day
    if promise.kind == "objective" and promise.goal_id and goal is None:
        return Standing("unknown", GONE, due=due)
    if due is not None and due < as_of:
        late = "its date has passed and nothing in the memory records it as done"
        return Standing("overdue", late, due=due, goal=goal)
    if goal is not None:
        return Standing("open", f"the goal is {goal.status.replace('_', ' ')}", due=due, goal=goal)
    if due is not None:
        return Standing("open", "not due yet", due=due)
    if promise.due:
        return Standing("unknown", "its date cannot be read as a day; ask the owner")
    return Standing("unknown", "the memory holds no record of what became of it; ask the owner")


def _reached(promise: Promise, records: Records) -> Standing | None:
    """An objective of ours without a goal id whose own measure, the one fact it took its value
    from, has come to its target since."""
    item = objective_at(records.document, promise.pointer)
    target, then = _figure(item.get("target")), _figure(item.get("current"))
    if promise.goal_id or target is None or then is None:
        return None
    measure = measure_of(item, records.document)
    fact = records.facts.get(measure) if measure else None
    now = _figure(fact.value) if fact else None
    if fact is None or now is None:
        return None
    if now >= target if target > then else now <= target and target < then:
        return Standing("done", "its measure has reached the target", cites=(fact.id,))
    return None


def objective_at(document: Mapping[str, Any], pointer: str) -> Mapping[str, Any]:
    """The objective of a plan of ours that a pointer leads into; empty for anything else."""
    steps = pointer.split("/")
    listed = document.get("objectives")
    if len(steps) < 3 or steps[1] != "objectives" or not steps[2].isdecimal():
        return {}
    n = int(steps[2])
    item = listed[n] if isinstance(listed, list) and n < len(listed) else None
    return item if isinstance(item, Mapping) else {}


def measure_of(item: Mapping[str, Any], document: Mapping[str, Any]) -> str:
    """The id of the one fact that an objective cites and that had its current value."""
    cited, evidence = item.get("evidence"), document.get("evidence")
    if not isinstance(cited, list) or not isinstance(evidence, list):
        return ""
    found = {
        e["id"]
        for e in evidence
        if isinstance(e, Mapping)
        and isinstance(e.get("id"), str)
        and e["id"] in cited
        and _figure(e.get("value")) is not None
        and e["value"] == item.get("current")
    }
    return found.pop() if len(found) == 1 else ""


def _evidence_value(document: Mapping[str, Any], id: str) -> str:
    evidence = document.get("evidence")
    for item in evidence if isinstance(evidence, list) else ():
        if isinstance(item, Mapping) and item.get("id") == id:
            return str(item.get("value") or "")
    return ""


def _matching(promise: Promise, goals: Sequence[GoalView]) -> GoalView | None:
    """The goal that an objective is about: by id, else by the words both share."""
    if promise.kind != "objective":
        return None
    for view in goals:
        if promise.goal_id and promise.goal_id == view.goal.id:
            return view
    words = _words(promise.title)
    best = max(goals, key=lambda v: len(words & _words(v.goal.statement)), default=None)
    if best is None:
        return None
    shared = words & _words(best.goal.statement)
    return best if len(shared) >= max(2, len(_words(best.goal.statement)) // 2) else None


def _words(text: str) -> set[str]:
    return {w for w in re.findall(r"\w{4,}", text.casefold())}


def _figure(value: Any) -> float | None:
    is_one = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if is_one else None
