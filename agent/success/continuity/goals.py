"""Goals across plans: what was aimed at, how it was moved, and what was measured on the way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from agent.success.continuity.reading import Told
from agent.success.continuity.values import day, number, text

KINDS = frozenset({"goal_set", "goal_measured"})


@dataclass(frozen=True)
class Measured:
    """A value of a goal. A value that stays the same is kept once, with the day it came up."""

    on: date
    value: float
    event_id: str


@dataclass(frozen=True)
class Moved:
    """A target or due date that a later plan changed."""

    on: date
    what: str
    before: Any
    after: Any


@dataclass(frozen=True)
class GoalState:
    """One goal. `id` is the customer's goal id, or the title where it has none; `plan_id` is the
    newest plan that holds it ("" for events from before plans were named in them); `is_set` is
    False while there are only values."""

    id: str
    title: str
    first_on: date
    is_set: bool = False
    target: float | None = None
    due: date | None = None
    unit: str = ""
    baseline: float | None = None
    plan_id: str = ""
    measured: tuple[Measured, ...] = ()
    moved: tuple[Moved, ...] = ()

    @property
    def value(self) -> float | None:
        """The newest value; the baseline is none."""
        return self.measured[-1].value if self.measured else None

    def as_dict(self) -> dict[str, Any]:
        return {
            **self.__dict__,
            "value": self.value,
            "measured": [m.__dict__ for m in self.measured],
            "moved": [m.__dict__ for m in self.moved],
        }


def goals(told: Iterable[Told]) -> dict[str, GoalState]:
    """Goal by id, in the order in which they were first set. `told` are events by business date."""
    found: dict[str, GoalState] = {}
    for event in told:
        title = text(event.data.get("title"))
        id = text(event.data.get("goal")) or title
        if event.kind not in KINDS or not id:
            continue
        goal = found.get(id) or GoalState(id, title or id, event.on)
        found[id] = _set(goal, event) if event.kind == "goal_set" else _measured(goal, event)
    return found


def _set(goal: GoalState, event: Told) -> GoalState:
    data: Mapping[str, Any] = event.data
    new = replace(
        goal,
        title=text(data.get("title")) or goal.title,
        is_set=True,
        target=number(data.get("target")),
        due=day(data.get("due")),
        unit=text(data.get("unit")) or goal.unit,
        baseline=goal.baseline if (b := number(data.get("baseline"))) is None else b,
        plan_id=text(data.get("plan_id")),
    )
    moves = [
        Moved(event.on, what, before, after)
        for what in ("target", "due")
        if goal.is_set and (before := getattr(goal, what)) != (after := getattr(new, what))
    ]
    return replace(new, moved=(*goal.moved, *moves))


def _measured(goal: GoalState, event: Told) -> GoalState:
    value = number(event.data.get("value"))
    if value is None or value == goal.value:
        return goal
    return replace(goal, measured=(*goal.measured, Measured(event.on, value, event.id)))
