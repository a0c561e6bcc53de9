"""A memory as its upkeep looks at it: accounts, messages and instructions, read by others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from agent.success.continuity.reading import Told
from agent.success.former import Former
from agent.success.insights.reading import escape
from agent.success.plan import Carried
from agent.success.upkeep.look import Look

INSIGHTS = "_knowledge/semantic/customer_insights.yaml"
SCORES = "_knowledge/semantic/customer_health_scores.yaml"


@dataclass(frozen=True)
class NewestPlan:
    """The newest success plan of an account by the day in question, and what became of what it
    promised; `document` is the plan as stored."""

    path: str
    as_of: date | None
    document: Mapping[str, Any]
    carried: Sequence[Carried] = ()


@dataclass(frozen=True)
class AccountRecord:
    """Everything a memory holds about one account.

    `share` is its block of the insights as stored, None where they do not know it. `told` are
    the events of its timeline that stand, up to the day in question, by business date. `former`
    says since when they are no customer any more. `entry` is the account's entry of the scores
    file, `told_entry` the one that the whole timeline tells.
    """

    account_id: str
    name: str
    timeline: str
    share: Mapping[str, Any] | None = None
    look: Look | None = None
    told: Sequence[Told] = ()
    former: Former | None = None
    entry: Mapping[str, Any] | None = None
    told_entry: Mapping[str, Any] | None = None
    plan: NewestPlan | None = None

    @property
    def pointer(self) -> str:
        """Where its block stands in the insights, and its entry in the scores file."""
        return f"/accounts/{escape(self.account_id)}"

    @property
    def has_left(self) -> bool:
        """No customer any more: as the insights and the timeline say, or the timeline alone."""
        if self.former is not None or self.share is not None:
            return self.former is not None
        decided = self.last("renewal_decided")
        return decided is not None and decided.data.get("outcome") == "churned"

    def last(self, kind: str) -> Told | None:
        """The newest event of a kind; of one day the one recorded last."""
        return next((t for t in reversed(self.told) if t.kind == kind), None)

    def pointer_to(self, field: str) -> str:
        """JSON pointer of a dotted field of the insights, as far down as there is something.

        Elements of lists are named by their id or by their number, from 1.
        """
        pointer, value = self.pointer, self.share
        for step in field.split(".") if field else ():
            if isinstance(value, Mapping) and step in value:
                pointer, value = f"{pointer}/{escape(step)}", value[step]
            elif isinstance(value, list) and (n := _index(value, step)) is not None:
                pointer, value = f"{pointer}/{n}", value[n]
            else:
                break
        return pointer


def _index(items: Sequence[Any], step: str) -> int | None:
    for n, item in enumerate(items):
        if isinstance(item, Mapping) and str(item.get("id")) == step:
            return n
    return int(step) - 1 if step.isdecimal() and 0 < int(step) <= len(items) else None


@dataclass(frozen=True)
class MessageFile:
    """A message in an inbox. `sent` is None when its time cannot be read."""

    path: str
    id: str
    type: str
    sender: str
    to: str
    account_id: str
    instruction_id: str
    subject: str
    text: str
    sent: date | None
    status: str = ""
    in_reply_to: str = ""


@dataclass(frozen=True)
class Asked:
    """An instruction. `account_id` is "" when it cannot be told, `problem` then says why; `status`
    is that of its last run, "" before any."""

    path: str
    id: str
    objective: str
    account_id: str = ""
    on: date | None = None
    status: str = ""
    problem: str = ""


@dataclass(frozen=True)
class MemoryRecord:
    """A whole memory. `unreadable` holds (account or "", file, what is wrong), `ask` the field of
    the insights and the role to ask for it, by measure of the health model."""

    accounts: Sequence[AccountRecord] = ()
    messages: Sequence[MessageFile] = ()
    asked: Sequence[Asked] = ()
    unreadable: Sequence[tuple[str, str, str]] = ()
    ask: Mapping[str, tuple[str, str]] = field(default_factory=dict)
