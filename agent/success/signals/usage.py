"""Signs in usage: decline, low adoption, licences at their end, data that cannot be trusted."""

from __future__ import annotations

from agent.success.account import Month
from agent.success.calendar import month_end
from agent.success.signals.finder import Finder, listed, percent

_DECLINES = (
    ("active_users_declining", "active_users", "Active users"),
    ("logins_declining", "logins", "Logins"),
    ("api_calls_falling", "api_calls", "API calls"),
)


def usage(f: Finder) -> None:
    _data(f)
    for sign, name, label in _DECLINES:
        _decline(f, sign, name, label)
    if f.onboarding_day is None:
        _adoption(f)
        _unused(f)
    _licences(f)


def _whole_periods(f: Finder, name: str) -> list[Month]:
    """Periods in which `name` is known, without one that had not ended when the data was taken."""
    a = f.account
    until = min(a.usage_as_of or f.as_of, f.as_of)
    periods = a.months or a.weeks
    return [m for m in periods if getattr(m, name) is not None and month_end(m.period) <= until]


def _decline(f: Finder, sign: str, name: str, label: str) -> None:
    """Newest whole period against the best of the last few; a recovery is no decline."""
    rows = _whole_periods(f, name)[-int(f.policy.setting(sign, "periods")) :]
    values = [float(getattr(m, name)) for m in rows]
    if len(values) < 2 or values[-1] > values[-2]:
        return
    peak = max(range(len(values)), key=lambda n: (values[n], n))
    if not values[peak]:
        return
    drop = percent(values[peak] - values[-1], values[peak])
    ids = (f"usage.{rows[peak].period}.{name}", f"usage.{rows[-1].period}.{name}")
    falls = next((n for n in range(1, len(values)) if values[-n] >= values[-n - 1]), len(values))
    limit = f.policy.measured[sign].settings.get("falls_in_a_row")
    steady = limit is not None and falls - 1 >= limit
    least = f.policy.measured[sign].settings.get("least", 0)
    if f.policy.measured[sign].grade(drop) is None or values[peak] - values[-1] < least:
        return
    figure = f.figure(
        f"usage.{name}_below_best",
        drop,
        f"{label.lower()} below the best of the last periods",
        inputs=ids,
        formula=f"({values[peak]:.0f} - {values[-1]:.0f}) / {values[peak]:.0f} × 100",
        unit="%",
    )
    best, last = rows[peak].period, rows[-1].period
    title = f"{label} fell from {values[peak]:.0f} ({best}) to {values[-1]:.0f} ({last})"
    at = month_end(rows[-1].period)
    f.graded(sign, drop, title, (*ids, figure), at=at, worse=int(steady))


def _adoption(f: Finder) -> None:
    rows = _whole_periods(f, "active_users")
    if not rows:
        return
    month, a = rows[-1], f.account
    seats, seats_id = month.licensed_users, f"usage.{month.period}.licensed_users"
    if seats is None:
        seats, seats_id = a.seats, "contract.plan_limits.seats"
    active, active_id = month.active_users, f"usage.{month.period}.active_users"
    if not seats or active is None:
        return
    share = percent(active, seats)
    f.graded(
        "low_adoption",
        share,
        f"{active} of {seats} licensed users are active ({month.period})",
        ("usage.active_ratio", active_id, seats_id),
        at=month_end(month.period),
    )


def _unused(f: Finder) -> None:
    a = f.account
    latest = a.latest
    if not a.features_unused or latest is None or not latest.features_available:
        return
    available = f"usage.{latest.period}.features_available"
    names = [f"usage.features_unused.{n}" for n in range(1, len(a.features_unused) + 1)]
    count = f.figure(
        "usage.features_unused_count",
        len(a.features_unused),
        "licensed features nobody uses",
        inputs=names,
        formula="count",
        unit="features",
    )
    f.graded(
        "features_unused",
        percent(len(a.features_unused), latest.features_available),
        f"Licensed features go unused: {listed(a.features_unused[:5])}",
        (*names, count, available),
        at=a.usage_as_of,
    )


def _licences(f: Finder) -> None:
    rows = _whole_periods(f, "active_users")
    a = f.account
    if not rows or a.usage_stale:
        return
    month = rows[-1]
    seats = a.seats if a.seats is not None else month.licensed_users
    active = month.active_users
    if not seats or active is None:
        return
    ids = (
        f"usage.{month.period}.active_users",
        "contract.plan_limits.seats"
        if a.seats is not None
        else f"usage.{month.period}.licensed_users",
    )
    at = month_end(month.period)
    if active > seats:
        f.fixed("over_licence", f"{active} users are active on {seats} seats", ids, at=at)
        return
    title = f"{active} of {seats} seats are in use; shared logins would hide the true demand"
    f.graded("seats_at_limit", percent(active, seats), title, (*ids, "usage.active_ratio"), at=at)


def _data(f: Finder) -> None:
    a = f.account
    periods = a.months or a.weeks
    if not periods and a.usage_as_of is None:
        if a.sentences or a.sponsor or a.renewal_date:  # a record is there, only not of usage
            count = f.figure(
                "usage.periods_known",
                0,
                "months or weeks of usage on record",
                inputs=(),
                formula="count",
            )
            f.fixed("usage_missing", "No usage data on record", (count,))
        return
    dated = a.usage_as_of or min(month_end(periods[-1].period), f.as_of)
    source = "usage.as_of" if a.usage_as_of else f"usage.{periods[-1].period}.active_users"
    age = (f.as_of - dated).days
    if a.usage_stale or f.policy.measured["usage_stale"].grade(age) is not None:
        days = f.days("usage.age_days", dated, f.as_of, "age of the usage data", source)
        severity = f.policy.measured["usage_stale"].grade(age) or "medium"
        title = f"Usage is unknown since {dated}; older figures are not today's"
        f.raised("usage_stale", severity, title, (days, source, "usage.stale"), at=dated)
    contradictions = [p.field for p in a.problems if p.state == "contradictory"]
    cited = [id for field in contradictions for id in _near(f, field)]
    if contradictions and cited:
        f.fixed("data_contradictory", "Figures in the insights contradict each other", cited)


def _near(f: Finder, field: str) -> tuple[str, ...]:
    """Facts at or below the field that a problem names."""
    aliases = {"relationship.executive_sponsor": "sponsor"}
    base = next((field.replace(k, v) for k, v in aliases.items() if field.startswith(k)), field)
    exact = f.known(base)
    return exact or tuple(fact.id for fact in f.facts if fact.id.startswith(base + "."))[:6]
