"""The newest success plan of each account of a memory, with every file read at most once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any

from agent.case import INSTRUCTION_LIMIT, MAX_FOLDERS, PLAN_LIMIT
from agent.errors import CsmError
from agent.memory import strict_yaml, views
from agent.memory.paths import MemoryRoot
from agent.success.carry import PriorPlan
from agent.success.insights.values import read_date

_FILE = "outputs/final/success_plan.yaml"
_OWN = re.compile(
    rb"\Aschema: success_plan/1$.*?^account_id: (\S+)$.*?^as_of: '?([\d-]{10})'?$", re.M | re.S
)
_NAMING = ("account_id", "account", "account_name", "customer", "client")
_DATING = ("as_of", "date", "created_at", "created")


class NewestPlans:
    """Plans dated up to `as_of`.

    The account's timeline tells which plan is the newest and what stood in it. For accounts whose
    timeline tells of none, the plans that lie in the memory count, ours or another tool's.
    """

    def __init__(self, root: MemoryRoot, names: Mapping[str, str], as_of: date) -> None:
        self._root, self._as_of = root, as_of
        self._ids = {name.casefold(): id for id, name in names.items() if name}
        self._ids |= {id: id for id in names}

    def of(self, account_id: str, events: Sequence[Mapping[str, Any]]) -> PriorPlan | None:
        """The newest plan of an account whose timeline is `events`."""
        published = [
            e
            for e in events
            if e.get("kind") == "plan_published" and str(e.get("at")) <= self._as_of.isoformat()
        ]
        if published:
            return self._told(sorted(published, key=lambda e: str(e["at"]))[-1])
        lying = self._lying.get(account_id)
        if lying is None:
            return None
        on, folder = lying
        path = f"{folder}/{_FILE}"
        return PriorPlan(path, folder, folder, on, self._document(self._read(path)))

    def _told(self, event: Mapping[str, Any]) -> PriorPlan:
        view, data = event.get("view"), event.get("data")
        path = str(event.get("source") or "")
        text = view.get(views.TEXT) if isinstance(view, Mapping) else None
        document = self._document(text.encode() if isinstance(text, str) else self._read(path))
        plan_id = str(data.get("plan_id") or "") if isinstance(data, Mapping) else ""
        return PriorPlan(
            path, str(event.get("instruction_id")), plan_id, read_date(event["at"])[0], document
        )

    @cached_property
    def _lying(self) -> dict[str, tuple[date, str]]:
        """(day, folder) of the newest plan that lies in the memory, by account."""
        newest: dict[str, tuple[date, str]] = {}
        for account_id, on, folder in self._plans():
            if on <= self._as_of and (on, folder) > newest.get(account_id, (date.min, "")):
                newest[account_id] = on, folder
        return newest

    def _plans(self) -> Iterator[tuple[str, date, str]]:
        folders = [f for f in self._root.list_dir("") if not f.startswith(("_", "."))]
        for folder in folders[-MAX_FOLDERS:]:
            data = self._read(f"{folder}/{_FILE}")
            if not data:
                continue
            own = _OWN.match(data)  # ours need no parsing to be told apart
            if own is not None:
                account_id, on = own[1].decode("utf-8", "replace"), read_date(own[2].decode())[0]
                account_id = account_id.strip("'\"")
            else:
                account_id, on = self._foreign(data, folder)
            if account_id and on is not None:
                yield account_id, on, folder

    def _foreign(self, data: bytes, folder: str) -> tuple[str, date | None]:
        """Account and day of another tool's plan: its own word, else its instruction's."""
        plan = self._document(data)
        asked = self._document(self._read(f"{folder}/instruction.yaml", INSTRUCTION_LIMIT))
        days = [plan.get(key) for key in _DATING] + [asked.get(key) for key in _DATING[2:]]
        days.append(re.sub(r"\A\w*?_(\d{4})(\d\d)(\d\d).*", r"\1-\2-\3", folder))
        dated = (read_date(str(day)[:10])[0] for day in days if day)
        for document in (plan, asked):
            said = [document.get(key) for key in _NAMING]
            named = [s.get("id") or s.get("name") if isinstance(s, Mapping) else s for s in said]
            words = [n for n in named if isinstance(n, str) and n.strip()]
            if words:
                ids = {self._ids.get(word) or self._ids.get(word.casefold(), "") for word in words}
                return ids.pop() if len(ids) == 1 else "", next((d for d in dated if d), None)
        return "", None

    def _read(self, path: str, limit: int = PLAN_LIMIT) -> bytes:
        try:
            return self._root.read_bytes(path, limit=limit)
        except CsmError:
            return b""

    def _document(self, data: bytes) -> Mapping[str, Any]:
        try:
            document = strict_yaml.load(data, where="a plan", max_bytes=PLAN_LIMIT)
        except CsmError:
            return {}
        return document if isinstance(document, Mapping) else {}
