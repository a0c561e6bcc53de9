"""The account's timeline: what happened with a customer, quarter after quarter.

One JSON line per event, only ever appended. An event's id follows from its content, so recording
the same event again changes nothing. The documents that people read are views of these events: an
event that a document stands for carries what the document holds under `view` (see `views`).
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from agent.errors import BadInput
from agent.memory import chain
from agent.memory.faults import fault
from agent.memory.locks import lock
from agent.memory.paths import MemoryRoot, MissingFile, check_account_id
from agent.memory.pause import writing

FOLDER = "_knowledge/episodic/accounts"
KINDS = (
    "health_scored", "plan_published", "goal_set", "goal_measured", "risk_opened", "risk_closed",
    "playbook_started", "handoff_sent", "escalated", "review_decided", "renewal_decided",
    "override_set", "redirected", "facts_imported", "fact_noted", "promise_settled",
    "handoff_answered", "corrected",
)  # fmt: skip
MAX_BYTES = 256_000_000
_FIELDS = ("account_id", "at", "recorded_at", "kind", "instruction_id", "data", "source")
ID_KEYS = ("account_id", "kind", "instruction_id", "at", "data")
"""What an event's id follows from."""

_LINE_START = b'{"event_id":"%b"'
_LOCK_SECONDS = 30


