"""`csm score` on files as people have them."""

from __future__ import annotations

import json
import random
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

pl = pytest.importorskip("polars")

from agent.cli import app  # noqa: E402
from agent.errors import CsmError  # noqa: E402
from tests.columnar.flat_rows import row  # noqa: E402

AS_OF = "2026-11-17"
HEAD = "account_id,Name,ARR,Renewal Date,NPS_company"


def score(path: Path, *more: str) -> Any:
    return CliRunner().invoke(app, ["score", str(path), "--as-of", AS_OF, *more])


def summary(path: Path, *more: str) -> dict[str, Any]:
    done = score(path, "--json-summary", *more)
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.output)
    return found


def book(tmp_path: Path, *lines: str, head: str = HEAD) -> Path:
    path = tmp_path / "book.csv"
    path.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    return path


def test_bad_rows_are_listed_with_line_and_reason_and_good_ones_kept(tmp_path: Path) -> None:
    found = summary(
        book(
            tmp_path,
            "a,Alma,1000,2027-01-10,20",
            "b,too,few",
            "c,one,too,many,cells,here",
            "",
            "../d,Name,1,2027-01-10,1",
            "e,Eve,2000,2027-01-10,1",
            "e,Eve again,3000,2027-01-10,1",
            "f,Fay,-5,31/12/26,NaN",
        )
    )
    assert (found["rows"], found["judged"], found["rejected"]) == (8, 2, 6)
    assert [r["line"] for r in found["rejected_rows"]] == [3, 4, 5, 6, 7, 8]
    assert found["rejected_rows"][0]["reason"] == "has 3 cells; the header has 5"
    assert "more than one row" in found["rejected_rows"][5]["reason"]
    assert found["invalid_cells"] == {"arr": 1, "nps_company": 1, "renewal_date": 1}


def test_lines_are_counted_through_quoted_line_breaks(tmp_path: Path) -> None:
    path = book(
        tmp_path, 'a,"Alma\nand, sons",1000,2027-01-10,20', "b,short", "c,Cy,1,2027-01-10,2"
    )
    found = summary(path)
    assert found["rejected_rows"] == [{"line": 4, "reason": "has 2 cells; the header has 5"}]
    assert found["judged"] == 2


def test_bom_semicolons_and_bytes_that_are_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "b.csv"
    path.write_bytes(b"\xef\xbb\xbfid;name;arr\na;Gr\xf6n;1000\nb;Ok;5\n")
    found = summary(path)
    assert (found["judged"], found["invalid_cells"]) == (2, {"name": 1})


def test_order_of_rows_and_format_do_not_matter(tmp_path: Path) -> None:
    rng = random.Random(3)
    rows = [row(rng, n, date(2026, 11, 17), dirty=0.05) for n in range(300)]
    frame = pl.DataFrame(rows, infer_schema_length=None)
    results = []
    for name, table in (("a", frame), ("b", frame.reverse())):
        table.write_csv(tmp_path / f"{name}.csv")
        table.write_parquet(tmp_path / f"{name}.parquet")
        for ending in ("csv", "parquet"):
            out = tmp_path / f"{name}.{ending}.out.csv"
            summary(tmp_path / f"{name}.{ending}", "--out", str(out))
            results.append(sorted(out.read_bytes().splitlines()))
    assert all(result == results[0] for result in results)
    again = tmp_path / "again.csv"
    summary(tmp_path / "a.csv", "--out", str(again))
    assert again.read_bytes() == (tmp_path / "a.csv.out.csv").read_bytes()


