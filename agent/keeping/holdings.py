"""Everything in a memory that is about one customer: what has to go when it is forgotten."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from agent.account_match import mentioned
from agent.case import INSIGHTS, INSTRUCTION_LIMIT, PLAN_LIMIT, read_insights
from agent.errors import BadDocument, CsmError
from agent.keeping import places
from agent.keeping.subject import Subject
from agent.memory import cut, everything, journal, kept, strict_yaml, timeline
from agent.memory.locks import FOLDER as LOCKS
from agent.memory.paths import MemoryRoot
from agent.memory.scores_file import PATH as SCORES

LIVE = (INSIGHTS, SCORES)
_MESSAGES = "_communication"
_ARCHIVE = "_archive"
_SEMANTIC = "_knowledge/semantic"
_MESSAGE_LIMIT = 4 << 20
_LIMIT = 512 << 20
_TIMELINE = re.compile(r"\.(?:jsonl|head|torn)(?:\.replaced-.*)?")
_DATED_COPY = re.compile(rf"{_SEMANTIC}/customer_(?:insights|health_scores)\.[^/]+")


@dataclass
class Holdings:
    """Paths by what becomes of them, and what stays: `children` are instructions about others that
    belong to one of `folders`, `mixed` folders whose journals hold other accounts as well."""

    folders: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    copies: list[str] = field(default_factory=list)  # archived and kept files, removed whole
    entries: list[str] = field(default_factory=list)  # files of accounts that lose one entry
    timeline: list[str] = field(default_factory=list)
    children: list[str] = field(default_factory=list)
    mixed: list[str] = field(default_factory=list)

    @property
    def gone(self) -> list[str]:
        """What is removed whole."""
        return [*self.messages, *self.folders, *self.copies, *self.timeline]

    def __bool__(self) -> bool:
        return bool(self.gone or self.entries)


def holdings(root: MemoryRoot, subject: Subject) -> Holdings:
    """Look through the whole memory for what is about `subject`.

    Raises:
        BadDocument: insights or scores cannot be read, so that nothing could be cut out of them.
    """
    found = Holdings()
    _instructions(root, subject, found)
    for item in everything.everything(root):
        top, _, _ = item.path.partition("/")
        if item.kind != "file" or item.is_lock or item.is_temporary:
            continue
        if top == _MESSAGES:
            if _is_message(root, item.path, subject, found.folders):
                found.messages.append(item.path)
        elif item.path.startswith(f"{timeline.FOLDER}/"):
            if _is_timeline(item.name, subject.account_id):
                found.timeline.append(item.path)
        elif top == _ARCHIVE or item.path.startswith(f"{_SEMANTIC}/"):
            _copy(root, item.path, subject, found)
    return found


def lock_files(root: MemoryRoot, subject: Subject, folders: list[str]) -> list[str]:
    """Lock files whose name tells of the customer."""
    names = [f"account-{subject.account_id}", f"timeline-{subject.account_id}"]
    names += [f"instruction-{iid}" for iid in folders]
    return [path for name in names if root.exists(path := f"{LOCKS}/{name}")]


# Instruction folders


def _instructions(root: MemoryRoot, subject: Subject, found: Holdings) -> None:
    names = {subject.account_id: next(iter(subject.names), subject.account_id)}
    with suppress(CsmError):
        insights = read_insights(root)
        names |= insights.names if insights else {}
    parents: dict[str, str] = {}
    for iid in places.instruction_folders(root):
        asked = _mapping(root, f"{iid}/instruction.yaml", INSTRUCTION_LIMIT)
        parents[iid] = str(asked.get("parent_instruction") or asked.get("parent") or "")
        accounts = _journal_accounts(root, iid)
        if subject.account_id in accounts - {""} and len(accounts - {""}) > 1:
            found.mixed.append(iid)
        elif subject.account_id in accounts - {""} or (
            not accounts - {""} and _is_about(root, iid, asked, subject, names)
        ):
            found.folders.append(iid)
    mine = set(found.folders)
    found.children += [iid for iid, parent in parents.items() if parent in mine - {""}
                       and iid not in mine]  # fmt: skip


def _is_about(
    root: MemoryRoot, iid: str, asked: Mapping[str, Any], subject: Subject, names: Mapping[str, str]
) -> bool:
    """By the word of its plan, then of its instruction, then by whom the text names alone."""
    for path in (f"{iid}/outputs/final/success_plan.yaml", f"{iid}/status.yaml"):
        said = subject.is_named_in(_mapping(root, path, PLAN_LIMIT))
        if said is not None:
            return said
    entities = asked.get("entities")
    for mapping in (asked, entities if isinstance(entities, Mapping) else {}):
        said = subject.is_named_in(mapping)
        if said is not None:
            return said
    texts = [asked.get(key) for key in ("objective", "raw_input", "request", "raw_request")]
    text = "\n".join(json.dumps(t, ensure_ascii=False) if isinstance(t, Mapping) else str(t)
                     for t in texts if t)  # fmt: skip
    return mentioned(text[:20_000], names) == [subject.account_id]


def _journal_accounts(root: MemoryRoot, iid: str) -> set[str]:
    """Ids of the accounts that the journal holds data of."""
    out: set[str] = set()
    with suppress(CsmError):
        for record in journal.look(root, iid).records:
            out |= _record_accounts(record)
    return out


def _record_accounts(record: Mapping[str, Any]) -> set[str]:
    inner = [record.get("snapshot"), record.get("publication"), record]
    ids = [part.get("account_id") for part in inner if isinstance(part, Mapping)]
    return {id for id in ids if isinstance(id, str) and id}


# Messages, copies, timelines


def _is_message(root: MemoryRoot, path: str, subject: Subject, folders: list[str]) -> bool:
    message = _mapping(root, path, _MESSAGE_LIMIT)
    if message.get("account_id"):
        return bool(message["account_id"] == subject.account_id)
    return message.get("instruction_id") in folders or subject.is_named_in(message) is True


def _is_timeline(name: str, account_id: str) -> bool:
    ending = name.removeprefix(account_id) if account_id else name
    return ending != name and _TIMELINE.fullmatch(ending) is not None


def _copy(root: MemoryRoot, path: str, subject: Subject, found: Holdings) -> None:
    """Sort in an archived, kept or live file of accounts; or a copy that is about this one only."""
    data = _bytes(root, path, _LIMIT)
    if not data:
        return
    is_copy = path not in LIVE
    words = [subject.account_id, *subject.names]
    if is_copy and not any(word and word.casefold() in data.decode("utf-8", "replace").casefold()
                           for word in words):  # fmt: skip
        return
    if path.endswith(".jsonl"):
        if _accounts_of_lines(data) == {subject.account_id}:
            found.copies.append(path)
        return
    try:
        if subject.account_id and cut.has_entry(data, subject.account_id, where=path):
            found.entries.append(path)
        elif is_copy and subject.is_named_in(_parsed(data, path)) is True:
            found.copies.append(path)
    except BadDocument:
        if not is_copy:
            raise
        if kept.MARK in path or _DATED_COPY.fullmatch(path):
            found.copies.append(path)  # a copy of a damaged file: nothing can be cut out of it


def _accounts_of_lines(data: bytes) -> set[str]:
    out: set[str] = set()
    for line in data.splitlines():
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            continue
        out |= _record_accounts(record) if isinstance(record, dict) else set()
    return out


# Reading


def _bytes(root: MemoryRoot, path: str, limit: int) -> bytes:
    with suppress(CsmError), everything.opened(root, path) as file:
        return file.read(limit)
    return b""


def _mapping(root: MemoryRoot, path: str, limit: int) -> Mapping[str, Any]:
    return _parsed(_bytes(root, path, limit), path)


def _parsed(data: bytes, where: str) -> Mapping[str, Any]:
    """The mapping in `data`; an empty one where there is none that can be read."""
    with suppress(CsmError):
        document = strict_yaml.load(data, where=where, max_bytes=max(len(data), 1))
        return document if isinstance(document, dict) else {}
    return {}


def walked(root: MemoryRoot, path: str) -> Iterator[str]:
    """The files that go with `path`: itself, or all below it."""
    files = [item.path for item in everything.everything(root, path) if item.kind != "folder"]
    yield from files or [path]
