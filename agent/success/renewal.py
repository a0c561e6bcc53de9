"""The renewal: days left, the last day to give notice, the path there, and the outlook by tier."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal

from agent.success.account import Account
from agent.success.assessment import HealthResult, RenewalView
from agent.success.calendar import on_or_before
from agent.success.facts import FactBook
from agent.success.policy import Renewal

Status = Literal["open", "due", "overdue", "unknown"]


def view(
    account: Account, facts: FactBook, health: HealthResult, settings: Renewal, as_of: date
) -> RenewalView:
    """Registers `renewal.days_left` and `renewal.notice_deadline`. Whole days; a past date is
    overdue, never "0 days". The probability is the policy's figure for the tier, with its basis."""
    outlook = settings.by_tier[health.tier] if health.tier else None
    ids: list[str] = [i for i in ("contract.renewal_date", "contract.arr") if i in facts]
    reasons = [f"health is {health.tier}" if health.tier else "no health score: no outlook"]
    left: int | None = None
    deadline: date | None = None
    if account.renewal_date is not None:
        left = (account.renewal_date - as_of).days
        ids.append(
            facts.computed(
                "renewal.days_left",
                left,
                "days to renewal",
                inputs=("contract.renewal_date",),
                unit="days",
                formula=f"days from {as_of} to {account.renewal_date}",
            )
        )
        deadline = _notice(account, facts, as_of, ids, reasons)
    else:
        reasons.append("the renewal date is not known")
    status = _status(left, settings.due_within_days)
    if status == "overdue" and left is not None:
        renews = (
            "renews automatically: confirm that it did" if account.auto_renew else "act at once"
        )
        reasons.append(f"the renewal date passed {-left} days ago; {renews}")
    if account.arr is None:
        reasons.append("ARR is not known")
    known = outlook is not None and status != "unknown"
    return RenewalView(
        renewal_date=account.renewal_date,
        days_left=left,
        status=status,
        category=outlook.category if outlook and known else "unknown",
        probability=outlook.probability if outlook and known else None,
        probability_basis=f"{settings.basis} (tier {health.tier})"
        if known
        else "no basis for an estimate",
        arr=account.arr,
        currency=account.currency,
        notice_deadline=deadline,
        auto_renew=account.auto_renew,
        checkpoints=_path(account.renewal_date, settings, as_of),
        reasons=tuple(reasons),
        evidence=tuple(ids),
    )


def _notice(
    account: Account, facts: FactBook, as_of: date, ids: list[str], reasons: list[str]
) -> date | None:
    """Last day on which notice can be given: the renewal date less the notice period."""
    if account.renewal_date is None or account.notice_period_days is None:
        return None
    deadline = account.renewal_date - timedelta(days=account.notice_period_days)
    inputs = ("contract.renewal_date", "contract.notice_period_days")
    ids.append(
        facts.computed(
            "renewal.notice_deadline",
            deadline.isoformat(),
            "last day to give notice",
            inputs=inputs,
            formula=f"{account.renewal_date} less {account.notice_period_days} days",
            at=deadline.isoformat(),
        )
    )
    days = (deadline - as_of).days
    ids.append(
        facts.computed(
            "renewal.days_to_notice",
            days,
            "days until the last day to give notice",
            inputs=("renewal.notice_deadline",),
            formula=f"days from {as_of} to {deadline}",
            unit="days",
        )
    )
    if days < 0:
        reasons.append(f"the last day to give notice, {deadline}, has passed")
    return deadline


def _status(left: int | None, due_within: int) -> Status:
    if left is None:
        return "unknown"
    if left < 0:
        return "overdue"
    return "due" if left <= due_within else "open"


def _path(
    renewal_date: date | None, settings: Renewal, as_of: date
) -> tuple[tuple[date, str], ...]:
    """Checkpoints still ahead; one that falls on a weekend is due the Friday before."""
    if renewal_date is None:
        return ()
    steps = ((renewal_date - timedelta(days=s.days_before), s) for s in settings.path)
    dated = ((on_or_before(day), step) for day, step in steps)
    return tuple((d, f"{s.days_before} days: {s.what}") for d, s in dated if d >= as_of)
