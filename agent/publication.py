"""What a finished run leaves in the memory, written so that it can be redone.

The whole publication stands in the journal before the first file changes. The account's timeline
comes first, because the documents are views of it: what the scores file then gets is the entry that
the timeline tells, so that a publication carried out late never puts an older score over a newer
one. A crash in the middle is healed by carrying it out again: every step is idempotent, and plan
and health score appear both or not at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from agent.case import SCORES, sha256
from agent.errors import MemoryFault
from agent.memory import inbox, scores_file, strict_yaml, timeline, views
from agent.memory.locks import lock
from agent.memory.paths import MemoryRoot
from agent.memory.publish import Staged, publish
from agent.result import Output, Sent


@dataclass(frozen=True)
class Publication:
    """What to write.

    `plan_id` is "" for a run without a plan; `plan` and `records` map paths to text; `entry` is the
    account's health score entry; `messages` are envelopes for inboxes; `events` go to the timeline.
    """

    plan_id: str = ""
    plan: dict[str, str] = field(default_factory=dict)
    account_id: str = ""
    entry: dict[str, Any] | None = None
    messages: Sequence[dict[str, Any]] = ()
    events: Sequence[dict[str, Any]] = ()
    records: dict[str, str] = field(default_factory=dict)
    archive: tuple[str, str] | None = None  # (current plan, where its bytes are kept)

    def as_dict(self) -> dict[str, Any]:
        return {
            "plan_id": self.plan_id,
            "plan": self.plan,
            "account_id": self.account_id,
            "entry": self.entry,
            "messages": list(self.messages),
            "events": list(self.events),
            "records": self.records,
            "archive": list(self.archive) if self.archive else None,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Publication:
        archive = data.get("archive")
        return cls(
            plan_id=data["plan_id"],
            plan=dict(data["plan"]),
            account_id=data["account_id"],
            entry=data["entry"],
            messages=list(data["messages"]),
            events=list(data["events"]),
            records=dict(data["records"]),
            archive=(archive[0], archive[1]) if archive else None,
        )


def carry_out(
    root: MemoryRoot, publication: Publication, sent_before: Mapping[str, Sent]
) -> tuple[list[Output], list[Sent]]:
    """Publish, under the account's lock; safe to repeat. Raises MemoryFault if the disk refuses."""
    if publication.archive:
        _keep(root, *publication.archive, replaced_by=publication.plan)
    if publication.account_id and publication.events:
        timeline.append(root, publication.account_id, publication.events)
    outputs = _publish_documents(root, publication)
    sent = deliver(root, publication.messages, sent_before)
    for path, text in publication.records.items():
        _replace(root, path, text.encode())
    return outputs, sent


def deliver(
    root: MemoryRoot, messages: Sequence[Mapping[str, Any]], sent_before: Mapping[str, Sent]
) -> list[Sent]:
    """Put each message into its inbox, once: not if it lies there, and not if it was sent by an
    earlier run (`sent_before`, by message id) and its receiver has taken it away since."""
    sent = []
    for message in messages:
        earlier = sent_before.get(message["id"])
        if earlier is not None:
            sent.append(earlier)
            continue
        path = inbox.message_path(
            message["to"], message["timestamp"], message["type"], message["id"]
        )
        if not root.exists(path):
            _replace(root, path, strict_yaml.dump(dict(message)).encode())
        sent.append(Sent(message["id"], message["to"], message["type"], message["subject"], path))
    return sent


def _replace(root: MemoryRoot, path: str, data: bytes) -> None:
    """Write one file; what a killed try has left half-done beside it is removed."""
    if root.exists(folder := path.rpartition("/")[0]):
        root.sweep(folder)
    root.write_atomic(path, data)


def _publish_documents(root: MemoryRoot, publication: Publication) -> list[Output]:
    if not publication.plan:
        return []
    files = {path: text.encode() for path, text in publication.plan.items()}
    entry = publication.entry
    if entry is not None:
        entry = views.score_entry(timeline.read(root, publication.account_id)) or entry
    with lock(root, "scores", wait=60):
        for _attempt in range(20):
            staged = [Staged(path, data) for path, data in files.items()]
            if entry is not None:
                staged.append(_scores(root, publication.account_id, entry))
            if publish(root, staged):
                return [Output(s.path, sha256(s.data)) for s in staged]
    raise MemoryFault(
        "another program keeps replacing this file without taking the lock",
        where=SCORES,
        fix="Stop the other writer, then run `csm resume`.",
    )


def _scores(root: MemoryRoot, account_id: str, entry: dict[str, Any]) -> Staged:
    before = root.signature(SCORES)
    data = root.read_bytes(SCORES, limit=scores_file.MAX_BYTES) if before else None
    return Staged(SCORES, scores_file.with_entry(data, account_id, entry), before)


def _keep(root: MemoryRoot, current: str, kept: str, *, replaced_by: Mapping[str, str]) -> None:
    """Keep the superseded plan before it is replaced (unless a first try has replaced it)."""
    if root.exists(kept) or not root.exists(current):
        return
    data = root.read_bytes(current, limit=8 << 20)
    if data != replaced_by.get(current, "").encode():
        _replace(root, kept, data)
