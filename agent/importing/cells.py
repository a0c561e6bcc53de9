"""One cell → one value, or the reason why it is none. Nothing is guessed, blank is never zero."""

from __future__ import annotations

import decimal
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from agent.errors import CsmError
from agent.importing.fields import squashed
from agent.importing.mapping import Column, Decimal
from agent.importing.numerals import CURRENCIES, read_numeral
from agent.memory.names import check_account_id
from agent.success.insights.values import MAX_NUMBER, MIN_FRACTION, read_date

MAX_TEXT = 20_000
MAX_LIST = 500
MISSING = frozenset({"", "n/a", "#n/a", "na", "null", "none", "-", "--"})
"""Words of spreadsheets and databases for a cell without a value; not for texts and ids."""

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_TIME = r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z| ?[+-]\d{2}:?\d{2})?)?"
_PARTS = {"YYYY": r"(?P<y>\d{4})", "MM": r"(?P<m>\d{1,2})", "DD": r"(?P<d>\d{1,2})"}
_TRUE = frozenset({"true", "yes", "y", "t", "1"})
_FALSE = frozenset({"false", "no", "n", "f", "0"})


class Cell(NamedTuple):
    """`value` is None when the cell is blank or faulty; `currency` is what an amount was written
    with; `note` tells of a default."""

    value: Any = None
    fault: str = ""
    currency: str = ""
    note: str = ""


@dataclass(frozen=True)
class Manner:
    """How the source writes dates and decimals."""

    dates: tuple[str, ...] = ("YYYY-MM-DD",)
    decimal: Decimal = "auto"


BLANK = Cell()


def read_cell(column: Column, raw: Any, manner: Manner) -> Cell:
    """The value of one cell as `column` describes it. Never raises on what a table can hold."""
    if raw is None:
        return BLANK
    if isinstance(raw, str):
        raw = raw.strip()
        if not raw or (column.kind not in ("text", "id") and raw.casefold() in MISSING):
            return BLANK
        if _CONTROL.search(raw):
            return Cell(fault="holds a control character or bytes that are not UTF-8")
        if len(raw) > MAX_TEXT:
            return Cell(fault=f"has {len(raw):,} characters, more than {MAX_TEXT:,}")
    return _READERS[column.kind](column, raw, manner)


def _number(column: Column, raw: Any, manner: Manner) -> Cell:
    number, fault, currency = _figure(column, raw, manner)
    if number is None or fault:
        return Cell(fault=fault)
    if column.kind == "percent" and column.unit == "fraction" and "%" not in str(raw):
        number = round(number * 100, 10)
    elif column.kind == "percent" and 0 < abs(number) < 1 and "%" not in str(raw):
        return Cell(fault="can be a fraction or a percentage; write it with '%'")
    if column.kind == "count" and not float(number).is_integer():
        return Cell(fault="is not a whole number")
    low = column.low if column.low is not None else (None if column.kind == "measure" else 0)
    high = column.high if column.high is not None else (100 if column.kind == "percent" else None)
    if low is not None and number < low:
        return Cell(fault="is negative" if low == 0 else f"is below {low:g}")
    if high is not None and number > high:
        return Cell(fault=f"is above {high:g}")
    return Cell(int(number) if float(number).is_integer() else float(number), currency=currency)


def _figure(column: Column, raw: Any, manner: Manner) -> tuple[float | None, str, str]:
    """(number, fault, currency)."""
    currency = ""
    if isinstance(raw, bool):
        return None, "is true/false, not a number", ""
    if isinstance(raw, decimal.Decimal):
        raw = float(raw)
    if isinstance(raw, str):
        read = read_numeral(raw, column.kind, manner.decimal)
        if read.number is None:
            return None, read.fault, ""
        raw, currency = read.number, read.currency
    if not isinstance(raw, int | float):
        return None, "is not a number", ""
    if isinstance(raw, float) and not math.isfinite(raw):
        return None, "is not a finite number", ""
    if raw and not MIN_FRACTION <= abs(raw) <= MAX_NUMBER:
        return None, "is out of range", ""
    return raw, "", currency


def _date(_column: Column, raw: Any, manner: Manner) -> Cell:
    if not isinstance(raw, str):
        day, fault = read_date(raw)
        return Cell(day.isoformat()) if day else Cell(fault=fault)
    return _date_text(raw, manner.dates)


@lru_cache(maxsize=4096)
def _date_text(text: str, forms: tuple[str, ...]) -> Cell:
    iso, fault = read_date(text)
    found = {iso} if iso else {day for form in forms if (day := _by_form(text, form))}
    if len(found) == 1:
        day, fault = read_date(found.pop())
        return Cell(day.isoformat()) if day else Cell(fault=fault)
    if found:
        return Cell(fault="is ambiguous by the mapping's 'dates'")
    if text.isdigit() and len(text) == 5:
        fault += " (the serial number of a spreadsheet?)"
    expected = "".join(f" or {form}" for form in forms if form != "YYYY-MM-DD")
    return Cell(fault=fault.replace("YYYY-MM-DD", f"YYYY-MM-DD{expected}", 1))


