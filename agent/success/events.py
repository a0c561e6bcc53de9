"""Timeline events: what happened with an account, as one line each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

EventKind = Literal[
    "health_scored", "plan_published", "goal_set", "goal_measured", "risk_opened", "risk_closed",
    "playbook_started", "handoff_sent", "escalated", "review_decided", "renewal_decided",
    "override_set", "redirected", "facts_imported", "fact_noted", "promise_settled",
    "handoff_answered", "corrected",
]  # fmt: skip


def timeline_source(account_id: str) -> str:
    """The source that facts from an account's timeline name; their pointers begin with the id of
    the event: `/<event_id>/data/why`."""
    return f"_knowledge/episodic/accounts/{account_id}.jsonl"


def event(
    account_id: str,
    kind: EventKind,
    instruction_id: str,
    at: date,
    recorded_at: str,
    data: Mapping[str, Any],
    source: str,
    view: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """One event without its id, which the timeline derives from the content.

    `at` is the business date, `recorded_at` the moment of recording (UTC, `…Z`); `view` is what a
    document that stands for this event holds.
    """
    return {
        "account_id": account_id,
        "at": at.isoformat(),
        "recorded_at": recorded_at,
        "kind": kind,
        "instruction_id": instruction_id,
        "data": dict(data),
        "source": source,
        **({"view": dict(view)} if view else {}),
    }
