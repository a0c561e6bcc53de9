"""The same account in every shape of file that people have."""

from __future__ import annotations

import builtins
import json
import os
from pathlib import Path
from typing import Any

import pytest

from agent.errors import BadInput
from tests.importing.tables import bring_in, flat, put, reasons

ACCOUNT = {"name": "Acme; Sons", "contract": {"arr": 1200, "renewal_date": "2027-03-31"}}
ROW = {"id": "acme", "name": "Acme; Sons", "arr": 1200, "renewal_date": "2027-03-31"}


@pytest.mark.parametrize(
    "text",
    [
        "id,name,arr,renewal_date\nacme,Acme; Sons,1200,2027-03-31\n",
        "\ufeffid,name,arr,renewal_date\r\nacme,Acme; Sons,1200,2027-03-31\r\n",
        'Customer ID;Customer Name;ARR;Renewal Date\nacme;"Acme; Sons";"1.200,00 €";2027-03-31\n',
        "ID\tNAME\tArr\trenewal-date\nacme\tAcme; Sons\t1,200\t2027-03-31\n",
        'sep=;\nid;name;arr;renewal_date\nacme;"Acme; Sons";1200;2027-03-31',
        "\n\naccountId,accountName,contract.arr,RenewalDate\n\n"
        "acme,Acme; Sons,1200,2027-03-31\n,,,\n",
        "id,name,arr,renewal_date\racme,Acme; Sons,1200,2027-03-31\r",
    ],
    ids=["plain", "bom crlf", "semicolon", "tab", "sep", "camel case", "old mac"],
)
def test_csv_of_programs_and_spreadsheets(tmp_path: Path, text: str) -> None:
    report, accounts = flat(tmp_path, text)
    found = accounts["acme"]
    found["contract"].pop("currency", None)
    assert found == ACCOUNT
    assert report.is_clean


@pytest.mark.parametrize(
    "text",
    [
        json.dumps([ROW]),
        json.dumps({"customers": [ROW]}, indent=2),
        json.dumps({"schema": "x", "accounts": [ROW], "more": {"a": [1]}}),
        json.dumps({"accounts": {"acme": ACCOUNT}}),
        json.dumps({"accounts": {"acme": {**ACCOUNT, "id": "acme"}}}),
        json.dumps(ROW) + "\n",
        "\ufeff" + json.dumps(ROW) + "\n\n" + json.dumps({"id": "beta"}) + "\n",
    ],
    ids=["list", "customers", "accounts list", "accounts", "own id", "object", "lines"],
)
def test_json_in_its_shapes(tmp_path: Path, text: str) -> None:
    report, accounts = bring_in(tmp_path, put(tmp_path, text, "customers.json"))
    assert accounts["acme"] == ACCOUNT
    assert report.is_clean


def test_line_numbers_of_rows_with_line_breaks_in_quotes(tmp_path: Path) -> None:
    text = 'id,name,arr\na,"Two\nlines",1\nb,B,x\n\nc,"""quoted""",y\n'
    report, accounts = flat(tmp_path, text)
    assert accounts["a"]["name"] == "Two\nlines"
    assert accounts["c"]["name"] == '"quoted"'
    assert [reason.split(" ")[0] for reason in reasons(report)] == [
        "customers.csv:4:", "customers.csv:6:",
    ]  # fmt: skip


def test_a_quotation_mark_that_is_never_closed(tmp_path: Path) -> None:
    report, accounts = flat(tmp_path, 'id,name\na,A\nb,"B\nc,C\n')
    assert list(accounts) == ["a"]
    assert reasons(report) == [
        "customers.csv:3: has a quotation mark that is never closed; everything behind it is left "
        "out (row left out)"
    ]


