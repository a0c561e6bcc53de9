"""Goals agreed with the customer: how far, in the goal's own direction, and on course or not."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Literal

from agent.success.account import Account, Goal
from agent.success.assessment import GoalView
from agent.success.facts import FactBook

ON_TRACK_MARGIN = Fraction(1, 10)
_DONE = frozenset(
    {"done", "complete", "completed", "met", "achieved", "closed", "finished", "live"}
)

Status = Literal["met", "on_track", "behind", "regressed", "not_measured", "overdue"]


def is_done(status: str) -> bool:
    """True for the words people use for a finished milestone."""
    return status.strip().casefold() in _DONE


def progress(goal: Goal) -> Fraction | None:
    """(actual - baseline) / (target - baseline): 0 at the baseline, 1 at the target, negative when
    worse than the baseline, whichever direction is better. None without all three figures or when
    baseline equals target."""
    if goal.baseline is None or goal.target is None or goal.actual is None:
        return None
    baseline, target, actual = (Fraction(str(x)) for x in (goal.baseline, goal.target, goal.actual))
    return None if target == baseline else (actual - baseline) / (target - baseline)


def views(account: Account, facts: FactBook, as_of: date) -> tuple[GoalView, ...]:
    """Every goal with its progress and status.

    A goal is on track when its progress is at most a tenth behind the share of time gone, from the
    start of the contract term to the due date; without those dates, when it is at least half way.
    """
    return tuple(_view(goal, account.start_date, facts, as_of) for goal in account.goals)


def _view(goal: Goal, start: date | None, facts: FactBook, as_of: date) -> GoalView:
    exact = progress(goal)
    direction: Literal["up", "down", "none"] = "none"
    if goal.baseline is not None and goal.target is not None and goal.baseline != goal.target:
        direction = "up" if goal.target > goal.baseline else "down"
    names = ("statement", "baseline", "target", "actual", "due", "progress")
    ids = tuple(id for id in (f"goal.{goal.id}.{name}" for name in names) if id in facts)
    return GoalView(
        goal=goal,
        progress=None if exact is None else float(exact),
        status=_status(exact, goal, start, as_of),
        direction=direction,
        evidence=ids,
    )


def _status(exact: Fraction | None, goal: Goal, start: date | None, as_of: date) -> Status:
    if exact is None:
        return "not_measured"
    if exact >= 1:
        return "met"
    if exact < 0:
        return "regressed"
    if goal.due and goal.due < as_of:
        return "overdue"
    expected = Fraction(1, 2)
    if goal.due and start and start < goal.due:
        gone = Fraction(max(0, (as_of - start).days), (goal.due - start).days)
        expected = gone - ON_TRACK_MARGIN
    return "on_track" if exact >= expected else "behind"
