"""What a run would leave behind today, against what it announced: pure comparison.

Both sides are publications as the journal stores them. The kinds of difference stand in the order
of their weight for a reader.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from agent.replay.changes import Change, changes

Kind = Literal[
    "gate", "lane", "ending", "score", "plan", "message", "event", "record", "result", "writer",
    "answer", "prompt",
]  # fmt: skip
KINDS: tuple[Kind, ...] = get_args(Kind)

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Difference:
    """Something that would not be as it was: `what` in words, the values that moved, and the
    `reason` that a gate gave."""

    kind: Kind
    what: str
    changes: tuple[Change, ...] = ()
    reason: str = ""

    def as_dict(self) -> dict[str, Any]:
        out: dict[str, Any] = {"kind": self.kind, "what": self.what}
        if self.reason:
            out["reason"] = self.reason
        if self.changes:
            out["changes"] = [change.as_dict() for change in self.changes]
        return out


def by_weight(differences: Sequence[Difference]) -> tuple[Difference, ...]:
    """The weightiest first; what weighs the same as it came."""
    return tuple(sorted(differences, key=lambda d: KINDS.index(d.kind)))


def compare_publications(
    before: Document, after: Document, load: Any, only: frozenset[str] = frozenset()
) -> Iterator[Difference]:
    """Differences between two publications (`Publication.as_dict()`).

    Args:
        load: reads a YAML document, text → data.
        only: the sections of the plan to look at, where the rest could not be made; empty: all,
            with messages, events and records.
    """
    yield from _score(before.get("entry"), after.get("entry"))
    yield from _texts("plan", before.get("plan") or {}, after.get("plan") or {}, load, only)
    if only:
        return
    yield from _messages(before.get("messages") or [], after.get("messages") or [])
    yield from _events(before.get("events") or [], after.get("events") or [])
    yield from _texts("record", before.get("records") or {}, after.get("records") or {}, load)
    rest = ("plan_id", "account_id", "archive")
    moved = changes({k: before.get(k) for k in rest}, {k: after.get(k) for k in rest})
    if found := tuple(moved):
        yield Difference("result", "the publication names other things", found)


def compare_results(before: Document, after: Document) -> Iterator[Difference]:
    """Differences between two results (`Result.as_dict()`) that were announced."""
    if before.get("status") != after.get("status"):
        yield Difference(
            "ending",
            f"the run would end {after.get('status')} instead of {before.get('status')}",
            (Change("status", before.get("status"), after.get("status")),),
            reason=str(after.get("summary", "")),
        )
    left_out = ("status", "outputs", "handoffs", "already")
    old, new = ({k: v for k, v in s.items() if k not in left_out} for s in (before, after))
    if found := tuple(changes(old, new)):
        yield Difference("result", "the result reads otherwise", found)


def _score(before: Document | None, after: Document | None) -> Iterator[Difference]:
    found = tuple(changes(before, after, ""))
    if not found:
        return
    if before is None or after is None:
        what = "a score entry would be written" if after else "no score entry would be written"
    elif (before.get("score"), before.get("tier")) == (after.get("score"), after.get("tier")):
        what = f"score {_standing(after)} as before, other figures in its entry"
    else:
        what = f"score {_standing(before)} → {_standing(after)}"
    yield Difference("score", what, found)


def _standing(entry: Document) -> str:
    score = entry.get("score")
    return f"{score:g} ({entry.get('tier')})" if isinstance(score, int | float) else "none"


def _texts(
    kind: Literal["plan", "record"],
    before: Document,
    after: Document,
    load: Any,
    only: frozenset[str] = frozenset(),
) -> Iterator[Difference]:
    for path in dict.fromkeys([*before, *after]):
        if path not in after or path not in before:
            what = "would not be written" if path in before else "would be written as well"
            yield Difference(kind, f"{path} {what}")
        elif before[path] != after[path]:
            old, new = load(before[path], path), load(after[path], path)
            if only:
                old, new = _part(old, only), _part(new, only)
            found = tuple(changes(old, new))
            if found:
                yield Difference(kind, f"{path}: {_count(found)}", found)
            elif not only:
                yield Difference(kind, f"{path}: the same content in other characters")


def _part(document: Any, keys: frozenset[str]) -> Any:
    if not isinstance(document, Mapping):
        return document
    return {key: value for key, value in document.items() if key in keys}


def _count(found: Sequence[Change]) -> str:
    return f"{len(found)} value{'s' * (len(found) > 1)} moved"


def _messages(before: Sequence[Document], after: Sequence[Document]) -> Iterator[Difference]:
    old, new = ({str(m.get("id")): m for m in side} for side in (before, after))
    for id in dict.fromkeys([*old, *new]):
        if id not in new or id not in old:
            message = old.get(id) or new[id]
            what = "would not be sent" if id in old else "would be sent as well"
            about = f"{message.get('type')} to {message.get('to')}: {message.get('subject')}"
            yield Difference("message", f"{what}: {about}")
        elif found := tuple(changes(old[id], new[id])):
            about = f"{old[id].get('type')} to {old[id].get('to')}"
            yield Difference("message", f"{about} ({id}): {_count(found)}", found)


def _events(before: Sequence[Document], after: Sequence[Document]) -> Iterator[Difference]:
    """Events as content: equal ones cancel out, the rest is paired kind by kind, in order.

    An event's id follows from its content, so it tells nothing more.
    """
    old, new = ([_told(e) for e in side] for side in (before, after))
    gone, come = _without(old, new), _without(new, old)
    if old != new and not gone and not come:
        yield Difference("event", "the same events in another order")
    for event in gone:
        twin = next((e for e in come if _alike(e, event)), None)
        if twin is None:
            yield Difference("event", f"would not be recorded: {_named(event)}")
            continue
        come.remove(twin)
        found = tuple(changes(event, twin))
        yield Difference("event", f"{_named(event)}: {_count(found)}", found)
    for event in come:
        yield Difference("event", f"would be recorded as well: {_named(event)}")


def _told(event: Document) -> dict[str, Any]:
    told = {key: value for key, value in event.items() if key not in ("event_id", "view")}
    view = event.get("view")
    if isinstance(view, Mapping):  # what stands in the documents is compared there
        told["view"] = {key: value for key, value in view.items() if key not in ("text", "entry")}
    return told


def _without(events: Sequence[Any], others: Sequence[Any]) -> list[Any]:
    left, out = list(others), []
    for event in events:
        if event in left:
            left.remove(event)
        else:
            out.append(event)
    return out


def _alike(one: Document, other: Document) -> bool:
    return one.get("kind") == other.get("kind") and _matter(one) == _matter(other)


def _matter(event: Document) -> tuple[str, ...]:
    """What the event is about: the texts in its data that name something, not the figures."""
    data = event.get("data")
    names = ("signal", "playbook", "title", "message_id", "plan_id", "goal", "to")
    return tuple(str(data[k]) for k in names if k in data) if isinstance(data, Mapping) else ()


def _named(event: Document) -> str:
    return " ".join([str(event.get("kind")), *_matter(event)[:1]])
