"""Numbers as people write them: currency signs, percent signs, thousands and decimal separators."""

from __future__ import annotations

import re
from typing import NamedTuple

from agent.importing.mapping import Decimal

CURRENCIES: dict[str, tuple[str, ...]] = {
    "$": ("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN"),
    "€": ("EUR",),
    "£": ("GBP",),
    "¥": ("JPY", "CNY"),
    "₹": ("INR",),
}
"""What a currency sign can stand for. A code such as EUR stands for itself."""

_CODE = re.compile(r"(?:([A-Z]{3})(?=[\s\d+-])\s*)?(.*?)(?:(?<=[\s\d])\s*([A-Z]{3}))?", re.S)
_BLANKS = re.compile(r"(?<=\d)[ \u00a0\u202f'\u2019](?=\d)")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:[ \u00a0\u202f'\u2019]\d{3})+(?!\d)(?:[.,]\d+)?")
_EXPONENT = re.compile(r"[+-]?\d+(?:\.\d+)?[eE][+-]?\d{1,2}")
_THREE = re.compile(r"[+-]?[1-9]\d{0,2}([.,])\d{3}")
_SHAPES = {
    "point": re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?"),
    "comma": re.compile(r"[+-]?(?:\d{1,3}(?:\.\d{3})+|\d+)?(?:,\d+)?"),
}


class Numeral(NamedTuple):
    """`number` is None when `fault` says why; `currency` is the sign or code it came with."""

    number: float | None
    fault: str = ""
    currency: str = ""


def read_numeral(text: str, kind: str, decimal: Decimal) -> Numeral:
    """A number written as text, where it can mean one thing only.

    With `decimal` "auto" 1,234.5 and 1.234,5 explain themselves; 1,234 is taken as thousands in
    counts and amounts; 1.234 is refused there, because both readings are common.
    """
    body, currency = _without_currency(text.strip()) if kind == "amount" else (text.strip(), "")
    if body.endswith("%"):
        if kind != "percent":
            return Numeral(None, "is a percentage where a number is expected")
        body = body[:-1].rstrip()
    body = body.replace("\u2212", "-")
    if len(body) > 40:
        return Numeral(None, "is not a number")
    if body.startswith("(") and body.endswith(")"):
        return Numeral(None, "is in brackets; write a negative number with '-'")
    if _EXPONENT.fullmatch(body) and body.isascii():
        return Numeral(float(body), currency=currency)
    if _BLANKS.search(body):
        if not _GROUPED.fullmatch(body):
            return Numeral(None, "is not a number")
        body = _BLANKS.sub("", body)
    point = _decimal_point(body, kind) if decimal == "auto" else decimal
    if point not in _SHAPES:
        return Numeral(None, point)
    if not body.isascii() or not any(map(str.isdigit, body)) or not _SHAPES[point].fullmatch(body):
        return Numeral(None, "is not a number")
    plain = body.replace("." if point == "comma" else ",", "").replace(",", ".")
    return Numeral(float(plain) if "." in plain else int(plain), currency=currency)


def _decimal_point(body: str, kind: str) -> str:
    """Which sign marks the decimals, "point" or "comma"; else why that cannot be told."""
    commas, points = body.count(","), body.count(".")
    if commas and points:
        return "comma" if body.rfind(",") > body.rfind(".") else "point"
    if commas > 1 or points > 1:
        return "point" if commas else "comma"
    three = _THREE.fullmatch(body)
    if three is None:
        return "comma" if commas else "point"
    if kind in ("count", "amount") and commas:
        return "point"
    if kind in ("count", "amount") or commas:
        return "is ambiguous (thousands or decimals?); set 'decimal' in the mapping"
    return "point"


def _without_currency(text: str) -> tuple[str, str]:
    """(the number, the sign or code before or after it)."""
    for sign in CURRENCIES:
        if sign in text:
            bare = text.replace(sign, "", 1).strip()
            return (
                (bare, sign) if text.strip("+- ")[:1] == sign or text[-1:] == sign else (text, "")
            )
    match = _CODE.fullmatch(text)
    if match is None or (match[1] and match[3]):
        return text, ""
    return match[2].strip(), match[1] or match[3] or ""
