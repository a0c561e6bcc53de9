"""Open plays and open risks, as the account's timeline tells them: events → state.

All events of a play have the kind `playbook_started`; `data.state` says what happened to it:

    started    began, with its signs, severity and dated steps
    updated    its signs fired again, or otherwise: signs, severity, steps to come
    step_done  a step was done (`step` counts from 1)
    snoozed    rests until a day
    closed     is over

An event without a state is one from before there were states, and counts as started. What an event
lacks, or has in another shape, is passed over: a line that cannot be used takes nothing else along.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from agent.success.assessment import Severity
from agent.success.continuity.reading import standing
from agent.success.signals.severity import SEVERITIES

KINDS = frozenset({"playbook_started", "risk_opened", "risk_closed"})
_LONGEST = 300
_MOST_STEPS = 60
_MOST_SIGNALS = 100


@dataclass(frozen=True)
class StepState:
    """A step of an open play; its number is its place in the play, from 1, and never changes."""

    title: str
    owner: str
    due: date
    phase: str = ""
    done_on: date | None = None
    done_by: str = ""


@dataclass(frozen=True)
class OpenPlay:
    """`snoozed_until` may lie in the past: then the play is awake again."""

    id: str
    title: str
    since: date
    signals: tuple[str, ...] = ()
    severity: Severity = "medium"
    steps: tuple[StepState, ...] = ()
    snoozed_until: date | None = None
    snooze_reason: str = ""

    def snoozed(self, on: date) -> bool:
        """Whether it rests on that day; on the last day of a snooze it is awake."""
        return self.snoozed_until is not None and on < self.snoozed_until

    def next_step(self) -> tuple[int, StepState] | None:
        """Number and step that is due first among those not done."""
        todo = [(n, step) for n, step in enumerate(self.steps, 1) if step.done_on is None]
        return min(todo, key=lambda item: (item[1].due, item[0]), default=None)


@dataclass(frozen=True)
class OpenRisk:
    """A sign that fired and has not been seen to clear. `basis`: measured, read or judged."""

    signal: str
    since: date
    family: str = ""
    basis: str = ""
    severity: str = ""


@dataclass(frozen=True)
class Ledger:
    """What is open on a day. `told` counts all events of a play or sign, whatever their day, so
    that an event that happens again is told as another one."""

    plays: Mapping[str, OpenPlay] = field(default_factory=dict)
    risks: Mapping[str, OpenRisk] = field(default_factory=dict)
    told: Mapping[tuple[str, str], int] = field(default_factory=dict)

    def next_number(self, what: str, id: str) -> int:
        """Number of the next event of a `playbook` or `signal`."""
        return self.told.get((what, id), 0) + 1


def fold(events: Iterable[Mapping[str, Any]], until: date) -> Ledger:
    """The state at the end of the day `until`; events of one day count as they were recorded.

    Corrections are applied. What was withdrawn still counts among those `told`.
    """
    recorded = list(events)
    plays: dict[str, OpenPlay] = {}
    risks: dict[str, OpenRisk] = {}
    told: dict[tuple[str, str], int] = {}
    for _on, _event, what, id in _usable(recorded):
        told[what, id] = told.get((what, id), 0) + 1
    for on, event, what, id in _usable(standing(recorded)):
        if on > until:
            break
        data = event["data"]
        if what == "playbook":
            _tell(plays, id, data, on)
        elif event["kind"] == "risk_closed":
            risks.pop(id, None)
        else:
            words = {key: _text(data.get(key)) for key in ("basis", "family", "severity")}
            risks.setdefault(id, OpenRisk(id, on, **words))
    return Ledger(plays, risks, told)


def _usable(events: Iterable[Mapping[str, Any]]) -> list[tuple[date, Mapping[str, Any], str, str]]:
    """(day, event, what it is about, that thing's id) by day; what cannot be read is left out."""
    found = []
    for event in events:
        on, data = _day(event.get("at")), event.get("data")
        if event.get("kind") not in KINDS or on is None or not isinstance(data, Mapping):
            continue
        what = "playbook" if event["kind"] == "playbook_started" else "signal"
        if id := _text(data.get(what)):
            found.append((on, event, what, id))
    return sorted(found, key=lambda item: item[0])


def _tell(plays: dict[str, OpenPlay], id: str, data: Mapping[str, Any], on: date) -> None:
    state = data.get("state") or "started"
    if state == "closed":
        plays.pop(id, None)
    elif state == "started":
        play = plays.get(id) or OpenPlay(id, _text(data.get("title")) or id.replace("_", " "), on)
        plays[id] = _updated(play, data, on)
    elif id in plays and isinstance(state, str) and state in _CHANGES:
        plays[id] = _CHANGES[state](plays[id], data, on)


def _updated(play: OpenPlay, data: Mapping[str, Any], _on: date) -> OpenPlay:
    signals = data.get("because")
    if isinstance(signals, list):
        named = [s for s in map(_text, signals[:_MOST_SIGNALS]) if s]
        play = replace(play, signals=tuple(dict.fromkeys(named)))
    severity = next((s for s in SEVERITIES if s == data.get("severity")), play.severity)
    if "snoozed_until" in data and data["snoozed_until"] is None:
        play = replace(play, snoozed_until=None, snooze_reason="")
    return replace(play, severity=severity, steps=_steps(play.steps, data.get("steps")))


def _steps(known: tuple[StepState, ...], told: Any) -> tuple[StepState, ...]:
    """The steps with new dates; what was done stays done, and no step is ever lost."""
    steps = list(known)
    for n, item in enumerate(told[:_MOST_STEPS] if isinstance(told, list) else ()):
        due = _day(item.get("due")) if isinstance(item, Mapping) else None
        if due is None or not _text(item.get("title")):
            break  # later numbers would shift
        step = StepState(
            _text(item.get("title")), _text(item.get("owner")), due, _text(item.get("phase"))
        )
        if n < len(known):
            step = replace(step, done_on=known[n].done_on, done_by=known[n].done_by)
            steps[n] = step
        else:
            steps.append(step)
    return tuple(steps)


def _step_done(play: OpenPlay, data: Mapping[str, Any], on: date) -> OpenPlay:
    number = data.get("step")
    if type(number) is not int or not 1 <= number <= len(play.steps):
        return play
    steps = list(play.steps)
    steps[number - 1] = replace(steps[number - 1], done_on=on, done_by=_text(data.get("by")))
    return replace(play, steps=tuple(steps))


def _snoozed(play: OpenPlay, data: Mapping[str, Any], _on: date) -> OpenPlay:
    until = _day(data.get("until"))
    if until is None:
        return play
    return replace(play, snoozed_until=until, snooze_reason=_text(data.get("reason")))


_CHANGES: dict[str, Callable[[OpenPlay, Mapping[str, Any], date], OpenPlay]] = {
    "updated": _updated,
    "step_done": _step_done,
    "snoozed": _snoozed,
}


def _text(value: Any) -> str:
    return value.strip()[:_LONGEST] if isinstance(value, str) else ""


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(value[:10]) if isinstance(value, str) else None
    except ValueError:
        return None
