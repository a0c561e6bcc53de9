"""A long past of one account: what many quarters of runs and people's records leave behind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count, islice
from typing import Any

from agent.success.events import EventKind, event

LAST = date(2026, 11, 10)


def events(account_id: str, number: int) -> list[dict[str, Any]]:
    """`number` events up to `LAST`, evenly over up to ten years, in the order of recording."""
    first = LAST - timedelta(days=min(3650, 30 + number * 3))
    span = (LAST - first).days
    out = []
    for n, (kind, data) in enumerate(islice(_story(), number)):
        day = first + timedelta(days=span * n // max(1, number))
        out.append(event(account_id, kind, "", day, f"{day}T09:00:00Z", data, "a long past"))
    return out


def _story() -> Iterator[tuple[EventKind, dict[str, Any]]]:
    """One quarter after another; every kind of event, and words as long as people write them."""
    words = "the works council wants to see the shift plans before anything changes again " * 3
    for n in count():
        yield "health_scored", {"score": 40.0 + n % 50, "tier": "yellow", "model": "m",
                                "model_version": "1", "coverage": 1.0}  # fmt: skip
        yield "plan_published", {"plan_id": f"plan_{n}", "revision": 1, "supersedes": None}
        yield "risk_opened", {"signal": f"sign_{n % 40}", "severity": "high", "number": n}
        yield "playbook_started", {"playbook": f"play_{n % 30}", "state": "started", "number": n,
                                   "title": f"Play {n}", "because": [f"sign_{n % 40}"]}  # fmt: skip
        yield "handoff_sent", {"to": "technical-support-engineer", "message_id": f"m{n}",
                               "about": f"{n}: {words}"}  # fmt: skip
        yield "escalated", {"to": "executive-team", "message_id": f"x{n}", "about": words}
        yield "fact_noted", {"key": f"contract.clause_{n}", "value": f"{words} {n}", "by": "V. B."}
        yield "promise_settled", {"plan_id": f"plan_{n}", "pointer": "/actions/0/title",
                                  "title": f"Promise {n}", "kind": "action", "why": words,
                                  "outcome": "dropped", "by": "V. B."}  # fmt: skip
        yield "playbook_started", {"playbook": f"play_{n % 30}", "state": "closed", "number": n,
                                   "reason": words, "by": "V. B."}  # fmt: skip
        yield "risk_closed", {"signal": f"sign_{n % 40}", "number": n}
        yield "review_decided", {"plan_id": f"plan_{n}", "decision": "sent_back", "why": words,
                                 "by": "A. Lead"}  # fmt: skip
        yield "renewal_decided", {"outcome": "renewed", "arr_before": 90000,
                                  "arr_after": 96000 + n, "currency": "EUR"}  # fmt: skip
        yield "handoff_answered", {"message_id": f"x{n - 3}", "by": "executive-team",
                                   "answer": words}  # fmt: skip
        yield "override_set", {"value": 50 + n % 40, "reason": words, "by": "A. Lead",
                               "expires": "2027-01-31"}  # fmt: skip
