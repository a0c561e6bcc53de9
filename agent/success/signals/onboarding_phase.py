"""Whether an account is being onboarded, as far as warning signs and playbooks care."""

from __future__ import annotations

from datetime import date

from agent.success.account import Account

ONBOARDING_DAYS = 90
"""Onboarding are the days 0 to 90 of a customer."""


def onboarding_start(account: Account) -> date | None:
    """The day the onboarding is counted from: the start of the contract, unless that is a later
    term of an older relationship; without it, the kickoff."""
    begun = account.customer_since or account.start_date or account.kickoff_on
    if account.kickoff_on and begun and (account.kickoff_on - begun).days > ONBOARDING_DAYS:
        return account.kickoff_on
    return begun


def onboarding_day(account: Account, as_of: date) -> int | None:
    """Days since the onboarding began; None when there is no onboarding record, or it is older
    than the onboarding period."""
    recorded = account.kickoff_on or account.milestones or account.users_activated is not None
    start = onboarding_start(account)
    if start is None or not recorded:
        return None
    day = (as_of - start).days
    return day if 0 <= day <= ONBOARDING_DAYS else None
