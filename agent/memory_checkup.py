"""What wants looking after in a memory: everything is read once, and the rules of upkeep judge.

Nothing is changed. A file that cannot be read is a finding, and hides no other.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from agent.boundary.injection import instruction_like
from agent.case import INSIGHTS, account_of, read_insights, read_instruction
from agent.errors import BadDocument, BadPath, CsmError, NeedsContext, UnknownInstruction
from agent.household import DEFAULT_PERSONA, Household, open_household
from agent.memory import inbox, scores_file, strict_yaml, timeline, views
from agent.memory.insights_file import InsightsFile
from agent.memory.journal import Journal
from agent.memory.paths import MemoryRoot, MissingFile, check_instruction_id
from agent.newest_plans import NewestPlans
from agent.portfolio import resolve
from agent.runs import past_runs
from agent.success.carry import carry
from agent.success.continuity.reading import read
from agent.success.former import former
from agent.success.insights.values import read_date
from agent.success.plays.settled import settled
from agent.success.plays.state import fold
from agent.success.policy import load, need
from agent.success.upkeep.examine import examine
from agent.success.upkeep.findings import Finding
from agent.success.upkeep.look import Glasses
from agent.success.upkeep.policy import Upkeep
from agent.success.upkeep.records import (
    AccountRecord,
    Asked,
    MemoryRecord,
    MessageFile,
    NewestPlan,
)

MAX_MESSAGES = 20_000
MAX_MESSAGE_BYTES = 1 << 20


@dataclass(frozen=True)
class Checkup:
    """`accounts` holds the names of the accounts looked at, by id."""

    as_of: date
    accounts: Mapping[str, str]
    findings: Sequence[Finding]


def check_memory(
    memory: Path, account: str = "", *, as_of: date, personas: Path | None = None
) -> Checkup:
    """Look after one account (by id or exact name) or all of a memory, as of a day.

    Raises:
        NeedsContext: the account named is known neither to the insights nor by a timeline.
        BadInput: the memory or a policy file cannot be used.
    """
    root = MemoryRoot.open(memory)
    household = open_household(DEFAULT_PERSONA, personas)
    policy = load(Upkeep, need(household.persona.policies, "upkeep"))
    desk = _Desk(root, household, Glasses.of(household.persona.policies), as_of)
    insights = desk.insights()
    told = timeline.accounts(root)
    names = {**dict.fromkeys(told, ""), **(insights.names if insights else {})}
    wanted = _wanted(account, insights, told) if account else ""
    plans = NewestPlans(root, {id: name for id, name in names.items() if name}, as_of)
    record = MemoryRecord(
        accounts=[
            desk.account(id, names[id], insights, plans, whole=not wanted or id == wanted)
            for id in sorted(names)
        ],
        messages=list(desk.messages()),
        asked=list(desk.asked(insights)),
        unreadable=desk.unreadable,
        ask=desk.glasses.ask,
    )
    found = examine(record, policy, as_of)
    if wanted:
        found = [f for f in found if f.account_id == wanted]
    looked_at = {a.account_id: a.name for a in record.accounts if wanted in ("", a.account_id)}
    return Checkup(as_of, looked_at, found)


def _wanted(account: str, insights: InsightsFile | None, told: Sequence[str]) -> str:
    if account in told:
        return account
    if insights is None:
        raise NeedsContext(
            "this memory holds no customer insights and no timeline of that account",
            where=INSIGHTS,
            fix="`csm memory doctor` without an account looks at everything there is.",
        )
    return resolve(insights, account)


@dataclass
class _Desk:
    """Reads a memory piece by piece; what cannot be read is noted in `unreadable`."""

    root: MemoryRoot
    household: Household
    glasses: Glasses
    as_of: date
    unreadable: list[tuple[str, str, str]] = field(default_factory=list)
    _entry: Callable[[str], Mapping[str, Any] | None] | None = None

    def insights(self) -> InsightsFile | None:
        try:
            found = read_insights(self.root)
            if found is not None:
                found.expect_many()
            return found
        except CsmError as error:
            self._note("", INSIGHTS, error)
            return None

    def account(
        self,
        id: str,
        name: str,
        insights: InsightsFile | None,
        plans: NewestPlans,
        *,
        whole: bool,
    ) -> AccountRecord:
        """What is known of one account; with `whole` also its timeline, score and newest plan."""
        record = AccountRecord(id, name or id, timeline.path_of(id) if _is_usable(id) else INSIGHTS)
        if insights is not None and id in insights.names:
            try:
                record = replace(record, share=insights.share(id))
            except CsmError as error:
                self._note(id, INSIGHTS, error)
        if not whole or not _is_usable(id):
            return record
        events = self._events(id)
        entry = self._score(id)
        told = read(events, as_of=self.as_of).standing
        record = replace(record, told=told, entry=entry, told_entry=views.score_entry(events))
        return self._looked_at(record, plans)

    def _looked_at(self, record: AccountRecord, plans: NewestPlans) -> AccountRecord:
        plan = plans.of(record.account_id, [told.event for told in record.told])
        if plan is not None:
            record = replace(record, plan=NewestPlan(plan.path, plan.as_of, plan.document))
            if not record.name or record.name == record.account_id:
                called = plan.document.get("account_name")
                record = replace(record, name=called if isinstance(called, str) else record.name)
        if record.share is None:
            return record
        look = self.glasses.look(
            record.share,
            account_id=record.account_id,
            source=INSIGHTS,
            as_of=self.as_of,
            is_instruction=partial(instruction_like, lanes=self.household.lanes),
        )
        events = [told.event for told in record.told]
        left = former(look.account, events, self.as_of)
        record = replace(record, look=look, former=left)
        if plan is None or record.plan is None:
            return record
        under_way = fold(events, self.as_of).plays.values()
        known = settled(events, under_way, plan.as_of, self.as_of)
        carried = carry(plan, look.goals, look.facts, self.as_of, known)
        return replace(record, plan=replace(record.plan, carried=carried))

    def _events(self, id: str) -> list[dict[str, Any]]:
        try:
            return timeline.read(self.root, id)
        except CsmError as error:
            self._note(id, timeline.path_of(id), error)
            return []

    def _score(self, id: str) -> Mapping[str, Any] | None:
        try:
            if self._entry is None:
                self._entry = scores_file.reader(self.root, many=True)
            return self._entry(id)
        except CsmError as error:
            # Once for a file that cannot be read at all, else per entry.
            whole = self._entry is None
            self._entry = self._entry or (lambda _id: None)
            self._note("" if whole else id, scores_file.PATH, error)
            return None

    def messages(self) -> Iterator[MessageFile]:
        paths, _ = self.root.walk(inbox.FOLDER, max_entries=MAX_MESSAGES, max_depth=2)
        for path in paths:
            if not path.endswith((".yaml", ".yml")):
                continue
            try:
                data = self.root.read_bytes(path, limit=MAX_MESSAGE_BYTES)
                document = strict_yaml.load(data, where=path, max_bytes=MAX_MESSAGE_BYTES)
            except MissingFile:
                continue  # its receiver has just taken it
            except CsmError as error:
                self._note("", path, error)
                continue
            if isinstance(document, Mapping):
                yield _message(path, document)

    def asked(self, insights: InsightsFile | None) -> Iterator[Asked]:
        for name in self.root.list_dir(""):
            if name.startswith("_") or not _is_folder(self.root, name):
                continue
            path = f"{name}/instruction.yaml"
            try:
                instruction = read_instruction(self.root, check_instruction_id(name), self.as_of)
            except UnknownInstruction:
                continue
            except CsmError as error:
                self._note("", path, error)
                continue
            made = instruction.created_at.date() if instruction.created_at else _day_of(name)
            asked = Asked(path, instruction.id, instruction.objective, on=made)
            try:
                asked = replace(asked, account_id=account_of(instruction, insights))
            except NeedsContext as error:
                asked = replace(asked, problem=_short(error) if insights else "")
            yield replace(asked, status=self._status(name))

    def _status(self, instruction_id: str) -> str:
        with suppress(CsmError):
            runs = past_runs(Journal.open(self.root, instruction_id, read_only=True).records)
            return (runs[-1].status or "stopped") if runs else ""
        return ""

    def _note(self, account_id: str, file: str, error: CsmError) -> None:
        where = error.where if isinstance(error, BadDocument) and error.where else file
        said = error.what if where == file else f"{where}: {error.what}"
        self.unreadable.append((account_id, file, said))


def _short(error: NeedsContext) -> str:
    """Without the candidates, which are all accounts of a small memory."""
    return error.what.partition(". ")[0].rstrip(".")


def _is_folder(root: MemoryRoot, name: str) -> bool:
    try:
        os.close(root.open_folder(name))
    except BadPath:
        return False
    return True


def _is_usable(account_id: str) -> bool:
    try:
        timeline.path_of(account_id)
    except CsmError:
        return False
    return True


def _message(path: str, document: Mapping[str, Any]) -> MessageFile:
    words = {key: value for key, value in document.items() if isinstance(value, str)}
    sent, _ = read_date(str(document.get("timestamp") or "")[:10])
    return MessageFile(
        path=path,
        id=words.get("id", ""),
        type=words.get("type", ""),
        sender=words.get("from", ""),
        to=words.get("to", path.split("/")[-2]),
        account_id=words.get("account_id", ""),
        instruction_id=words.get("instruction_id", ""),
        subject=words.get("subject", ""),
        text=words.get("message", words.get("response", words.get("question", ""))),
        sent=sent,
        status=words.get("status", ""),
        in_reply_to=words.get("in_reply_to", ""),
    )


def _day_of(instruction_id: str) -> date | None:
    """The day that ids of the fleet begin with: inst_20261117_001."""
    stamp = instruction_id.partition("_")[2][:8]
    with suppress(ValueError):
        return date.fromisoformat(stamp)
    return None
