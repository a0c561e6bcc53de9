"""Figures about use: ratios of the newest period, trends over the months known, headroom."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from agent.success.account import Month
from agent.success.calendar import month_end
from agent.success.health.figure_book import Figures, newest, oldest

WEEKS_PER_MONTH = Fraction(365, 84)  # 365 / 12 / 7
WINDOW = 12


@dataclass(frozen=True)
class Trend:
    short: str
    field: str
    label: str
    unit: str

    @property
    def id(self) -> str:
        return f"usage.{self.short}_trend"

    @property
    def change(self) -> str:
        return f"usage.{self.short}_change"


TRENDS = (
    Trend("active", "active_users", "active users", "users"),
    Trend("logins", "logins", "logins", "logins"),
    Trend("api", "api_calls", "API calls", "calls"),
)


def usage(book: Figures) -> None:
    account = book.account
    _age(book)
    latest = account.latest
    if latest is None:
        note = "no usage data"
        for id in (
            "active_ratio",
            "features_ratio",
            "logins_per_active_user",
            "api_ratio",
            "api_trend",
        ):
            book.blank(f"usage.{id}", note)
        book.blank("usage.active_trend", note)
        return
    _adoption(book, latest)
    _logins(book, latest)
    _limits(book, latest)
    for trend in TRENDS:
        _trend(book, trend)


def _age(book: Figures) -> None:
    account = book.account
    since = account.usage_as_of
    if since is None and account.latest:
        since = min(month_end(account.latest.period), book.as_of)
    book.days("usage.age_days", since, book.as_of, "age of the usage data", inputs=("usage.as_of",))


def _adoption(book: Figures, latest: Month) -> None:
    account, period = book.account, latest.period
    licensed, licensed_id = latest.licensed_users, f"usage.{period}.licensed_users"
    if licensed is None and licensed_id not in book.facts and not account.months:
        licensed, licensed_id = account.users_licensed, "onboarding.users.licensed"
    if licensed is None and latest.licensed_users is None and account.seats is not None:
        licensed, licensed_id = account.seats, "contract.plan_limits.seats"
    book.ratio(
        "usage.active_ratio",
        latest.active_users,
        licensed,
        f"active of licensed users in {period}",
        ids=(f"usage.{period}.active_users", licensed_id),
        at=period,
    )
    used, available = latest.features_used, latest.features_available
    ids = (f"usage.{period}.features_used", f"usage.{period}.features_available")
    if used is None and available is None:
        ids = ("usage.features_used", "usage.features_available")
        used, available = (_stored(book, id) for id in ids)
    book.ratio(
        "usage.features_ratio",
        used,
        available,
        f"features used of available in {period}",
        ids=ids,
        at=period,
    )
    if latest.active_users is not None and licensed:
        free = max(0, licensed - latest.active_users)
        book.put(
            "usage.seats_free",
            Fraction(free),
            f"licensed seats not in use in {period}",
            inputs=(licensed_id, f"usage.{period}.active_users"),
            formula=f"{licensed} - {latest.active_users}",
            unit="seats",
            at=period,
        )


def _stored(book: Figures, id: str) -> int | None:
    fact = book.facts.get(id)
    return fact.value if fact is not None and isinstance(fact.value, int) else None


def _logins(book: Figures, latest: Month) -> None:
    id, label = "usage.logins_per_active_user", f"logins per active user in {latest.period}"
    if latest.logins is None or latest.active_users is None:
        book.blank(id, "logins or active users are not known")
    elif latest.active_users == 0:
        book.blank(id, "nobody is active", "not_applicable")
    else:
        per_user = Fraction(latest.logins, latest.active_users)
        inputs = (f"usage.{latest.period}.logins", f"usage.{latest.period}.active_users")
        formula = f"{latest.logins} / {latest.active_users}"
        if "W" in latest.period:
            per_user *= WEEKS_PER_MONTH
            label += ", as logins a month"
            formula += " × 365 / 12 / 7 weeks a month"
        book.put(
            id, per_user, label, inputs=inputs, formula=formula, unit="logins", at=latest.period
        )


def _limits(book: Figures, latest: Month) -> None:
    account = book.account
    if latest.api_calls is None or account.api_limit is None:
        book.blank("usage.api_ratio", "API calls or the plan limit are not known")
        return
    ids = (f"usage.{latest.period}.api_calls", "contract.plan_limits.api_calls_per_month")
    book.ratio(
        "usage.api_ratio",
        latest.api_calls,
        account.api_limit,
        f"API calls in {latest.period} of the plan's monthly limit",
        ids=ids,
        at=latest.period,
        cap=False,
    )


def _trend(book: Figures, trend: Trend) -> None:
    """Newest against first month of the last `WINDOW`; of active users also against the month
    before and the best one. Weeks of a ramp-up show a change but no trend."""
    account = book.account
    periods = (account.months or account.weeks)[-WINDOW:]
    first, last = oldest(periods, trend.field), newest(periods, trend.field)
    if first is None or last is None or first is last or not getattr(first, trend.field):
        book.blank(trend.id, f"{trend.label}: fewer than two periods to compare")
        return
    if account.months:
        before, now = getattr(first, trend.field), getattr(last, trend.field)
        book.put(
            trend.id,
            Fraction(now * 100, before),
            f"{trend.label} in {last.period} in % of {first.period}",
            inputs=_pair(first, last, trend),
            formula=f"{now} / {before} × 100",
            unit="%",
            at=last.period,
        )
    else:
        book.blank(trend.id, f"{trend.label}: only weeks are known")
    _change(book, trend, "", first, last)
    if trend.field != "active_users":
        return
    earlier = [m for m in periods if m.period < last.period and m.active_users is not None]
    if earlier[-1] is not first:
        _change(book, trend, "_month", earlier[-1], last)
    best = max(earlier, key=lambda m: (m.active_users or 0, m.period))
    if best not in (first, earlier[-1]) and (best.active_users or 0) > (last.active_users or 0):
        _change(book, trend, "_peak", best, last)


def _change(book: Figures, trend: Trend, suffix: str, first: Month, last: Month) -> None:
    before, now = getattr(first, trend.field), getattr(last, trend.field)
    if not before:
        return
    span = f"{trend.label} from {first.period} ({before}) to {last.period} ({now})"
    inputs = _pair(first, last, trend)
    book.put(
        f"{trend.change}{suffix}",
        Fraction(now - before),
        f"change of {span}",
        inputs=inputs,
        formula=f"{now} - {before}",
        unit=trend.unit,
        at=last.period,
    )
    book.put(
        f"{trend.change}{suffix}_pct",
        Fraction((now - before) * 100, before),
        f"change in percent of {span}",
        inputs=inputs,
        formula=f"({now} - {before}) / {before} × 100",
        unit="%",
        at=last.period,
    )


def _pair(first: Month, last: Month, trend: Trend) -> tuple[str, str]:
    return f"usage.{first.period}.{trend.field}", f"usage.{last.period}.{trend.field}"
