"""Cells of a flat table → typed columns, by the rules of `agent.success.insights.values`.

A cell that can mean one thing is read, a blank is missing, anything else is invalid and never a
number.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from agent.success.columnar.columns import COLUMNS, Column
from agent.success.insights.values import MAX_NUMBER, MIN_FRACTION

BLANK = ("", "n/a", "#n/a", "na", "null", "none", "-", "--")
"""What spreadsheets and databases write into a cell without a value; not for texts and ids."""

_DECIMALS = r"[+-]?[0-9]{1,18}(?:\.[0-9]{1,18})?"
# three decimals behind one to three digits could be thousands: refused in counts and amounts
_PLAIN = r"[+-]?(?:[0-9]{1,18}|[0-9]{4,18}\.[0-9]{1,18}|[0-9]{1,3}\.(?:[0-9]{1,2}|[0-9]{4,18}))"
_THOUSANDS = r"[+-]?[0-9]{1,3}(?:,[0-9]{3}){1,6}"
_DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?$"  # noqa: E501
_ID = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,119}$"
_NUMBERS = ("count", "amount", "percent", "measure")
_FIRST, _LAST = date(1970, 1, 1), date(2120, 12, 31)

_TYPES = {
    "id": pl.String(),
    "text": pl.String(),
    "word": pl.String(),
    "past": pl.Date(),
    "date": pl.Date(),
}


def read(batch: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Every column of `COLUMNS` under its name, null where there is no value, and `bad.<name>`,
    true where a cell holds something that cannot be used."""
    height, found = batch.height, {}
    for column in COLUMNS:
        if column.name in batch.columns:
            value, bad = _read(column, batch[column.name], as_of)
        else:
            value = pl.Series([None], dtype=_TYPES.get(column.kind, pl.Float64())).new_from_index(
                0, height
            )
            bad = pl.Series([False]).new_from_index(0, height)
        found[column.name], found[f"bad.{column.name}"] = value, bad
    return pl.DataFrame(found)


def _read(column: Column, cells: pl.Series, as_of: date) -> tuple[pl.Series, pl.Series]:
    """Values and bad cells. Plain whole numbers, nearly all of a table, are read the short way."""
    if column.kind in _NUMBERS and cells.dtype == pl.String:
        number = cells.cast(pl.Int64, strict=False).cast(pl.Float64)
        filled = cells.is_not_null()
        odd = (filled & number.is_null()).arg_true()
        if len(odd):
            few = _select(column, cells.gather(odd), as_of)
            number, filled = number.scatter(odd, few["value"]), filled.scatter(odd, few["filled"])
        value = pl.select(_in_range(column, pl.lit(number)).alias("value"))["value"]
    else:
        few = _select(column, cells, as_of)
        value, filled = few["value"], few["filled"]
    return value, filled & value.is_null()


def _select(column: Column, cells: pl.Series, as_of: date) -> pl.DataFrame:
    cell = pl.col("cell")
    filled = cell.is_not_null()
    if cells.dtype == pl.String:
        blank = ("",) if column.kind in ("id", "text") else BLANK
        filled &= ~cell.str.to_lowercase().is_in(blank)
        cells = cells.str.strip_chars()
    frame = pl.DataFrame({"cell": cells}).select("cell", filled.alias("filled"))
    value = _value(column, cell, cells.dtype, as_of)
    return frame.select("filled", pl.when("filled").then(value).alias("value"))


def _value(column: Column, cell: pl.Expr, dtype: pl.DataType, as_of: date) -> pl.Expr:
    nothing = pl.lit(None, dtype=_TYPES.get(column.kind, pl.Float64()))
    text = isinstance(dtype, pl.String)
    if column.kind in ("id", "text"):
        if not text and not dtype.is_integer():
            return nothing
        return _label(column, cell.cast(pl.String))
    if column.kind == "word":
        if not text:
            return nothing
        word = cell.str.to_lowercase().str.replace_all(r"[\s-]+", "_")
        return pl.when(word.is_in(column.allowed)).then(word)
    if column.kind in ("past", "date"):
        if not (text or isinstance(dtype, pl.Date | pl.Datetime)):
            return nothing
        return _day(column, cell, text, as_of)
    if column.kind == "list" and text:
        return cell.str.replace_all(r"[;|](?:\s*[;|])*", ";").str.strip_chars(
            "; "
        ).str.count_matches(";", literal=True).cast(pl.Float64) + pl.when(
            cell.str.contains(r"[^;|\s]")
        ).then(1.0).otherwise(0.0)
    if column.kind == "list" and isinstance(dtype, pl.List):
        return cell.list.len().cast(pl.Float64)
    if not (text or dtype.is_numeric()):
        return nothing
    return _number(column, cell, text)


def _label(column: Column, cell: pl.Expr) -> pl.Expr:
    if column.kind == "id":
        fits = cell.str.contains(_ID) & ~cell.str.contains("..", literal=True)
        return pl.when(fits).then(cell)
    return pl.when(~cell.str.contains("\ufffd", literal=True)).then(cell)


def _day(column: Column, cell: pl.Expr, text: bool, as_of: date) -> pl.Expr:
    day = cell.cast(pl.Date)
    if text:
        iso = pl.when(cell.str.contains(_DAY)).then(cell.str.head(10))
        day = iso.str.to_date("%Y-%m-%d", strict=False)
    last = as_of if column.kind == "past" else _LAST
    return pl.when(day.is_between(_FIRST, min(last, _LAST))).then(day)


def _number(column: Column, cell: pl.Expr, text: bool) -> pl.Expr:
    if text and column.kind in ("count", "amount"):
        fits = cell.str.contains(f"^(?:{_PLAIN}|{_THOUSANDS})$")
        digits = pl.when(fits).then(cell.str.replace_all(",", "", literal=True))
        number = digits.cast(pl.Float64, strict=False)
    elif text:
        fits = cell.str.contains(rf"^{_DECIMALS}\s*%?$")
        digits = pl.when(fits).then(cell.str.strip_chars_end("% \t"))
        number = digits.cast(pl.Float64, strict=False)
    else:
        number = cell.cast(pl.Float64, strict=False)
    return _in_range(column, number)


def _in_range(column: Column, number: pl.Expr) -> pl.Expr:
    size = number.abs()
    ok = (number == 0) | size.is_between(MIN_FRACTION, MAX_NUMBER)
    if column.low is not None:
        ok &= number >= column.low
    if column.high is not None:
        ok &= number <= column.high
    if column.kind in ("count", "list"):
        ok &= number == number.floor()
    return pl.when(ok).then(number)
