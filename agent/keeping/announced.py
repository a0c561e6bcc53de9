"""Publications as the journals tell them: announced, carried out, or left half-way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent.memory import journal, locks, timeline
from agent.memory.paths import MemoryRoot
from agent.runs import PastRun, past_runs

Event = Mapping[str, Any]


@dataclass(frozen=True)
class Announced:
    """One publication. `is_published` tells that it is on record as carried out."""

    instruction_id: str
    account_id: str
    at: str
    events: Sequence[Event]
    is_published: bool


def announced(iid: str, records: Sequence[Mapping[str, Any]]) -> Iterator[Announced]:
    """Every publication in `records`, oldest first; what is of another shape is passed over."""
    published = [(r.get("run"), r.get("seq")) for r in records if r.get("kind") == "published"]
    for record in records:
        publication = record.get("publication")
        if record.get("kind") != "publish_started" or not isinstance(publication, Mapping):
            continue
        events = publication.get("events")
        run, seq = record.get("run"), record.get("seq")
        yield Announced(
            iid,
            str(publication.get("account_id") or ""),
            str(record.get("at") or ""),
            [e for e in events if _is_event(e)] if isinstance(events, list) else [],
            any(r == run and isinstance(s, int) and s > seq for r, s in published)
            if isinstance(seq, int)
            else False,
        )


def is_unfinished(root: MemoryRoot, iid: str, records: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a publication was announced, never came to its end, and nobody is at it now."""
    if not _has_unpublished(records) or locks.is_held(root, f"instruction-{iid}"):
        return False
    # Who was at it a moment ago may have come to the end since.
    return _has_unpublished(journal.look(root, iid).records)


def lost_events(
    publications: Sequence[Announced], recorded: Mapping[str, set[str]]
) -> dict[str, list[Event]]:
    """By account, the events of published publications that its timeline lacks, in the order in
    which they were recorded. `recorded` holds the ids that each timeline has."""
    out: dict[str, dict[str, Event]] = {}
    for publication in sorted(publications, key=lambda p: (p.at, p.instruction_id)):
        have = recorded.get(publication.account_id, set())
        for event in publication.events if publication.is_published else ():
            id = timeline.event_id(event)
            if event["account_id"] == publication.account_id and id not in have:
                out.setdefault(publication.account_id, {}).setdefault(id, event)
    return {account_id: list(events.values()) for account_id, events in out.items()}


def _has_unpublished(records: Sequence[Mapping[str, Any]]) -> bool:
    runs = _runs(records)
    return bool(runs) and runs[-1].unpublished is not None


def _runs(records: Sequence[Mapping[str, Any]]) -> list[PastRun]:
    return past_runs([r for r in records if isinstance(r.get("run"), int) and "kind" in r])


def _is_event(event: object) -> bool:
    keys = ("account_id", "kind", "instruction_id", "at", "data", "recorded_at", "source")
    return isinstance(event, Mapping) and all(key in event for key in keys)
