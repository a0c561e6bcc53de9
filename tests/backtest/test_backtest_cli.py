"""`csm backtest` as a person uses it."""

from __future__ import annotations

import json
import random
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

pytest.importorskip("sklearn", reason="needs the extra `backtest`")

import typer
from typer.testing import CliRunner

from agent.cli.backtest import backtest
from agent.errors import CsmError
from tests.backtest.makers import accounts, months, table

FEATURES = ("--features", "logins:+,tickets:-,plan:annual>monthly", "--key", "id")
FLAT = ("--outcome", "churned", *FEATURES, "--bootstrap", "200")


def csm(*args: object) -> str:
    app = typer.Typer()
    app.command()(backtest)
    done = CliRunner().invoke(app, [str(a) for a in args], catch_exceptions=True)
    if isinstance(done.exception, CsmError):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.stdout


def refused(*args: object) -> str:
    with pytest.raises(CsmError) as caught:
        csm(*args)
    assert "Fix: " in str(caught.value)
    return str(caught.value)


def told(*args: object) -> dict[str, object]:
    found: dict[str, object] = json.loads(csm(*args, "--json"))
    return found


def test_it_tells_who_leaves(tmp_path: Path) -> None:
    text = csm(accounts(tmp_path), *FLAT)
    assert "The score tells something: AUC 0." in text
    assert "The rate rises from green to red." in text
    assert "lost while green" in text and "riskiest 20 %: lift" in text
    assert "B2B SaaS with seats and renewals" in " ".join(text.split())


def test_noise_is_called_no_evidence_loudly_and_exits_0(tmp_path: Path) -> None:
    text = csm(accounts(tmp_path, signal=0), *FLAT)
    assert "NO EVIDENCE that this score tells who leaves" in text
    assert told(accounts(tmp_path, signal=0), *FLAT)["verdict"] == "no evidence"


def test_a_score_the_wrong_way_round_is_told(tmp_path: Path) -> None:
    turned = ("--outcome", "churned", "--features", "logins:-,tickets:+", "--key", "id")
    assert told(accounts(tmp_path), *turned, "--bootstrap", "200")["verdict"] == "wrong way"


def test_the_same_seed_and_any_order_of_rows_give_the_same_bytes(tmp_path: Path) -> None:
    path = accounts(tmp_path)
    first = csm(path, *FLAT, "--fit", "--json")
    head, *rows = path.read_text().splitlines()
    random.Random(1).shuffle(rows)
    path.write_text("\n".join([head, *rows, *rows[:50]]) + "\n")
    second = csm(path, *FLAT, "--fit", "--json")
    a, b = json.loads(first), json.loads(second)
    assert "accounts.csv: removed 50 exact duplicate rows" in b["notes"]
    b["notes"] = a["notes"]
    assert a == b
    assert json.loads(csm(path, *FLAT, "--json", "--seed", "2"))["ranking"] != a["ranking"]


def test_fitted_weights_are_judged_on_held_out_accounts(tmp_path: Path) -> None:
    found = told(accounts(tmp_path), *FLAT, "--fit")["held_out"]
    assert isinstance(found, dict)
    assert found["fitted_on"] == 280 and found["fitted"]["n"] == found["mapping"]["n"] == 120
    assert sum(b["n"] for b in found["calibration"]) == 120


def test_dated_rows_are_cut(tmp_path: Path) -> None:
    path = months(tmp_path)
    dated = ("--outcome", "lost_on", "--features", "logins:+", "--account", "account", "--date",
             "month", "--cutoff", "2026-06-30", "--bootstrap", "200")  # fmt: skip
    first = told(path, *dated)
    head, *rows = path.read_text().splitlines()
    path.write_text("\n".join([head, *(r for r in rows if ",2026-1" not in r)]) + "\n")
    assert told(path, *dated)["ranking"] == first["ranking"]
    assert first["verdict"] == "evidence"
    assert "add --cutoff DATE" in refused(path, *dated[:-4], "--bootstrap", "200")


def test_picture_and_report(tmp_path: Path) -> None:
    bad = tmp_path / "<script>.csv"
    accounts(tmp_path).rename(bad)
    picture, report = tmp_path / "roc.svg", tmp_path / "report.md"
    csm(bad, *FLAT, "--picture", picture, "--report", report)
    drawn = ET.parse(picture).getroot()
    words = " ".join(t.text or "" for t in drawn.iter("{http://www.w3.org/2000/svg}text"))
    assert "AUC 0." in words and "green" in words and "red" in words
    assert len(list(drawn.iter("{http://www.w3.org/2000/svg}polyline"))) == 1
    text = report.read_text()
    assert "## Churn rate per tier" in text and "| green |" in text and "<script>" not in text


