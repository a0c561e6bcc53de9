"""Health of the accounts of a memory, with the groups they belong to: what `csm health` shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from agent.portfolio import Portfolio, load_portfolio
from agent.success.assessment import Assessment
from agent.success.former import Former
from agent.success.health.family import FamilyFault, Member
from agent.success.health.report import HealthReport, report
from agent.success.health.roll_up import RollUp, roll_up


@dataclass(frozen=True)
class HealthBook:
    """`reports` by account id and `roll_ups` of those among them that have accounts below;
    `skipped` are accounts that could not be read, with the reason, `former` customers who left."""

    reports: tuple[HealthReport, ...]
    roll_ups: tuple[RollUp, ...]
    faults: tuple[FamilyFault, ...]
    skipped: tuple[tuple[str, str], ...]
    former: tuple[Former, ...]


def health_book(
    memory: Path,
    *,
    as_of: date,
    account: str = "",
    since: date | None = None,
    personas: Path | None = None,
) -> HealthBook:
    """The health of every account, or of the one named (by id or exact name).

    Raises:
        NeedsContext: the memory has no insights, or the account is not known.
        BadInput: the memory or a policy file cannot be used.
    """
    accounts = [account] if account else None
    book = load_portfolio(
        memory, as_of=as_of, personas=personas, accounts=accounts, with_family=True
    )
    gone = {left.account_id for left in book.former}
    members = [_member(a) for a in book.assessments if a.account.id not in gone]
    found, faults = roll_up(members, book.known, gone)
    mine = {r.id: r for r in found if r.id in book.asked}
    return HealthBook(
        reports=tuple(
            report(a, book.entries[a.account.id], since, mine.get(a.account.id))
            for a in _asked(book)
        ),
        roll_ups=tuple(mine.values()),
        faults=faults,
        skipped=book.skipped,
        former=book.former,
    )


def _asked(book: Portfolio) -> Sequence[Assessment]:
    return [a for a in book.assessments if a.account.id in book.asked]


def _member(found: Assessment) -> Member:
    account = found.account
    return Member(
        id=account.id,
        name=account.name,
        parent=account.parent,
        score=found.health.score,
        tier=found.health.tier,
        arr=account.arr,
        currency=account.currency,
        model=found.choice.model,
    )
