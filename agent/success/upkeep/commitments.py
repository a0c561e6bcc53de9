"""What somebody waits for: answers to hand-offs, promises of the newest plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from agent.success.insights.values import read_date, shown
from agent.success.upkeep.findings import Finding, days_ago
from agent.success.upkeep.policy import Upkeep
from agent.success.upkeep.records import AccountRecord, MemoryRecord, MessageFile

OWN_ROLE = "customer-success-manager"
_SENT = {"handoff_sent": "handoff", "escalated": "escalation"}
_ANSWERED = frozenset(
    {"answered", "acknowledged", "completed", "complete", "done", "resolved", "closed", "rejected",
     "approved"}
)  # fmt: skip


@dataclass(frozen=True)
class _Sent:
    account_id: str
    where: str
    id: str
    type: str
    to: str
    about: str
    on: date


def unanswered(memory: MemoryRecord, policy: Upkeep, as_of: date) -> Iterator[Finding]:
    """Messages sent that nobody has answered in time.

    Answered is what a `handoff_answered` event names, what another message replies to, and what
    its receiver has marked as dealt with. A message that has merely gone from the inbox is not.
    """
    here = {m.id: m for m in memory.messages}
    answers = {m.in_reply_to for m in memory.messages if m.in_reply_to}
    answers |= {m.id for m in memory.messages if m.status.casefold() in _ANSWERED}
    for account in memory.accounts:
        answers |= _answered(account.events)
    within = policy.answer_within_days.model_dump()
    for sent in _sent(memory, here):
        age = (as_of - sent.on).days
        late = age - within.get(sent.type, policy.answer_within_days.handoff)
        if sent.id in answers or late <= 0:
            continue
        lies = "still lies in the inbox" if sent.id in here else "was taken from the inbox"
        yield Finding(
            "error" if late > policy.long_overdue_days else "warning",
            "unanswered", sent.account_id, sent.where, "",
            f"{sent.type} to {sent.to} of {sent.on}, {days_ago(age)}, has no answer and {lies}: "
            f"{shown(sent.about)}",
            f"Ask {sent.to}; record what they say as handoff_answered of {sent.id}.",
        )  # fmt: skip


def _answered(events: Sequence[Mapping[str, Any]]) -> set[str]:
    found = set()
    for e in events:
        data = e.get("data")
        if e.get("kind") == "handoff_answered" and isinstance(data, Mapping):
            found |= {str(data[key]) for key in ("message_id", "in_reply_to") if data.get(key)}
    return found


def _sent(memory: MemoryRecord, here: Mapping[str, MessageFile]) -> Iterator[_Sent]:
    """Every message that went out, once: as the timelines tell it, else as it lies in an inbox."""
    told = set()
    for account in memory.accounts:
        for e in account.events:
            data, on = e.get("data"), read_date(e.get("at"))[0]
            kind = _SENT.get(str(e.get("kind")))
            if kind is None or on is None or not isinstance(data, Mapping):
                continue
            id = data.get("message_id")
            if not isinstance(id, str) or id in told:
                continue
            told.add(id)
            file = here.get(id)
            yield _Sent(
                account.account_id, file.path if file else account.timeline, id,
                file.type if file else kind, str(data.get("to") or ""),
                str(data.get("about") or ""), on,
            )  # fmt: skip
    for m in memory.messages:
        if m.sender == OWN_ROLE and m.id not in told and m.sent is not None and not m.in_reply_to:
            yield _Sent(m.account_id, m.path, m.id, m.type, m.to, m.subject, m.sent)


def overdue_promises(account: AccountRecord, policy: Upkeep, as_of: date) -> Iterator[Finding]:
    """Goals, milestones and actions of the newest plan whose day has passed without a word."""
    if account.plan is None:
        return
    for promise in account.plan.carried:
        due, _ = read_date(promise.moved_to or promise.was_due)
        if promise.outcome != "overdue" or due is None:
            continue
        late = (as_of - due).days
        yield Finding(
            "error" if late > policy.long_overdue_days else "warning",
            "overdue_promise", account.account_id, account.plan.path, "",
            f"{promise.kind} due {due}, {days_ago(late)}: {shown(promise.title)}",
            "Do it, or record that it is done, moved or dropped.",
        )  # fmt: skip
