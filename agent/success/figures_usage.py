"""Figures about use: ratios of the newest period, trends over the months known, headroom."""

from __future__ import annotations

from fractions import Fraction

from agent.success.account import Month
from agent.success.calendar import month_end
from agent.success.figures import Figures, newest, oldest

WEEKS_PER_MONTH = Fraction(365, 84)  # 365 / 12 / 7
TRENDS = (
    ("active", "active_users", "active users", "users"),
    ("logins", "logins", "logins", "logins"),
    ("api", "api_calls", "API calls", "calls"),
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
    for short, name, label, unit in TRENDS:
        _trend(book, short, name, label, unit)


def _age(book: Figures) -> None:
    account = book.account
    since, ids = account.usage_as_of, ("usage.as_of",)
    if since is None and account.latest:
        since, ids = min(month_end(account.latest.period), book.as_of), ()
    book.days("usage.age_days", since, book.as_of, "age of the usage data", inputs=ids)


def _adoption(book: Figures, latest: Month) -> None:
    account, period = book.account, latest.period
    licensed, licensed_id = latest.licensed_users, f"usage.{period}.licensed_users"
    if licensed is None and licensed_id not in book.facts and not account.months:
        licensed, licensed_id = account.users_licensed, "onboarding.users.licensed"
    if licensed is None and latest.licensed_users is None and account.seats is not None:
        licensed, licensed_id = account.seats, "contract.plan_limits.seats"
    book.ratio(
        "usage.active_ratio", latest.active_users, licensed, f"active of licensed users in {period}",
        ids=(f"usage.{period}.active_users", licensed_id), at=period,
    )  # fmt: skip
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
            "usage.seats_free", Fraction(free), f"licensed seats not in use in {period}",
            inputs=(licensed_id, f"usage.{period}.active_users"),
            formula=f"{licensed} - {latest.active_users}", unit="seats", at=period,
        )  # fmt: skip


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
        "usage.api_ratio", latest.api_calls, account.api_limit,
        f"API calls in {latest.period} of the plan's monthly limit", ids=ids, at=latest.period, cap=False,
    )  # fmt: skip


def _trend(book: Figures, short: str, name: str, label: str, unit: str) -> None:
    """Newest against first, previous and highest month: figures `usage.<short>_trend` and changes."""
    months = book.account.months
    first, last = oldest(months, name), newest(months, name)
    trend_id = f"usage.{short}_trend"
    if first is None or last is None or first is last or not getattr(first, name):
        book.blank(trend_id, f"{label}: fewer than two months to compare")
        return
    _change(book, trend_id, "", first, last, name, label, unit)
    earlier = [m for m in months if m.period < last.period and getattr(m, name) is not None]
    if earlier[-1] is not first:
        _change(book, "", "_month", earlier[-1], last, name, label, unit)
    peak = max(earlier, key=lambda m: (getattr(m, name), m.period))
    if peak is not first and peak is not earlier[-1] and getattr(peak, name) > getattr(last, name):
        _change(book, "", "_peak", peak, last, name, label, unit)


def _change(
    book: Figures,
    trend_id: str,
    suffix: str,
    first: Month,
    last: Month,
    name: str,
    label: str,
    unit: str,
) -> None:
    before, now = getattr(first, name), getattr(last, name)
    if not before:
        return
    short = next(s for s, n, _, _ in TRENDS if n == name)
    ids = (f"usage.{first.period}.{name}", f"usage.{last.period}.{name}")
    span = f"{label} from {first.period} ({before}) to {last.period} ({now})"
    if trend_id:
        book.put(
            trend_id, Fraction(now * 100, before), f"{label} in {last.period} in % of {first.period}",
            inputs=ids, formula=f"{now} / {before} × 100", unit="%", at=last.period,
        )  # fmt: skip
    book.put(
        f"usage.{short}_change{suffix}", Fraction(now - before), f"change of {span}",
        inputs=ids, formula=f"{now} - {before}", unit=unit, at=last.period,
    )  # fmt: skip
    book.put(
        f"usage.{short}_change{suffix}_pct", Fraction((now - before) * 100, before),
        f"change in percent of {span}", inputs=ids,
        formula=f"({now} - {before}) / {before} × 100", unit="%", at=last.period,
    )  # fmt: skip