def test_line_numbers_of_json_records(tmp_path: Path) -> None:
    text = '[\n {"id": "a"},\n {"id": "b",\n  "arr": "x"},\n {"id": "c", "arr": "y"}\n]'
    report, _ = bring_in(tmp_path, put(tmp_path, text, "c.json"))
    assert [reason.split(" ")[0] for reason in reasons(report)] == ["c.json:3:", "c.json:5:"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('[{"id": "a"}, {"id": "b"', "is not JSON"),
        ('[{"id": "a"} {"id": "b"}]', "expected, found '{'"),
        ('[{"id": "a"}]]', "behind the end"),
        ('[{"id": "a"}, {"id": "b", "arr": 1, "arr": 2}]', "has the field 'arr' twice"),
        ('{"accounts": {"a": {}, "b": {"id": "c"}}}', "stands under 'b' but has another id"),
        ('{"accounts": [{"id": "a"}], "data": [{"id": "b"}]}', "again under 'data'"),
        ('{"id": "a"}\n{"id": }\n', "is not JSON"),
    ],
)
def test_broken_json_keeps_the_good_records(tmp_path: Path, text: str, why: str) -> None:
    report, accounts = bring_in(tmp_path, put(tmp_path, text, "c.json"))
    assert list(accounts) == ["a"]
    assert len(reasons(report)) == 1
    assert why in reasons(report)[0]


def test_a_record_larger_than_the_buffer(tmp_path: Path) -> None:
    notes = [{"date": "2026-10-01", "text": "word " * 2000} for _ in range(20)]
    records = [{"id": f"a{n}", "notes": notes} for n in range(5)]
    report, accounts = bring_in(tmp_path, put(tmp_path, json.dumps(records), "c.json"))
    assert [len(account["notes"]) for account in accounts.values()] == [20] * 5
    assert report.is_clean


def test_lists_of_an_insights_document_arrive_whole(tmp_path: Path) -> None:
    account = {
        "name": "Acme",
        "usage": {
            "as_of": "2026-10-31",
            "monthly": [{"month": "2026-10", "active_users": 5, "licensed_users": 9}],
            "features_unused": ["alerts"],
        },
        "value": {"goals": [{"id": "G-1", "statement": "Halve it", "target": 4.5}]},
        "relationship": {"advocacy": ["reference call"]},
        "notes": [{"date": "2026-10-02", "author": "csm", "text": "All well."}],
    }
    path = put(tmp_path, json.dumps({"accounts": {"acme": account}}), "insights.json")
    report, accounts = bring_in(tmp_path, path)
    assert accounts["acme"] == account
    assert report.is_clean


def test_parquet(tmp_path: Path) -> None:
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame(
        {"id": ["acme", "b"], "name": ["Acme; Sons", None], "arr": [1200.0, float("nan")],
         "renewal_date": [polars.Series(["2027-03-31"]).str.to_date()[0], None]}
    )  # fmt: skip
    frame.write_parquet(tmp_path / "customers.parquet")
    report, accounts = bring_in(tmp_path, tmp_path / "customers.parquet")
    assert accounts == {"acme": ACCOUNT, "b": {}}
    assert reasons(report) == [
        "customers.parquet:2: arr, nan: is not a finite number (value left out)"
    ]


def test_a_damaged_parquet_file(tmp_path: Path) -> None:
    pytest.importorskip("polars")
    with pytest.raises(BadInput, match="cannot be read as Parquet"):
        flat(tmp_path, b"PAR1 this is no parquet file PAR1")


def test_parquet_without_polars_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    importing = builtins.__import__

    def without(name: str, *args: Any, **more: Any) -> Any:
        if name == "polars":
            raise ImportError(name)
        return importing(name, *args, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(BadInput, match=r"pip install 'csm-persona-runtime\[tables\]'"):
        flat(tmp_path, b"PAR1....")


def test_pipes_and_folders_are_refused_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name in ("pipe", "."):
        with pytest.raises(BadInput, match="not a regular file"):
            bring_in(tmp_path, tmp_path / name)
    with pytest.raises(BadInput, match="does not exist"):
        bring_in(tmp_path, tmp_path / "none.csv")


def test_a_file_given_twice_is_refused(tmp_path: Path) -> None:
    path = put(tmp_path, "id\na\n")
    with pytest.raises(BadInput, match="is given twice"):
        bring_in(tmp_path, path, path)


def test_several_files_of_one_table(tmp_path: Path) -> None:
    first, second = (
        put(tmp_path, "id,arr\na,1\nb,2\n", "1.csv"),
        put(tmp_path, "ID;ARR\nc;3\nb;4\n", "2.csv"),
    )
    report, accounts = bring_in(tmp_path, first, second)
    assert list(accounts) == ["a", "c"]
    assert "stands for another row in 1.csv:3" in reasons(report)[0]
