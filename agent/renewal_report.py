"""The renewal forecast and the retention of a period, from a memory."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from agent.portfolio import load_portfolio
from agent.renewal_book import decisions, movements, opening_book, outcomes
from agent.success.calendar import quarter_label
from agent.success.revenue.forecast import Forecast, forecast
from agent.success.revenue.period import parse_period
from agent.success.revenue.retention import Retention, retention


def renewal_report(
    memory: Path, period: str, *, as_of: date, personas: Path | None = None
) -> tuple[Forecast, list[Retention], tuple[tuple[str, str], ...]]:
    """(forecast, retention per currency, accounts left out with the reason).

    Retention covers decisions recorded up to `as_of`; without any in the period it is left out.
    """
    window = parse_period(period or quarter_label(as_of), as_of)
    book = load_portfolio(memory, as_of=as_of, personas=personas)
    known = {a.account.id: a.account for a in book.assessments}
    made = decisions(memory, known, as_of)
    found = forecast(book.assessments, window, as_of, outcomes=outcomes(made))
    kept = []
    if any(date.fromisoformat(e["at"]) in window for e in made):
        for currency in sorted({a.currency for a in known.values() if a.arr is not None}):
            current = {
                i: a.arr for i, a in known.items() if a.currency == currency and a.arr is not None
            }
            own = [e for e in made if e["account_id"] in current]
            opening = opening_book(own, current, window.start)
            kept.append(retention(opening, movements(own), window, currency))
    return found, kept, book.skipped