@dataclass(frozen=True)
class Timeline:
    """Events in the order of recording, and what could not be read: (line number, reason).

    `lines` holds the line number of each event. `torn` is the text of an incomplete last line, and
    `head` the last link of the chain as it is kept beside the file ("" when it is not).
    """

    events: list[dict[str, Any]] = field(default_factory=list)
    problems: list[tuple[int, str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    torn: str = ""
    head: str = ""

    def tampering(self, account_id: str) -> list[tuple[int, str]]:
        """(line number, reason) wherever the hash chain does not hold; line 0 is the file's end."""
        broken = chain.breaks(account_id, self.events)
        found = [(self.lines[n], reason) for n, reason in broken]
        links = {event.get(chain.KEY) for event in self.events}
        if self.head and self.head not in links:
            found.append((0, "the newest recorded events are missing at its end"))
        return found


def path_of(account_id: str) -> str:
    """Path of the account's timeline in the memory."""
    return f"{FOLDER}/{check_account_id(account_id)}.jsonl"


def head_path(account_id: str) -> str:
    """Path of the file that keeps the last link of the timeline's chain."""
    return f"{FOLDER}/{check_account_id(account_id)}.head"


def torn_path(account_id: str) -> str:
    """Path of the file that keeps incomplete lines which crashes have left."""
    return f"{FOLDER}/{check_account_id(account_id)}.torn"


def accounts(root: MemoryRoot) -> list[str]:
    """Ids of the accounts that have a timeline, sorted."""
    try:
        names = root.list_dir(FOLDER)
    except MissingFile:
        return []
    return [name.removesuffix(".jsonl") for name in names if name.endswith(".jsonl")]


def event_id(event: Mapping[str, Any]) -> str:
    """First 16 hex digits of the SHA-256 over account, kind, instruction, date and data."""
    content = [event[key] for key in ID_KEYS]
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def append(root: MemoryRoot, account_id: str, events: Sequence[Mapping[str, Any]]) -> list[str]:
    """Record `events` that are not recorded yet; returns their ids.

    An event has `account_id, at` (business date), `recorded_at, kind, instruction_id, data,
    source`, and may have a `view`. An incomplete last line from a crash was never acknowledged to
    anybody: it is moved to the file at `torn_path`.

    Raises:
        BadInput: an event lacks a field, is of an unknown kind or of another account.
        Busy: somebody else is writing for longer than half a minute.
        MemoryFault: the disk refused.
    """
    if not events:
        return []
    return _record(root, account_id, events, goes_on=True)


def restore(root: MemoryRoot, account_id: str, events: Sequence[Mapping[str, Any]]) -> list[str]:
    """Put events back that the timeline has lost at its end, and mend an incomplete last line.

    They get the links that they had, if they are all that was lost. If they are not, the kept end
    of the chain stays as it is and goes on telling that something is missing. Raises as `append`.
    """
    return _record(root, account_id, events, goes_on=False)


def _record(
    root: MemoryRoot, account_id: str, events: Sequence[Mapping[str, Any]], *, goes_on: bool
) -> list[str]:
    path = path_of(account_id)
    new = {event["event_id"]: event for event in (_complete(e, account_id) for e in events)}
    with writing(root), lock(root, f"timeline-{account_id}", wait=_LOCK_SECONDS):
        data = _mended(root, account_id, _bytes(root, path))
        missing = [event for id, event in new.items() if _LINE_START % id.encode() not in data]
        before, head = _last_link(data, account_id), kept_end(root, account_id)
        chained = chain.chained(before, missing)
        links = [before, *(event[chain.KEY] for event in chained)]
        is_whole = not head or head in links or head.encode() in data
        if goes_on and missing and not is_whole:
            # The end was lost: going on from where it was keeps the gap visible for ever.
            chained, is_whole = chain.chained(head, missing), True
            links = [event[chain.KEY] for event in chained]
        if chained:
            lines = [json.dumps(event, separators=(",", ":")) for event in chained]
            root.append(path, ("\n".join(lines) + "\n").encode())
        if is_whole and head != links[-1] and (chained or links[-1].encode() in data):
            keep_head(root, account_id, links[-1])
    return [event["event_id"] for event in missing]


def read(root: MemoryRoot, account_id: str) -> list[dict[str, Any]]:
    """The account's events in the order of recording; unreadable lines are passed over."""
    return scan(root, account_id).events


def scan(root: MemoryRoot, account_id: str) -> Timeline:
    """The account's events together with the lines that cannot be used. Changes nothing."""
    found = _parse(_bytes(root, path_of(account_id)), account_id)
    return replace(found, head=kept_end(root, account_id))


def event_in(line: bytes, account_id: str) -> dict[str, Any] | None:
    """The event of this account that a line holds; None when it holds something else."""
    found = _parse(line, account_id).events
    return found[0] if found else None


def told(event: Mapping[str, Any]) -> dict[str, Any]:
    """An event without what only the file needs: its link, and the document it stands for."""
    return {key: value for key, value in event.items() if key not in (chain.KEY, "view")}


def kept_end(root: MemoryRoot, account_id: str) -> str:
    """The last link as it is kept beside the timeline; "" when it is not."""
    return _bytes(root, head_path(account_id)).decode("ascii", "replace").strip()


def keep_head(root: MemoryRoot, account_id: str, last: str) -> None:
    """Keep the last link of the chain beside the timeline; the timeline's lock is the caller's.

    Written in place, always the same length: there is nothing else to keep of it, and a folder
    of a hundred thousand accounts need not be swept for temporary files at every event."""
    path = head_path(account_id)
    handle = root.open_file(path, os.O_RDWR | os.O_CREAT)
    try:
        os.pwrite(handle, f"{last}\n".encode(), 0)
        os.fsync(handle)
    except OSError as error:
        raise fault(error, path, "write the file") from error
    finally:
        os.close(handle)


def _cut_off(root: MemoryRoot, path: str, size: int) -> None:
    """Leave the first `size` bytes of a file: quicker than a new one, nothing to sweep after."""
    handle = root.open_file(path, os.O_RDWR)
    try:
        os.ftruncate(handle, size)
        os.fsync(handle)
    except OSError as error:
        raise fault(error, path, "write the file") from error
    finally:
        os.close(handle)


def _bytes(root: MemoryRoot, path: str) -> bytes:
    try:
        return root.read_bytes(path, limit=MAX_BYTES)
    except MissingFile:
        return b""


def _mended(root: MemoryRoot, account_id: str, data: bytes) -> bytes:
    """`data` ending in a complete line; what a crash has left of another is moved away."""
    whole, torn = _split_torn(data)
    if torn and not _is_event(torn):
        root.append(torn_path(account_id), torn + b"\n")
        _cut_off(root, path_of(account_id), len(whole))
        return whole
    if torn:
        root.append(path_of(account_id), b"\n")
        return data + b"\n"
    return data


def _split_torn(data: bytes) -> tuple[bytes, bytes]:
    end = data.rfind(b"\n") + 1
    return data[:end], data[end:]


def _is_event(line: bytes) -> bool:
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(event, dict) and isinstance(event.get("event_id"), str)


def _last_link(data: bytes, account_id: str) -> str:
    """The last link in `data`; only a last line that does not hold one costs reading them all."""
    last = data[data.rfind(b"\n", 0, -1) + 1 :]
    if _is_event(last) and isinstance(stored := json.loads(last).get(chain.KEY), str):
        return stored
    return chain.last_link(account_id, _parse(data, account_id).events)


def _complete(event: Mapping[str, Any], account_id: str) -> dict[str, Any]:
    missing = [key for key in _FIELDS if key not in event]
    if missing:
        raise BadInput(f"an event lacks {', '.join(missing)}.", where=path_of(account_id))
    if event["account_id"] != account_id:
        raise BadInput(
            f"an event of '{event['account_id']}' does not belong here.", where=path_of(account_id)
        )
    if event["kind"] not in KINDS:
        raise BadInput(
            f"there is no kind of event '{event['kind']}'.",
            where=path_of(account_id),
            fix=f"use one of {', '.join(KINDS)}.",
        )
    own = ("event_id", chain.KEY)
    return {"event_id": event_id(event), **{k: v for k, v in event.items() if k not in own}}


def _parse(data: bytes, account_id: str) -> Timeline:
    found = Timeline()
    seen: set[str] = set()
    for number, line in enumerate(data.split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            event = json.loads(line)
        except (ValueError, RecursionError):
            found.problems.append((number, "is not complete JSON"))
            continue
        if not isinstance(event, dict) or not all(
            isinstance(event.get(key), str) for key in ("event_id", "kind", "at")
        ):
            found.problems.append((number, "is not an event"))
        elif event.get("account_id") != account_id:
            found.problems.append((number, "is an event of another account"))
        elif event["event_id"] not in seen:
            seen.add(event["event_id"])
            found.events.append(event)
            found.lines.append(number)
    torn = _split_torn(data)[1]
    if torn and not _is_event(torn):
        return replace(found, torn=torn.decode("utf-8", "replace"))
    return found
