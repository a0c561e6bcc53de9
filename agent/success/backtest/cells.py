"""Text of a table cell → number, yes or no, date; None where the cell does not say it."""

from __future__ import annotations

import math
import re
from calendar import monthrange
from collections.abc import Iterable
from datetime import date
from typing import Literal

DateOrder = Literal["ymd", "dmy", "mdy"]

BLANKS = frozenset({"", "na", "n/a", "nan", "null", "none", "-", "?"})
_YES = frozenset({"1", "1.0", "yes", "y", "true", "t", "churned", "churn", "left", "lost",
                  "cancelled", "canceled"})  # fmt: skip
_NO = frozenset({"0", "0.0", "no", "n", "false", "f", "stayed", "retained", "active", "joined",
                 "current", "not churned"})  # fmt: skip
_THOUSANDS = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?")
_MONTH = re.compile(r"(\d{4})-(\d{1,2})")
_DATE = re.compile(r"(\d{1,4})[-/.](\d{1,2})[-/.](\d{1,4})(?:[T ].*)?")


def blank(text: str) -> bool:
    """Whether the cell says nothing: empty, or one of the usual words for it."""
    return text.strip().casefold() in BLANKS


def flag(text: str) -> bool | None:
    word = text.strip().casefold()
    return True if word in _YES else False if word in _NO else None


def number(text: str) -> float | None:
    """A finite number. A percent sign, a currency sign and thousands separators are dropped; yes
    and no count as 1 and 0."""
    bare = text.strip().rstrip("%").lstrip("$€£").strip()
    if _THOUSANDS.fullmatch(bare):
        bare = bare.replace(",", "")
    try:
        value = float(bare) if "_" not in bare else math.nan
    except ValueError:
        said = flag(text) if bare.casefold() in ("yes", "no", "true", "false") else None
        return None if said is None else float(said)
    return value if math.isfinite(value) else None


def day(text: str, order: DateOrder) -> date | None:
    """A calendar day; a time of day after it is dropped. ISO dates are read in any order. A month
    (2026-06) is known on its last day."""
    if month_only := _MONTH.fullmatch(text.strip()):
        year, month = int(month_only[1]), int(month_only[2])
        return date(year, month, monthrange(year, month)[1]) if year and 1 <= month <= 12 else None
    match = _DATE.fullmatch(text.strip())
    if match is None:
        return None
    a, b, c = (int(part) for part in match.groups())
    if len(match[1]) == 4:
        year, month, of_month = a, b, c
    elif len(match[3]) != 4:
        return None
    elif order == "mdy":
        month, of_month, year = a, b, c
    else:
        of_month, month, year = a, b, c
    try:
        return date(year, month, of_month)
    except ValueError:
        return None


def order_of(cells: Iterable[str]) -> DateOrder | None:
    """How the dates of a column are written, as far as they tell it; None when 03-04-2024 could
    be either."""
    seen: set[str] = set()
    for cell in cells:
        match = _DATE.fullmatch(cell.strip())
        if match is None:
            seen |= {"iso"} if _MONTH.fullmatch(cell.strip()) else set()
            continue
        if len(match[1]) != 4 and int(match[1]) > 12:
            return "dmy"
        if len(match[1]) != 4 and int(match[2]) > 12:
            return "mdy"
        seen.add("iso" if len(match[1]) == 4 else "unclear")
    return "ymd" if seen == {"iso"} else None
