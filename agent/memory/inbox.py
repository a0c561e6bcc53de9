"""Messages between roles: the envelope, the file each one becomes, and what lies in an inbox."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from agent.errors import BadInput, CsmError
from agent.memory import strict_yaml
from agent.memory.names import shown
from agent.memory.paths import MemoryRoot, MissingFile

MAX_RECEIVED = 2000
MAX_MESSAGE = 256_000
FOLDER = "_communication/inbox"
TYPES = (
    "delegation", "consultation", "consultation_response", "review_request", "review_response",
    "escalation", "broadcast", "handoff", "phase_start",
)  # fmt: skip
PRIORITIES = ("low", "normal", "medium", "high", "critical")

_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}")


def message(
    *,
    type: str,
    sender: str,
    to: str,
    timestamp: str,
    instruction_id: str,
    account_id: str,
    key: str,
    body: Mapping[str, Any],
    priority: str = "normal",
    status: str = "pending",
    in_reply_to: str | None = None,
) -> dict[str, Any]:
    """One message: the envelope's keys first, then those of `body`.

    Args:
        timestamp: moment of sending in UTC, ISO 8601 (`2026-11-17T09:00:00Z`).
        account_id: the account it is about; "" when that is not known.
        key: what the message is about, to tell it from others of the same instruction, type and
            target. The message's id follows from these four, so the same matter is one message.

    Raises:
        BadInput: an unknown type or priority, or a role that cannot name an inbox.
    """
    _check(type in TYPES, f"there is no message type {shown(type)}.", TYPES)
    _check(priority in PRIORITIES, f"there is no priority {shown(priority)}.", PRIORITIES)
    envelope: dict[str, Any] = {
        "id": message_id(instruction_id, type, to, key),
        "type": type,
        "from": _role(sender),
        "to": _role(to),
        "timestamp": timestamp,
        "instruction_id": instruction_id,
        "account_id": account_id or None,
        "priority": priority,
        "status": status,
        "in_reply_to": in_reply_to,
    }
    twice = sorted(envelope.keys() & body.keys())
    if twice:
        raise ValueError(f"the body may not set the envelope's {', '.join(twice)}")
    return {**envelope, **body}


def message_id(instruction_id: str, type: str, to: str, key: str) -> str:
    """16 hex digits that are the same for the same instruction, type, target and matter."""
    text = "\x1f".join((instruction_id, type, to, key))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def message_path(role: str, ts: str | datetime, type: str, id: str) -> str:
    """Path of a message's file: `_communication/inbox/<role>/msg_<time>_<type>_<id>.yaml`.

    `ts` is ISO 8601 or already compact (`20261117T090000Z`); a time of another zone is converted
    to UTC.
    """
    _check(_WORD.fullmatch(type) is not None, f"{shown(type)} cannot be a message type.")
    _check(_WORD.fullmatch(id) is not None, f"{shown(id)} cannot be a message id.")
    return f"{FOLDER}/{_role(role)}/msg_{_compact(ts)}_{type}_{id}.yaml"


def received(
    root: MemoryRoot, role: str, naming: Collection[str] | None = None
) -> tuple[list[tuple[str, dict[str, Any]]], list[tuple[str, str]]]:
    """What lies in a role's inbox: (path, message) by name, and (path, reason) of what cannot be
    read. Of more than 2,000 files the last by name are read. All of it is its senders' word.

    Args:
        naming: only messages that hold one of these texts, ids of ours; None for all.
    """
    wanted = None if naming is None else [text.encode() for text in naming]
    folder = f"{FOLDER}/{_role(role)}"
    try:
        names = [n for n in root.list_dir(folder) if n.endswith((".yaml", ".yml"))]
    except MissingFile:
        return [], []
    found: list[tuple[str, dict[str, Any]]] = []
    unreadable: list[tuple[str, str]] = []
    for path in (f"{folder}/{name}" for name in names[-MAX_RECEIVED:]):
        try:
            data = root.read_bytes(path, limit=MAX_MESSAGE)
            if wanted is not None and not any(text in data for text in wanted):
                continue
            document = strict_yaml.load(data, where=path, max_bytes=MAX_MESSAGE)
        except CsmError as error:
            unreadable.append((path, error.what))
            continue
        if isinstance(document, dict):
            found.append((path, document))
        else:
            unreadable.append((path, "is not a mapping of keys"))
    return found, unreadable


def _compact(ts: str | datetime) -> str:
    try:
        moment = datetime.fromisoformat(ts) if isinstance(ts, str) else ts
    except ValueError:
        raise BadInput(
            f"{shown(ts)} is not a time.", fix="write it like 2026-11-17T09:00:00Z."
        ) from None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return moment.strftime("%Y%m%dT%H%M%SZ")


def _role(role: str) -> str:
    _check(_WORD.fullmatch(role) is not None, f"{shown(role)} cannot name a role's inbox.")
    return role


def _check(holds: bool, objection: str, allowed: tuple[str, ...] = ()) -> None:
    if not holds:
        raise BadInput(objection, fix=f"use one of {', '.join(allowed)}." if allowed else "")
