"""Whether a measure got better over its window: its value then against its value now.

Both are taken from the insights, by their dates: the usage rows, the measurements of goals, the NPS
surveys. What the insights hold without a date has no earlier value, and its trend is unknown; two
nightly scores are never compared.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Literal

from agent.success.account import Account, Dated, Goal, Month, Problem
from agent.success.calendar import month_end
from agent.success.facts import FactBook
from agent.success.goals import progress
from agent.success.health.figure_book import Figures
from agent.success.health.figures import figures
from agent.success.health.figures_usage import WINDOW
from agent.success.health.measure import Measure, Window
from agent.success.health.measuring import read
from agent.success.health.model import HealthModel


@dataclass(frozen=True)
class MeasureTrend:
    """`before` is the newest value of `since` or earlier, `now` today's, both in the measure's unit
    and null where not known; `before_on` and `now_on` say of when they are (a day, a period, or the
    days of several goals). `note` says why a trend is unknown."""

    measure: str
    label: str
    unit: str
    window_days: int
    since: date
    trend: Literal["improving", "stable", "declining", "unknown"]
    before: float | None = None
    before_on: str = ""
    now: float | None = None
    now_on: str = ""
    change: float | None = None
    note: str = ""


def measure_trends(
    model: HealthModel, account: Account, facts: FactBook, as_of: date, *, onboarding: bool = False
) -> tuple[MeasureTrend, ...]:
    """The trend of every measure, in the model's order; empty when the model sets no window."""
    out = []
    for measure in model.measures:
        window = model.window_of(measure)
        if window is not None:
            out.append(_trend(measure, window, account, facts, as_of, onboarding))
    return tuple(out)


def _trend(
    measure: Measure,
    window: Window,
    account: Account,
    facts: FactBook,
    as_of: date,
    onboarding: bool,
) -> MeasureTrend:
    since = as_of - timedelta(days=window.window_days)
    now_account, then_account = _comparable(account, as_known_on(account, since))
    stored = FactBook(f for f in facts if f.kind == "stored")
    now = figures(now_account, stored, as_of)
    unknown = MeasureTrend(
        measure.id, measure.label, measure.unit, window.window_days, since, "unknown"
    )
    id = next((id for id in measure.values if id in now.values), "")
    today = read(measure, now, onboarding=onboarding)
    if today.state != "present":
        return replace(unknown, note=f"no value now: {today.note or today.state}")
    known = replace(unknown, now=_shown(now.values[id]), now_on=_taken_on(id, now))
    then = figures(then_account, FactBook(), since)
    # the same figure both times: another one that stands in for it would be no comparison
    earlier = read(measure.model_copy(update={"values": [id]}), then, onboarding=False)
    if earlier.state != "present":
        why = f": {earlier.note}" if earlier.state == "stale" else ""
        return replace(known, note=f"no earlier value with a date up to {since}{why}")
    known = replace(known, before=_shown(then.values[id]), before_on=_taken_on(id, then))
    if known.before_on == known.now_on:
        return replace(known, note=f"not measured again since {known.now_on}")
    value, before = now.values[id], then.values[id]
    if isinstance(value, str) or isinstance(before, str):
        return replace(known, note="words have no distance")
    moved = value - before
    better = -moved if measure.direction == "lower_is_better" else moved
    return replace(known, change=_shown(moved), trend=_word(better, measure, window))


def as_known_on(account: Account, day: date) -> Account:
    """The account with nothing but what carries a date up to `day`.

    Rows count once their month or week is over. Months further back than the figures of today look
    are left out, so that a figure "of the first month" has the same first month both times.
    """
    nps = _newest((*account.nps_history, *_current(account.nps_collected_on, account.nps)), day)
    return Account(
        id=account.id,
        name=account.name,
        months=_over(account.months[-WINDOW:], day),
        weeks=() if account.months else _over(account.weeks[-WINDOW:], day),
        goals=tuple(g for goal in account.goals if (g := _goal(goal, day)) is not None),
        nps=nps.value if nps else None,
        nps_collected_on=nps.on if nps else None,
        problems=(Problem("relationship.advocacy", "missing", "carries no dates"),),
    )


def _comparable(now: Account, then: Account) -> tuple[Account, Account]:
    """Both accounts with the goals that were measured both times: a new goal is no decline."""
    measured = {g.id for g in now.goals if progress(g) is not None}
    both = measured & {g.id for g in then.goals if progress(g) is not None}
    if not both:
        return now, replace(then, goals=())
    return (
        replace(now, goals=tuple(g for g in now.goals if g.id in both)),
        replace(then, goals=tuple(g for g in then.goals if g.id in both)),
    )


def _goal(goal: Goal, day: date) -> Goal | None:
    point = _newest((*goal.history, *_current(goal.as_of, goal.actual)), day)
    return replace(goal, actual=point.value, as_of=point.on) if point else None


def _current(on: date | None, value: float | None) -> tuple[Dated, ...]:
    return () if on is None or value is None else (Dated(on, value),)


def _newest(points: tuple[Dated, ...], day: date) -> Dated | None:
    """The last of the newest up to `day`."""
    found = sorted((p for p in points if p.on <= day), key=lambda p: p.on)
    return found[-1] if found else None


def _over(periods: tuple[Month, ...], day: date) -> tuple[Month, ...]:
    return tuple(m for m in periods if month_end(m.period) <= day)


def _taken_on(id: str, book: Figures) -> str:
    """Of when a figure is: the period of usage, the days of NPS and goals."""
    account = book.account
    if id == "relationship.nps.score":
        return account.nps_collected_on.isoformat() if account.nps_collected_on else ""
    if id == "value.goals_progress":
        days = {g.as_of.isoformat() for g in account.goals if g.as_of and progress(g) is not None}
        return ", ".join(sorted(days))
    fact = book.facts.get(id)
    return fact.at if fact else ""


def _shown(value: Fraction | str) -> float | None:
    return None if isinstance(value, str) else round(float(value), 2)


def _word(
    better: Fraction, measure: Measure, window: Window
) -> Literal["improving", "stable", "declining"]:
    xs = [Fraction(str(x)) for x, _ in measure.curve]
    scale = xs[-1] - xs[0]
    if abs(better) < scale * Fraction(str(window.stable_within)) / 100 or better == 0:
        return "stable"
    return "improving" if better > 0 else "declining"
