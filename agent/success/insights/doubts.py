"""Where two places in the data cannot both be right: named, so that a person can be asked."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

from agent.success.account import Account, Problem
from agent.success.calendar import full_months, month_end
from agent.success.insights.doubts_counts import counts
from agent.success.insights.doubts_text import from_text
from agent.success.insights.reading import Reader
from agent.success.insights.values import read_date, read_number, shown

MANAGER, ANALYST, CUSTOMER = "account-manager", "support-analyst", "customer"
SPONSOR_SILENT_DAYS = 90
GOAL_MAX_AGE_DAYS = 365

_TWICE = {  # leaf names that mean the same wherever they stand
    "arr": "arr",
    "annual_recurring_revenue": "arr",
    "renewal_date": "renewal_date",
    "seats": "seats",
    "auto_renew": "auto_renew",
    "start_date": "start_date",
    "notice_period_days": "notice_period_days",
    "currency": "currency",
}


def find(account: Account, reader: Reader) -> None:
    """Adds a `contradictory` problem (or a named doubt) for every pair that does not fit."""
    found = [counts(account)]
    found += [c(account, reader) for c in (_dates, _usage, _people, _outcomes, _second_source)]
    for problem in chain(*found, from_text(account)):
        reader.problem(problem.field, problem.state, problem.message, problem.ask)


def _clash(field: str, message: str, ask: str) -> Problem:
    return Problem(field, "contradictory", message, ask)


def _dates(a: Account, reader: Reader) -> Iterator[Problem]:
    start, end, since = a.start_date, a.renewal_date, a.customer_since
    if start and end and start >= end:
        yield _clash(
            "contract.renewal_date", f"the term starts on {start} but renews on {end}", MANAGER
        )
    elif start and end and a.term_months and abs(full_months(start, end) - a.term_months) > 1:
        yield _clash(
            "contract.term_months",
            f"a term of {a.term_months} months does not fit {start} to {end}",
            MANAGER,
        )
    if since and end and since > end:
        yield _clash(
            "customer_since", f"customer since {since}, after the renewal date {end}", MANAGER
        )
    elif since and start and since > start:
        yield _clash(
            "customer_since", f"customer since {since}, after the term began on {start}", MANAGER
        )
    sponsor = a.sponsor
    if sponsor and sponsor.leaves_on and sponsor.status == "active":
        yield _clash(
            "relationship.executive_sponsor.status",
            f"the sponsor is marked active but leaves on {sponsor.leaves_on}",
            CUSTOMER,
        )
    if (
        sponsor
        and sponsor.leaves_on
        and sponsor.status == "leaving"
        and sponsor.leaves_on < reader.as_of
    ):
        yield _clash(
            "relationship.executive_sponsor.status",
            f"the sponsor is marked as leaving but the date {sponsor.leaves_on} has passed",
            CUSTOMER,
        )


def _usage(a: Account, _: Reader) -> Iterator[Problem]:
    latest = a.latest
    if latest and latest.licensed_users and a.seats and latest.licensed_users != a.seats:
        yield _clash(
            "contract.plan_limits.seats",
            f"{a.seats} seats in the contract but {latest.licensed_users} licensed users in "
            f"{latest.period}",
            MANAGER,
        )
    if a.users_licensed and a.seats and a.users_licensed != a.seats:
        yield _clash(
            "onboarding.users.licensed",
            f"{a.seats} seats in the contract but {a.users_licensed} licensed users in onboarding",
            MANAGER,
        )
    if a.months and a.usage_as_of:
        end = month_end(a.months[-1].period)
        days = (end - a.usage_as_of).days
        if days > 31 or days < -62:
            yield _clash(
                "usage.as_of",
                f"the usage data are dated {a.usage_as_of} but the newest month is "
                f"{a.months[-1].period}",
                ANALYST,
            )


def _people(a: Account, reader: Reader) -> Iterator[Problem]:
    sponsor = a.sponsor
    if sponsor and sponsor.name and a.stakeholders:
        listed = [
            s
            for s in a.stakeholders
            if s.name.strip().casefold() == sponsor.name.strip().casefold()
        ]
        if not listed:
            yield _clash(
                "relationship.stakeholders",
                f"the executive sponsor {shown(sponsor.name)} is not among the stakeholders",
                CUSTOMER,
            )
        elif sponsor.status == "active" and listed[0].engagement in ("none", "low"):
            yield _clash(
                "relationship.executive_sponsor.status",
                f"the sponsor is marked active but engagement is {listed[0].engagement}",
                CUSTOMER,
            )
    if sponsor and sponsor.last_contact:
        silent = (reader.as_of - sponsor.last_contact).days
        if silent > SPONSOR_SILENT_DAYS:
            yield Problem(
                "relationship.executive_sponsor.last_contact",
                "stale",
                f"last contact with the sponsor was {silent} days ago, on {sponsor.last_contact}",
                CUSTOMER,
            )
    tones = [a.sentiment_positive or 0, a.sentiment_neutral or 0, a.sentiment_negative or 0]
    confident = a.renewal_confidence is not None and a.renewal_confidence >= 70
    if confident and sum(tones) >= 3 and 2 * tones[2] > sum(tones):
        yield _clash(
            "relationship.renewal_confidence",
            f"renewal confidence is {a.renewal_confidence:g} % while {tones[2]} of {sum(tones)} "
            "tickets have a negative tone",
            "customer-success-manager",
        )
    if confident and a.nps is not None and a.nps < 0:
        yield _clash(
            "relationship.renewal_confidence",
            f"renewal confidence is {a.renewal_confidence:g} % while the NPS is {a.nps:g}",
            "customer-success-manager",
        )


def _outcomes(a: Account, reader: Reader) -> Iterator[Problem]:
    if a.roi_cost and a.arr and abs(a.roi_cost - a.arr) > 0.01 * a.arr:
        yield _clash(
            "value.roi.annual_cost",
            f"the return is worked out on a cost of {a.roi_cost:g} but the contract says {a.arr:g}",
            MANAGER,
        )
    if a.roi_cost == 0:
        yield Problem(
            "value.roi.annual_cost", "invalid", "cost is 0; no return can be computed", MANAGER
        )
    source = a.roi_source.casefold()
    if a.roi_value is not None and any(
        w in source for w in ("estimate", "not seen", "unconfirmed", "assum")
    ):
        yield Problem(
            "value.roi.source",
            "missing",
            f"the value figure is not confirmed by the customer's finance: {shown(a.roi_source)}",
            CUSTOMER,
        )
    for goal in a.goals:
        if goal.baseline is not None and goal.baseline == goal.target:
            yield Problem(
                f"value.goals.{goal.id}.target",
                "invalid",
                f"baseline and target of goal {goal.id} are both {goal.target:g}; progress cannot "
                "be measured",
                CUSTOMER,
            )
        if goal.as_of and (reader.as_of - goal.as_of).days > GOAL_MAX_AGE_DAYS:
            yield Problem(
                f"value.goals.{goal.id}.actual",
                "stale",
                f"goal {goal.id} was last measured {(reader.as_of - goal.as_of).days} days ago",
                CUSTOMER,
            )


def _second_source(a: Account, reader: Reader) -> Iterator[Problem]:
    """Contract figures that stand a second time among the unknown keys, with another value."""
    for path, value in _leaves(reader.extra, "", 0):
        attribute = _TWICE.get(path.rpartition(".")[2].casefold())
        if attribute is None:
            continue
        known, other = getattr(a, attribute), _typed(value, attribute)
        if known not in (None, "") and other is not None and other != known:
            yield _clash(path, f"says {shown(value)} but the contract says {known}", MANAGER)


def _typed(value: Any, attribute: str) -> Any:
    if attribute.endswith("_date"):
        return read_date(value)[0]
    if attribute in ("currency", "auto_renew"):
        return value if isinstance(value, bool if attribute == "auto_renew" else str) else None
    return read_number(value, "amount")[0]


def _leaves(value: Any, path: str, depth: int) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and depth < 6:
        for key, inner in list(value.items())[:200]:
            yield from _leaves(inner, f"{path}.{key}" if path else str(key)[:80], depth + 1)
    elif not isinstance(value, (dict, list)):
        yield path, value
