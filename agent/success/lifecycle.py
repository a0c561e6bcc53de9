"""Where the customer stands in the lifecycle, by rules; what is stored is only a hint."""

from __future__ import annotations

from datetime import date
from functools import partial

from agent.success.account import Account
from agent.success.assessment import Stage
from agent.success.calendar import full_months
from agent.success.facts import FactBook
from agent.success.policy import Lifecycle


def onboarding_start(account: Account, settings: Lifecycle, as_of: date) -> tuple[date, str] | None:
    """(first day, fact id it comes from) while a new customer is inside the onboarding days.

    A renewed contract does not start a new onboarding: the customer must be new. The days count
    from the start of the contract, else from `customer_since`, else from the kickoff.
    """
    since = account.customer_since or account.kickoff_on
    if since is None and account.milestones:
        since = account.start_date
    candidates = (
        (account.start_date, "contract.start_date"),
        (account.customer_since, "account.customer_since"),
        (account.kickoff_on, "onboarding.kickoff_held_on"),
    )
    limit = settings.rules.onboarding_days
    if since is None or (as_of - since).days > limit:
        return None
    for day, fact_id in candidates:
        if day is not None and -limit <= (as_of - day).days <= limit:
            return day, fact_id
    return None


def stage(account: Account, facts: FactBook, settings: Lifecycle, as_of: date, tier: str) -> Stage:
    """The stage and the rule that decided; registers `onboarding.day` while it applies.

    Order: onboarding, renewal window, adoption months; later customers are in expansion (advocacy
    when they speak for us) while healthy, and back in adoption while they are not.
    """
    rules, hint = settings.rules, partial(_disagrees, account.stated_stage)
    start = onboarding_start(account, settings, as_of)
    if start is not None:
        first, fact_id = start
        day = (as_of - first).days
        id = facts.computed(
            "onboarding.day",
            day,
            "day of onboarding",
            inputs=(fact_id,),
            unit="days",
            formula=f"days from {first} to {as_of}",
        )
        reason = f"day {day} of {rules.onboarding_days} onboarding days since {first}"
        return Stage("onboarding", reason + hint("onboarding"), day, (id, fact_id))
    since = account.customer_since or account.start_date
    day_count = (as_of - since).days if since else None
    left = (account.renewal_date - as_of).days if account.renewal_date else None
    since_id = "account.customer_since" if account.customer_since else "contract.start_date"
    ids = (since_id,) if since else ()
    if left is not None and left <= rules.renewal_window_days:
        when = f"{left} days to renewal" if left >= 0 else f"renewal {-left} days overdue"
        reason = f"{when}, within {rules.renewal_window_days} days{hint('renewal')}"
        return Stage("renewal", reason, day_count, ("contract.renewal_date", *ids))
    if since is None:
        return Stage("adoption", f"start of the relationship is not known{hint('adoption')}")
    months = full_months(since, as_of)
    if months < rules.adoption_months:
        reason = (
            f"month {months + 1} of the relationship, adoption up to month {rules.adoption_months}"
        )
        return Stage("adoption", reason + hint("adoption"), day_count, ids)
    if tier != "green":
        state = tier or "unknown"
        reason = (
            f"month {months + 1} of the relationship, but health is {state}: "
            f"adoption work comes before growth{hint('adoption')}"
        )
        return Stage(
            "adoption", reason, day_count, (*ids, *(i for i in ("health.tier",) if i in facts))
        )
    later = rules.after_adoption
    if later == "expansion" and len(account.advocacy) >= 3:
        return Stage(
            "advocacy",
            f"month {months + 1}, healthy, {len(account.advocacy)} acts of advocacy"
            + hint("advocacy"),
            day_count,
            ids,
        )
    reason = f"month {months + 1} of the relationship and healthy{hint(later)}"
    return Stage(later, reason, day_count, (*ids, "health.tier"))


def _disagrees(stated: str, decided: str) -> str:
    stated = stated.strip()
    if not stated or stated.casefold().replace(" ", "_") == decided:
        return ""
    return f" (the insights say {stated[:60]!r})"
