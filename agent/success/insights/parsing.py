"""The untrusted share of `customer_insights.yaml` → a typed `Account` and its stored facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from agent.success.account import Account
from agent.success.facts import FactBook
from agent.success.insights import doubts, gaps
from agent.success.insights.blocks import engagement, onboarding, relationship, value
from agent.success.insights.reading import Node, Reader, escape
from agent.success.insights.usage import usage
from agent.success.insights.values import is_text, shown
from agent.success.insights.words import words

USAGE_MAX_AGE_DAYS = 60
MAX_ID = 120
SEGMENTS = ("smb", "mid_market", "enterprise", "strategic")


def parse(
    share: Mapping[str, Any],
    *,
    account_id: str,
    source: str,
    as_of: date,
    is_instruction: Callable[[str], bool],
    usage_max_age_days: int = USAGE_MAX_AGE_DAYS,
) -> tuple[Account, FactBook]:
    """Reads one account. Never raises on bad data: what cannot be used is None and a `Problem`.

    Args:
        share: the account's block, as loaded; any field may be missing or nonsense.
        source: path of the file, relative to the memory root, for the facts.
        as_of: the business date; later dates in the data are reported, not used.
        is_instruction: true for text that addresses an assistant or gives commands. Such text is
            left out of facts and sentences and listed in `Account.withheld`.
        usage_max_age_days: usage older than this is stale.
    """
    reader = Reader(as_of, source, is_instruction)
    data: Mapping[str, Any] = share
    if not isinstance(share, Mapping):
        reader.problem("", "invalid", f"the account is {shown(share)} instead of a block of fields")
        data = {}
    pointer = f"/accounts/{escape(account_id)}"
    root = Node(reader, data, "", pointer, "account")
    fields: dict[str, Any] = _top(root) | _contract(root.block("contract", "contract"))
    fields |= usage(root.block("usage", "usage"), usage_max_age_days)
    fields |= engagement(root.block("engagement", "engagement"))
    fields |= value(root.block("value", "value"))
    fields |= relationship(root.block("relationship", "relationship"))
    fields |= onboarding(root.block("onboarding", "onboarding"))
    fields["sentences"] = words(root)
    root.close()
    fields["name"] = fields["name"] or account_id
    account = Account(id=account_id, extra=reader.extra, **fields)
    gaps.find(account, reader)
    doubts.find(account, reader)
    object_fields = {"problems": tuple(reader.problems), "withheld": tuple(reader.withheld)}
    return Account(id=account_id, extra=reader.extra, **(fields | object_fields)), reader.facts


def _top(root: Node) -> dict[str, Any]:
    return {
        "name": root.text("name", "customer's name", free=False),
        "segment": root.choice("segment", "segment", SEGMENTS),
        "industry": root.text("industry", "industry"),
        "customer_since": root.day("customer_since", "customer since", past=True),
        "parent": _parent(root),
        "stated_stage": root.text("lifecycle_stage", "lifecycle stage as stored"),
    }


def _parent(root: Node) -> str:
    """The id of the parent account; no fact, because a plan names no other account."""
    value = root.raw("parent")
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if value is None or (isinstance(value, str) and is_text(value) and len(value) <= MAX_ID):
        return (value or "").strip()
    root.wrong("parent", value, "is not an account id")
    return ""


def _contract(node: Node) -> dict[str, Any]:
    currency = node.text("currency", "currency")
    limits = node.block("plan_limits", "contract.plan_limits")
    fields: dict[str, Any] = {
        "arr": node.number("arr", "annual recurring revenue", "amount", unit=currency),
        "currency": currency,
        "start_date": node.day("start_date", "start of the contract term"),
        "renewal_date": node.day("renewal_date", "renewal date"),
        "ended_on": node.day("ended_on", "end of the contract"),
        "term_months": node.count("term_months", "contract term", unit="months"),
        "auto_renew": node.flag("auto_renew", "renews automatically"),
        "notice_period_days": node.count("notice_period_days", "notice period", unit="days"),
        "plan": node.text("plan", "plan"),
        "seats": limits.count("seats", "licensed seats", unit="seats"),
        "api_limit": limits.count(
            "api_calls_per_month", "API calls included per month", unit="calls"
        ),
    }
    limits.close()
    node.close()
    return fields
