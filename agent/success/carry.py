"""What the last plan promised, and what has become of it.

Reads our own `success_plan/1` and, as far as it can be recognised, plain YAML plans of other tools.
Every objective, action and milestone of the earlier plan comes out once, with an outcome that the
data supports; where nothing in the data tells, the outcome is `unknown` or `overdue`, never "done".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from agent.success.assessment import GoalView
from agent.success.facts import FactBook
from agent.success.plan import Carried
from agent.success.plays.settled import Settled

Kind = Literal["objective", "action", "milestone", "other"]
Outcome = Literal["done", "moved", "dropped", "overdue", "open", "unknown"]

_KINDS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("objective", re.compile(r"goal|objective|outcome|target|ziel|objectif", re.I)),
    ("milestone", re.compile(r"milestone|meilenstein", re.I)),
    ("action", re.compile(r"action|next_?step|task|to_?do|promise|commit|follow_?up|agreed", re.I)),
)
_TITLE = ("title", "statement", "objective", "goal", "action", "what", "task", "name", "step",
          "text", "description", "promise", "milestone", "item")  # fmt: skip
_DUE = ("due", "due_date", "by", "deadline", "when", "target_date", "date", "until")
_STATUS = ("status", "state", "outcome", "done", "result")
_DONE = re.compile(r"^(done|complete[d]?|met|achieved|closed|true|yes|erledigt|fait)$", re.I)
_DROPPED = re.compile(r"^(dropped|cancel+ed|abandoned|void)$", re.I)
MAX_ITEMS = 60
SETTLE = "Settle what became of: "
"""How the next plan opens an action about a promise that nobody knows the outcome of."""
RENEWAL_DATE = "contract.renewal_date"
NOTHING = Settled()


@dataclass(frozen=True)
class PriorPlan:
    """An earlier plan of the same account. `path` is relative to the memory root."""

    path: str
    instruction_id: str
    plan_id: str
    as_of: date | None
    document: Mapping[str, Any]


@dataclass(frozen=True)
class Promise:
    kind: Kind
    title: str
    goal_id: str
    due: str
    status: str
    pointer: str
    about_renewal: bool = False  # a step on the path to the renewal, or a question about one

    @property
    def matter(self) -> str:
        """What is promised: the title, without the words that only ask what became of it."""
        return matter(self.title)


def matter(title: str) -> str:
    while title.startswith(SETTLE):
        title = title.removeprefix(SETTLE)
    return title


def carry(
    prior: PriorPlan,
    goals: Sequence[GoalView],
    facts: FactBook,
    as_of: date,
    known: Settled = NOTHING,
) -> tuple[Carried, ...]:
    """One `Carried` per promise of `prior`; registers a quote fact for each promise's own words.

    Args:
        known: what the timeline records about steps and renewal since.
    """
    out = []
    for n, promise in enumerate(promises(prior.document)):
        if n == MAX_ITEMS:
            break
        quoted = facts.quote(
            f"prior.{n + 1}",
            promise.title,
            f"{promise.kind} of the plan {prior.plan_id}",
            source=prior.path,
            pointer=promise.pointer,
            at=prior.as_of.isoformat() if prior.as_of else "",
        )
        goal = _matching(promise, goals)
        outcome, why = _recorded(promise, known) or _outcome(promise, goal, as_of)
        out.append(
            Carried(
                kind=promise.kind,
                title=promise.title,
                was_due=promise.due,
                outcome=outcome,
                why=why,
                from_plan=prior.plan_id,
                evidence=[quoted, *(goal.evidence if goal else ()), *_renewal(promise, facts)],
            )
        )
    return tuple(out)


def promises(document: Mapping[str, Any]) -> list[Promise]:
    """Objectives, actions and milestones found in a plan, in document order."""
    return [p for key, value in document.items() for p in _lists(str(key), value, f"/{_esc(key)}")]


def _lists(key: str, value: Any, pointer: str, depth: int = 0) -> Iterator[Promise]:
    kind = next((kind for kind, rx in _KINDS if rx.search(key)), None)
    if kind and isinstance(value, list):
        for n, item in enumerate(value):
            promise = _promise(kind, item, f"{pointer}/{n}")
            if promise:
                yield promise
    elif kind and isinstance(value, str) and value.strip():
        yield Promise(kind, value.strip()[:300], "", "", "", pointer)
    elif isinstance(value, Mapping) and depth < 3:
        for inner, item in value.items():
            yield from _lists(str(inner), item, f"{pointer}/{_esc(inner)}", depth + 1)


def _promise(kind: Kind, item: Any, pointer: str) -> Promise | None:
    if isinstance(item, str) and item.strip():
        return Promise(kind, item.strip()[:300], "", "", "", pointer)
    if not isinstance(item, Mapping):
        return None
    for key in _TITLE:
        title = item.get(key)
        if isinstance(title, str) and title.strip():
            goal_id = item.get("goal") if kind == "objective" and key != "goal" else None
            return Promise(
                kind,
                title.strip()[:300],
                str(goal_id or item.get("id") or ""),
                _first(item, _DUE),
                _first(item, _STATUS),
                f"{pointer}/{_esc(key)}",
                (kind == "milestone" or title.startswith(SETTLE)) and _cites_renewal(item),
            )
    return None


def _cites_renewal(item: Mapping[str, Any]) -> bool:
    evidence = item.get("evidence")
    return isinstance(evidence, list) and RENEWAL_DATE in evidence


def _renewal(promise: Promise, facts: FactBook) -> tuple[str, ...]:
    """Keeps a promise about the renewal known as one in the plans to come."""
    return (RENEWAL_DATE,) if promise.about_renewal and RENEWAL_DATE in facts else ()


def _first(item: Mapping[str, Any], keys: Sequence[str]) -> str:
    for key in keys:
        value = item.get(key)
        if isinstance(value, (str, date, bool, int)):
            return str(value)[:80]
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


def _recorded(promise: Promise, known: Settled) -> tuple[Outcome, str] | None:
    """What the timeline says; None where it is silent."""
    if promise.matter in known.done:
        return "done", "recorded as done on the timeline"
    if promise.about_renewal and known.renewal == "renewed":
        return "done", "the renewal was decided: renewed"
    if promise.about_renewal and known.renewal:
        return "dropped", f"the renewal was decided: {known.renewal}"
    if promise.matter in known.ended:
        return "dropped", "its playbook has ended: what called for it is no longer there"
    return None


def _outcome(promise: Promise, goal: GoalView | None, as_of: date) -> tuple[Outcome, str]:
    if goal is not None and goal.status == "met":
        return "done", "the goal's latest value reaches its target"
    if _DONE.match(promise.status):
        return "done", "recorded as done in the earlier plan"
    if _DROPPED.match(promise.status):
        return "dropped", "recorded as dropped in the earlier plan"
    due = _date(promise.due)
    if due is not None and due < as_of:
        return "overdue", "its date has passed and nothing in the memory records it as done"
    if goal is not None:
        return "open", f"the goal is {goal.status.replace('_', ' ')}"
    if due is not None:
        return "open", "not due yet"
    return "unknown", "the memory holds no record of what became of it; ask the owner"


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def _esc(key: Any) -> str:
    return str(key).replace("~", "~0").replace("/", "~1")
