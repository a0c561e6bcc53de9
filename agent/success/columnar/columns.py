"""The columns of a flat table: what each holds, and which headings it is known by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from agent.success.insights.parsing import SEGMENTS

Kind = Literal[
    "id", "text", "count", "amount", "percent", "measure", "past", "date", "word", "list"
]
"""past: a date that cannot lie ahead; word: one of `allowed`; list: texts separated by ; or |,
of which only the number counts here."""

SPONSOR_STATUS = ("active", "passive", "changed", "leaving", "left")


@dataclass(frozen=True)
class Column:
    """`field`: where the value stands in `customer_insights.yaml`, "" where a flat row sums up what
    stands there in detail. `headings`: names beside `name` and those of the import mapping."""

    name: str
    kind: Kind
    field: str = ""
    headings: tuple[str, ...] = ()
    low: float | None = 0
    high: float | None = None
    allowed: tuple[str, ...] = ()


MONTHS_AGO = 3
"""How far back the earlier figures of a flat row (`…_3m_ago`) lie."""

COLUMNS = (
    Column("id", "id", headings=("account_id", "customer_id")),
    Column("name", "text", "name"),
    Column("segment", "word", "segment", allowed=SEGMENTS),
    Column("customer_since", "past", "customer_since"),
    Column("arr", "amount", "contract.arr"),
    Column("currency", "text", "contract.currency"),
    Column("contract_start", "date", "contract.start_date"),
    Column("renewal_date", "date", "contract.renewal_date"),
    Column("notice_period_days", "count", "contract.notice_period_days"),
    Column("seats", "count", "contract.plan_limits.seats"),
    Column("api_limit", "count", "contract.plan_limits.api_calls_per_month"),
    Column("usage_date", "past", "usage.as_of"),
    Column("active_users", "count", "active_users"),
    Column("licensed_users", "count", "licensed_users"),
    Column("logins", "count", "logins"),
    Column("api_calls", "count", "api_calls"),
    Column("features_used", "count", "features_used"),
    Column("features_available", "count", "features_available"),
    Column("active_users_3m_ago", "count"),
    Column("logins_3m_ago", "count"),
    Column("api_calls_3m_ago", "count"),
    Column("features_unused", "list", "usage.features_unused"),
    Column("power_users", "count", "usage.power_users"),
    Column("outreach_sent", "count", "engagement.outreach.sent"),
    Column("outreach_replied", "count", "engagement.outreach.replied"),
    Column("last_reply_on", "past", "engagement.outreach.last_reply_on"),
    Column("qbr_scheduled", "count", "engagement.qbr.scheduled"),
    Column("qbr_attended", "count", "engagement.qbr.attended_by_customer"),
    Column("qbr_last_held_on", "past", "engagement.qbr.last_held_on"),
    Column("training_offered", "count", "engagement.training.places_offered"),
    Column("training_attended", "count", "engagement.training.attended"),
    Column("open_tickets", "count", "engagement.support_tickets.open_now"),
    Column("tickets_positive", "count", "engagement.support_tickets.sentiment.positive"),
    Column("tickets_neutral", "count", "engagement.support_tickets.sentiment.neutral"),
    Column("tickets_negative", "count", "engagement.support_tickets.sentiment.negative"),
    Column("goals_progress", "measure", low=None, headings=("goal_progress", "goals_progress_%")),
    Column("roi_annual_value", "amount", "value.roi.annual_value"),
    Column("roi_annual_cost", "amount", "value.roi.annual_cost"),
    Column("integrations_planned", "count", "value.integrations.planned"),
    Column("integrations_live", "count", "value.integrations.live"),
    Column("workflows_planned", "count", "value.workflows.planned"),
    Column("workflows_optimised", "count", "value.workflows.optimised"),
    Column("sponsor", "text", "relationship.executive_sponsor.name"),
    Column(
        "sponsor_status", "word", "relationship.executive_sponsor.status", allowed=SPONSOR_STATUS
    ),
    Column("sponsor_last_contact", "past", "relationship.executive_sponsor.last_contact"),
    Column("sponsor_leaves_on", "date", "relationship.executive_sponsor.leaves_on"),
    Column("contacts", "count", high=500),
    Column("engaged_contacts", "count", high=500),
    Column("nps_company", "measure", "relationship.nps.score", low=-100, high=100),
    Column("nps_collected_on", "past", "relationship.nps.collected_on"),
    Column("advocacy", "list", "relationship.advocacy"),
    Column("renewal_confidence", "percent", "relationship.renewal_confidence", high=100),
    Column("kickoff_held_on", "past", "onboarding.kickoff_held_on"),
    Column("onboarding_licensed", "count", "onboarding.users.licensed"),
    Column("users_activated", "count", "onboarding.users.activated"),
)
"""`contacts`: people known at the customer, the sponsor among them unless gone; `engaged_contacts`:
those of them with high or medium engagement; `goals_progress`: mean way gone, in percent."""

FIGURES = frozenset(
    {"active_users", "licensed_users", "logins", "api_calls", "features_used", "features_available"}
)
EARLIER = frozenset({"active_users_3m_ago", "logins_3m_ago", "api_calls_3m_ago"})
