"""Customers who have left: the contract has ended, or its renewal was decided as churned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from agent.success.account import Account
from agent.success.continuity.reading import standing


@dataclass(frozen=True)
class Former:
    """A customer until `since`, the last day of the contract; `why` says what shows it."""

    account_id: str
    name: str
    since: date
    why: str


def former(account: Account, events: Iterable[Mapping[str, Any]], as_of: date) -> Former | None:
    """Whether the customer has left by `as_of`: `contract.ended_on` has come, or the renewal date
    has passed and the last decision recorded up to then says churned.

    A churn that is decided is a customer until the contract ends; a renewal that is overdue and
    undecided is one nobody has recorded as lost.

    Args:
        events: the account's timeline; looked at only where the contract may be over.
    """
    ended, renewal = account.ended_on, account.renewal_date
    over = ended is not None and ended <= as_of
    if not over and (renewal is None or renewal > as_of):
        return None
    decided = last_decision(events, as_of)
    if decided is not None and decided["data"].get("outcome") == "churned":
        why = f"renewal decided as churned on {decided['at']}"
    elif over:
        why = "contract.ended_on"
    else:
        return None
    last = ended if over else renewal
    assert last is not None
    return Former(account.id, account.name, last, why)


def last_decision(events: Iterable[Mapping[str, Any]], until: date) -> Mapping[str, Any] | None:
    """The newest `renewal_decided` event up to a day; of one day, the one recorded last.
    Corrections are applied."""
    found: Mapping[str, Any] | None = None
    for event in standing(events):
        if event["kind"] == "renewal_decided" and event["at"] <= until.isoformat():
            found = event if found is None or event["at"] >= found["at"] else found
    return found
