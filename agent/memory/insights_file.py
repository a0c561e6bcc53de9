"""`customer_insights.yaml`: what the fleet knows about all accounts, of which a run sees one.

One version of the file is read into memory, once. The whole is checked for well-formedness; only
the share of the account in question is parsed, and strictly.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from agent.errors import BadDocument
from agent.memory.name_values import direct_name, name_values
from agent.memory.paths import MemoryRoot
from agent.memory.slices import TOP, WHOLE_LIMIT, Index, Unreliable, index, load_whole
from agent.memory.strict_yaml import check_syntax, dump, load
from agent.memory.yaml_text import BOM, check_text

PATH = "_knowledge/semantic/customer_insights.yaml"
MAX_BYTES = 64_000_000
"""Largest file that is read; a larger one is refused before it is."""

_MIN_NAME = 4
_FIX = f"the file needs a mapping '{TOP}:' from account id to what is known about it."


@dataclass(frozen=True)
class InsightsFile:
    """One version of the insights. `sha256` is that of the file's bytes."""

    data: bytes = field(repr=False)
    sha256: str
    index: Index = field(repr=False)

    @classmethod
    def read(cls, root: MemoryRoot) -> InsightsFile:
        """Read the file of this memory.

        Raises:
            MissingFile: there is none.
            BadPath: it is a link, a special file or larger than 64 MB.
            BadDocument: it is not one YAML document with a mapping `accounts`.
        """
        data = root.read_bytes(PATH, limit=MAX_BYTES)
        check_text(data, PATH)
        check_syntax(data, where=PATH)
        found = cls(data, hashlib.sha256(data).hexdigest(), index(data, where=PATH))
        if found.index.style != "block":
            found._whole  # noqa: B018  # refuse now what could not be used later
        return found

    @property
    def generated_at(self) -> str | None:
        """When the file says it was made, as text; None when it does not say."""
        value = self._top.get("generated_at")
        return value if isinstance(value, str) else None

    @cached_property
    def names(self) -> dict[str, str]:
        """Name by account id, in the file's order; the id itself where no name is given."""
        if self.index.style == "block":
            return {key: direct_name(self.index.chunk(key)) or key for key in self.index}
        return {
            key: name
            if isinstance(share, dict) and isinstance(name := share.get("name"), str) and name
            else key
            for key, share in self._whole.items()
        }

    def mentioning(self, word: str) -> list[str]:
        """Ids of the accounts whose part of the file holds `word`, of all accounts where the parts
        cannot be told apart: a cheap look before shares are parsed."""
        if self.index.style != "block":
            return list(self._whole)
        return [key for key in self.index if word.encode() in self.index.chunk(key)]

    def share(self, account_id: str) -> dict[str, Any]:
        """What is known about one account; an account without a value is an empty mapping.

        Raises:
            BadDocument: no such account (ids match exactly), or its share breaks a rule.
        """
        value = self._value(account_id)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise BadDocument(
                f"what is known about '{account_id}' has to be a mapping.",
                where=self._where(account_id),
                fix="put its fields below the account id, indented.",
            )
        return value

    def expect_many(self) -> None:
        """Call before the shares of many accounts are read: the file is then checked once, and not
        anew for each of them."""
        self.index.rely_on_all()

    def share_text(self, account_id: str) -> str:
        """A document of the same shape that holds this account only."""
        top = {key: self._top[key] for key in ("schema", "generated_at") if key in self._top}
        return dump({**top, TOP: {account_id: self.share(account_id)}})

    def foreign_names(self, account_id: str) -> set[str]:
        """Every `name:` under other accounts that has 4 or more characters and is not in the own.

        Such names (of customers, their people, their milestones) have no place in this account's
        documents.
        """
        if self.index.style == "block":
            start, reach = self.index.starts.get(account_id, (self.index.end, self.index.end))
            own = set(name_values(self.data[start:reach]))
            names = set(name_values(self.data[self.index.start : start]))
            names |= set(name_values(self.data[reach : self.index.end]))
        else:
            own = names_within(self._whole.get(account_id))
            others = [value for key, value in self._whole.items() if key != account_id]
            names = names_within(others)
        return {name for name in names - own if len(name) >= _MIN_NAME}

    def _value(self, account_id: str) -> Any:
        accounts: dict[str, Any] | Index = self.index
        if self.index.style == "block" and account_id in self.index:
            try:
                return self.index.entry(account_id)
            except Unreliable:
                accounts = self._whole
        elif self.index.style != "block":
            accounts = self._whole
        if isinstance(accounts, Index) or account_id not in accounts:
            raise BadDocument(
                f"there is no account '{account_id[:80]}'.",
                where=PATH,
                fix="use an account id as the file spells it.",
            )
        return accounts[account_id]

    def _where(self, account_id: str) -> str:
        if account_id not in self.index:
            return PATH
        return f"{PATH}:{self.index.slice(account_id).line}"

    @cached_property
    def _whole(self) -> dict[str, Any]:
        """All accounts, for a file whose entries cannot be told apart by their lines."""
        document = load_whole(self.data, PATH)
        accounts = document.get(TOP) if isinstance(document, dict) else None
        if not isinstance(accounts, dict):
            raise BadDocument("a mapping of accounts was expected.", where=PATH, fix=_FIX)
        return accounts

    @cached_property
    def _top(self) -> dict[str, Any]:
        """Top-level scalars beside the accounts that stand on one line of their own."""
        if self.index.style != "block":
            document = load_whole(self.data, PATH)
            return {key: value for key, value in document.items() if key != TOP}
        found = {}
        for key in ("schema", "generated_at"):
            line = re.search(rb"^%s:[^\n]*" % key.encode(), self._outside, re.M)
            if line:
                found.update(load(line.group() + b"\n", where=PATH))
        return found

    @property
    def _outside(self) -> bytes:
        """What stands before and after the accounts, without a byte-order mark."""
        before = self.data[: self.index.head].removeprefix(BOM)
        return before[-WHOLE_LIMIT:] + b"\n" + self.data[self.index.end :][:WHOLE_LIMIT]


def names_within(value: Any) -> set[str]:
    """All texts under a key `name`, at any depth."""
    names: set[str] = set()
    queue = [value]
    while queue:
        item = queue.pop()
        if isinstance(item, list):
            queue.extend(item)
        elif isinstance(item, dict):
            queue.extend(item.values())
            if isinstance(name := item.get("name"), str):
                names.add(name)
    return names
