"""A timeline written anew with some events edited and its chain made to hold again."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from agent.memory import chain, timeline
from agent.memory.erase import erase
from agent.memory.locks import lock
from agent.memory.paths import MemoryRoot, MissingFile

Event = dict[str, Any]


def relink(
    root: MemoryRoot,
    account_id: str,
    edit: Callable[[Event], Event],
    *,
    anew: bool,
    dry_run: bool = False,
) -> int:
    """Edit the events of one timeline, one line each; returns how many lines have changed.

    With `anew` every link is computed again; without, links that are there stay as they are, and
    only events before the first of them get one. Lines that are no events stay byte for byte.

    A process killed on the way leaves a whole timeline whose kept end may be missing; doing it
    again brings it back.
    """
    path = timeline.path_of(account_id)
    with lock(root, f"timeline-{account_id}", wait=30):
        try:
            data = root.read_bytes(path, limit=timeline.MAX_BYTES)
        except MissingFile:
            return 0
        new, last = _edited(data, account_id, edit, anew)
        pairs = zip(data.split(b"\n"), new.split(b"\n"), strict=True)
        changed = sum(a != b for a, b in pairs)
        if dry_run:
            return changed
        if changed and anew:
            erase(root, timeline.head_path(account_id))  # the old end is in no new chain
        if changed:
            root.write_atomic(path, new)
        if last and not timeline.kept_end(root, account_id):
            timeline.keep_head(root, account_id, last)
    return changed


def _edited(
    data: bytes, account_id: str, edit: Callable[[Event], Event], anew: bool
) -> tuple[bytes, str]:
    """The new bytes, and the last stored link ("" when there is none)."""
    now, last, begun = account_id, "", False
    seen: set[str] = set()
    out = []
    for line in data.split(b"\n"):
        event = timeline.event_in(line, account_id)
        if event is None or event["event_id"] in seen:
            out.append(line)
            continue
        seen.add(event["event_id"])
        stored = event.get(chain.KEY)
        new = edit(event)
        if anew or not (begun or isinstance(stored, str)):
            new.pop(chain.KEY, None)
            now = last = chain.link(now, new)
            new[chain.KEY] = now
        elif isinstance(stored, str):
            now, last, begun = stored, stored, True
        out.append(json.dumps(new, separators=(",", ":")).encode() if new != event else line)
    return b"\n".join(out), last


def unlink(root: MemoryRoot, account_id: str, *, dry_run: bool = False) -> int:
    """Take the chain off a timeline, and the end that is kept beside it."""
    path = timeline.path_of(account_id)
    with lock(root, f"timeline-{account_id}", wait=30):
        try:
            data = root.read_bytes(path, limit=timeline.MAX_BYTES)
        except MissingFile:
            return 0
        lines = data.split(b"\n")
        out = []
        for line in lines:
            event = timeline.event_in(line, account_id)
            if event is not None and event.pop(chain.KEY, None) is not None:
                line = json.dumps(event, separators=(",", ":")).encode()
            out.append(line)
        changed = sum(a != b for a, b in zip(lines, out, strict=True))
        if changed and not dry_run:
            erase(root, timeline.head_path(account_id))
            root.write_atomic(path, b"\n".join(out))
    return changed
