"""The fields of an account that an import can fill, and what kind of value each takes."""

from __future__ import annotations

import re
from typing import Literal

Kind = Literal[
    "id", "text", "date", "count", "amount", "percent", "measure", "flag", "choice", "texts", "rows"
]
"""count: whole and not negative; amount: money; percent: 0 to 100 once read; measure: any figure;
texts: a list (in one cell: separated by `;` or `|`); rows: a list of records, from JSON only."""

CUSTOM = "custom."
"""Prefix of fields the engine does not know; they are stored with the account, unused."""

FIELDS: dict[str, Kind] = {
    "name": "text",
    "parent": "text",
    "segment": "choice",
    "industry": "text",
    "customer_since": "date",
    "lifecycle_stage": "text",
    "contract.arr": "amount",
    "contract.currency": "text",
    "contract.start_date": "date",
    "contract.renewal_date": "date",
    "contract.term_months": "count",
    "contract.auto_renew": "flag",
    "contract.notice_period_days": "count",
    "contract.plan": "text",
    "contract.plan_limits.seats": "count",
    "contract.plan_limits.api_calls_per_month": "count",
    "usage.as_of": "date",
    "usage.source": "text",
    "usage.stale": "flag",
    "usage.monthly": "rows",
    "usage.weekly": "rows",
    "usage.features_unused": "texts",
    "usage.power_users": "count",
    "engagement.outreach.sent": "count",
    "engagement.outreach.replied": "count",
    "engagement.outreach.last_reply_on": "date",
    "engagement.qbr.scheduled": "count",
    "engagement.qbr.attended_by_customer": "count",
    "engagement.qbr.last_held_on": "date",
    "engagement.qbr.declined": "count",
    "engagement.training.places_offered": "count",
    "engagement.training.attended": "count",
    "engagement.support_tickets.opened_last_90d": "count",
    "engagement.support_tickets.open_now": "count",
    "engagement.support_tickets.sentiment.positive": "count",
    "engagement.support_tickets.sentiment.neutral": "count",
    "engagement.support_tickets.sentiment.negative": "count",
    "engagement.support_tickets.themes": "texts",
    "engagement.support_tickets.open": "rows",
    "value.goals": "rows",
    "value.roi.annual_value": "amount",
    "value.roi.annual_cost": "amount",
    "value.roi.source": "text",
    "value.integrations.planned": "count",
    "value.integrations.live": "count",
    "value.workflows.planned": "count",
    "value.workflows.optimised": "count",
    "relationship.executive_sponsor.name": "text",
    "relationship.executive_sponsor.title": "text",
    "relationship.executive_sponsor.status": "choice",
    "relationship.executive_sponsor.last_contact": "date",
    "relationship.executive_sponsor.leaves_on": "date",
    "relationship.stakeholders": "rows",
    "relationship.nps.score": "measure",
    "relationship.nps.respondents": "count",
    "relationship.nps.collected_on": "date",
    "relationship.advocacy": "texts",
    "relationship.renewal_confidence": "percent",
    "onboarding.kickoff_held_on": "date",
    "onboarding.weekly_checkins.planned": "count",
    "onboarding.weekly_checkins.held": "count",
    "onboarding.weekly_checkins.missed": "texts",
    "onboarding.users.licensed": "count",
    "onboarding.users.invited": "count",
    "onboarding.users.activated": "count",
    "onboarding.admins.planned": "count",
    "onboarding.admins.trained": "count",
    "onboarding.admins.untrained": "texts",
    "onboarding.milestones": "rows",
    "notes": "rows",
    "emails": "rows",
}

MONTH_FIGURES = (
    "active_users",
    "licensed_users",
    "logins",
    "api_calls",
    "features_used",
    "features_available",
)

AMBIGUOUS: dict[str, str] = {
    "responsetime": "a 0-10 rating in one tool, days or hours in another",
    "loginfrequency": "a 0-10 rating in one tool, logins per week in another",
    "businessimpact": "a 0-10 rating in one tool, free text in another",
    "featureadoption": "a 0-10 rating, a percentage or a number of features",
    "meetingattendance": "a 0-10 rating, a percentage or a number of meetings",
    "executiveengagement": "a rating out of 10 or out of 100",
    "nps": "one answer of 0 to 10, or promoters minus detractors from -100 to 100",
    "npsscore": "one answer of 0 to 10, or promoters minus detractors from -100 to 100",
    "csat": "a rating out of 5, out of 10, or a percentage",
    "satisfactionscore": "a rating out of 5, out of 10, or a percentage",
    "usage": "a rating, a percentage or a number of events",
    "revenue": "revenue of a month, of a year, or of the customer's own business",
}
"""Column names that mean different things in different tools, by `squashed` name."""


def squashed(name: str) -> str:
    """A column name without case, blanks, underscores and signs: "Renewal Date" → renewaldate."""
    return re.sub(r"[\W_]+", "", name.replace("%", "pct").casefold())


def field_fault(field: str, kind: Kind) -> str:
    """Why a column of this kind cannot fill `field`; empty when it can."""
    if field.startswith(CUSTOM):
        plain = re.fullmatch(r"custom(?:\.[a-z][a-z0-9_]{0,59}){1,4}", field)
        return "" if plain else f"'{field}' is not of the form custom.some_name"
    expected = FIELDS.get(field)
    if expected is None:
        return f"'{field}' is no field of an account; for others use {CUSTOM}some_name"
    if expected != kind and not (expected == "text" and kind == "choice"):
        return f"'{field}' takes kind '{expected}', not '{kind}'"
    return ""
