"""The book of business as its lead looks at it: indicators, tiers, money, what is overdue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from agent.memory import timeline
from agent.memory.paths import MemoryRoot
from agent.portfolio import Portfolio, load_portfolio
from agent.renewal_report import renewal_report
from agent.success.assessment import Assessment
from agent.success.book.indicators import Alerts, Indicator, indicators
from agent.success.book.targets import load_targets
from agent.success.calendar import quarter_label
from agent.success.former import Former

PLAN_GOOD_FOR_DAYS = 100
"""A success plan covers a quarter; after this many days it is overdue for its successor."""


@dataclass(frozen=True)
class BookReport:
    as_of: str
    profile: str
    accounts: int
    tiers: dict[str, int]
    arr_by_tier: dict[str, dict[str, float]]
    indicators: list[Indicator]
    renewals: list[dict[str, Any]]
    overdue_plans: list[dict[str, str]]
    skipped: list[tuple[str, str]]
    former: list[Former]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def book_report(
    memory: Path, *, as_of: date, targets: str = "", personas: Path | None = None
) -> BookReport:
    """Read a memory and report on it. `targets` names a profile of `targets.yaml`."""
    book = load_portfolio(memory, as_of=as_of, personas=personas)
    name, wanted = load_targets(book.persona.policy("targets")).profile(targets)
    _, kept, _ = renewal_report(memory, quarter_label(as_of), as_of=as_of, personas=personas)
    root = MemoryRoot.open(memory)
    events = {a.account.id: timeline.read(root, a.account.id) for a in book.assessments}
    return BookReport(
        as_of=as_of.isoformat(),
        profile=name,
        accounts=len(book.assessments),
        tiers=_tiers(book.assessments),
        arr_by_tier=_arr(book.assessments),
        indicators=indicators(
            book.assessments, wanted, retention=kept, alerts=_alerts(events, as_of)
        ),
        renewals=_calendar(book.assessments),
        overdue_plans=_overdue(book, events, as_of),
        skipped=list(book.skipped),
        former=list(book.former),
    )


def _tiers(book: Sequence[Assessment]) -> dict[str, int]:
    return {
        tier or "no_score": sum(a.health.tier == tier for a in book)
        for tier in ("green", "yellow", "red", "")
    }


def _arr(book: Sequence[Assessment]) -> dict[str, dict[str, float]]:
    """ARR by tier and currency; red is what is at risk."""
    out: dict[str, dict[str, float]] = {}
    for a in book:
        if a.account.arr is not None:
            row = out.setdefault(a.health.tier or "no_score", {})
            row[a.account.currency] = row.get(a.account.currency, 0.0) + a.account.arr
    return out


def _calendar(book: Sequence[Assessment]) -> list[dict[str, Any]]:
    dated = [a for a in book if a.renewal.renewal_date is not None]
    return [
        {
            "account_id": a.account.id,
            "name": a.account.name,
            "date": a.renewal.renewal_date.isoformat() if a.renewal.renewal_date else "",
            "days_left": a.renewal.days_left,
            "tier": a.health.tier,
        }
        for a in sorted(dated, key=lambda a: (a.renewal.renewal_date or date.max, a.account.id))
    ]


def _alerts(events: Mapping[str, Sequence[Mapping[str, Any]]], as_of: date) -> Alerts:
    """Falls to red that are on the timeline by `as_of`, answered by a plan, hand-off or escalation
    that was recorded within 48 hours (the run that finds the fall often is the answer)."""
    raised = answered = 0
    for history in events.values():
        last = ""
        for e in history:
            if e["kind"] != "health_scored" or e["at"] > as_of.isoformat():
                continue
            tier = e["data"].get("tier") or ""
            if tier == "red" and last != "red":
                raised += 1
                answered += _answered(history, e)
            last = tier or last
    return Alerts(raised, answered)


def _answered(history: Sequence[Mapping[str, Any]], alert: Mapping[str, Any]) -> bool:
    start = datetime.fromisoformat(alert["recorded_at"])
    for e in history:
        if e["kind"] in ("plan_published", "handoff_sent", "escalated"):
            delay = datetime.fromisoformat(e["recorded_at"]) - start
            if timedelta(0) <= delay <= timedelta(hours=48):
                return True
    return False


def _overdue(
    book: Portfolio, events: Mapping[str, Sequence[Mapping[str, Any]]], as_of: date
) -> list[dict[str, str]]:
    out = []
    for a in book.assessments:
        dates = [e["at"] for e in events[a.account.id] if e["kind"] == "plan_published"]
        newest = max((d for d in dates if d <= as_of.isoformat()), default="")
        if not newest or (as_of - date.fromisoformat(newest)).days > PLAN_GOOD_FOR_DAYS:
            out.append({"account_id": a.account.id, "name": a.account.name, "last_plan": newest})
    return out