def _by_form(text: str, form: str) -> date | None:
    match = _pattern(form).fullmatch(text)
    try:
        return date(int(match["y"]), int(match["m"]), int(match["d"])) if match else None
    except ValueError:
        return None


@lru_cache(maxsize=64)
def _pattern(form: str) -> re.Pattern[str]:
    pattern = re.escape(form)
    for part, group in _PARTS.items():
        digits = group.replace("{1,2}", "{2}") if form == "YYYYMMDD" else group
        pattern = pattern.replace(part, digits)
    return re.compile(pattern + _TIME, re.ASCII)


def _flag(_column: Column, raw: Any, _manner: Manner) -> Cell:
    if isinstance(raw, bool):
        return Cell(raw)
    word = str(raw).casefold() if isinstance(raw, str | int) else ""
    if word in _TRUE or word in _FALSE:
        return Cell(word in _TRUE)
    return Cell(fault="is neither true nor false")


def _choice(column: Column, raw: Any, _manner: Manner) -> Cell:
    word = squashed(raw) if isinstance(raw, str) else ""
    for choice, spellings in column.choices.items():
        if word and word in {squashed(choice), *map(squashed, spellings)}:
            return Cell(choice)
    if column.default is not None:
        return Cell(column.default, note=f"is none of the choices; taken as '{column.default}'")
    return Cell(fault=f"is none of {', '.join(column.choices)}")


def _text(_column: Column, raw: Any, _manner: Manner) -> Cell:
    if isinstance(raw, bool) or not isinstance(raw, str | int | float):
        return Cell(fault="is not text")
    if isinstance(raw, float) and not math.isfinite(raw):
        return Cell(fault="is not text")
    if isinstance(raw, int) and abs(raw) > MAX_NUMBER:
        return Cell(fault="is a number out of range, not text")
    return Cell(str(raw))


def _id(_column: Column, raw: Any, _manner: Manner) -> Cell:
    """An id; text, or a whole number as JSON and Parquet have them. `007` stays `007`."""
    if isinstance(raw, bool) or not isinstance(raw, str | int):
        return Cell(fault="is not an id (text, or a whole number)")
    if isinstance(raw, int) and abs(raw) > 10**18:
        return Cell(fault="has too many digits for an id")
    try:
        return Cell(check_account_id(str(raw)))
    except CsmError as error:
        return Cell(fault=f"cannot be an id; use {error.fix.removeprefix('use ')}")


def _texts(_column: Column, raw: Any, _manner: Manner) -> Cell:
    if isinstance(raw, str):
        parts: Sequence[Any] = [part.strip() for part in re.split(r"[;|]", raw)]
    elif isinstance(raw, Sequence) and not isinstance(raw, bytes):
        parts = raw
    else:
        return Cell(fault="is not a list of texts")
    for part in parts:
        if not isinstance(part, str) or _CONTROL.search(part):
            return Cell(fault="holds something that is not clean text")
    if len(parts) > MAX_LIST:
        return Cell(fault=f"has {len(parts):,} entries, more than {MAX_LIST}")
    return Cell([part for part in parts if part])


def _rows(_column: Column, raw: Any, _manner: Manner) -> Cell:
    """A list of records whose values are plain. The engine checks their meaning when it runs."""
    if isinstance(raw, str) or not isinstance(raw, Sequence):
        return Cell(fault="is not a list of records (only JSON has these)")
    if len(raw) > MAX_LIST:
        return Cell(fault=f"has {len(raw):,} entries, more than {MAX_LIST}")
    for row in raw:
        if not isinstance(row, Mapping):
            return Cell(fault="holds something that is not a record")
        for key, value in row.items():
            if not isinstance(key, str) or not _is_plain(key) or not _is_plain(value):
                return Cell(fault="holds a value that is no plain text, number, flag or list")
    return Cell([dict(row) for row in raw])


def _is_plain(value: Any, depth: int = 0) -> bool:
    if isinstance(value, str):
        return len(value) <= MAX_TEXT and not _CONTROL.search(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return math.isfinite(value) and abs(value) <= MAX_NUMBER
    if isinstance(value, list):
        return depth < 2 and len(value) <= MAX_LIST and all(_is_plain(v, depth + 1) for v in value)
    return value is None or isinstance(value, bool)


def conflicting(currency: str, written: str) -> bool:
    """Whether an amount written with a sign or code cannot be in `currency` (an ISO code)."""
    return bool(written) and currency.upper() not in CURRENCIES.get(written, (written,))


_READERS: dict[str, Callable[[Column, Any, Manner], Cell]] = {
    "id": _id,
    "text": _text,
    "date": _date,
    "count": _number,
    "amount": _number,
    "percent": _number,
    "measure": _number,
    "flag": _flag,
    "choice": _choice,
    "texts": _texts,
    "rows": _rows,
}
