"""What is not known about an account, and whom to ask for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from agent.success.account import Account, Problem
from agent.success.insights.reading import Reader

ANALYST, MANAGER, TRAINER = "support-analyst", "account-manager", "support-trainer"
SUPPORT, CUSTOMER = "customer-support-rep", "customer"


@dataclass(frozen=True)
class _Want:
    """`not_due`: its absence is no failure while the customer is being onboarded."""

    path: str
    attribute: str
    label: str
    ask: str
    not_due: bool = False


_WANTED = (
    _Want("segment", "segment", "segment", MANAGER),
    _Want("customer_since", "customer_since", "start of the customer relationship", MANAGER),
    _Want("contract.arr", "arr", "annual recurring revenue", MANAGER),
    _Want("contract.currency", "currency", "contract currency", MANAGER),
    _Want("contract.start_date", "start_date", "start of the contract term", MANAGER),
    _Want("contract.renewal_date", "renewal_date", "renewal date", MANAGER),
    _Want("contract.auto_renew", "auto_renew", "automatic renewal, yes or no", MANAGER),
    _Want("contract.notice_period_days", "notice_period_days", "notice period", MANAGER),
    _Want("contract.plan_limits.seats", "seats", "licensed seats", MANAGER),
    _Want(
        "engagement.outreach.sent",
        "outreach_sent",
        "outreach sent and replied to",
        "customer-success-manager",
    ),
    _Want(
        "engagement.qbr.scheduled",
        "qbr_scheduled",
        "business reviews held",
        "customer-success-manager",
        True,
    ),
    _Want("engagement.training.places_offered", "training_offered", "training attendance", TRAINER),
    _Want(
        "engagement.support_tickets.open_now", "tickets_open_now", "open support tickets", SUPPORT
    ),
    _Want("value.goals", "goals", "goals agreed with the customer, in writing", CUSTOMER),
    _Want("value.roi.annual_value", "roi_value", "return on investment", CUSTOMER, True),
    _Want(
        "value.integrations.planned",
        "integrations_planned",
        "integrations planned and live",
        CUSTOMER,
    ),
    _Want(
        "value.workflows.planned",
        "workflows_planned",
        "workflows planned and optimised",
        CUSTOMER,
        True,
    ),
    _Want("relationship.executive_sponsor", "sponsor", "executive sponsor", CUSTOMER),
    _Want("relationship.stakeholders", "stakeholders", "stakeholders", CUSTOMER),
    _Want("relationship.nps.score", "nps", "NPS", CUSTOMER, True),
    _Want(
        "relationship.renewal_confidence",
        "renewal_confidence",
        "renewal confidence",
        "customer-success-manager",
        True,
    ),
)
_LATEST = (
    ("active_users", "active users"),
    ("licensed_users", "licensed users"),
    ("logins", "logins"),
    ("api_calls", "API calls"),
    ("features_used", "features used"),
    ("features_available", "features available"),
)


def find(account: Account, reader: Reader) -> None:
    """Names every wanted figure that is absent and has no problem of its own yet."""
    for want in _WANTED:
        if _absent(getattr(account, want.attribute)) and not _named(reader.problems, want.path):
            reader.problem(want.path, "missing", f"{want.label}: not in the insights", want.ask)
    _usage(account, reader)
    tones = (account.sentiment_positive, account.sentiment_neutral, account.sentiment_negative)
    if all(tone is None for tone in tones) and not _named(
        reader.problems, "engagement.support_tickets.sentiment"
    ):
        reader.problem(
            "engagement.support_tickets.sentiment",
            "missing",
            "tone of support tickets: not in the insights",
            SUPPORT,
        )
    for goal in account.goals:
        for name in ("target", "actual"):
            path = f"value.goals.{goal.id}.{name}"
            if getattr(goal, name) is None:
                reader.problem(
                    path,
                    "missing",
                    f"goal {goal.id} has no {name}; progress cannot be measured",
                    CUSTOMER,
                )


def _usage(account: Account, reader: Reader) -> None:
    latest = account.latest
    if latest is None:
        if not _named(reader.problems, "usage.monthly"):
            reader.problem("usage.monthly", "missing", "usage: not in the insights", ANALYST)
        return
    if account.usage_as_of is None and not _named(reader.problems, "usage.as_of"):
        reader.problem(
            "usage.as_of", "missing", "date of the usage data: not in the insights", ANALYST
        )
    block = "monthly" if account.months else "weekly"
    for name, label in _LATEST:
        known = f"usage.{latest.period}.{name}" in reader.facts or f"usage.{name}" in reader.facts
        if name == "licensed_users":
            known = known or account.seats is not None or account.users_licensed is not None
        elif name == "api_calls":
            known = known or bool(not account.months)
        path = f"usage.{block}.{name}"
        if not known and not any(
            p.field.endswith(f".{name}") and p.field.startswith("usage.") for p in reader.problems
        ):
            reader.problem(
                path, "missing", f"{label} in {latest.period}: not in the insights", ANALYST
            )


def _absent(value: Any) -> bool:
    return value is None or value == "" or value == ()


def _named(problems: Iterable[Problem], path: str) -> bool:
    """True when the field, something inside it or the block around it has a problem already."""
    return any(
        p.field == path
        or p.field.startswith(f"{path}.")
        or (p.field and path.startswith(f"{p.field}."))
        for p in problems
    )


def not_due(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """The same problems as they look during onboarding: reviews, outcomes and opinions that cannot
    exist yet are `not_due` instead of `missing`."""
    later = {want.path for want in _WANTED if want.not_due}
    out = []
    for problem in problems:
        goal_actual = problem.field.startswith("value.goals.") and problem.field.endswith(".actual")
        if problem.state == "missing" and (problem.field in later or goal_actual):
            message = f"{problem.message}; not due during onboarding"
            problem = replace(problem, state="not_due", message=message, ask="")
        out.append(problem)
    return tuple(out)
