"""The faults that open peers show on bad data, each as an input with the right answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agent.errors import BadInput
from tests.importing.tables import bring_in, flat, put, reasons

HEAD = "id,name,segment,arr,renewal_date,active_users,licensed_users,open_tickets,auto_renew\n"


def one(folder: Path, cells: str) -> tuple[list[str], dict[str, Any]]:
    report, accounts = flat(folder, HEAD + cells + "\n")
    return reasons(report), accounts["acme"]


def test_only_an_id_is_an_account_without_figures(tmp_path: Path) -> None:
    said, account = one(tmp_path, "acme,,,,,,,,")
    assert account == {}
    assert not said


def test_blank_cells_are_missing_and_counted(tmp_path: Path) -> None:
    report, accounts = flat(tmp_path, HEAD + "acme,Acme,,n/a,,,100,-,\n")
    assert accounts["acme"] == {
        "name": "Acme",
        "usage": {
            "as_of": "2026-11-17",
            "monthly": [{"month": "2026-11", "licensed_users": 100}],
        },
    }
    assert report.tables["accounts"].blanks["active_users"] == 1
    assert report.is_clean


@pytest.mark.parametrize(
    ("cells", "why", "field"),
    [
        ("acme,A,smb,NaN,,,,,", "'NaN': is not a number", "contract"),
        ("acme,A,smb,inf,,,,,", "'inf': is not a number", "contract"),
        ("acme,A,smb,-180000,,,,,", "'-180000': is negative", "contract"),
        ("acme,A,smb,,31/12/2026,,,,", "perhaps 2026-12-31", "contract"),
        ("acme,A,smb,,03/04/2026,,,,", "is ambiguous (2026-03-04 or 2026-04-03)", "contract"),
        ("acme,A,smb,,,,,,maybe", "is neither true nor false", "contract"),
        ("acme,A,smb,,,-10,,,", "'-10': is negative", "usage"),
        ("acme,A,smb,,,95%,,,", "is a percentage where a number is expected", "usage"),
        ("acme,A,smb,,,,,-3,", "'-3': is negative", "engagement"),
        ("acme,A,gold,,,,,,", "'gold': is none of smb, mid_market", "segment"),
    ],
)
def test_a_bad_value_is_left_out_and_named(
    tmp_path: Path, cells: str, why: str, field: str
) -> None:
    said, account = one(tmp_path, cells)
    assert len(said) == 1
    assert said[0].startswith("customers.csv:2: ")
    assert why in said[0]
    assert said[0].endswith("(value left out)")
    assert field not in account
    assert account["name"] == "A"


def test_text_false_is_false(tmp_path: Path) -> None:
    assert one(tmp_path, "acme,A,smb,,,,,,false")[1]["contract"] == {"auto_renew": False}


def test_thousands_and_segments_in_any_case(tmp_path: Path) -> None:
    said, account = one(tmp_path, 'acme,A, Mid_Market ,"120,000",,,,,')
    assert (account["segment"], account["contract"]["arr"]) == ("mid_market", 120000)
    assert not said


def test_what_only_the_customer_can_settle_is_kept_and_named(tmp_path: Path) -> None:
    said, account = one(tmp_path, "acme,A,smb,,,500,100,,")
    assert account["usage"]["monthly"][0]["active_users"] == 500
    assert said == ["customers.csv:2: active_users, '500': more active than licensed users (kept)"]


def test_an_id_that_stands_for_two_rows_is_used_for_neither(tmp_path: Path) -> None:
    rows = "acme,A,smb,1,,,,,\nother,O,smb,2,,,,,\nacme,B,smb,3,,,,,\n"
    report, accounts = flat(tmp_path, HEAD + rows)
    assert list(accounts) == ["other"]
    assert reasons(report) == [
        "customers.csv:4: id, 'acme': stands for another row in customers.csv:2; neither is used "
        "(row left out)"
    ]
    assert (report.tables["accounts"].rows, report.tables["accounts"].used) == (3, 1)


def test_identical_rows_are_kept_once_and_named(tmp_path: Path) -> None:
    rows = "acme,A,smb,1,,,,,\nacme,A,smb,1,,,,,\n"
    report, accounts = flat(tmp_path, HEAD + rows)
    assert list(accounts) == ["acme"]
    assert report.count("same_row") == 1
    assert "is the same row as customers.csv:2; kept once" in reasons(report)[0]


def test_one_bad_record_never_hides_the_good_ones(tmp_path: Path) -> None:
    rows = (
        "acme,A,smb,1,,,,,\nshort,row\n,no id,smb,,,,,,\n"
        'b d,B,smb,,,,,,\n"x"y,,,,,,,,\nz,Z,,,,,,,\n'
    )
    report, accounts = flat(tmp_path, HEAD + rows)
    assert list(accounts) == ["acme", "z"]
    assert [reason.split(" (row")[0] for reason in reasons(report)] == [
        "customers.csv:3: has 2 cells; the header has 9",
        "customers.csv:4: id, '': is blank",
        "customers.csv:5: id, 'b d': cannot be an id; use 1 to 120 letters, digits, dots, dashes "
        "or underscores, beginning with a letter or digit.",
        "customers.csv:6: has text behind a closing quotation mark",
    ]


def test_ambiguous_columns_are_refused_without_a_unit(tmp_path: Path) -> None:
    text = "id,response_time,login_frequency,business_impact,NPS\nacme,9,8,good,30\n"
    report, accounts = flat(tmp_path, text)
    assert accounts == {"acme": {}}
    assert report.count("ambiguous_column") == 4
    assert "0-10 rating in one tool, days or hours in another" in reasons(report)[0]


def test_the_same_columns_with_a_unit_are_read(tmp_path: Path) -> None:
    text = "id,nps_company\nacme,30\nbeta,130\n"
    report, accounts = flat(tmp_path, text)
    assert accounts["acme"]["relationship"]["nps"] == {"score": 30}
    assert accounts["beta"] == {}
    assert "is above 100" in reasons(report)[0]


def test_an_amount_in_another_currency_than_stated_is_refused(tmp_path: Path) -> None:
    text = 'id,arr,currency\na,"$1,000",EUR\nb,€1000,EUR\nc,€1000,\nd,$1000,CAD\ne,$1000,\n'
    report, accounts = flat(tmp_path, text)
    assert accounts["a"]["contract"] == {"currency": "EUR"}
    assert (
        accounts["b"]["contract"] == accounts["c"]["contract"] == {"arr": 1000, "currency": "EUR"}
    )
    assert accounts["d"]["contract"] == {"arr": 1000, "currency": "CAD"}
    assert accounts["e"]["contract"] == {"arr": 1000}
    assert "is in $ where EUR is stated" in reasons(report)[0]


def test_bytes_that_are_not_utf8_spoil_their_cell_only(tmp_path: Path) -> None:
    report, accounts = flat(tmp_path, b"id,name,arr\nacme,M\xfcller,5\nb,M\xc3\xbcller,6\n")
    assert accounts == {
        "acme": {"contract": {"arr": 5}},
        "b": {"name": "Müller", "contract": {"arr": 6}},
    }
    assert "not UTF-8" in reasons(report)[0]


@pytest.mark.parametrize(
    ("records", "why"),
    [
        ([{"id": "a", "arr": None}, "text", {"id": "b"}], "is not a record"),
        ([{"id": "a"}, 5, {"id": "b"}], "is not a record"),
        ([{"id": "a"}, {"id": {"x": 1}}, {"id": "b"}], "is blank"),
        ([{"id": "a", "active_users": "85"}, {"id": 1.5}, {"id": "b"}], "is not an id"),
    ],
)
def test_records_of_the_wrong_type(tmp_path: Path, records: Any, why: str) -> None:
    path = put(tmp_path, json.dumps(records), "customers.json")
    report, accounts = bring_in(tmp_path, path)
    assert list(accounts) == ["a", "b"]
    assert any(why in reason for reason in reasons(report))


def test_infinite_numbers_of_json_are_refused(tmp_path: Path) -> None:
    path = put(tmp_path, '[{"id": "a", "arr": NaN}, {"id": "b", "arr": Infinity}]', "c.json")
    report, accounts = bring_in(tmp_path, path)
    assert accounts == {"a": {}, "b": {}}
    assert [r.split(": ")[2] for r in reasons(report)] == [
        "is not a finite number (value left out)"
    ] * 2


def test_deep_nesting_is_a_remark_not_a_traceback(tmp_path: Path) -> None:
    deep = "[" * 100_000
    report, accounts = bring_in(tmp_path, put(tmp_path, f'[{{"id": "a"}}, {deep}', "c.json"))
    assert list(accounts) == ["a"]
    assert "everything behind it is left out" in reasons(report)[0]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is empty"),
        ("\ufeff \n", "is empty"),
        ("just some words\nand more\n", "no column 'id'"),
        ("acme,Acme,smb\n", "no column 'id'"),
        ("id,ARR,arr usd\na,1,2\n", "both mean 'arr'"),
        ("[]", "holds no records"),
        ("{}", "holds no records"),
        ("PK\x03\x04zip", "an Excel workbook"),
        (b"\xff\xfei\x00d\x00", "UTF-16"),
        ("id,name;x\na,b\n", "can be split at comma or at semicolon"),
    ],
)
def test_input_that_cannot_be_used_at_all(tmp_path: Path, text: str | bytes, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        flat(tmp_path, text)
    assert not (tmp_path / "memory/_knowledge").exists()
