"""One account as the engine sees it: typed, dated, with every doubt about it named.

`insights.parse` makes it from the untrusted share of `customer_insights.yaml`. A value that is
absent, impossible or of the wrong type is None here and has a `Problem`; a value that is present
has a fact under the id that the field's comment names.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

ProblemState = Literal["missing", "stale", "invalid", "contradictory", "not_due"]


@dataclass(frozen=True)
class Problem:
    """Something a person should know or supply before trusting a figure.

    `field` is the dotted path in the insights; `ask` says whom to ask for what, "" if nobody.
    """

    field: str
    state: ProblemState
    message: str
    ask: str = ""


@dataclass(frozen=True)
class Month:
    """Usage of one month ('2026-10') or ISO week ('2026-W47'). Facts: `usage.<period>.<name>`."""

    period: str
    active_users: int | None = None
    licensed_users: int | None = None
    logins: int | None = None
    api_calls: int | None = None
    features_used: int | None = None
    features_available: int | None = None


@dataclass(frozen=True)
class Dated:
    """An earlier value. Facts: `<figure>.history.<n>.<field>`, n from 1 in file order."""

    on: date
    value: float


@dataclass(frozen=True)
class Goal:
    """A goal agreed with the customer. Facts: `goal.<id>.<field>`."""

    id: str
    statement: str
    metric: str = ""
    baseline: float | None = None
    target: float | None = None
    actual: float | None = None
    due: date | None = None
    as_of: date | None = None
    history: tuple[Dated, ...] = ()


@dataclass(frozen=True)
class Stakeholder:
    """Facts: `stakeholder.<n>.<field>`, n from 1 in file order."""

    n: int
    name: str
    role: str = ""
    engagement: str = ""  # high | medium | low | none | ""
    champion: bool = False


@dataclass(frozen=True)
class Sponsor:
    """Facts: `sponsor.<field>`. status: active | passive | changed | leaving | left | ""."""

    name: str
    title: str = ""
    status: str = ""
    last_contact: date | None = None
    leaves_on: date | None = None


@dataclass(frozen=True)
class Ticket:
    """An open support ticket named in the insights. Facts: `ticket.<id>.<field>`."""

    id: str
    subject: str = ""
    opened_on: date | None = None
    severity: str = ""


@dataclass(frozen=True)
class Milestone:
    """An onboarding milestone. Facts: `milestone.<n>.<field>`."""

    n: int
    name: str
    due: date | None = None
    status: str = ""
    blocked_by: str = ""
    owner: str = ""
    depends_on: str = ""


@dataclass(frozen=True)
class Sentence:
    """One sentence of a note, e-mail or ticket theme, verbatim; its quote fact is `fact_id`."""

    fact_id: str
    text: str
    at: date | None
    author: str
    channel: Literal["note", "email"]


@dataclass(frozen=True)
class Account:
    id: str
    name: str
    segment: str = ""  # smb | mid_market | enterprise | strategic | ""
    industry: str = ""
    customer_since: date | None = None
    parent: str = (
        ""  # id of the account it belongs to, as stored; no fact, it names another account
    )
    stated_stage: str = ""  # lifecycle_stage as stored, a hint and never the verdict
    # contract.<field>
    arr: float | None = None
    currency: str = ""
    start_date: date | None = None
    renewal_date: date | None = None
    ended_on: date | None = None  # the contract's last day, when the customer has left
    term_months: int | None = None
    auto_renew: bool | None = None
    notice_period_days: int | None = None
    plan: str = ""
    seats: int | None = None
    api_limit: int | None = None
    # usage
    usage_as_of: date | None = None
    usage_stale: bool = False
    months: tuple[Month, ...] = ()
    weeks: tuple[Month, ...] = ()
    features_unused: tuple[str, ...] = ()
    power_users: int | None = None
    # engagement.<block>.<field>
    outreach_sent: int | None = None
    outreach_replied: int | None = None
    last_reply_on: date | None = None
    qbr_scheduled: int | None = None
    qbr_attended: int | None = None
    qbr_last_held: date | None = None
    qbr_declined: int | None = None
    training_offered: int | None = None
    training_attended: int | None = None
    tickets_opened_90d: int | None = None
    tickets_open_now: int | None = None
    sentiment_positive: int | None = None
    sentiment_neutral: int | None = None
    sentiment_negative: int | None = None
    ticket_themes: tuple[str, ...] = ()
    tickets: tuple[Ticket, ...] = ()
    # value
    goals: tuple[Goal, ...] = ()
    roi_value: float | None = None
    roi_cost: float | None = None
    roi_source: str = ""
    integrations_planned: int | None = None
    integrations_live: int | None = None
    workflows_planned: int | None = None
    workflows_optimised: int | None = None
    # relationship
    sponsor: Sponsor | None = None
    stakeholders: tuple[Stakeholder, ...] = ()
    nps: float | None = None
    nps_respondents: int | None = None
    nps_collected_on: date | None = None
    nps_history: tuple[Dated, ...] = ()
    advocacy: tuple[str, ...] = ()
    renewal_confidence: float | None = None
    # onboarding.<…>
    kickoff_on: date | None = None
    checkins_planned: int | None = None
    checkins_held: int | None = None
    checkins_missed: tuple[date, ...] = ()
    users_licensed: int | None = None
    users_invited: int | None = None
    users_activated: int | None = None
    admins_planned: int | None = None
    admins_trained: int | None = None
    admins_untrained: tuple[str, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    # people's words
    sentences: tuple[Sentence, ...] = ()
    withheld: tuple[str, ...] = ()  # where instruction-like text was found and not passed on
    problems: tuple[Problem, ...] = ()
    extra: dict[str, Any] = field(default_factory=dict)  # unknown keys, untouched

    @property
    def latest(self) -> Month | None:
        """Newest usage period: the last month, else the last week."""
        return self.months[-1] if self.months else (self.weeks[-1] if self.weeks else None)
