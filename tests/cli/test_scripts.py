"""The four scripts as the role's skill document spells them, on a memory and on a table."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT, Csm

NAME = "Tarnholt Rail Services"
HEAD = "id,name,arr,currency,renewal_date,usage_date,active_users,licensed_users,nps_company\n"
ROWS = "a1,Alpha,1000,EUR,2027-03-01,2026-10-31,10,100,-20\nb2,Beta,,,,,,,\n"


def script(
    name: str, *words: str, memory: Path | None = None, code: int = 0
) -> subprocess.CompletedProcess[str]:
    env = {k: v for k, v in os.environ.items() if not k.startswith(("CSM_", "ANTHROPIC_"))}
    where = {"CSM_MEMORY": str(memory)} if memory else {}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", f"tools.{name}", *words, "--as-of", "2026-11-17"],
        capture_output=True, text=True, cwd=ROOT, check=False,
        env=env | where | {"COLUMNS": "80"},
    )  # fmt: skip
    assert (done.returncode, "Traceback" in done.stderr) == (code, False), done.stderr
    return done


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "customers.csv"
    path.write_text(HEAD + ROWS, encoding="utf-8")
    return path


def test_health_score_of_a_customer_in_memory(memory: Path, csm: Csm) -> None:
    said = script("health_score", "--customer", NAME, memory=memory)
    assert said.stderr == ""
    wanted = csm("health", "tarnholt-rail", "--explain", "--as-of", "2026-11-17")
    assert said.stdout == wanted.stdout


def test_qbr_generator_of_a_customer_and_quarter_in_memory(memory: Path, csm: Csm) -> None:
    said = script("qbr_generator", "--customer", NAME, "--quarter", "Q4", memory=memory)
    wanted = csm("qbr", "tarnholt-rail", "--quarter", "Q4", "--as-of", "2026-11-17")
    assert (said.stdout, said.stderr) == (wanted.stdout, "")


def test_renewal_forecast_of_a_period_in_memory(memory: Path, csm: Csm) -> None:
    said = script("renewal_forecast", "--period", "Q1", memory=memory)
    wanted = csm("renewals", "--period", "Q1", "--as-of", "2026-11-17")
    assert said.stdout == wanted.stdout and "Renewals 2027Q1" in said.stdout


def test_risk_analyzer_of_a_portfolio_file(table: Path) -> None:
    said = script("risk_analyzer", "--portfolio", str(table))
    assert said.stdout.index("Alpha") < said.stdout.index("Beta")


@pytest.mark.parametrize("customer", ["a1", "Alpha", "alpha"])
@pytest.mark.parametrize("option", ["--data", "--portfolio"])
def test_health_score_of_a_row_of_a_table(table: Path, customer: str, option: str) -> None:
    said = script("health_score", "--customer", customer, option, str(table), "--json")
    (found,) = json.loads(said.stdout)
    assert (found["account_id"], found["score"]) == ("a1", None)
    measures = {m["measure"]: m for c in found["components"] for m in c["measures"]}
    assert measures["active_users"]["value"] == 10
    assert list(table.parent.iterdir()) == [table]


def test_qbr_generator_of_a_row_of_a_table(table: Path, tmp_path: Path) -> None:
    out = tmp_path / "review.md"
    words = ["--customer", "Alpha", "--quarter", "Q4", "--data", str(table)]
    script("qbr_generator", *words, "--audience", "customer", "--out", str(out))
    text = out.read_text(encoding="utf-8")
    assert text.startswith("# Business review 2026Q4: Alpha")
    assert "Active users | 10 (2026-10)" in text and "EUR" not in text


def test_renewal_forecast_of_a_table(table: Path) -> None:
    found = json.loads(
        script("renewal_forecast", "--period", "Q1", "--data", str(table), "--json").stdout
    )["forecast"]
    assert [line["account_id"] for line in found["lines"]] == ["a1"]
    assert found["without_date"] == ["b2"]
    told = script("renewal_forecast", "--period", "Q1", "--data", str(table)).stdout
    assert "1 without an outlook" in told


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["health_score", "--customer", "Zed", "--data", "TABLE"], 4, "'Zed' in the table"),
        (["health_score", "--customer", "a1", "--data", "none.csv"], 2, "does not exist"),
        (["health_score", "--customer", "a1", "--data", "TABLE", "--mapping", "x"], 2, "x"),
        (["health_score"], 2, "--customer"),
        (["qbr_generator", "--customer", "a1", "--quarter", "Q9", "--data", "TABLE"], 2, "2026Q4"),
        (["qbr_generator", "--customer", "a1", "--audience", "x", "--data", "TABLE"], 2, "inter"),
        (["renewal_forecast", "--period", "soon", "--data", "TABLE"], 2, "--period"),
    ],
)  # fmt: skip
def test_a_script_that_cannot_answer_says_why(
    table: Path, words: list[str], code: int, told: str
) -> None:
    name, *given = [str(table) if word == "TABLE" else word for word in words]
    said = script(name, *given, code=code)
    assert told in said.stderr and said.stdout == ""
