"""Renewals across a memory: what has been decided, recorded on each account's timeline."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, get_args

from agent.clock import stamp, utc_now
from agent.errors import BadInput, printable
from agent.memory import timeline
from agent.memory.paths import MemoryRoot
from agent.portfolio import load_portfolio
from agent.success.continuity.reading import standing
from agent.success.events import event
from agent.success.revenue.forecast import Outcome
from agent.success.revenue.retention import Movement

Decision = Literal["renewed", "churned"]


def record_decision(
    memory: Path,
    account: str,
    *,
    outcome: str,
    arr_after: float | None,
    on: date,
    by: str,
    as_of: date,
    now: Callable[[], datetime] = utc_now,
) -> dict[str, Any]:
    """Record that a renewal was decided, with the tier and probability that were forecast.

    Args:
        outcome: renewed or churned.
        arr_after: yearly revenue from then on; the same as before when left out.

    Raises BadInput for an unknown outcome, a day still to come, a missing author, an amount that is
    negative or no number, or an unknown ARR.
    """
    if outcome not in get_args(Decision):
        raise BadInput(
            f"{printable(outcome, 40)!r} is no outcome",
            where="--outcome",
            fix="Use renewed or churned.",
        )
    if on > as_of:
        raise BadInput(
            f"{on} lies after {as_of}; a decision is recorded once it has been taken",
            where="--on",
            fix="Give the day it was taken.",
        )
    if not by.strip():
        raise BadInput("a decision needs an author", where="--by", fix="Say who records it.")
    book = load_portfolio(memory, as_of=as_of, accounts=[account])
    if not book.assessments:
        raise BadInput(book.skipped[0][1], where=account)
    assessment = book.assessments[0]
    account_id, before = assessment.account.id, assessment.account.arr
    if before is not None:
        earlier = _decided(MemoryRoot.open(memory), [account_id], on - timedelta(days=1))
        before = after(earlier, before)
    left = 0.0 if outcome == "churned" else (before if arr_after is None else arr_after)
    usable = before is not None and left is not None and math.isfinite(left) and left >= 0
    if before is None or left is None or not usable:
        raise BadInput(
            "the ARR before or after is not known, or is no amount",
            where=account_id,
            fix="Put contract.arr into the insights, or give --arr.",
        )
    data = {
        "outcome": outcome,
        "arr_before": before,
        "arr_after": left,
        "currency": assessment.account.currency,
        "tier": assessment.health.tier or None,
        "probability": assessment.renewal.probability,
        "by": by.strip(),
    }
    made = event(account_id, "renewal_decided", "", on, stamp(now()), data, source="csm renewals")
    timeline.append(MemoryRoot.open(memory), account_id, [made])
    return made


def decisions(memory: Path, until: date) -> list[dict[str, Any]]:
    """`renewal_decided` events up to a date, oldest first, corrections applied: of every account
    that has a timeline, because those who have left are no longer among the insights, and they are
    what retention and calibration are about."""
    root = MemoryRoot.open(memory)
    return _decided(root, timeline.accounts(root), until)


def _decided(root: MemoryRoot, account_ids: Iterable[str], until: date) -> list[dict[str, Any]]:
    found = [
        dict(e)
        for account_id in account_ids
        for e in standing(timeline.read(root, account_id))
        if e["kind"] == "renewal_decided" and e["at"] <= until.isoformat()
    ]
    return sorted(found, key=lambda e: (e["at"], e["account_id"]))


def lost_before(events: Iterable[dict[str, Any]], start: date) -> set[str]:
    """Accounts whose last decision before a day was that they leave, oldest event first."""
    last = {e["account_id"]: e["data"]["outcome"] for e in events if e["at"] < start.isoformat()}
    return {account_id for account_id, outcome in last.items() if outcome == "churned"}


def outcomes(events: Iterable[dict[str, Any]]) -> list[Outcome]:
    """Decided renewals that were forecast with a tier."""
    return [
        Outcome(e["data"]["tier"], e["data"]["outcome"] == "renewed")
        for e in events
        if e["data"].get("tier")
    ]


def movements(events: Iterable[dict[str, Any]]) -> list[Movement]:
    """What the decisions did to ARR: churn, contraction or expansion on the day of the decision."""
    out = []
    for e in events:
        data, on = e["data"], date.fromisoformat(e["at"])
        before, after = float(data["arr_before"]), float(data["arr_after"])
        if data["outcome"] == "churned":
            out.append(Movement(e["account_id"], on, "churn", before))
        elif after != before:
            kind: Literal["expansion", "contraction"] = (
                "expansion" if after > before else "contraction"
            )
            out.append(Movement(e["account_id"], on, kind, abs(after - before)))
    return out


def opening_book(
    events: Iterable[dict[str, Any]], current: dict[str, float], start: date
) -> dict[str, float]:
    """ARR by account at the opening of a period, so that a period opens with what the one before it
    closed with: what the first decision from then on replaced, else what stood after the last one
    before. An account that is neither in `current` nor decided on later has no part in it."""
    by_account: dict[str, list[dict[str, Any]]] = {}
    for e in sorted(events, key=lambda e: str(e["at"])):
        by_account.setdefault(e["account_id"], []).append(e)
    book = dict(current)
    for account_id, own in by_account.items():
        later = [e for e in own if e["at"] >= start.isoformat()]
        if later:
            book[account_id] = float(later[0]["data"]["arr_before"])
        elif account_id in current:
            book[account_id] = after(own, current[account_id])
    return book


def after(decided: Sequence[dict[str, Any]], stored: float) -> float:
    """ARR after the last of an account's decisions: as stored, unless the insights still hold the
    amount that this decision replaced."""
    if not decided:
        return stored
    data = decided[-1]["data"]
    return float(data["arr_after"]) if stored == float(data["arr_before"]) else stored
