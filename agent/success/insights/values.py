"""One untrusted value → a number or a date, or the reason why it is none. Nothing is guessed."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal, TypeGuard

from agent.errors import printable

MAX_NUMBER = 10**12
MIN_FRACTION = 1e-9
_ISO = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})"
    r"(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
)
_DAY_FIRST = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})")
_SURROGATE = re.compile("[\ud800-\udfff]")
_DIGITS = re.compile(r"[+-]?\d{1,18}(?:\.\d{1,18})?")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+")

Kind = Literal["count", "amount", "percent", "measure"]
"""count: a whole number; amount: money; percent: 0 to 100; measure: any figure of a goal."""


def shown(value: Any) -> str:
    """`value` for a message: short, on one line, never a minute of digits."""
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() > 128:
        return f"a number of about {int(value.bit_length() * 0.30103) + 1} digits"
    if isinstance(value, float) and not math.isfinite(value):
        return "the value"
    if isinstance(value, str):
        return repr(printable(value, 60))
    if isinstance(value, Mapping):
        return f"a block of {len(value)} fields"
    if isinstance(value, (list, tuple)):
        return f"a list of {len(value)}"
    return printable(str(value), 60)


def read_number(value: Any, kind: Kind) -> tuple[float | None, str, str]:
    """(number, fault, note): the number or why there is none; a note when text was read as one."""
    if isinstance(value, bool):
        return None, "is true/false, not a number", ""
    if isinstance(value, float) and not math.isfinite(value):
        return None, "is not a finite number", ""
    if isinstance(value, (int, float)):
        return (value, "", "") if _in_range(value) else (None, "is out of range", "")
    if not isinstance(value, str):
        return None, "is not a number", ""
    plain, fault = _plain_digits(value.strip(), kind)
    if fault:
        return None, fault, ""
    number = float(plain)
    if not _in_range(number):
        return None, "is out of range", ""
    return number, "", f"is the text {shown(value)}; read as {number:.15g}"


def is_text(value: Any) -> TypeGuard[str]:
    """True for text that can be written to a file again (no halves of surrogate pairs)."""
    return isinstance(value, str) and not _SURROGATE.search(value)


def _in_range(number: float) -> bool:
    """Small enough to be a figure of this trade, and not a fraction too small to divide by."""
    return number == 0 or MIN_FRACTION <= abs(number) <= MAX_NUMBER


def _plain_digits(text: str, kind: Kind) -> tuple[str, str]:
    """(digits, fault) of a number written as text, only where it can mean one thing."""
    if text.endswith("%"):
        if kind not in ("percent", "measure"):
            return "", "is a percentage where a number is expected"
        text = text[:-1].strip()
    if len(text) <= 30 and _THOUSANDS.fullmatch(text):
        if kind not in ("count", "amount"):
            return "", "is ambiguous (thousands separator or decimal comma)"
        text = text.replace(",", "")
    if len(text) > 30 or not (text.isascii() and _DIGITS.fullmatch(text)):
        return "", "is not a number"
    if kind in ("count", "amount") and re.fullmatch(r"[+-]?\d{1,3}\.\d{3}", text):
        return "", "is ambiguous (thousands separator or decimal point)"
    return text, ""


def read_date(value: Any) -> tuple[date | None, str]:
    """(date, fault) from an ISO date or time stamp, as text or as a date object."""
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return _plausible(value)
    if not isinstance(value, str):
        return None, "is not a date"
    text = value.strip()
    match = _ISO.fullmatch(text)
    if match:
        year, month, day = (int(part) for part in match.groups())
        exact = _day(year, month, day)
        return _plausible(exact) if exact else (None, "is a day that does not exist")
    other = _DAY_FIRST.fullmatch(text)
    if other is None:
        return None, "is not a date of the form YYYY-MM-DD"
    first, second, year = (int(part) for part in other.groups())
    readings = {r for r in (_day(year, second, first), _day(year, first, second)) if r}
    if not readings:
        return None, "is a day that does not exist"
    if len(readings) == 2:
        both = " or ".join(str(r) for r in sorted(readings))
        return None, f"is ambiguous ({both}); write YYYY-MM-DD"
    return None, f"is not of the form YYYY-MM-DD (perhaps {readings.pop()})"


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _plausible(day: date) -> tuple[date | None, str]:
    if 1970 <= day.year <= 2120:
        return day, ""
    return None, "lies outside 1970 to 2120"
