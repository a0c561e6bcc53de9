"""What people put on record about an account: a fact, an answer to a message of ours."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from agent.chronicle import Chronicle, open_chronicle, state_of
from agent.clock import stamp, utc_now
from agent.errors import BadInput, printable
from agent.memory import timeline
from agent.memory.locks import lock
from agent.memory.paths import MemoryRoot
from agent.success.continuity.facts import key_of
from agent.success.continuity.reading import Event, Told, read
from agent.success.continuity.sent import Sent
from agent.success.continuity.sentences import sentence
from agent.success.events import EventKind, event

SOURCE = "csm record"
MAX_WORDS = 300
MAX_TEXT = 2000
MIN_PREFIX = 4

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+){0,9}")
_FIGURE = re.compile(r"-?(?:0|[1-9]\d{0,14})(?:\.\d{1,15})?")


@dataclass(frozen=True)
class Recorded:
    """An event as it was recorded; `new` is False when it stood there already."""

    account_id: str
    name: str
    event: Mapping[str, Any]
    new: bool = True

    @property
    def says(self) -> str:
        return sentence(self.event["kind"], self.event["data"])


def record_fact(
    memory: Path, account: str, key: str, value: str, *, by: str, valid_from: date | None = None,
    source: str = "", as_of: date, now: Callable[[], datetime] = utc_now,
) -> Recorded:  # fmt: skip
    """Record that a fact holds from `valid_from` on (`as_of` if left out; it may be ahead).

    Args:
        key: words with dots between them, as contract.arr; the pointer /contract/arr is the same.
        value: plain numbers, true and false are stored as such, anything else as text.

    Raises BadInput for a key or value that cannot be used, or a missing author.
    """
    name = key_of(key.strip())
    if not _KEY.fullmatch(name) or len(name) > 120:
        raise BadInput(
            f"{printable(key, 60)!r} cannot be the key of a fact",
            where="KEY",
            fix="Use letters, digits, - and _ with dots between words, such as contract.arr.",
        )
    said = needed(value, "VALUE", "a value", MAX_TEXT)
    start = valid_from or as_of
    data = {
        "key": name,
        "value": parsed(said),
        "valid_from": start.isoformat(),
        "by": needed(by, "--by", "an author"),
        **({"source": needed(source, "--source", "a source")} if source.strip() else {}),
    }
    with at_work(memory, account) as chronicle:
        made = made_event(chronicle, "fact_noted", min(start, as_of), now(), data)
        before = _told(chronicle, timeline.event_id(made))
        if before is not None and not before.withdrawn:
            return Recorded(chronicle.account_id, chronicle.name, before.event, new=False)
        return recorded(chronicle, made)


def record_answer(
    memory: Path, account: str, message_id: str, *, by: str, answer: str = "",
    on: date | None = None, as_of: date, now: Callable[[], datetime] = utc_now,
) -> Recorded:  # fmt: skip
    """Record that a message of ours was answered on a day (`as_of` if left out).

    Raises BadInput for a message that was never sent or is answered already (the beginning of an
    id is enough when it fits one), a day before it was sent or after `as_of`, a missing author.
    """
    answered = on or as_of
    with at_work(memory, account) as chronicle:
        state, _ = state_of(chronicle, as_of)
        sent = _one_sent(message_id, state.sent, chronicle.account_id)
        if sent.answer is not None and sent.answer.recorded:
            raise BadInput(
                f"{sent.message_id} is on record as answered by {sent.answer.by} on "
                f"{sent.answer.on}",
                where="MESSAGE_ID",
                fix="`csm record correction` takes that back.",
            )
        if not sent.sent_on <= answered <= as_of:
            raise BadInput(
                f"it is answered between {sent.sent_on}, when it was sent, and {as_of}; "
                f"{answered} is not",
                where="--on",
                fix="Give the day of the answer.",
            )
        data = {
            "message_id": sent.message_id,
            "by": needed(by, "--by", "who answered"),
            "answer": needed(answer, "--answer", "an answer", MAX_TEXT) if answer.strip() else "",
            "on": answered.isoformat(),
        }
        return recorded(chronicle, made_event(chronicle, "handoff_answered", answered, now(), data))


def parsed(said: str) -> Any:
    """A value as it was typed: plain numbers, true and false as such, anything else as text."""
    if said in ("true", "false"):
        return said == "true"
    if _FIGURE.fullmatch(said):
        return float(said) if "." in said else int(said)
    return said


@contextmanager
def at_work(memory: Path, account: str) -> Iterator[Chronicle]:
    """The account's chronicle, while nobody else works on the account."""
    found = open_chronicle(memory, account)
    with lock(found.root, f"account-{found.account_id}", wait=60):
        yield open_chronicle(memory, found.account_id)


