"""The renewal forecast and the retention of a period, from a memory."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from agent.portfolio import load_portfolio
from agent.renewal_book import (
    decisions,
    lost_before,
    movements,
    opening_book,
    outcomes,
)
from agent.success.account import Account
from agent.success.calendar import quarter_label
from agent.success.revenue.forecast import Forecast, forecast
from agent.success.revenue.period import parse_period
from agent.success.revenue.retention import Retention, retention


def renewal_report(
    memory: Path, period: str, *, as_of: date, personas: Path | None = None
) -> tuple[Forecast, list[Retention], tuple[tuple[str, str], ...]]:
    """(forecast, retention per currency, accounts left out with the reason).

    Retention covers decisions recorded up to `as_of`, those about customers who have left since
    included; without any in the period it is left out.
    """
    window = parse_period(period or quarter_label(as_of), as_of)
    book = load_portfolio(memory, as_of=as_of, personas=personas)
    known = [a.account for a in book.assessments if a.account.arr is not None]
    made = decisions(memory, as_of)
    found = forecast(book.assessments, window, as_of, outcomes=outcomes(made))
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
    return found, kept, book.skipped


def _currency(decision: Mapping[str, Any]) -> str:
    return str(decision["data"].get("currency") or "")


def _won_since(account: Account, start: date) -> bool:
    """Whether the customer was won in the period or later: no part of its opening book."""
    return account.customer_since is not None and account.customer_since >= start
