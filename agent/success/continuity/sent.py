"""Messages that were sent to other roles, and which of them have been answered.

An answer is known in two ways: somebody recorded it (`handoff_answered`), or a message that says it
replies to ours lies in our inbox. The second is another agent's word. It is shown as that, never
recorded by itself, and a recorded answer goes before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from agent.success.continuity.reading import Told
from agent.success.continuity.values import day, text

KINDS = frozenset({"handoff_sent", "escalated", "redirected"})


@dataclass(frozen=True)
class Reply:
    """A message in our inbox that says it answers another one; all of it is its sender's word.

    `sent_at` has a zone; `path` is where the message lies.
    """

    in_reply_to: str
    sender: str
    sent_at: datetime
    text: str
    path: str


@dataclass(frozen=True)
class Answer:
    """`recorded` says whether a person put it on record; else `source` is the message's path."""

    by: str
    on: date
    text: str
    source: str
    recorded: bool


@dataclass(frozen=True)
class Sent:
    """A message of ours. `kind`: handoff_sent, escalated or redirected."""

    message_id: str
    kind: str
    to: str
    about: str
    sent_on: date
    instruction_id: str
    event_id: str
    answer: Answer | None = None

    def days_open(self, on: date) -> int:
        """Days since it was sent; 0 once it is answered."""
        return 0 if self.answer else max(0, (on - self.sent_on).days)

    def as_dict(self) -> dict[str, Any]:
        return {**self.__dict__, "answer": self.answer.__dict__ if self.answer else None}


def sent_messages(
    told: Iterable[Told],
    replies: Sequence[Reply] = (),
    *,
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> tuple[Sent, ...]:
    """Messages by the day on which they were first sent, each with its answer if there is one.

    A reply counts from its own `sent_at` on, for both clocks.
    """
    found: dict[str, Sent] = {}
    for event in told:
        id = text(event.data.get("message_id"))
        if event.kind in KINDS and id and id not in found:
            found[id] = Sent(
                id,
                event.kind,
                text(event.data.get("to")),
                text(event.data.get("about")) or text(event.data.get("lane")),
                event.on,
                str(event.event.get("instruction_id") or ""),
                event.id,
            )
        elif event.kind == "handoff_answered" and id in found and not found[id].answer:
            found[id] = replace(found[id], answer=_recorded(event))
    for reply in sorted(replies, key=lambda r: (r.sent_at, r.path)):
        mine, on = found.get(reply.in_reply_to), reply.sent_at.astimezone(UTC).date()
        early = (as_of and on > as_of) or (known_at and reply.sent_at > known_at)
        if mine and not mine.answer and not early:
            answer = Answer(reply.sender, on, reply.text, reply.path, recorded=False)
            found[mine.message_id] = replace(mine, answer=answer)
    return tuple(found.values())


def _recorded(event: Told) -> Answer:
    on = day(event.data.get("on")) or event.on
    return Answer(
        text(event.data.get("by")), on, text(event.data.get("answer")), "timeline", recorded=True
    )
