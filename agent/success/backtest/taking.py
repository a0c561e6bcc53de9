"""The raw value of a measure for every account: a number, a word, or why there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agent.errors import BadInput, printable
from agent.success.assessment import MeasureState
from agent.success.backtest.cells import blank, number
from agent.success.backtest.mapping import Signal
from agent.success.backtest.view import View

Value = float | str | None


@dataclass(frozen=True)
class Taken:
    """One value and one state per account; the value is None unless the state is present."""

    values: tuple[Value, ...]
    states: tuple[MeasureState, ...]

    def count(self, state: MeasureState) -> int:
        return self.states.count(state)


def take(measure: Signal, view: View, accounts: Sequence[str]) -> Taken:
    """Takes a measure from the rows known at the cut-off.

    Raises:
        BadInput: a column is absent, or none of its cells can be used.
    """
    if measure.days is not None and not view.days:
        raise BadInput(f"measure {measure.id} looks back {measure.days} days, but the rows have no "
                       "date or there is no cut-off", where=view.table.name,
                       fix="give the table a date and the command --cutoff.")  # fmt: skip
    for header in measure.headers:
        view.table.find(header, asked=f"measure {measure.id}")
    pairs = [_one(measure, view, account) for account in accounts]
    taken = Taken(tuple(v for v, _ in pairs), tuple(s for _, s in pairs))
    if taken.count("invalid") and set(taken.states) <= {"invalid", "missing"}:
        cells = view.table.column(measure.headers[0], asked=measure.id)
        some = sorted({cell.strip() for cell in cells if not blank(cell)})[:6]
        words = ", ".join(repr(printable(word, 30)) for word in some)
        levels = measure.direction == "levels"
        raise BadInput(
            f"measure {measure.id} cannot use a single cell; the column holds {words}",
            where=f"{view.table.name}: {printable(measure.headers[0], 60)}",
            fix="use these words as levels."
            if levels
            else "give words levels ('column:best>worst'"
            " in --features), or name a column of numbers.",
        )
    return taken


def gated(taken: Taken, needed: Taken) -> Taken:
    """Not applicable where the needed measure is not above 0: calm without use is no good sign."""
    pairs = [
        (v, s) if isinstance(n, float) and n > 0 else (None, "not_applicable")
        for v, s, n in zip(taken.values, taken.states, needed.values, strict=True)
    ]
    return Taken(tuple(v for v, _ in pairs), tuple(s for _, s in pairs))


def _one(measure: Signal, view: View, account: str) -> tuple[Value, MeasureState]:
    rows = view.recent(account, measure.days)
    if measure.take == "value":
        return _value(measure, view, rows[-1:])
    if measure.take == "count":
        return float(len(_matching(measure, view, rows))), "present"
    if measure.take == "share":
        if not rows:
            return None, "missing"
        return len(_matching(measure, view, rows)) / len(rows), "present"
    if measure.take == "distinct":
        return float(len({view.cell(measure.column, i).strip() for i in rows} - {""})), "present"
    if measure.take == "trend":
        now = _total(measure, view, rows)
        then = _total(measure, view, view.recent(account, measure.days, before=measure.days or 0))
        return (None, "not_applicable") if then <= 0 else (now / then - 1, "present")
    if measure.take == "sum":
        total = _sum(view, measure.column, rows)
        return _ratio(total, _sum(view, measure.per, rows)) if measure.per else (total, "present")
    numbers = [n for i in rows if (n := number(view.cell(measure.column, i))) is not None]
    return (sum(numbers) / len(numbers), "present") if numbers else (None, "missing")


def _value(measure: Signal, view: View, row: Sequence[int]) -> tuple[Value, MeasureState]:
    if not row:
        return None, "missing"
    none = {word.casefold() for word in measure.not_applicable}
    if measure.columns:
        cells = [view.cell(header, row[0]).strip().casefold() for header in measure.columns]
        cells = [cell for cell in cells if cell not in none]
        known = [cell for cell in cells if not blank(cell)]
        if not known:
            return None, "missing" if cells else "not_applicable"
        wanted = {word.casefold() for word in measure.equals}
        return sum(cell in wanted for cell in known) / len(known), "present"
    cell = view.cell(measure.column, row[0]).strip()
    if cell.casefold() in none:
        return None, "not_applicable"
    if blank(cell) and cell.casefold() not in {word.casefold() for word in measure.levels}:
        return None, "missing"
    if measure.direction == "levels":
        return _level(measure, cell)
    value = number(cell)
    if value is None or not _within(measure, value):
        return None, "invalid"
    if not measure.per:
        return value, "present"
    per = view.cell(measure.per, row[0])
    by = number(per)
    if by is None:
        return None, "missing" if blank(per) else "invalid"
    return _ratio(value, by)


def _level(measure: Signal, cell: str) -> tuple[Value, MeasureState]:
    for word in measure.levels:
        if word.casefold() == cell.casefold():
            return word, "present"
    told, words = number(cell), {number(w): w for w in measure.levels}
    return (words[told], "present") if told is not None and told in words else (None, "invalid")


def _ratio(value: float, by: float) -> tuple[Value, MeasureState]:
    return (None, "not_applicable") if by <= 0 else (value / by, "present")


def _within(measure: Signal, value: float) -> bool:
    return measure.range is None or measure.range[0] <= value <= measure.range[1]


def _matching(measure: Signal, view: View, rows: Sequence[int]) -> list[int]:
    wanted = {word.casefold() for word in measure.equals}
    if not wanted or not measure.column:
        return list(rows)
    return [i for i in rows if view.cell(measure.column, i).strip().casefold() in wanted]


def _total(measure: Signal, view: View, rows: Sequence[int]) -> float:
    return _sum(view, measure.column, rows) if measure.column else float(len(rows))


def _sum(view: View, header: str, rows: Sequence[int]) -> float:
    return sum(number(view.cell(header, i)) or 0.0 for i in rows)
