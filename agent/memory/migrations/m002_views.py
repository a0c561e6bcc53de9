"""Score and plan events get the document that they stand for.

Why: a lost or damaged scores file or plan could not be brought back, because its event only told
that there had been one. `health_scored` now holds the account's whole entry and `plan_published`
the text of the plan (see `agent.memory.views`). Journals have always held both, in the publication
they announced, so older events can be completed from there. What no journal holds stays as it is.

Ids of events do not depend on the view; the chain does, and is computed anew. A timeline whose
chain does not hold is left alone: computing it anew would hide that.

There is no way back: a view is, for some documents, the only copy of what they held.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from agent.errors import CsmError, UnknownInstruction
from agent.memory import journal, timeline, views
from agent.memory.migrations.step import Note, Step
from agent.memory.paths import MemoryRoot
from agent.memory.relink import Event, relink

_KINDS = ("health_scored", "plan_published")


def lacks_view(event: Mapping[str, Any]) -> bool:
    return event.get("kind") in _KINDS and not isinstance(event.get("view"), Mapping)


def forward(root: MemoryRoot, *, dry_run: bool, note: Note) -> int:
    """Complete the events of every timeline, one account after the other."""
    ids = timeline.accounts(root)
    wanting = {id for id in ids if any(map(lacks_view, timeline.read(root, id)))}
    where = _journals_of(root, wanting) if wanting else {}
    return sum(_complete(root, id, where.get(id, []), dry_run, note) for id in ids)


def _complete(root: MemoryRoot, account_id: str, iids: list[str], dry_run: bool, note: Note) -> int:
    found = timeline.scan(root, account_id)
    path = timeline.path_of(account_id)
    if found.tampering(account_id):
        note(f"{path}: its chain does not hold, so it is left as it is")
        return 0
    known = {id: view for iid in iids for id, view in _views(root, iid, account_id)}

    def filled(event: Event) -> Event:
        view = known.get(event["event_id"]) if lacks_view(event) else None
        if view is None:
            return dict(event)
        return {**{k: v for k, v in event.items() if k != "view"}, "view": view}

    left = sum(lacks_view(event) and event["event_id"] not in known for event in found.events)
    if left:
        note(f"{path}: {left} events stay without their document; no journal holds it")
    changes = any(filled(event) != event for event in found.events)
    return relink(root, account_id, filled, anew=changes, dry_run=dry_run)


def _journals_of(root: MemoryRoot, wanting: set[str]) -> dict[str, list[str]]:
    """By account, the instructions whose journals have published something about it."""
    out: dict[str, list[str]] = {}
    for iid in root.list_dir(""):
        for publication in _publications(root, iid):
            if (about := publication.get("account_id")) in wanting:
                out.setdefault(str(about), []).append(iid)
    return {about: list(dict.fromkeys(iids)) for about, iids in out.items()}


def _views(root: MemoryRoot, iid: str, account_id: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """(event id, view) for the events of this account that the journal has published."""
    for publication in _publications(root, iid):
        if publication.get("account_id") != account_id:
            continue
        entry, plan = publication.get("entry"), publication.get("plan")
        events = publication.get("events")
        for event in events if isinstance(events, list) else ():
            if not isinstance(event, Mapping) or any(k not in event for k in timeline.ID_KEYS):
                continue
            id = timeline.event_id(event)
            if event["kind"] == "health_scored" and isinstance(entry, Mapping):
                yield id, views.entry_view(entry)
            elif event["kind"] == "plan_published" and isinstance(plan, Mapping) and len(plan) == 1:
                ((path, text),) = plan.items()
                number = (event["data"] or {}).get("revision", 1)
                kept = f"{iid}/outputs/revisions/success_plan.r{number}.yaml"
                yield id, dict(views.plan_view(path, text, kept))


def _publications(root: MemoryRoot, iid: str) -> Iterator[Mapping[str, Any]]:
    if iid.startswith("_"):
        return
    with suppress(CsmError, UnknownInstruction):
        for record in journal.look(root, iid).records:
            publication = record.get("publication")
            if record.get("kind") == "publish_started" and isinstance(publication, Mapping):
                yield publication


STEP = Step(
    2,
    "score and plan events hold their documents",
    forward,
    refusal="the timelines hold what no other file may hold",
)
