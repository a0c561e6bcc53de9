"""A healthy account to bend in tests, and short ways to read and assess it."""

from __future__ import annotations

import copy
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from agent.persona import PolicyFile
from agent.success.account import Account
from agent.success.assessment import HealthResult
from agent.success.facts import FactBook
from agent.success.health.figure_book import KNOWN
from agent.success.health.figures import figures
from agent.success.health.model import load_model
from agent.success.health.scoring import score
from agent.success.insights.parsing import parse
from agent.success.policy import PolicyLike

AS_OF = date(2026, 11, 17)
SOURCE = "_knowledge/semantic/customer_insights.yaml"
POLICY_DIR = Path(__file__).parents[2] / "personas/customer-success-manager"

_HEALTHY = """
name: Alder Instruments
segment: mid_market
industry: measuring instruments
customer_since: '2024-05-01'
contract:
  arr: 96000
  currency: EUR
  start_date: '2026-05-01'
  renewal_date: '2027-04-30'
  term_months: 12
  auto_renew: false
  notice_period_days: 60
  plan: Business
  plan_limits: {seats: 120, api_calls_per_month: 600000}
usage:
  as_of: '2026-10-31'
  monthly:
    - {month: 2026-08, active_users: 100, licensed_users: 120, logins: 2000, api_calls: 500000,
       features_used: 16, features_available: 20}
    - {month: 2026-09, active_users: 104, licensed_users: 120, logins: 2100, api_calls: 520000,
       features_used: 16, features_available: 20}
    - {month: 2026-10, active_users: 108, licensed_users: 120, logins: 2160, api_calls: 540000,
       features_used: 17, features_available: 20}
engagement:
  outreach: {sent: 10, replied: 9, last_reply_on: '2026-11-10'}
  qbr: {scheduled: 3, attended_by_customer: 3, last_held_on: '2026-09-10'}
  training: {places_offered: 20, attended: 18}
  support_tickets:
    opened_last_90d: 8
    open_now: 1
    sentiment: {positive: 4, neutral: 3, negative: 1}
    open: [{id: T-1, subject: Report template, opened_on: '2026-11-12'}]
value:
  goals:
    - {id: G-1, statement: Turnaround time, metric: hours, baseline: 48, target: 24, actual: 22,
       due: '2026-09-30', as_of: '2026-09-30'}
    - {id: G-2, statement: Sites connected, metric: sites, baseline: 0, target: 4, actual: 3,
       due: '2027-03-31', as_of: '2026-10-31'}
  roi: {annual_value: 310000, annual_cost: 96000, source: customer finance review 2026-09-30}
  integrations: {planned: 4, live: 4}
  workflows: {planned: 8, optimised: 7}
relationship:
  executive_sponsor: {name: Dr. Helena Varga, title: COO, status: active,
                      last_contact: '2026-11-05'}
  stakeholders:
    - {name: Dr. Helena Varga, role: COO, engagement: high}
    - {name: Joris Brand, role: Head of Operations, engagement: high, champion: true}
    - {name: Ines Calvo, role: IT Manager, engagement: medium}
  nps: {score: 62, respondents: 38, collected_on: '2026-10-02'}
  advocacy: [reference call 2026-06]
  renewal_confidence: 90
notes:
  - {date: '2026-11-05', author: csm, text: Dr. Varga asked about the audit trail. All is well.}
"""


def healthy() -> dict[str, Any]:
    """The account as plain data, a fresh copy."""
    return copy.deepcopy(yaml.safe_load(_HEALTHY))


def put(data: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """Sets a field, `usage.monthly.2.logins`, and returns the data."""
    node: Any = data
    *steps, last = path.split(".")
    for step in steps:
        node = node[int(step)] if isinstance(node, list) else node[step]
    node[int(last) if isinstance(node, list) else last] = value
    return data


def commands(text: str) -> bool:
    """A stand-in for the boundary's judgement."""
    return any(w in text.casefold() for w in ("ignore all", "assistants reading", "system:"))


def read(data: Any, as_of: date = AS_OF) -> tuple[Account, FactBook]:
    return parse(data, account_id="alder", source=SOURCE, as_of=as_of, is_instruction=commands)


def policy(name: str) -> PolicyLike:
    path = POLICY_DIR / f"{name}.yaml"
    return PolicyFile(
        yaml.safe_load(path.read_text()), f"personas/customer-success-manager/{name}.yaml"
    )


def health(data: Any, as_of: date = AS_OF, *, onboarding: bool = False) -> HealthResult:
    account, facts = read(data, as_of)
    model = load_model(policy("health_models/adoption-30-25-25-20"), KNOWN)
    return score(model, figures(account, facts, as_of), onboarding=onboarding)


def problem(account: Account, field: str) -> str:
    """State and message of the problems of a field, joined; "" without any."""
    found = [f"{p.state}: {p.message}" for p in account.problems if p.field == field]
    return " | ".join(found)
