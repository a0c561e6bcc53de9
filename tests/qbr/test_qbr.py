"""Business reviews: two views of the same facts, escaped, without placeholders."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from agent.cli import app
from agent.resources import shipped

ACCOUNTS = (
    "tarnholt-rail", "valmont-eaux", "fonderie-valtrebbia", "papelaria-madrugada",
    "osterby-museums", "kamionka-kruszywa", "corvane-brokers", "lomax-birch", "bergvik-coldchain",
)  # fmt: skip
INTERNAL_WORDS = re.compile(
    r"(?i)health|churn|\brisk|renewal|at.risk|expansion|upsell|\bred\b|\byellow\b|internal|ARR\b|"
    r"price floor|notice|probability"
)
PLACEHOLDERS = re.compile(
    r"\[[^\]\n]*\]|\{\{|\}\}|\bTBD\b|\bN/A\b|\bXX\b|\bnone\b|\bNone\b|\bnan\b"
)


@pytest.fixture
def memory(tmp_path: Path) -> Path:
    return Path(shutil.copytree(shipped("Agent_Memory"), tmp_path / "Agent_Memory"))


def qbr(memory: Path, account: str, *words: str) -> str:
    command = ["qbr", account, "--memory", str(memory), "--as-of", "2026-11-17", *words]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    return result.stdout


def change(memory: Path, account: str, **fields: Any) -> None:
    path = memory / "_knowledge/semantic/customer_insights.yaml"
    document = yaml.safe_load(path.read_text())
    document["accounts"][account].update(fields)
    path.write_text(yaml.safe_dump(document, sort_keys=False, allow_unicode=True))


@pytest.mark.parametrize("account", ACCOUNTS)
@pytest.mark.parametrize("form", ["md", "html"])
def test_the_customer_reads_nothing_internal_and_no_placeholder(
    memory: Path, account: str, form: str
) -> None:
    text = qbr(memory, account, "--audience", "customer", "--format", form)
    body = text.split("</style>")[-1]
    assert not INTERNAL_WORDS.search(body), INTERNAL_WORDS.search(body)
    if form == "md":
        assert not PLACEHOLDERS.search(body), PLACEHOLDERS.search(body)


def test_colleagues_see_where_we_stand(memory: Path) -> None:
    text = qbr(memory, "fonderie-valtrebbia", "--audience", "internal")
    assert "not for the customer" in text
    assert "47.5 red" in text
    assert "2027-01-26, 70 days, at risk" in text


def test_the_agenda_has_its_five_parts_and_minutes(memory: Path) -> None:
    found = json.loads(qbr(memory, "tarnholt-rail", "--json"))
    assert [minutes for minutes, _ in found["agenda"]] == [10, 20, 15, 20, 10]
    assert found["minutes"] == 75


def test_goals_are_compared_with_the_last_plan(memory: Path) -> None:
    insights = memory / "_knowledge/semantic/customer_insights.yaml"
    now = insights.read_text()
    insights.write_text((memory / "_archive/customer_insights_2026-08-17.yaml").read_text())
    run = ["run", "inst_20260818_001", "--memory", str(memory), "--as-of", "2026-08-18"]
    assert CliRunner().invoke(app, [*run, "--model", "playbook"]).exit_code == 0
    insights.write_text(now)
    found = json.loads(qbr(memory, "tarnholt-rail", "--json"))
    first = found["goals"][0]
    assert (first["baseline"], first["last"], first["now"], first["target"]) == (
        "19",
        "15",
        "11",
        "9",
    )


def test_what_is_not_measured_is_said_and_never_zero(memory: Path) -> None:
    change(memory, "tarnholt-rail", value={}, usage={})
    text = qbr(memory, "tarnholt-rail", "--audience", "customer")
    assert "Yearly value: not measured" in text
    assert "Not measured in this quarter." in text
    assert "No goals are on record yet" in text


def test_a_quarter_without_data_is_a_review_of_that_quarter(memory: Path) -> None:
    assert "# Business review 2024Q1" in qbr(memory, "tarnholt-rail", "--quarter", "Q1 2024")


def test_names_cannot_break_the_document(memory: Path) -> None:
    name = "Acme | # Ltd\n<script>alert(1)</script> {{7*7}}"
    change(memory, "tarnholt-rail", name=name)
    markdown = qbr(memory, "tarnholt-rail", "--audience", "customer")
    assert "<script>" not in markdown and "49" not in markdown.splitlines()[0]
    assert r"Acme \| \# Ltd" in markdown
    page = qbr(memory, "tarnholt-rail", "--audience", "customer", "--format", "html")
    assert "<script>alert" not in page and "&lt;script&gt;" in page


@pytest.mark.parametrize(
    ("words", "told"),
    [(["--quarter", "Q9-banana"], "2026Q4"), (["--audience", "boss"], "customer"),
     (["--format", "pdf"], "html")],
)  # fmt: skip
def test_wrong_words_are_refused_with_the_right_ones(
    memory: Path, words: list[str], told: str
) -> None:
    result = CliRunner().invoke(app, ["qbr", "tarnholt-rail", "--memory", str(memory), *words])
    assert told in str(result.exception)


def test_the_script_of_the_skill_document_makes_the_same_file(memory: Path, tmp_path: Path) -> None:
    out = tmp_path / "review.md"
    words = ["--customer", "Tarnholt Rail Services", "--quarter", "Q4", "--out", str(out)]
    where = ["--memory", str(memory), "--as-of", "2026-11-17"]
    subprocess.run([sys.executable, "-m", "tools.qbr_generator", *words, *where], check=True)
    assert out.read_text() == qbr(memory, "tarnholt-rail", "--quarter", "Q4")
