"""Signs in value: goals, and whether what the customer gets is worth what it costs."""

from __future__ import annotations

from datetime import date

from agent.success.assessment import GoalView
from agent.success.goals import views
from agent.success.insights.sentences import mentions
from agent.success.signals.finder import Finder, listed, percent
from agent.success.signals.lexicon import plain
from agent.success.signals.moods import Manner, mood
from agent.success.signals.policy import word_list


def value(f: Finder) -> None:
    _return(f)
    _goals(f)


def _return(f: Finder) -> None:
    a = f.account
    ids = ("roi.ratio", "value.roi.annual_value", "value.roi.annual_cost", "value.roi.source")
    if a.roi_value is not None and a.roi_cost:
        title = f"The yearly value of {a.roi_value:g} is below the yearly cost of {a.roi_cost:g}"
        f.graded("roi_below_cost", percent(a.roi_value, a.roi_cost), title, ids)
    if a.roi_value is not None and a.roi_source:
        said = mood(
            plain(a.roi_source), word_list(f.policy.estimate_words), Manner(own_negation=True)
        )
        if said is not None:
            leaver = (
                a.sponsor
                and a.sponsor.status in ("leaving", "left")
                and mentions(a.roi_source, a.sponsor.name)
            )
            title = "The return is an estimate that the customer's finance has not confirmed"
            if leaver:
                title = "The return rests on the person who leaves and is not confirmed by finance"
            f.fixed(
                "roi_unconfirmed",
                title,
                ("value.roi.source", "value.roi.annual_value"),
                worse=int(bool(leaver)),
            )


def _goals(f: Finder) -> None:
    a = f.account
    if not a.goals:
        if f.onboarding_day is None or f.onboarding_day > 30:
            count = f.figure(
                "goals.count", 0, "goals on record", inputs=(), formula="count", unit="goals"
            )
            f.fixed("no_goals", "No goal is written down with the customer", (count,))
        return
    goals = views(a, f.facts, f.as_of)
    for status, sign, words in (
        ("behind", "goals_behind", "Goals behind their schedule"),
        ("overdue", "goals_overdue", "Goals past their date and not reached"),
    ):
        late = [v for v in goals if v.status == status and v.progress is not None]
        if late:
            worst = 100 * min(v.progress for v in late if v.progress is not None)
            f.graded(
                sign,
                worst,
                f"{words}: {_ids(late)}",
                _evidence(late),
                at=min(_dues(late), default=None),
            )
    worse = [v for v in goals if v.status == "regressed"]
    if worse:
        f.fixed(
            "goals_regressed", f"Goals worse than where they began: {_ids(worse)}", _evidence(worse)
        )
    _unmeasured(f, [v for v in goals if v.status == "not_measured"])


def _unmeasured(f: Finder, goals: list[GoalView]) -> None:
    near = [
        v
        for v in goals
        if v.goal.due
        and (v.goal.due - f.as_of).days < f.policy.measured["goals_unmeasured"].first()
    ]
    if near:
        soonest = min(_dues(near))
        title = f"Goals due by {soonest} without a measurement: {_ids(near)}"
        f.graded("goals_unmeasured", (soonest - f.as_of).days, title, _evidence(near), at=soonest)


def _ids(goals: list[GoalView]) -> str:
    return listed(v.goal.id for v in goals)


def _dues(goals: list[GoalView]) -> list[date]:
    return [v.goal.due for v in goals if v.goal.due]


def _evidence(goals: list[GoalView]) -> list[str]:
    return [id for v in goals for id in v.evidence]
