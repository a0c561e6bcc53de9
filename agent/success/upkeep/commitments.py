"""What somebody waits for: answers to hand-offs, promises of the newest plan."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from agent.success.continuity.sent import sent_messages
from agent.success.insights.values import read_date, shown
from agent.success.upkeep.findings import Finding, Severity, days_ago
from agent.success.upkeep.policy import Upkeep
from agent.success.upkeep.records import AccountRecord, MemoryRecord, MessageFile

OWN_ROLE = "customer-success-manager"
_TYPES = {"handoff_sent": "handoff", "escalated": "escalation", "redirected": "delegation"}
_ANSWERED = frozenset(
    {"answered", "acknowledged", "completed", "complete", "done", "resolved", "closed", "rejected",
     "approved"}
)  # fmt: skip


def unanswered(memory: MemoryRecord, policy: Upkeep, as_of: date) -> Iterator[Finding]:
    """Messages sent that nobody has answered in time.

    Answered is what a person recorded as answered, what another message replies to, and what its
    receiver has marked as dealt with. A message that has merely gone from the inbox is not.
    """
    here = {m.id: m for m in memory.messages}
    answers = {m.in_reply_to for m in memory.messages if _is_sent_by(m, as_of)}
    answers |= {m.id for m in memory.messages if m.status.casefold() in _ANSWERED}
    told: set[str] = set()
    for account in memory.accounts:
        for sent in sent_messages(account.told):
            told.add(sent.message_id)
            if sent.answer is None and sent.message_id not in answers:
                file = here.get(sent.message_id)
                type = file.type if file else _TYPES[sent.kind]
                where, lies = (
                    (file.path, "still lies in the inbox")
                    if file
                    else (account.timeline, "was taken from the inbox")
                )
                yield from _late(
                    policy, as_of, sent.sent_on, type, account.account_id, where,
                    f"to {sent.to} {{}} has no answer and {lies}: {shown(sent.about)}",
                    f"Ask {sent.to}, then: csm record answer {account.account_id} "
                    f"{sent.message_id}.",
                    matters=not account.has_left,
                )  # fmt: skip
    for m in memory.messages:  # those of runs that have told no timeline
        own = m.sender == OWN_ROLE and not m.in_reply_to and m.sent is not None
        if own and m.sent is not None and m.id not in told and m.id not in answers:
            yield from _late(
                policy, as_of, m.sent, m.type, m.account_id, m.path,
                f"to {m.to} {{}} has no answer and still lies in the inbox: {shown(m.subject)}",
                f"Ask {m.to}.",
            )  # fmt: skip


def _is_sent_by(message: MessageFile, as_of: date) -> bool:
    return bool(message.in_reply_to) and (message.sent is None or message.sent <= as_of)


def _late(
    policy: Upkeep, as_of: date, sent_on: date, type: str, account_id: str, where: str, what: str,
    fix: str, *, matters: bool = True,
) -> Iterator[Finding]:  # fmt: skip
    """The finding, when it is late; about a customer who has left it is worth a note."""
    within = policy.answer_within_days.model_dump()
    age = (as_of - sent_on).days
    late = age - within.get(type, policy.answer_within_days.handoff)
    if late > 0:
        severity: Severity = "error" if late > policy.long_overdue_days else "warning"
        severity = severity if matters else "note"
        when = f"of {sent_on}, {days_ago(age)},"
        yield Finding(
            severity, "unanswered", account_id, where, "", f"{type} {what.format(when)}", fix
        )


def overdue_promises(account: AccountRecord, policy: Upkeep, as_of: date) -> Iterator[Finding]:
    """Goals, milestones and actions of the newest plan whose day has passed without a word."""
    if account.plan is None or account.has_left:
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
