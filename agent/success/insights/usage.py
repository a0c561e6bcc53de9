"""Usage rows: sorted by period, each period once, gaps and unfinished months named."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from agent.success.account import Month
from agent.success.calendar import add_months, month_end, month_start
from agent.success.insights.reading import Node
from agent.success.insights.values import shown

_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
_WEEK = re.compile(r"(\d{4})-W(0[1-9]|[1-4]\d|5[0-3])")
_FIELDS = {
    "active_users": ("active users", "users"),
    "licensed_users": ("licensed users", "users"),
    "logins": ("logins", "logins"),
    "api_calls": ("API calls", "calls"),
    "features_used": ("features used", "features"),
    "features_available": ("features available", "features"),
}
_ANALYST = "support-analyst"


def usage(node: Node, max_age_days: int) -> dict[str, Any]:
    """Fields of the usage block. Usage is stale when it is marked so or older than
    `max_age_days`, counted from `usage.as_of`, else from the end of the newest period."""
    as_of = node.day("as_of", "date of the usage data", past=True)
    marked = node.flag("stale", "usage marked as stale")
    node.text("source", "where the usage data come from")
    months = _periods(node, "monthly", "month", as_of)
    weeks = _periods(node, "weekly", "week", as_of)
    for key in ("features_used", "features_available"):
        node.count(key, _FIELDS[key][0], unit="features")
    fields: dict[str, Any] = {
        "usage_as_of": as_of,
        "months": months,
        "weeks": weeks,
        "features_unused": node.texts("features_unused", "licensed feature nobody uses"),
        "power_users": node.count("power_users", "power users", unit="users"),
    }
    node.close()
    fields["usage_stale"] = _stale(node, as_of, months or weeks, bool(marked), max_age_days)
    return fields


def _stale(
    node: Node, as_of: date | None, periods: tuple[Month, ...], marked: bool, max_age: int
) -> bool:
    reader = node.reader
    newest = month_end(periods[-1].period) if periods else None
    dated = as_of or (min(newest, reader.as_of) if newest else None)
    age = (reader.as_of - dated).days if dated else None
    if not marked and (age is None or age <= max_age):
        return False
    why = f"is {age} days old (of {dated})" if age is not None else "has no date"
    if marked:
        why += ", marked as stale"
    reader.problem(
        "usage", "stale", f"usage {why}; not presented as current", f"{_ANALYST}: fresh usage data"
    )
    return True


def _periods(node: Node, key: str, name: str, data_of: date | None) -> tuple[Month, ...]:
    rows = [(index, row) for index, row in node.items(key) if _readable(node, key, index, row)]
    by_period: dict[str, list[tuple[int, Mapping[Any, Any]]]] = {}
    order = []
    for index, row in rows:
        period = _period(node, f"{key}.{index + 1}", name, row.get(name))
        if period:
            order.append(period)
            by_period.setdefault(period, []).append((index, row))
    if order != sorted(order):
        node.reader.problem(node.at(key), "invalid", "rows are out of order; sorted by date")
    out = [_merged(node, key, period, by_period[period]) for period in sorted(by_period)]
    _name_gaps(node, key, [m.period for m in out])
    return _finished(node, key, out, data_of)


def _readable(node: Node, key: str, index: int, row: Any) -> bool:
    if isinstance(row, Mapping):
        return True
    node.reader.problem(f"{node.at(key)}.{index + 1}", "invalid", f"{shown(row)} is not a row")
    return False


def _period(node: Node, where: str, name: str, value: Any) -> str:
    """The period as text when it is one that has begun, else "" with a problem."""
    pattern = _MONTH if name == "month" else _WEEK
    text = value.strip() if isinstance(value, str) else ""
    if isinstance(value, date) and name == "month":
        text = f"{value:%Y-%m}"
    fault = "" if pattern.fullmatch(text) else f"is not a {name}"
    if not fault and not 1970 <= int(text[:4]) <= 2120:
        fault = "lies outside 1970 to 2120"
    if not fault:
        try:
            if month_start(text) > node.reader.as_of:
                fault = f"lies in the future (today is {node.reader.as_of})"
        except ValueError:
            fault = f"is not a {name}"
    if fault:
        node.reader.problem(
            node.at(where), "invalid", f"{shown(value)} {fault}; row not used", _ANALYST
        )
        return ""
    return text


def _merged(node: Node, key: str, period: str, rows: list[tuple[int, Mapping[Any, Any]]]) -> Month:
    """One month from the rows that claim it; figures on which they disagree are left out."""
    index, first = rows[0]
    row = dict(first)
    if len(rows) > 1:
        _settle(node, key, period, row, [r for _, r in rows[1:]])
    pointer = f"{node.pointer}/{key}/{index}"
    part = Node(node.reader, row, f"{node.at(key)}.{index + 1}", pointer, f"usage.{period}")
    part.raw("month")
    part.raw("week")
    figures = {
        field: part.count(field, f"{label} in {period}", unit=unit, at=period)
        for field, (label, unit) in _FIELDS.items()
    }
    part.close()
    for used, available in (
        ("active_users", "licensed_users"),
        ("features_used", "features_available"),
    ):
        _name_excess(part, figures, used, available, period)
    return Month(period=period, **figures)


def _settle(
    node: Node, key: str, period: str, row: dict[Any, Any], others: list[Mapping[Any, Any]]
) -> None:
    path = f"{node.at(key)}.{period}"
    clashes = []
    for field, (label, _) in _FIELDS.items():
        values = [row.get(field), *(other.get(field) for other in others)]
        if any(repr(v)[:200] != repr(values[0])[:200] for v in values[1:]):
            row.pop(field, None)
            clashes.append(f"{label} {' or '.join(shown(v) for v in values)}")
    if clashes:
        node.reader.problem(
            path,
            "contradictory",
            f"{period} is listed more than once with different figures: "
            f"{'; '.join(clashes)}; these are not used",
            f"{_ANALYST}: which row is right",
        )
    else:
        node.reader.problem(path, "invalid", f"{period} is listed more than once; counted once")


def _name_excess(
    part: Node, figures: dict[str, int | None], used: str, available: str, period: str
) -> None:
    have, limit = figures[used], figures[available]
    if have is None or limit is None:
        return
    if limit == 0:
        part.reader.problem(
            f"usage.{period}.{available}",
            "invalid",
            f"{_FIELDS[available][0]} is 0 in {period}; no ratio can be computed",
            _ANALYST,
        )
    elif have > limit:
        doubt = (
            "shared logins or a wrong licence count" if used == "active_users" else "a wrong count"
        )
        part.reader.problem(
            f"usage.{period}.{used}",
            "contradictory",
            f"{have} {_FIELDS[used][0]} of {limit} available in {period}: {doubt}; "
            "counted as 100 %",
            f"{_ANALYST}: check both counts",
        )


def _name_gaps(node: Node, key: str, periods: list[str]) -> None:
    if key != "monthly" or not periods:
        return
    missing, month = [], month_start(periods[0])
    while f"{month:%Y-%m}" < periods[-1]:
        if f"{month:%Y-%m}" not in periods:
            missing.append(f"{month:%Y-%m}")
        month = add_months(month, 1)
    if missing:
        listed = ", ".join(missing[:6]) + (" …" if len(missing) > 6 else "")
        node.reader.problem(
            node.at(key), "missing", f"no row for {listed}; the trend skips the gap", _ANALYST
        )


def _finished(node: Node, key: str, months: list[Month], data_of: date | None) -> tuple[Month, ...]:
    """Leaves out the running month: its counts are part of a month and would read as a fall."""
    known_to = data_of or node.reader.as_of
    if key == "monthly" and len(months) > 1 and month_end(months[-1].period) > node.reader.as_of:
        node.reader.problem(
            f"{node.at(key)}.{months[-1].period}",
            "not_due",
            f"{months[-1].period} is not over (data up to {known_to}); left out of ratios and "
            "trends",
        )
        return tuple(months[:-1])
    return tuple(months)
