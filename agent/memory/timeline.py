"""The account's timeline: what happened with a customer, quarter after quarter.

One JSON line per event, only ever appended. An event's id follows from its content, so recording
the same event again changes nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from agent.errors import BadInput
from agent.memory.locks import lock
from agent.memory.paths import MemoryRoot, MissingFile, check_account_id

FOLDER = "_knowledge/episodic/accounts"
KINDS = (
    "health_scored", "plan_published", "goal_set", "goal_measured", "risk_opened", "risk_closed",
    "playbook_started", "handoff_sent", "escalated", "review_decided", "renewal_decided",
    "override_set", "redirected",
)  # fmt: skip
MAX_BYTES = 256_000_000
_FIELDS = ("account_id", "at", "recorded_at", "kind", "instruction_id", "data", "source")
_LOCK_SECONDS = 30


@dataclass(frozen=True)
class Timeline:
    """Events in the order of recording, and what could not be read: (line number, reason)."""

    events: list[dict[str, Any]] = field(default_factory=list)
    problems: list[tuple[int, str]] = field(default_factory=list)


def path_of(account_id: str) -> str:
    """Path of the account's timeline in the memory."""
    return f"{FOLDER}/{check_account_id(account_id)}.jsonl"


def account_ids(root: MemoryRoot) -> list[str]:
    """Accounts that have a timeline, sorted."""
    try:
        files = root.list_dir(FOLDER)
    except MissingFile:
        return []
    return sorted(name.removesuffix(".jsonl") for name in files if name.endswith(".jsonl"))


def event_id(event: Mapping[str, Any]) -> str:
    """First 16 hex digits of the SHA-256 over account, kind, instruction, date and data."""
    content = [event[key] for key in ("account_id", "kind", "instruction_id", "at", "data")]
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def append(root: MemoryRoot, account_id: str, events: Sequence[Mapping[str, Any]]) -> list[str]:
    """Record `events` that are not recorded yet; returns their ids.

    An event has `account_id, at` (business date), `recorded_at, kind, instruction_id, data,
    source`. An incomplete last line from a crash is closed, and stays as a line that `scan`
    reports.

    Raises:
        BadInput: an event lacks a field, is of an unknown kind or of another account.
        Busy: somebody else is writing for longer than half a minute.
        MemoryFault: the disk refused.
    """
    path = path_of(account_id)
    new = [_complete(event, account_id) for event in events]
    if not new:
        return []
    with lock(root, f"timeline-{account_id}", wait=_LOCK_SECONDS):
        data = _bytes(root, path)
        known = {event["event_id"] for event in _parse(data, account_id).events}
        missing = {event["event_id"]: event for event in new if event["event_id"] not in known}
        lines = [json.dumps(event, separators=(",", ":")) + "\n" for event in missing.values()]
        if lines:
            opening = "\n" if data and not data.endswith(b"\n") else ""
            root.append(path, (opening + "".join(lines)).encode())
    return list(missing)


def read(root: MemoryRoot, account_id: str) -> list[dict[str, Any]]:
    """The account's events in the order of recording; unreadable lines are passed over."""
    return scan(root, account_id).events


def scan(root: MemoryRoot, account_id: str) -> Timeline:
    """The account's events together with the lines that cannot be used. Changes nothing."""
    return _parse(_bytes(root, path_of(account_id)), account_id)


def _bytes(root: MemoryRoot, path: str) -> bytes:
    try:
        return root.read_bytes(path, limit=MAX_BYTES)
    except MissingFile:
        return b""


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
    return {"event_id": event_id(event), **{k: v for k, v in event.items() if k != "event_id"}}


def _parse(data: bytes, account_id: str) -> Timeline:
    timeline = Timeline()
    seen: set[str] = set()
    for number, line in enumerate(data.split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            event = json.loads(line)
        except (ValueError, RecursionError):
            timeline.problems.append((number, "is not complete JSON"))
            continue
        if not isinstance(event, dict) or not all(
            isinstance(event.get(key), str) for key in ("event_id", "kind", "at")
        ):
            timeline.problems.append((number, "is not an event"))
        elif event.get("account_id") != account_id:
            timeline.problems.append((number, "is an event of another account"))
        elif event["event_id"] not in seen:
            seen.add(event["event_id"])
            timeline.events.append(event)
    return timeline
