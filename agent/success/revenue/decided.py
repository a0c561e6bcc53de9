"""The final status of a renewal, where a person has decided it.

It is a fact on the account's timeline, keyed `renewal.category`: `csm record fact ACCOUNT
renewal.category commit --by NAME`. Two decisions of one day that differ are none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, get_args

from agent.success.continuity import facts, reading
from agent.success.revenue.forecast import Category

KEY = "renewal.category"
CHOICES = tuple(choice for choice in get_args(Category) if choice != "unknown")


def decided_category(
    events: Sequence[Mapping[str, Any]], as_of: date
) -> tuple[Category | None, str]:
    """(the category decided on and valid on a day, why a record of one cannot be used)."""
    fact = facts.facts(reading.read(events, as_of=as_of).told, as_of).get(KEY)
    if fact is None or not fact.valid:
        return None, ""
    if fact.contradictory:
        return None, f"two people decided on {KEY} differently on the same day"
    value = fact.valid[0].value
    found = next((choice for choice in CHOICES if choice == value), None)
    if found is None:
        return None, f"{KEY} on its timeline is none of {', '.join(CHOICES)}: {value!r}"
    return found, ""
