"""The run journal: what happened, one JSON line each, on disk before the next step begins."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from agent.errors import BadDocument, Blocked
from agent.memory.paths import MemoryRoot, MissingFile, check_instruction_id

MAX_BYTES = 512_000_000
_MAX_DEPTH = 100
_REDACTED = "[redacted]"

_SECRETS = re.compile(
    r"\bsk-[A-Za-z0-9][A-Za-z0-9_-]{14,}"
    r"|(?i:\bBearer)\s+[A-Za-z0-9._~+/=-]{12,}"
    r"|\b(?:ghp|gho|ghs|ghu|github_pat|glpat|xox[abprs])[_-][A-Za-z0-9_-]{16,}"
    r"|\bAKIA[0-9A-Z]{16}\b"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
)
_SHORTEST_SECRET = 18  # characters of the shortest text that `_SECRETS` matches
_SECRET_KEYS = {"api_key", "apikey", "x-api-key", "authorization", "auth_token", "password"}


class Journal:
    """The journal of one instruction; its folder's lock is the caller's business.

    `records` holds all records so far. `recovered` is the text of a last line that a crash had
    left incomplete, and that was taken off the file; "" when there was none.
    """

    def __init__(
        self,
        root: MemoryRoot,
        path: str,
        records: list[dict[str, Any]],
        recovered: str,
        *,
        read_only: bool,
    ) -> None:
        self.path, self.records, self.recovered = path, records, recovered
        self._root, self._read_only = root, read_only

    @classmethod
    def open(cls, root: MemoryRoot, iid: str, *, read_only: bool = False) -> Journal:
        """Open the journal of instruction `iid`; a missing file is an empty journal.

        With `read_only` the file is not changed, not even to take off an incomplete last line.

        Raises:
            BadDocument: a line before the last cannot be read, or records are missing.
        """
        path = path_of(iid)
        try:
            data = root.read_bytes(path, limit=MAX_BYTES)
        except MissingFile:
            return cls(root, path, [], "", read_only=read_only)
        records, good = _parse(data, path)
        whole = data[:good] + (b"" if data[:good].endswith(b"\n") or not good else b"\n")
        if not read_only:
            root.sweep(path.rpartition("/")[0])  # what a process left that died while mending
            if whole != data:
                root.write_atomic(path, whole)
        recovered = data[good:].decode("utf-8", "replace").strip("\n")
        return cls(root, path, records, recovered, read_only=read_only)

    def append(self, kind: str, **data: Any) -> dict[str, Any]:
        """Add a record and flush it to disk; returns it as stored, with `seq` (from 1) and `kind`.

        Dates become ISO text; what looks like a secret key becomes `[redacted]`.

        Raises:
            MemoryFault: the disk refused; the record is not in the journal.
            Blocked: the journal was opened to read only.
        """
        if self._read_only:
            raise Blocked("this journal is open for reading only.", where=self.path)
        if "seq" in data:
            raise ValueError("the journal counts its records itself")
        record = {"seq": len(self.records) + 1, "kind": kind, **redact(data)}
        line = json.dumps(record, ensure_ascii=True, separators=(",", ":"))
        self._root.append(self.path, line.encode() + b"\n")
        self.records.append(record)
        return record


class Unwritten(Journal):
    """A journal that keeps nothing: what is appended comes back as it would have been stored.

    `records` are those of a real journal, or none.
    """

    def __init__(self, records: Sequence[Mapping[str, Any]] = ()) -> None:
        self.path, self.recovered = "", ""
        self.records = [dict(record) for record in records]

    def append(self, kind: str, **data: Any) -> dict[str, Any]:
        """The record, redacted; it goes nowhere."""
        stored: dict[str, Any] = json.loads(json.dumps({"kind": kind, **redact(data)}))
        return stored


@dataclass(frozen=True)
class Looked:
    """What stands in a journal, read without giving up at the first fault.

    `records` are those that can be read, `problems` the (line number, reason) of the others and of
    gaps, `torn` the text of an incomplete last line.
    """

    records: list[dict[str, Any]] = field(default_factory=list)
    problems: list[tuple[int, str]] = field(default_factory=list)
    torn: str = ""


def look(root: MemoryRoot, iid: str) -> Looked:
    """Read the journal of instruction `iid` as far as it can be read. Changes nothing.

    Raises:
        BadPath, MemoryFault: the file cannot be read at all.
    """
    try:
        data = root.read_bytes(path_of(iid), limit=MAX_BYTES)
    except MissingFile:
        return Looked()
    whole, _, rest = data.rpartition(b"\n")
    is_torn = bool(rest.strip(b"\0")) and _record(rest) is None
    found = Looked(torn=rest.decode("utf-8", "replace") if is_torn else "")
    expected = 1
    for number, line in enumerate((whole if is_torn else data).split(b"\n"), 1):
        if not line.strip(b"\0"):
            continue
        record = _record(line)
        if record is None:
            found.problems.append((number, "is damaged"))
            expected += 1
            continue
        found.records.append(record)
        seq = record.get("seq")
        if seq != expected:
            found.problems.append((number, f"is record {seq} where {expected} was expected"))
        expected = (seq if isinstance(seq, int) else expected) + 1
    return found


def path_of(iid: str) -> str:
    """Path of the journal of instruction `iid` in the memory."""
    return f"{check_instruction_id(iid)}/episodic/journal.jsonl"


def redact(value: Any, depth: int = 0) -> Any:
    """A JSON-ready copy of `value` with keys and tokens replaced by `[redacted]`."""
    if isinstance(value, str):
        return value if len(value) < _SHORTEST_SECRET else _SECRETS.sub(_REDACTED, value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if depth > _MAX_DEPTH:
        return "[nested too deeply]"
    if isinstance(value, Mapping):
        return {
            redact(str(key)): _REDACTED
            if str(key).casefold() in _SECRET_KEYS and isinstance(item, str)
            else redact(item, depth + 1)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [redact(item, depth + 1) for item in value]
    raise TypeError(f"{type(value).__name__} cannot be recorded")


def _parse(data: bytes, path: str) -> tuple[list[dict[str, Any]], int]:
    """The records in `data` and the length of the part that holds them."""
    records: list[dict[str, Any]] = []
    good = 0
    while good < len(data):
        end = data.find(b"\n", good) + 1 or len(data)
        record = _record(data[good:end])
        if record is None:
            if data[end:].strip(b"\n\0"):
                raise BadDocument(
                    "this line of the journal is damaged.",
                    where=f"{path}:{len(records) + 1}",
                    fix="restore the file from a backup, or move it away to begin anew.",
                )
            break
        if record.get("seq") != len(records) + 1:
            raise BadDocument(
                f"record {len(records) + 1} was expected here, not {record.get('seq')}.",
                where=f"{path}:{len(records) + 1}",
                fix="restore the file from a backup, or move it away to begin anew.",
            )
        records.append(record)
        good = end
    return records, good


def _record(line: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