def test_typed_parquet_with_nan_and_dates(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pl.DataFrame(
        {
            "id": [1, 2],
            "arr": [1000.5, float("nan")],
            "renewal_date": [date(2027, 1, 10), None],
            "sponsor_status": ["active", "left"],
        }
    ).write_parquet(path)
    found = summary(path)
    assert found["invalid_cells"] == {"arr": 1}
    assert found["renewal_status"] == {"open": 1, "unknown": 1}


def test_too_little_known_is_no_score_and_unknown_risk(tmp_path: Path) -> None:
    out = tmp_path / "o.jsonl"
    path = book(tmp_path, "a,Alma,1000", head="id,name,arr")
    found = summary(path, "--out", str(out))
    assert (found["scored"], found["not_scored"], found["tier"]) == (0, 1, {"none": 1})
    line = json.loads(out.read_text())
    assert (line["score"], line["tier"], line["renewal_category"]) == (None, "", "unknown")
    assert line["expected_arr"] is None


def test_a_name_that_a_spreadsheet_would_run_is_defused(tmp_path: Path) -> None:
    out = tmp_path / "o.csv"
    summary(book(tmp_path, "a,=1+1,1000,2027-01-10,20"), "--out", str(out))
    assert "a,'=1+1," in out.read_text()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "empty"),
        ("name,arr\nx,1\n", "no column 'id'"),
        ("id,account_id\nx,1\n", "both mean 'id'"),
        ('{"id": "a"}\n', "neither CSV nor Parquet"),
        ("PAR1garbage", "cannot be read as Parquet"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_in_words(
    tmp_path: Path, content: str, says: str
) -> None:
    path = tmp_path / "t.csv"
    path.write_text(content)
    done = score(path)
    assert isinstance(done.exception, CsmError)
    assert done.exception.exit_code == 2
    assert says in str(done.exception)


def test_the_result_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path, out = book(tmp_path, "a,Alma,1000,2027-01-10,20"), tmp_path / "o.csv"
    out.write_text("before")
    assert isinstance(score(path, "--out", str(path)).exception, CsmError)
    assert isinstance(score(path, "--out", str(tmp_path / "o.xlsx")).exception, CsmError)
    (tmp_path / "bad.parquet").write_bytes(b"PAR1" + b"\0" * 20)
    assert score(tmp_path / "bad.parquet", "--out", str(out)).exit_code != 0
    assert out.read_text() == "before"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["bad.parquet", "book.csv", "o.csv"]


def test_without_polars_the_fix_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "polars", None)
    done = score(book(tmp_path, "a,Alma,1000,2027-01-10,20"))
    assert isinstance(done.exception, CsmError)
    assert "pip install 'csm-persona-runtime[tables]'" in str(done.exception)


def test_windows_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "w.csv"
    path.write_bytes(b"id,renewal_date,nps_company\r\na,2027-01-10,20\r\nb,,x\r\n")
    found = summary(path)
    assert (found["judged"], found["invalid_cells"]) == (2, {"nps_company": 1})


def test_a_segment_is_spelled_as_in_an_import_and_chooses_the_model(tmp_path: Path) -> None:
    shipped = Path(__file__).parents[2] / "personas/customer-success-manager/health_profiles.yaml"
    own = tmp_path / "own/customer-success-manager"
    own.mkdir(parents=True)
    text = shipped.read_text("utf-8").replace("use: standard", "use: tailored")
    (own / "health_profiles.yaml").write_text(text, "utf-8")
    path = book(
        tmp_path,
        "a,2024-01-01,Small Business,900000,60",
        "b,2024-01-01,Enterprise,10,60",
        "c,2024-01-01,,10,60",  # an ARR of 10 makes it SMB
        "d,2024-01-01,platinum,900000,60",
        "e,2026-11-01,smb,10,60",
        head="id,customer_since,segment,arr,renewal_confidence",
    )
    out = tmp_path / "o.jsonl"
    found = summary(path, "--personas", str(tmp_path / "own"), "--out", str(out))
    models = {line["id"]: line["model"] for line in map(json.loads, out.read_text().splitlines())}
    assert models == {
        "a": "digital-40-25-25-10 1", "b": "adoption-30-25-25-20 1", "c": "digital-40-25-25-10 1",
        "d": "adoption-30-25-25-20 1", "e": "onboarding-40-20-20-10-10 1",
    }  # fmt: skip
    assert found["invalid_cells"] == {"segment": 1}
    assert found["model"]["digital-40-25-25-10 1"] == 2
    assert "model      " in score(path, "--personas", str(tmp_path / "own")).output
    standard = summary(path)
    assert standard["model"] == {"adoption-30-25-25-20 1": 5}
