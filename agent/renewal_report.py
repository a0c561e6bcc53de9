"""The renewal forecast and the retention of a period, from a memory."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from agent.memory import timeline
from agent.memory.paths import MemoryRoot
from agent.portfolio import Portfolio, load_portfolio
from agent.renewal_book import (
    decisions,
    lost_before,
    movements,
    opening_book,
    outcomes,
)
from agent.success.account import Account
from agent.success.calendar import quarter_label
from agent.success.revenue.decided import decided_category
from agent.success.revenue.forecast import Category, Forecast, forecast
from agent.success.revenue.period import Period, parse_period
from agent.success.revenue.retention import Retention, retention


def renewal_report(
    memory: Path, period: str, *, as_of: date, personas: Path | None = None
) -> tuple[Forecast, list[Retention], tuple[tuple[str, str], ...]]:
    """(forecast, retention per currency, remarks on accounts that were left out or are in doubt).

    Retention covers decisions recorded up to `as_of`, those about customers who have left since
    included; without any in the period it is left out.
    """
    window = parse_period(period or quarter_label(as_of), as_of)
    book = load_portfolio(memory, as_of=as_of, personas=personas)
    known = [a.account for a in book.assessments if a.account.arr is not None]
    made = decisions(memory, as_of)
    decided, doubts = _decided(memory, book, window, as_of)
    found = forecast(book.assessments, window, as_of, outcomes=outcomes(made), decided=decided)
    kept = []
    if any(date.fromisoformat(e["at"]) in window for e in made):
        gone = lost_before(made, window.start)
        for currency in sorted({a.currency for a in known} | {_currency(e) for e in made}):
            current = {
                a.id: a.arr
                for a in known
                if a.currency == currency and a.arr is not None
                if a.id not in gone and not _won_since(a, window.start)
            }
            own = [e for e in made if _currency(e) == currency]
            opening = opening_book(own, current, window.start)
            kept.append(retention(opening, movements(own), window, currency))
    left_out = [(account_id, f"left out: {why}") for account_id, why in book.skipped]
    return found, kept, (*left_out, *doubts)


def _decided(
    memory: Path, book: Portfolio, window: Period, as_of: date
) -> tuple[dict[str, Category], list[tuple[str, str]]]:
    """Final statuses that people have recorded for what is due, and records that are none."""
    root = MemoryRoot.open(memory)
    found: dict[str, Category] = {}
    doubts = []
    for a in book.assessments:
        if a.renewal.renewal_date in window:
            category, doubt = decided_category(timeline.read(root, a.account.id), as_of)
            if category is not None:
                found[a.account.id] = category
            if doubt:
                doubts.append((a.account.id, f"final status left open: {doubt}"))
    return found, doubts


def _currency(decision: Mapping[str, Any]) -> str:
    return str(decision["data"].get("currency") or "")


def _won_since(account: Account, start: date) -> bool:
    """Whether the customer was won in the period or later: no part of its opening book."""
    return account.customer_since is not None and account.customer_since >= start
