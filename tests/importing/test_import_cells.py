"""One cell is one value, or refused with a reason."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from agent.importing.cells import Manner, read_cell
from agent.importing.mapping import Column

DAY_FIRST = Manner(("DD-MM-YYYY",))


def read(kind: str, raw: Any, manner: Manner = Manner(), **more: Any) -> Any:  # noqa: B008
    """The value, or the fault as text behind an exclamation mark."""
    cell = read_cell(Column(names=("x",), kind=kind, **more), raw, manner)  # type: ignore[arg-type]
    return f"!{cell.fault}" if cell.fault else cell.value


@pytest.mark.parametrize(
    ("text", "number"),
    [("120000", 120000), ("120,000", 120000), ("$120,000", 120000), ("1,234.5", 1234.5),
     ("1.234,5", 1234.5), ("€ 1.234.567,89", 1234567.89), ("1 234 567", 1234567),
     ("1\u00a0234,50 €", 1234.5), ("1'234'567.00", 1234567), ("EUR 1200", 1200),
     ("1200 USD", 1200), ("1,5", 1.5), ("0.125", 0.125), ("1.2e5", 120000), (" 7 ", 7),
     (85, 85), (85.5, 85.5), (Decimal("12.30"), 12.3), ("0", 0)],
)  # fmt: skip
def test_amounts_as_people_write_them(text: Any, number: float) -> None:
    assert read("amount", text) == number


@pytest.mark.parametrize(
    "text",
    ["1.234", "12,34,567", "1.23.456", "(500)", "95%", "NaN", "inf", "-inf", "Infinity", "12k", "$",
     "1e999", "0x10", "1_000", "١٢٣", "1-2", "--5", "9" * 30, "1,2.3,4", True, float("nan"),
     float("inf"), [1], {"a": 1}, "-180000", -5, 10**15, "1,234,5"],
)  # fmt: skip
def test_amounts_that_are_none(text: Any) -> None:
    assert str(read("amount", text)).startswith("!")


def test_the_mapping_settles_what_a_separator_means() -> None:
    assert read("amount", "1.234", Manner(decimal="comma")) == 1234
    assert read("amount", "1.234", Manner(decimal="point")) == 1.234
    assert read("amount", "1,234", Manner(decimal="comma")) == 1.234
    assert read("amount", "1.234,5", Manner(decimal="point")) == "!is not a number"


@pytest.mark.parametrize("kind", ["count", "amount", "date", "flag", "choice"])
@pytest.mark.parametrize("blank", ["", "  ", None, "n/a", "NULL", "-", "None"])
def test_blank_is_missing_never_zero(kind: str, blank: Any) -> None:
    more = {"choices": {"a": ()}} if kind == "choice" else {}
    assert read(kind, blank, **more) is None


def test_counts_are_whole_and_not_negative() -> None:
    assert read("count", "12.0") == 12
    assert read("count", "12.5") == "!is not a whole number"
    assert read("count", "-10") == "!is negative"
    assert read("count", "72%") == "!is a percentage where a number is expected"


def test_percentages_need_to_say_what_they_are() -> None:
    assert read("percent", "95%", unit="percent") == 95
    assert read("percent", "95", unit="percent") == 95
    assert read("percent", "0.95", unit="fraction") == 95
    assert read("percent", "0.5 %", unit="percent") == 0.5
    assert read("percent", "0.95", unit="percent").startswith("!can be a fraction")
    assert read("percent", "130", unit="percent") == "!is above 100"
    assert read("percent", "95", unit="fraction") == "!is above 100"


@pytest.mark.parametrize(
    ("raw", "day"),
    [("2026-12-31", "2026-12-31"), ("2026-12-31T10:00:00Z", "2026-12-31"),
     (date(2026, 12, 31), "2026-12-31"), (datetime(2026, 12, 31, 5, tzinfo=UTC), "2026-12-31")],
)  # fmt: skip
def test_dates(raw: Any, day: str) -> None:
    assert read("date", raw) == day


@pytest.mark.parametrize(
    ("raw", "why"),
    [("31/12/2026", "perhaps 2026-12-31"), ("03/04/2026", "ambiguous"), ("31/12/26", "form"),
     ("45292", "serial number"), ("2026-02-30", "does not exist"), ("1820-01-01", "outside"),
     ("tomorrow", "form"), (20261231, "not a date"), (True, "not a date")],
)  # fmt: skip
def test_dates_that_are_refused(raw: Any, why: str) -> None:
    assert why in read("date", raw)


def test_dates_in_the_formats_of_the_mapping() -> None:
    assert read("date", "03-04-2024", DAY_FIRST) == "2024-04-03"
    assert read("date", "28-07-2023 03:00", DAY_FIRST) == "2023-07-28"
    assert read("date", "2024-04-03", DAY_FIRST) == "2024-04-03"
    assert read("date", "20240403", Manner(("YYYYMMDD",))) == "2024-04-03"
    assert read("date", "04/13/2024", Manner(("MM/DD/YYYY",))) == "2024-04-13"
    assert "or DD-MM-YYYY" in read("date", "3 April", DAY_FIRST)
    both = Manner(("DD/MM/YYYY", "MM/DD/YYYY"))
    assert read("date", "03/04/2024", both).startswith("!is ambiguous")
    assert read("date", "13/04/2024", both) == "2024-04-13"


def test_flags_as_text() -> None:
    assert read("flag", "false") is False
    assert read("flag", "TRUE") is True
    assert read("flag", "No") is False
    assert read("flag", 1) is True
    assert read("flag", "maybe") == "!is neither true nor false"


def test_choices_forgive_case_and_signs_but_not_other_words() -> None:
    choices = {"mid_market": ("mid-market", "mm"), "smb": ()}
    assert read("choice", " Mid_Market ", choices=choices) == "mid_market"
    assert read("choice", "MM", choices=choices) == "mid_market"
    assert read("choice", "gold", choices=choices) == "!is none of mid_market, smb"
    cell = read_cell(
        Column(names=("x",), kind="choice", choices=choices, default="smb"), "gold", Manner()
    )
    assert (cell.value, cell.note) == ("smb", "is none of the choices; taken as 'smb'")


def test_texts_and_ids() -> None:
    assert read("text", "  Gamma\nWorks ") == "Gamma\nWorks"
    assert read("text", "a\x00b").startswith("!holds a control character")
    assert read("text", "x" * 30_000).startswith("!has 30,000 characters")
    assert read("text", "n/a") == "n/a"
    assert read("id", "007") == "007"
    assert read("id", 7) == "7"
    for bad in ("../etc", "a b", "_x", "=cmd", 1.5, True, "x" * 200, 10**30):
        assert str(read("id", bad)).startswith("!"), bad
    assert read("texts", "a; b |c;;") == ["a", "b", "c"]
    assert read("texts", [1]).startswith("!")
    assert read("rows", [{"month": "2026-10", "logins": 3}]) == [{"month": "2026-10", "logins": 3}]
    for rows in ("x", [1], [{"a": float("nan")}], [{"a": {"b": 1}}], [{"a": "\x00"}]):
        assert str(read("rows", rows)).startswith("!")
