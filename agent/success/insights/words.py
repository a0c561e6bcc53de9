"""Notes and e-mails: every sentence a quote fact, apart from what speaks to an assistant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from agent.success.account import Sentence
from agent.success.insights.reading import Node, Reader, escape
from agent.success.insights.sentences import MAX_ITEM_CHARS, MAX_ITEMS, sentences
from agent.success.insights.values import is_text, read_date, shown

Channel = Literal["note", "email"]


@dataclass(frozen=True)
class _Item:
    channel: Channel
    n: int
    text: str
    path: str
    pointer: str
    at: date | None
    author: str
    stated: str
    subject: str = ""
    subject_pointer: str = ""

    @property
    def called(self) -> str:
        """For people: "email 1 of 2026-11-14"."""
        day = self.at.isoformat() if self.at else self.stated
        return f"{self.channel} {self.n}" + (f" of {day}" if day else "")


def words(root: Node) -> tuple[Sentence, ...]:
    """Sentences of notes and e-mails in file order; only the newest `MAX_ITEMS` texts are read."""
    items = [*_items(root, "notes", "note", "text"), *_items(root, "emails", "email", "body")]
    if len(items) > MAX_ITEMS:
        newest = sorted(items, key=lambda i: (i.at or date.min, i.n), reverse=True)[:MAX_ITEMS]
        root.reader.problem(
            "notes",
            "invalid",
            f"{len(items)} notes and e-mails; only the newest {MAX_ITEMS} are read",
        )
        items = [item for item in items if item in newest]
    return tuple(sentence for item in items for sentence in _sentences(root.reader, item))


def _items(root: Node, key: str, channel: Channel, body: str) -> list[_Item]:
    value = root.raw(key)
    if isinstance(value, (str, Mapping)):
        value = [value]
    if value is None:
        return []
    if not isinstance(value, Sequence) or isinstance(value, bytes):
        root.wrong(key, value, "is not a list")
        return []
    out = []
    for index, entry in enumerate(value):
        path = f"{key}.{index + 1}"
        single = not isinstance(root.data.get(key), Sequence) or isinstance(root.data.get(key), str)
        pointer = f"{root.pointer}/{escape(key)}" + ("" if single else f"/{index}")
        item = _item(root.reader, entry, channel, index + 1, path, pointer, body)
        if item:
            out.append(item)
    return out


def _item(
    reader: Reader, entry: Any, channel: Channel, n: int, path: str, pointer: str, body: str
) -> _Item | None:
    if is_text(entry):
        return _Item(channel, n, _bounded(reader, path, entry), path, pointer, None, "", "")
    if not isinstance(entry, Mapping):
        reader.problem(path, "invalid", f"{shown(entry)} is not a {channel}")
        return None
    key = next((k for k in (body, "text", "body") if entry.get(k) is not None), body)
    text = entry.get(key)
    if not is_text(text):
        fault = "" if text is None else f" but {shown(text)}"
        reader.problem(f"{path}.{key}", "invalid", f"the {channel} has no text{fault}")
        return None
    at, stated = _date(reader, entry.get("date"), f"{path}.date")
    author = entry.get("author") or entry.get("from") or ""
    author = author if is_text(author) and not reader.is_instruction(author) else ""
    subject = entry.get("subject")
    return _Item(
        channel,
        n,
        _bounded(reader, f"{path}.{key}", text),
        path,
        f"{pointer}/{key}",
        at,
        author[:200],
        stated,
        subject if is_text(subject) and len(subject) <= 300 else "",
        f"{pointer}/subject",
    )


def _date(reader: Reader, value: Any, path: str) -> tuple[date | None, str]:
    if value is None:
        return None, ""
    day, fault = read_date(value)
    if day is not None and day > reader.as_of:
        reader.problem(path, "invalid", f"{day} lies in the future (today is {reader.as_of})")
        return None, day.isoformat()
    if day is None:
        reader.problem(path, "invalid", f"{shown(value)} {fault}; the text counts as undated")
    return day, ""


def _bounded(reader: Reader, path: str, text: str) -> str:
    if len(text) > MAX_ITEM_CHARS:
        reader.problem(
            path, "invalid", f"has {len(text)} characters; only the first {MAX_ITEM_CHARS} are read"
        )
    return text[:MAX_ITEM_CHARS]


def _sentences(reader: Reader, item: _Item) -> list[Sentence]:
    """The quotable sentences of an item, its subject line first; registers their facts."""
    found = sentences(item.text)
    flagged = _flagged(reader, item.text, found)
    quotes = [
        (f"s{index + 1}", text, item.pointer)
        for index, text in enumerate(found)
        if index not in flagged
    ]
    if item.subject.strip():
        if reader.is_instruction(item.subject):
            flagged.add(-1)
        else:
            quotes.insert(0, ("subject", item.subject, item.subject_pointer))
    if flagged:
        reader.withhold(item.path, item.called)
    at = item.at.isoformat() if item.at else ""
    label = "e-mail" if item.channel == "email" else "note"
    label += (
        f" {item.n}" + (f" by {item.author}" if item.author else "") + (f", {at}" if at else "")
    )
    out = []
    for suffix, text, pointer in quotes:
        fact_id = f"{item.channel}.{item.n}.{suffix}"
        reader.facts.quote(fact_id, text, label, source=reader.source, pointer=pointer, at=at)
        out.append(Sentence(fact_id, text, item.at, item.author, item.channel))
    return out


def _flagged(reader: Reader, whole: str, found: list[str]) -> set[int]:
    """Indexes of sentences to keep out. A command spread over sentences is found by looking at
    neighbours together, and failing that the whole text is kept out."""
    flagged = {n for n, text in enumerate(found) if reader.is_instruction(text)}
    if flagged or not reader.is_instruction(whole):
        return flagged
    for n in range(len(found) - 1):
        if reader.is_instruction(f"{found[n]} {found[n + 1]}"):
            flagged |= {n, n + 1}
    return flagged or set(range(len(found)))
