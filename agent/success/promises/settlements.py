"""What people have recorded about promises: `promise_settled` events, and which promise each means.

The event names the plan and the pointer at which the promise stood, and its words. A promise that
a later plan took over is known by its words, or by the goal it is about.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from agent.success.continuity.reading import Event, read
from agent.success.continuity.values import day, mapping, text
from agent.success.promises.found import Promise, same_words

Verdict = Literal["done", "moved", "dropped"]
VERDICTS: tuple[Verdict, ...] = ("done", "moved", "dropped")


@dataclass(frozen=True)
class Settlement:
    """`to` is the new day of a promise that was moved; `why` may be empty for one that is done."""

    outcome: Verdict
    why: str
    to: date | None
    by: str
    on: date
    title: str
    kind: str
    goal_id: str
    plan_id: str
    pointer: str
    number: int
    account_id: str
    event_id: str
    known_plans: frozenset[str]  # those that had been published when this was recorded


def settlements(events: Sequence[Event], until: date) -> tuple[Settlement, ...]:
    """Settlements up to the end of a day, oldest first; corrections applied. One that moves a
    promise to no day that can be read, or has an outcome we do not know, is passed over."""
    published = _published_before(events)
    found = []
    for told in read(events, as_of=until).standing:
        if told.kind != "promise_settled":
            continue
        outcome = next((v for v in VERDICTS if v == told.data.get("outcome")), None)
        to = day(told.data.get("to"))
        if outcome is None or (outcome == "moved" and to is None):
            continue
        number = told.data.get("nth")
        found.append(
            Settlement(
                outcome,
                text(told.data.get("why")),
                to if outcome == "moved" else None,
                text(told.data.get("by")),
                told.on,
                text(told.data.get("title")),
                text(told.data.get("kind")),
                text(told.data.get("goal")),
                text(told.data.get("plan_id")),
                text(told.data.get("pointer")),
                number if type(number) is int else 1,
                str(told.event.get("account_id") or ""),
                told.id,
                published[told.id],
            )
        )
    return tuple(found)


def _published_before(events: Sequence[Event]) -> dict[str, frozenset[str]]:
    """Settlement's event id → ids of the plans whose publication stands above its line."""
    plans: list[str] = []
    found = {}
    for event in events:
        data = mapping(event.get("data"))
        if event.get("kind") == "plan_published":
            plans.append(text(data.get("plan_id")))
        elif event.get("kind") == "promise_settled":
            found[str(event.get("event_id"))] = frozenset(plans)
    return found


def last_word(
    promise: Promise, plan_id: str, plan_of: date | None, known: Iterable[Settlement]
) -> Settlement | None:
    """The settlement that holds for a promise of the plan `plan_id`, dated `plan_of`.

    One that names this plan means the promise at its pointer. One about another plan, or about
    none, means the promise with the same words if it came after this plan: what was settled before
    and is promised again is another promise. What this plan has only taken over is also settled by
    what was dated before it and recorded after it, which it could not know.
    """
    found = None
    for settlement in known:
        if _means(settlement, promise, plan_id, plan_of):
            found = settlement
    return found


def _means(s: Settlement, promise: Promise, plan_id: str, plan_of: date | None) -> bool:
    same = same_words(s.title, promise.title)
    if s.plan_id == plan_id:
        if s.pointer == promise.pointer and same and s.number == promise.number:
            return True
        return same and s.kind != promise.kind  # one matter, as a milestone and as an action
    if s.goal_id and promise.goal_id:
        same = s.goal_id == promise.goal_id
    after = plan_of is None or (s.on > plan_of if s.plan_id else s.on >= plan_of)
    late = promise.pointer.startswith("/carried_forward/") and plan_id in s.known_plans
    return same and (after or late)
