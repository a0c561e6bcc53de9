"""Where files still speak of a customer: a search through every file of a memory."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from agent.errors import CsmError, printable
from agent.keeping.findings import Progress, silent
from agent.keeping.subject import Subject
from agent.memory import everything
from agent.memory.paths import MemoryRoot

_CHUNK, _OVERLAP = 4 << 20, 4096
_MAX_PER_FILE = 20


@dataclass(frozen=True)
class Trace:
    """`line` is 0 for the name of a file. `what`: id, name, person, mail address, figure; or
    "unread" for a file that could not be searched."""

    path: str
    line: int
    what: str


class Searcher:
    """Finds one customer in texts. `others` are the ids of other accounts, which may contain the
    one that is searched."""

    def __init__(self, subject: Subject, others: Collection[str] = ()) -> None:
        own = subject.account_id.casefold()
        self._longer = [id for id in map(str.casefold, others) if own in id and id != own]
        parts = [("id", _id(subject.account_id))] if subject.account_id else []
        parts += [("name", _phrase(name)) for name in subject.names if len(name) > 2]
        parts += [("person", _phrase(name)) for name in subject.people]
        parts += [("mail address", _phrase(mail)) for mail in subject.mails]
        parts += [("figure", _number(figure)) for figure in subject.figures]
        self._kinds = [kind for kind, _ in parts]
        joined = "|".join(f"(?P<g{n}>{pattern})" for n, (_, pattern) in enumerate(parts))
        self._pattern = re.compile(joined or r"(?!)")

    def in_text(self, text: str) -> Iterator[tuple[int, str]]:
        """(offset, what) of each trace in `text`, case-folded."""
        for found in self._pattern.finditer(text):
            kind = self._kinds[int((found.lastgroup or "g0")[1:])]
            if kind != "id" or not any(id in _word_around(text, found) for id in self._longer):
                yield found.start(), kind

    def in_file(self, path: str, file: BinaryIO) -> Iterator[Trace]:
        """At most 20 traces in one file."""
        seen: dict[tuple[int, str], None] = {}
        line, tail = 1, b""
        while len(seen) < _MAX_PER_FILE and (chunk := file.read(_CHUNK)):
            data = tail + chunk
            text = _folded(data.decode("utf-8", "replace"))
            for at, kind in self.in_text(text):
                seen.setdefault((line + text.count("\n", 0, at), kind))
            tail = data[-_OVERLAP:] if len(chunk) == _CHUNK else b""
            line += data.count(b"\n", 0, len(data) - len(tail))
        for number, kind in list(seen)[:_MAX_PER_FILE]:
            yield Trace(path, number, kind)


def traces(root: MemoryRoot, searcher: Searcher, *, progress: Progress = silent) -> Iterator[Trace]:
    """Every place in the memory that still speaks of the customer."""
    for n, item in enumerate(everything.everything(root), 1):
        progress("files searched", n, 0)
        path = printable(item.path, 400)
        for _, kind in searcher.in_text(_folded(item.path)):
            yield Trace(path, 0, kind)
        if item.kind != "file" or item.is_lock:
            continue
        try:
            with everything.opened(root, item.path) as file:
                yield from searcher.in_file(path, file)
        except CsmError:
            yield Trace(path, 0, "unread")


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


def _id(account_id: str) -> str:
    return rf"(?<![a-z0-9]){re.escape(account_id.casefold())}(?![a-z0-9])"


def _phrase(phrase: str) -> str:
    """A pattern for a phrase as texts, YAML (which breaks lines) and JSON (which escapes) hold it.
    A name of one word is written with its capital where it is meant; case is folded here all the
    same, because a trace too many is looked at and one too few is not."""
    words = _folded(phrase).split()
    plain = r"(?:\\?\s|\\n)+".join(re.escape(word) for word in words)
    forms = {plain}
    for original in (phrase, unicodedata.normalize("NFD", phrase)):
        escaped = json.dumps(original)[1:-1].casefold()
        forms.add(r"\s+".join(re.escape(word) for word in escaped.split()))
    return rf"(?<![^\W_])(?:{'|'.join(sorted(forms))})(?![^\W_])"


def _number(figure: str) -> str:
    whole, _, part = figure.partition(".")
    groups = re.sub(r"(?<=\d)(?=(?:\d{3})+$)", lambda _: "[,. '\u00a0\u202f]?", whole)
    return rf"(?<![\w.,]){groups}{'[.,]' + part if part else ''}(?![\w]|[.,]\d)"


def _word_around(text: str, found: re.Match[str]) -> str:
    before = re.search(r"[\w.-]*\Z", text[max(0, found.start() - 130) : found.start()])
    after = re.match(r"[\w.-]*", text[found.end() : found.end() + 130])
    return (before[0] if before else "") + found[0] + (after[0] if after else "")
