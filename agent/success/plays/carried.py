"""Plays that go on: what the signs call for today, joined with what is open already.

A second firing updates the open play. Its steps keep their numbers and dates, what is done stays
done, and only a step that would now fall behind its wall (the renewal, a person's last day) is
dated anew.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date

from agent.success.assessment import Assessment, Play, PlayStep, Signal
from agent.success.plays.state import Ledger, OpenPlay, OpenRisk, StepState
from agent.success.signals.severity import highest, rank

# Families of signs that can only fire while their part of the health score can be computed.
_SEEN_THROUGH = {"usage": "adoption", "engagement": "engagement", "value": "value",
                 "relationship": "relationship"}  # fmt: skip
_NO_USAGE = frozenset({"usage_missing", "usage_stale"})


def carried_on(assessment: Assessment, ledger: Ledger) -> tuple[Play, ...]:
    """All plays under way on the day of the assessment, the gravest first.

    An open play goes on while one of its signs fires, however mildly, or while it cannot be seen
    whether it would: data that has gone missing clears nothing.
    """
    as_of = assessment.as_of
    fresh = {play.id: play for play in assessment.plays}
    plays = [
        _joined(play, ledger.plays[id], as_of) if id in ledger.plays else replace(play, since=as_of)
        for id, play in fresh.items()
    ]
    for id, running in ledger.plays.items():
        if id not in fresh:
            kept = _kept(running, assessment, ledger)
            plays += [kept] if kept is not None else []
    return tuple(sorted(plays, key=lambda play: -rank(play.severity)))


def done_steps(plays: Iterable[Play | OpenPlay]) -> frozenset[str]:
    """Titles of the steps that are done."""
    return frozenset(s.title for play in plays for s in play.steps if s.done_on is not None)


def unseen(
    components: Iterable[tuple[str, float | None]], firing: Collection[str]
) -> frozenset[str]:
    """Families of signs whose silence says nothing now.

    Args:
        components: (id, score) of the parts of the health score.
        firing: ids of the signs that fire; some say that there is nothing to look at.
    """
    blind = {id for id, score in components if score is None}
    families = {family for family, id in _SEEN_THROUGH.items() if id in blind}
    return frozenset(families | ({"usage"} if _NO_USAGE & set(firing) else set()))


def is_unseen(risk: OpenRisk, families: frozenset[str]) -> bool:
    """Whether the data that a sign rested on is not there; what was read can still be read."""
    return risk.basis != "read" and risk.family in families


def _joined(play: Play, running: OpenPlay, as_of: date) -> Play:
    graver = rank(play.severity) > rank(running.severity)
    rests = running.snoozed(as_of) and not graver
    return replace(
        play,
        steps=_steps(running.steps, play.steps),
        since=running.since,
        snoozed_until=running.snoozed_until if rests else None,
    )


def _steps(running: tuple[StepState, ...], fresh: tuple[PlayStep, ...]) -> tuple[PlayStep, ...]:
    """Those of the open play, then those that the policy has gained since."""
    by_title = {step.title: step for step in fresh}
    steps = [_step(step, by_title.pop(step.title, None)) for step in running]
    return (*steps, *by_title.values())


def _step(running: StepState, fresh: PlayStep | None) -> PlayStep:
    due, latest = running.due, fresh.latest if fresh else None
    if running.done_on is None and fresh is not None and latest is not None and due > latest:
        due = fresh.due
    return PlayStep(running.title, running.owner, due, running.phase, latest, running.done_on)


def _kept(running: OpenPlay, assessment: Assessment, ledger: Ledger) -> Play | None:
    """An open play that nothing would start today; None when it is over."""
    firing = [s for s in assessment.signals if s.id in running.signals or s.playbook == running.id]
    blind = unseen(
        ((c.id, c.score) for c in assessment.health.components),
        [s.id for s in assessment.signals],
    )
    hidden = [
        id for id in running.signals if id in ledger.risks and is_unseen(ledger.risks[id], blind)
    ]
    onboarding = not running.signals and assessment.stage.id == "onboarding"
    if not (firing or hidden or onboarding):
        return None
    severity = running.severity if hidden or not firing else highest(s.severity for s in firing)
    return Play(
        id=running.id,
        title=running.title,
        signals=_signals(firing, hidden),
        severity=severity,
        steps=tuple(_step(step, None) for step in running.steps),
        evidence=tuple(dict.fromkeys(id for s in firing for id in s.evidence)),
        since=running.since,
        snoozed_until=running.snoozed_until if running.snoozed(assessment.as_of) else None,
    )


def _signals(firing: list[Signal], hidden: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*(s.id for s in firing), *hidden]))
