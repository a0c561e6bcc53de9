"""Where the customer stands in the lifecycle, by rules; what is stored is only a hint.

The phase follows from dates alone and is known before the health score, so that it can choose the
health model. The stage refines it afterwards: what a customer past adoption is ready for depends on
the score. Nothing runs in a circle, because no phase looks at health.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from agent.success.account import Account
from agent.success.assessment import Stage
from agent.success.calendar import full_months
from agent.success.facts import FactBook
from agent.success.goals import progress
from agent.success.policy import Lifecycle, Phase, StageRules

ADVOCATE_ACTS = 3


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


def phase(account: Account, settings: Lifecycle, as_of: date) -> Phase:
    """The phase by dates alone, in this order: onboarding days, renewal window, adoption months,
    established; unknown when the start of the relationship is."""
    if onboarding_start(account, settings, as_of) is not None:
        return "onboarding"
    if _renewal(account, settings.rules, as_of) is not None:
        return "renewal"
    since, _ = _since(account)
    if since is None:
        return "unknown"
    in_adoption = full_months(since, as_of) < settings.rules.adoption_months
    return "adoption" if in_adoption else "established"


def stage(account: Account, facts: FactBook, settings: Lifecycle, as_of: date, tier: str) -> Stage:
    """The stage and the rule that decided; registers `onboarding.day` while it applies.

    The same as the phase, except that established customers are back in adoption while they are not
    healthy, in value realization while too few of their measured goals are reached, then in
    expansion (advocacy when they speak for us).
    """
    start = onboarding_start(account, settings, as_of)
    if start is not None:
        found = _onboarding(*start, facts, settings, as_of)
    else:
        found = _renewal(account, settings.rules, as_of) or _mature(
            account, settings.rules, as_of, tier
        )
    evidence = tuple(id for id in found.evidence if id in facts)
    reason = found.reason + _disagrees(account.stated_stage, found.id)
    return replace(found, reason=reason, evidence=evidence)


def _onboarding(
    first: date, fact_id: str, facts: FactBook, settings: Lifecycle, as_of: date
) -> Stage:
    day = (as_of - first).days
    facts.computed(
        "onboarding.day",
        day,
        "day of onboarding",
        inputs=(fact_id,),
        unit="days",
        formula=f"days from {first} to {as_of}",
    )
    reason = f"day {day} of {settings.rules.onboarding_days} onboarding days since {first}"
    return Stage("onboarding", reason, day, ("onboarding.day", fact_id))


def _renewal(account: Account, rules: StageRules, as_of: date) -> Stage | None:
    if account.renewal_date is None:
        return None
    left = (account.renewal_date - as_of).days
    if left > rules.renewal_window_days:
        return None
    since, _ = _since(account)
    when = f"{left} days to renewal" if left >= 0 else f"renewal {-left} days overdue"
    reason = f"{when}, within {rules.renewal_window_days} days"
    day = (as_of - since).days if since else None
    return Stage("renewal", reason, day, ("contract.renewal_date",))


def _mature(account: Account, rules: StageRules, as_of: date, tier: str) -> Stage:
    since, fact_id = _since(account)
    if since is None:
        return Stage("adoption", "start of the relationship is not known")
    day, months = (as_of - since).days, full_months(since, as_of)
    month = f"month {months + 1} of the relationship"
    if months < rules.adoption_months:
        reason = f"{month}, adoption up to month {rules.adoption_months}"
        return Stage("adoption", reason, day, (fact_id,))
    evidence = (fact_id, "health.tier")
    if tier != "green":
        reason = f"{month}, but health is {tier or 'unknown'}: adoption work comes before growth"
        return Stage("adoption", reason, day, evidence)
    unproven = _value_first(account, rules)
    if rules.after_adoption == "expansion" and unproven:
        goals = tuple(f"goal.{goal.id}.actual" for goal in account.goals)
        reason = f"{month} and healthy, with {unproven}"
        return Stage("value_realization", reason, day, (*evidence, *goals))
    if rules.after_adoption == "expansion" and len(account.advocacy) >= ADVOCATE_ACTS:
        reason = f"{month}, healthy, {len(account.advocacy)} acts of advocacy"
        return Stage("advocacy", reason, day, evidence)
    return Stage(rules.after_adoption, f"{month} and healthy", day, evidence)


def _value_first(account: Account, rules: StageRules) -> str:
    """What is lacking of the goals that growth waits for; empty when nothing is, or no goal has
    been measured (that is a gap in the data, and named as one elsewhere)."""
    measured = [p for p in map(progress, account.goals) if p is not None]
    reached = sum(p >= 1 for p in measured)
    if not measured or reached >= min(rules.goals_before_growth, len(measured)):
        return ""
    return f"{reached or 'none'} of {len(measured)} measured goals reached so far"


def _since(account: Account) -> tuple[date | None, str]:
    if account.customer_since is not None:
        return account.customer_since, "account.customer_since"
    return account.start_date, "contract.start_date"


def _disagrees(stated: str, decided: str) -> str:
    stated = stated.strip()
    if not stated or stated.casefold().replace(" ", "_") == decided:
        return ""
    return f" (the insights say {stated[:60]!r})"
