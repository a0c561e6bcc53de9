"""What the timeline says about the promises of an earlier plan: done, ended with their playbook,
or overtaken by a decided renewal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from agent.success.assessment import Play
from agent.success.former import last_decision
from agent.success.plays.carried import done_steps
from agent.success.plays.state import OpenPlay, fold
from agent.success.promises.settlements import Settlement, settlements


@dataclass(frozen=True)
class Settled:
    """`done` and `ended` are titles of steps. `renewal` is the outcome of a renewal that was
    decided, else empty; `settlements` are what people recorded about promises, oldest first."""

    done: frozenset[str] = frozenset()
    ended: frozenset[str] = frozenset()
    renewal: str = ""
    settlements: tuple[Settlement, ...] = ()


def settled(
    events: Sequence[Mapping[str, Any]],
    plays: Iterable[Play | OpenPlay],
    since: date | None,
    until: date,
) -> Settled:
    """What has been settled from the day of the earlier plan up to `until`.

    Args:
        events: the account's timeline: plays and renewal decisions.
        plays: those under way at `until`. A step of a play that was open at `since` and is not
            under way any more has ended with it, unless it was done.
        since: None when the earlier plan has no date; then all of the timeline counts.
    """
    start = since or date.min
    now = list(plays)
    done = done_steps(now) | _done(events, start, until)
    going = {play.id for play in now}
    current = {step.title for play in now for step in play.steps}
    before = fold(events, start).plays.values() if since else ()
    ended = {step.title for play in before if play.id not in going for step in play.steps}
    decided = last_decision(events, until)
    fresh = decided is not None and str(decided["at"]) >= start.isoformat()
    return Settled(
        done=frozenset(done),
        ended=frozenset(ended - current),
        renewal=str(decided["data"].get("outcome", "")) if decided and fresh else "",
        settlements=settlements(events, until),
    )


def _done(events: Iterable[Mapping[str, Any]], start: date, until: date) -> set[str]:
    found = set()
    for event in events:
        data = event.get("data")
        if event.get("kind") != "playbook_started" or not isinstance(data, Mapping):
            continue
        in_time = start.isoformat() <= str(event.get("at")) <= until.isoformat()
        title = data.get("title")
        if data.get("state") == "step_done" and in_time and isinstance(title, str):
            found.add(title)
    return found
