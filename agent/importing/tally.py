"""Rows of one account → sums, counts, months and lists, one row at a time."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from agent.importing.mapping import Condition, Listing, Measure, Table

Row = MappingType[str, Any]
_NOTHING: Any = None
_DISAGREE = object()
_INCOMPLETE = object()


def holds(condition: Condition, row: Row, as_of: date) -> bool:
    """Whether a row passes a test. A blank cell passes only `blank` and `open`."""
    value = row.get(condition.column)
    if condition.test in ("blank", "filled"):
        return (value is None) == (condition.test == "blank")
    if condition.test == "open":
        return value is None or value > as_of.isoformat()
    if value is None:
        return False
    if condition.test == "is":
        return bool(value == condition.value)
    limit = float(condition.value or 0)
    if condition.test == "last_days":
        oldest = (as_of - timedelta(days=limit)).isoformat()
        return bool(oldest < value <= as_of.isoformat())
    return bool(value >= limit if condition.test == "at_least" else value <= limit)


def _passes(conditions: Sequence[Condition], row: Row, as_of: date) -> bool:
    return all(holds(condition, row, as_of) for condition in conditions)


class Tally:
    """What the rows of one table have added up to, for one account."""

    __slots__ = ("gives", "items", "months")

    def __init__(self, table: Table) -> None:
        self.gives: list[Any] = [_NOTHING] * len(table.gives)
        self.months: dict[str, list[Any]] = {}
        self.items: list[list[dict[str, Any]]] = [[] for _ in table.lists]

    def add(self, table: Table, row: Row, as_of: date) -> None:
        """Takes one row that passed all checks."""
        for n, give in enumerate(table.gives):
            self.gives[n] = _next(give, self.gives[n], row, as_of)
        monthly = table.monthly
        if monthly is not None and (day := row.get(monthly.month_of)) is not None:
            states = self.months.setdefault(day[:7], [_NOTHING] * len(monthly.figures))
            for n, measure in enumerate(monthly.figures.values()):
                states[n] = _next(measure, states[n], row, as_of)
        for listing, items in zip(table.lists, self.items, strict=True):
            if _passes(listing.where, row, as_of):
                _collect(listing, items, row)

    def incomplete(self, table: Table) -> list[str]:
        """Fields whose sum is unknown because a row to be counted lacks the figure."""
        pairs = zip(table.gives, self.gives, strict=True)
        return [give.field for give, state in pairs if state is _INCOMPLETE]

    def results(self, table: Table, reach: MappingType[str, str]) -> dict[str, Any]:
        """Field → value. `reach` is the newest date of each date column in the whole table."""
        out: dict[str, Any] = {}
        for give, state in zip(table.gives, self.gives, strict=True):
            value = reach.get(give.column) if give.take == "reach" else _result(give, state)
            if value is not None:
                out[give.field] = value
        if table.monthly is not None and self.months:
            out["usage.monthly"] = [
                {"month": month, **_figures(table.monthly.figures, states)}
                for month, states in sorted(self.months.items())
            ]
        for listing, items in zip(table.lists, self.items, strict=True):
            if items:
                out[listing.field] = [
                    {k: v for k, v in item.items() if k != ""} for item in _newest(listing, items)
                ]
        return out


def _figures(measures: MappingType[str, Measure], states: list[Any]) -> dict[str, Any]:
    found = ((name, _result(m, s)) for (name, m), s in zip(measures.items(), states, strict=True))
    return {name: value for name, value in found if value is not None}


def _collect(listing: Listing, items: list[dict[str, Any]], row: Row) -> None:
    item = {key: row[column] for key, column in listing.item.items() if row.get(column) is not None}
    # The sort key travels with the item under a key that no item can have.
    items.append({**item, "": row.get(listing.newest_by) or ""})
    if len(items) > 2 * listing.limit:
        items[:] = _newest(listing, items)


def _newest(listing: Listing, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(items, key=lambda item: str(item[""]), reverse=True)[: listing.limit]


def _next(measure: Measure, state: Any, row: Row, as_of: date) -> Any:
    if measure.take == "reach":
        return None
    if not _passes(measure.where, row, as_of):
        # A count or sum over rows none of which fits is 0, not unknown.
        return 0 if state is None and measure.take in ("count", "sum") else state
    if measure.take == "count":
        return (state or 0) + 1
    value = row.get(measure.column)
    if measure.take == "sum":
        if value is None or state is _INCOMPLETE:
            return _INCOMPLETE
        return (state or 0) + value
    if value is None:
        return state
    if measure.take == "distinct":
        state = set() if state is None else state
        state.add(value)
        return state
    if measure.take == "same":
        return value if state is None or state == value else _DISAGREE
    if state is None:
        return value
    return max(state, value) if measure.take in ("newest", "largest") else min(state, value)


def _result(measure: Measure, state: Any) -> Any:
    if state is _DISAGREE or state is _INCOMPLETE:
        return None
    if measure.take == "distinct":
        return None if state is None else len(state)
    if isinstance(state, float):
        exact = round(state, 6)
        return int(exact) if exact.is_integer() else exact
    return state