def long_enough(prefix: str) -> bool:
    """Whether so much of an id may stand for the whole."""
    return len(prefix) >= MIN_PREFIX


def _one_sent(message_id: str, sent: Sequence[Sent], account_id: str) -> Sent:
    wanted = message_id.strip()
    found = [
        s
        for s in sent
        if s.message_id == wanted or (long_enough(wanted) and s.message_id.startswith(wanted))
    ]
    if len(found) == 1:
        return found[0]
    waiting = [f"{s.message_id} to {s.to}, {s.sent_on}" for s in sent if s.answer is None]
    some = printable("; ".join(waiting[:10]), 500) or "none"
    what = f"{len(found)} messages begin with" if found else f"{account_id} was sent no message"
    raise BadInput(
        f"{what} {printable(message_id, 40)!r}", where="MESSAGE_ID", fix=f"Not answered: {some}."
    )


def _told(chronicle: Chronicle, event_id: str) -> Told | None:
    return next((t for t in read(chronicle.events).told if t.id == event_id), None)


def made_event(
    chronicle: Chronicle, kind: EventKind, at: date, now: datetime, data: Mapping[str, Any]
) -> dict[str, Any]:
    """An event that a person records now."""
    return event(chronicle.account_id, kind, "", at, stamp(now), data, source=SOURCE)


def put(
    root: MemoryRoot, account_id: str, made: Mapping[str, Any], known: Sequence[Event]
) -> dict[str, Any]:
    """Record an event, also where the same one is among those `known`: it happened once more, so
    it gets a number. Only where it is the last word of its kind, and stands, is saying it again
    (after a crash, say) no second event. Returns it as it is stored."""
    last = next((e for e in reversed(known) if _alike(e, made, ("kind", "instruction_id"))), None)
    if last is not None and _alike(last, made, ("at",)) and _stands(last, known):
        told_then = {key: value for key, value in last["data"].items() if key != "number"}
        if told_then == made["data"]:
            return dict(last)
    ids = {event["event_id"] for event in known}
    told, number = {**made}, 2
    while timeline.event_id(told) in ids:
        told["data"] = {**made["data"], "number": number}
        number += 1
    timeline.append(root, account_id, [told])
    return {"event_id": timeline.event_id(told), **told}


def _alike(one: Event, other: Event, keys: Sequence[str]) -> bool:
    return all(one.get(key) == other.get(key) for key in keys)


def _stands(event: Event, known: Sequence[Event]) -> bool:
    """Whether nothing has corrected it."""
    corrections = (e.get("data") for e in known if e.get("kind") == "corrected")
    return event["event_id"] not in [
        data.get("corrects") for data in corrections if isinstance(data, Mapping)
    ]


def recorded(chronicle: Chronicle, made: Mapping[str, Any]) -> Recorded:
    """Record an event on the timeline of `chronicle`."""
    stored = put(chronicle.root, chronicle.account_id, made, chronicle.events)
    return Recorded(chronicle.account_id, chronicle.name, stored)


def needed(text: str, where: str, what: str, most: int = MAX_WORDS) -> str:
    """`text` on one line. Raises BadInput, naming the option `where`, when it is empty or long."""
    cleaned = " ".join(text.split())
    if not cleaned or len(cleaned) > most:
        raise BadInput(
            f"this needs {what} of at most {most} characters", where=where, fix="Add it."
        )
    return cleaned
