"""The customer who is to be forgotten: under which names, and by which words files betray it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import Any

from agent.case import INSIGHTS, read_insights
from agent.errors import BadDocument, CsmError, NeedsContext
from agent.keeping import places
from agent.memory import journal
from agent.memory.insights_file import InsightsFile
from agent.memory.name_values import name_values
from agent.memory.paths import MemoryRoot
from agent.portfolio import resolve

_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_FIGURE = re.compile(r"(?<![\w.:-])[1-9][0-9]{4,}(?:\.[0-9]+)?(?![\w.:-])")
_SHORTEST = 4


@dataclass(frozen=True)
class Subject:
    """`account_id` is "" for somebody of whom only a name is known. `names` are the account's name
    and a word of it that the id has too. `people` are names, `mails` addresses and `figures`
    numbers of five digits or more that stand in what is known about this account and no other."""

    account_id: str
    names: list[str] = field(default_factory=list)
    people: list[str] = field(default_factory=list)
    mails: list[str] = field(default_factory=list)
    figures: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def is_named_in(self, mapping: Mapping[str, Any]) -> bool | None:
        """Whether a document says that it is about this account; None when it does not say."""
        keys = ("account_id", "account", "account_name", "customer_id", "customer", "client")
        said = [mapping.get(key) for key in keys]
        words = [s.get("id") or s.get("name") if isinstance(s, Mapping) else s for s in said]
        words = [word for word in words if isinstance(word, str) and word.strip()]
        mine = {self.account_id.casefold(), *(name.casefold() for name in self.names)} - {""}
        return all(str(word).casefold() in mine for word in words) if words else None


def subject_named(root: MemoryRoot, text: str) -> Subject:
    """Who is meant by an id or a name; also somebody of whom only documents are left.

    Raises:
        NeedsContext: several accounts are called like that.
        BadDocument: the insights cannot be read, so that nobody can say who is meant.
    """
    insights = read_insights(root)
    account_id = _id(root, insights, text)
    if insights is None or account_id not in insights.names:
        known = _names_on_record(root, account_id) if account_id else set()
        return Subject(account_id, sorted({text, *known} - {account_id}))
    share = insights.share_text(account_id)
    rest = _others(insights, account_id)
    texts = (insights.data.decode("utf-8", "replace") if rest is None else rest).casefold()
    name = insights.names[account_id]
    words = {w for w in re.findall(r"[^\W\d_]+", name) if w.casefold() in account_id.casefold()}
    parts = {word for word in words if len(word) > _SHORTEST and word.casefold() not in texts}
    return Subject(
        account_id,
        sorted({name, *parts} - {account_id}),
        _own(name_values(share.encode()), texts, but={name, account_id}),
        _own(_MAIL.findall(share), texts),
        _own(_FIGURE.findall(share), texts),
    )


def _id(root: MemoryRoot, insights: InsightsFile | None, text: str) -> str:
    with suppress(NeedsContext):
        return places.account_named(root, text)
    if insights is not None:
        try:
            return resolve(insights, text)
        except NeedsContext as error:
            if sum(insights.names.get(id, "").casefold() == text.casefold()
                   for id in error.candidates) > 1:  # fmt: skip
                raise
    for account_id, name in _on_record(root):
        if text.casefold() in (name.casefold(), account_id.casefold()):
            return account_id
    return text if places.is_account_id(text) else ""


def _on_record(root: MemoryRoot) -> Iterator[tuple[str, str]]:
    """(id, name) of every account that a journal has looked at."""
    for iid in places.instruction_folders(root):
        with suppress(CsmError):
            for record in journal.look(root, iid).records:
                snapshot = record.get("snapshot")
                if record.get("kind") == "loaded" and isinstance(snapshot, dict):
                    yield str(snapshot.get("account_id")), str(snapshot.get("account_name"))


def _names_on_record(root: MemoryRoot, account_id: str) -> set[str]:
    return {name for id, name in _on_record(root) if id == account_id and name}


def _others(insights: InsightsFile, account_id: str) -> str | None:
    """The text of the insights without this account's part; None where it cannot be told apart."""
    if insights.index.style != "block":
        return None
    start, reach = insights.index.starts[account_id]
    return (insights.data[:start] + insights.data[reach:]).decode("utf-8", "replace")


def _own(words: Iterable[str], others: str, *, but: Iterable[str] = ()) -> list[str]:
    """Words long enough to mean somebody that stand nowhere else: not in `others`, case-folded."""
    without = {word.casefold() for word in but}
    return sorted({
        word for word in words
        if len(word) > _SHORTEST and word.casefold() not in without
        and (" " in word or not word.isalpha()) and word.casefold() not in others
    })  # fmt: skip


def load(data: bytes, where: str) -> Subject:
    """A subject as `as_dict` gave it, from JSON."""
    try:
        return Subject(**json.loads(data)["subject"])
    except (ValueError, KeyError, TypeError):
        raise BadDocument(
            "does not say who is being forgotten.", where=where, fix=f"remove it; see {INSIGHTS}."
        ) from None