def test_a_picture_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    assert "cannot be written" in refused(
        accounts(tmp_path), *FLAT, "--picture", tmp_path / "absent" / "roc.svg"
    )


@pytest.mark.parametrize(
    ("args", "what"),
    [
        (("--outcome", "churned"), "which columns are measures"),
        (("--features", "logins:+"), "add --outcome COLUMN"),
        (("--features", "logons:+", "--outcome", "churned"), "did you mean 'logins'"),
        (("--features", "churned:-", "--outcome", "Churned"), "is the outcome itself"),
        (("--features", "plan:+", "--outcome", "churned"), "give words levels"),
        (("--features", "logins:+", "--outcome", "plan"), "--churned WORD"),
        (("--features", "logins:+", "--outcome", "plan", "--churned", "gone"), "no row says"),
        (("--features", "logins:+", "--outcome", "churned", "--cutoff", "soon"), "is no date"),
        (("--features", "logins:+", "--outcome", "churned", "--cutoff", "2026-01-01"), "--date"),
        (("--features", "logins:+", "--outcome", "churned", "--bootstrap", "5"), "--bootstrap"),
        (("--mapping", "nothing", "--outcome", "churned"), "iranian, ravenstack, telco"),
        (("--mapping", "ravenstack"), "needs 5 tables"),
        (("--mapping", "iranian", "--features", "logins:+"), "either --mapping or --features"),
        (("--mapping", "iranian", "--key", "id"), "go with --features"),
    ],
)
def test_what_is_wrong_is_told_with_a_remedy(
    tmp_path: Path, args: tuple[str, ...], what: str
) -> None:
    assert what in refused(accounts(tmp_path, 100), *args)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "is empty"),
        (b"id,logins,churned\n", "has no rows"),
        (b"id,ID\n1,2\n", "twice"),
        ("id,logins\n1,é\n".encode("latin-1"), "is not UTF-8 (byte 12)"),
        ("id,logins\n".encode("utf-16"), "is UTF-16"),
        (b'id,logins\n1,"2\n', "is no CSV"),
    ],
)
def test_tables_that_cannot_be_read(tmp_path: Path, data: bytes, what: str) -> None:
    path = tmp_path / "broken.csv"
    path.write_bytes(data)
    assert what in refused(path, *FLAT)


def test_bom_semicolons_and_short_lines(tmp_path: Path) -> None:
    plain = accounts(tmp_path)
    odd = tmp_path / "odd.csv"
    text = plain.read_text().replace(",", ";").replace("id;logins", " Id ;LOGINS")
    odd.write_text("\ufeff" + text + "A9;1\n", encoding="utf-8")
    first, second = told(plain, *FLAT), told(odd, *FLAT)
    assert first["ranking"] == second["ranking"]
    assert "1 lines with too few or too many cells are left out (line 402)" in str(second["notes"])


def test_json_records(tmp_path: Path) -> None:
    plain = accounts(tmp_path)
    head, *rows = [line.split(",") for line in plain.read_text().splitlines()]
    path = tmp_path / "accounts.json"
    path.write_text(json.dumps([dict(zip(head, row, strict=True)) for row in rows]))
    assert told(path, *FLAT)["ranking"] == told(plain, *FLAT)["ranking"]


def test_an_own_mapping_file(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(
        "id: own\nversion: '1'\ntitle: Own\ntables: {data: {key: id, account: id}}\n"
        "outcome: {column: churned}\nmeasures:\n"
        "  - {id: logins, label: logins, column: logins, direction: higher_is_better}\n"
    )
    assert told(accounts(tmp_path), "--mapping", path)["verdict"] == "evidence"
    path.write_text(path.read_text().replace("higher_is_better", "up"))
    assert "measures.0.direction" in refused(accounts(tmp_path), "--mapping", path)


def test_shipped_mappings_by_name(tmp_path: Path) -> None:
    chance = random.Random(2)
    header = ("Call  Failure", "Complains", "Subscription  Length", "Seconds of Use",
              "Frequency of use", "Frequency of SMS", "Distinct Called Numbers", "Status",
              "Customer Value", "Churn")  # fmt: skip
    rows = []
    for _ in range(300):
        lost, use = chance.random() < 0.3, chance.randint(0, 90)
        rows.append((chance.randint(0, 9), int(lost), 30, use * 60, use, 3, use // 2, 1, 100,
                     int(lost)))  # fmt: skip
    found = told(table(tmp_path / "Customer_Churn.csv", header, rows), "--mapping", "iranian")
    assert [m["leak"] != "" for m in found["measures"]][:2] == [True, False]  # type: ignore[attr-defined]
