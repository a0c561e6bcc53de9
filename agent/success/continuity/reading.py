"""A timeline read with two clocks: what had happened by a day, as it was known at a moment.

Every event has a business date (`at`, a day) and a moment of recording (`recorded_at`, UTC). They
are kept apart, and so are the two questions:

- **known at M**: events with `recorded_at` ≤ M. An event whose moment cannot be read is known only
  to a reading that names none, so that no belief is dated back that cannot be proved.
- **as of D**: events with `at` ≤ D. An event whose date cannot be read takes no part, and is named.

*Order.* Events count by business date; those of one day in the order of their lines, which is the
order in which they were recorded whatever the clocks of the writers said.

*Corrections.* A `corrected` event names an earlier line in `corrects` and either withdraws it
(`withdrawn: true`) or replaces keys of its data (`data`; null takes a key away) and its business
date (`at`). It is knowledge and nothing that happened to the customer: it counts from its own
moment of recording on, whatever day is asked about. Before that moment the old words stand. Several
corrections of one event apply in the order of recording. Withdrawing a correction brings back what
it had changed. A correction of a line that is not on record, or comes later, changes nothing and is
named.

*Back-dated* is an event recorded more than `BACKDATED_DAYS` after its business date.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from agent.success.continuity.values import day, mapping, moment

Event = Mapping[str, Any]

BACKDATED_DAYS = 7
"""Notes of a week are written up by its end; what comes later was not there when that week's
decisions were taken."""


@dataclass(frozen=True)
class Told:
    """One event as it counts: `event` with its corrections, `original` as it was recorded."""

    event: Event
    on: date
    original: Event
    corrections: tuple[Event, ...] = ()
    withdrawn: bool = False

    @property
    def id(self) -> str:
        return str(self.event["event_id"])

    @property
    def kind(self) -> str:
        return str(self.event["kind"])

    @property
    def data(self) -> Mapping[str, Any]:
        return mapping(self.event.get("data"))

    @property
    def days_late(self) -> int:
        """Days from the business date to the recording, when that is back-dating; else 0."""
        recorded = moment(self.original.get("recorded_at"))
        late = (recorded.date() - self.on).days if recorded else 0
        return late if late > BACKDATED_DAYS else 0


@dataclass(frozen=True)
class Reading:
    """Events by business date, and what could not be used: (event id, reason)."""

    told: tuple[Told, ...] = ()
    unusable: tuple[tuple[str, str], ...] = ()

    @property
    def standing(self) -> tuple[Told, ...]:
        """Those that have not been withdrawn."""
        return tuple(t for t in self.told if not t.withdrawn)


def read(
    events: Sequence[Event], *, as_of: date | None = None, known_at: datetime | None = None
) -> Reading:
    """The events that had happened by `as_of`, as they were known at `known_at` (with a zone).

    `events` are in the order of their lines. Leaving a limit out means no limit.
    """
    known = [e for e in events if known_at is None or _known(e, known_at)]
    corrections, unusable = _corrections(known)
    told = []
    for event in known:
        own = corrections.get(str(event.get("event_id")), ())
        corrected = _corrected(event, own)
        on = day(corrected.get("at"))
        if on is None:
            unusable.append((str(event.get("event_id")), "its business date cannot be read"))
        elif as_of is None or on <= as_of:
            withdrawn = any(_data(c).get("withdrawn") is True for c in own)
            told.append(Told(corrected, on, event, tuple(own), withdrawn))
    return Reading(tuple(sorted(told, key=lambda t: t.on)), tuple(unusable))


def standing(events: Iterable[Event]) -> list[Event]:
    """`events` with all corrections applied and without those withdrawn, in their order."""
    listed = list(events)
    if not any(e.get("kind") == "corrected" for e in listed):
        return listed
    corrections, _ = _corrections(listed)
    own = [(e, corrections.get(str(e.get("event_id")), [])) for e in listed]
    return [
        _corrected(e, found)
        for e, found in own
        if not any(_data(c).get("withdrawn") is True for c in found)
    ]


def _known(event: Event, at: datetime) -> bool:
    recorded = moment(event.get("recorded_at"))
    return recorded is not None and recorded <= at


def _corrections(known: Sequence[Event]) -> tuple[dict[str, list[Event]], list[tuple[str, str]]]:
    """Event id → the corrections of it that count, in the order of recording.

    The newest comes first into the reckoning, because it may be about an older correction.
    """
    place = {str(e.get("event_id")): n for n, e in enumerate(known)}
    found: dict[str, list[Event]] = {}
    gone: set[str] = set()
    unusable = []
    for n in range(len(known) - 1, -1, -1):
        id = str(known[n].get("event_id"))
        if known[n].get("kind") != "corrected" or id in gone:
            continue
        correction = _corrected(known[n], found.get(id, ()))
        target = _data(correction).get("corrects")
        if not isinstance(target, str) or place.get(target, n) >= n:
            unusable.append((id, "corrects a line that is not on record before it"))
            continue
        found.setdefault(target, []).insert(0, correction)
        if _data(correction).get("withdrawn") is True:
            gone.add(target)
    return found, unusable[::-1]


def _corrected(event: Event, corrections: Sequence[Event]) -> Event:
    if not corrections:
        return event
    data, at = dict(_data(event)), event.get("at")
    for correction in corrections:
        told = _data(correction)
        data |= mapping(told.get("data"))
        at = told["at"] if day(told.get("at")) else at
    return {**event, "at": at, "data": {k: v for k, v in data.items() if v is not None}}


def _data(event: Event) -> Mapping[str, Any]:
    return mapping(event.get("data"))
