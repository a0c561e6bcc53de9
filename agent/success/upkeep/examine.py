"""All rules of upkeep over one memory."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from agent.success.upkeep.age import expired_override, stale, too_long
from agent.success.upkeep.commitments import overdue_promises, unanswered
from agent.success.upkeep.contradictions import contradictions
from agent.success.upkeep.duplicates import duplicates
from agent.success.upkeep.findings import Finding, ordered
from agent.success.upkeep.policy import Upkeep
from agent.success.upkeep.records import AccountRecord, MemoryRecord
from agent.success.upkeep.same import company_key


def examine(memory: MemoryRecord, policy: Upkeep, as_of: date) -> list[Finding]:
    """Everything that wants looking after, in the order it is told."""
    return ordered(_all(memory, policy, as_of))


def _all(memory: MemoryRecord, policy: Upkeep, as_of: date) -> Iterator[Finding]:
    for account_id, file, what in memory.unreadable:
        fix = "Correct the file; runs that need it are refused."
        yield Finding("error", "unreadable", account_id, file, "", what, fix)
    yield from duplicates(memory, policy)
    for account in memory.accounts:
        yield from contradictions(account, policy, as_of)
        yield from stale(account, memory.ask)
        yield from expired_override(account, as_of)
        yield from too_long(account, policy)
        yield from overdue_promises(account, policy, as_of)
        yield from _without_insights(account, memory, policy)
    yield from unanswered(memory, policy, as_of)
    yield from _unknown_accounts(memory)


def _without_insights(
    account: AccountRecord, memory: MemoryRecord, policy: Upkeep
) -> Iterator[Finding]:
    """A timeline of a customer that the insights do not know."""
    if account.share is not None or not account.told:
        return
    if account.has_left:
        yield Finding(
            "note", "without_insights", account.account_id, account.timeline, "",
            "a former customer: the timeline goes on, the insights have no record",
            "Nothing, or erase them: csm memory forget ACCOUNT.",
        )  # fmt: skip
        return
    mine = company_key(account.name, policy.legal_forms)
    now = [
        a.account_id
        for a in memory.accounts
        if a.share is not None and mine and company_key(a.name, policy.legal_forms) == mine
    ]
    renamed = f"; {now[0]} has the same name" if now else ""
    yield Finding(
        "warning", "without_insights", account.account_id, account.timeline, "",
        f"the timeline has {len(account.told)} events of an account that the insights do not "
        f"know{renamed}",
        "Give the record its old id back, or record that they have left.",
    )  # fmt: skip


def _unknown_accounts(memory: MemoryRecord) -> Iterator[Finding]:
    for asked in memory.asked:
        if asked.account_id or not asked.problem:
            continue
        redirected = asked.status == "redirected"
        yield Finding(
            "note" if redirected else "warning", "unknown_account", "", asked.path, "",
            f"{asked.id}: {asked.problem}" + (" (it was redirected)" if redirected else ""),
            "Nothing." if redirected else "Name an account of the insights in it.",
        )  # fmt: skip
