"""`csm renewals` on the demo memory: forecast, three statuses, decisions, retention."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agent.cli import app
from agent.errors import BadInput
from agent.resources import shipped
from agent.success.revenue.forecast import Outcome, Rates, calibrated, csm_category


@pytest.fixture
def memory(tmp_path: Path) -> Path:
    return Path(shutil.copytree(shipped("Agent_Memory"), tmp_path / "Agent_Memory"))


def csm(memory: Path, *words: str) -> str:
    command = ["renewals", "--memory", str(memory), "--as-of", "2026-11-17", *words]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_a_quarter_lists_what_is_due_with_its_scenarios(memory: Path) -> None:
    found = json.loads(csm(memory, "--period", "2027Q1", "--json"))["forecast"]
    assert [line["account_id"] for line in found["lines"]] == [
        "fonderie-valtrebbia",
        "tarnholt-rail",
    ]
    (total,) = found["totals"]
    assert total["currency"] == "EUR"
    assert total["due"] == 72_600 + 148_000
    assert total["worst"] == 148_000 and total["at_risk"] == 72_600
    assert total["expected"] == pytest.approx(0.35 * 72_600 + 0.9 * 148_000)
    assert found["basis"] == "default, uncalibrated"


def test_currencies_are_never_added_up(memory: Path) -> None:
    found = json.loads(csm(memory, "--period", "2027", "--json"))["forecast"]
    currencies = [total["currency"] for total in found["totals"]]
    assert len(currencies) == len(set(currencies)) > 1


def test_a_decided_renewal_is_remembered_and_counts_in_retention(memory: Path) -> None:
    csm(
        memory,
        "--record",
        "tarnholt-rail",
        "--outcome",
        "churned",
        "--on",
        "2026-11-16",
        "--by",
        "me",
    )
    kept = json.loads(csm(memory, "--period", "2026Q4", "--json"))["retention"]
    euro = next(r for r in kept if r["currency"] == "EUR")
    assert euro["churn"] == 148_000
    assert euro["logos_kept"] == euro["logos"] - 1
    assert "cohort" in euro["definition"]


def test_the_script_of_the_skill_document_prints_the_same(memory: Path) -> None:
    words = ["--period", "Q1", "--memory", str(memory), "--as-of", "2026-11-17", "--csv"]
    script = subprocess.run(
        [sys.executable, "-m", "tools.renewal_forecast", *words], capture_output=True, text=True
    )
    assert script.stdout == csm(memory, "--period", "Q1", "--csv")


def test_own_rates_replace_the_defaults_only_from_fifty_outcomes_on() -> None:
    defaults = Rates({"green": 0.9, "red": 0.35}, "default, uncalibrated")
    few = [Outcome("green", True)] * 49
    assert calibrated(few, defaults) is defaults
    many = [Outcome("green", True)] * 40 + [Outcome("green", False)] * 10
    own = calibrated(many, defaults)
    assert own.by_tier == {"green": 0.8, "red": 0.35}
    assert own.basis == "own history of 50 renewals"


@pytest.mark.parametrize(
    ("confidence", "category"),
    [(None, "unknown"), (49.9, "at_risk"), (50, "best_case"), (74.9, "best_case"), (75, "commit")],
)
def test_the_csm_view_is_half_open(confidence: float | None, category: str) -> None:
    assert csm_category(confidence) == category


@pytest.mark.parametrize(
    "words",
    [["--outcome", "lost"], ["--arr", "nan"], ["--arr", "inf"], ["--arr", "-5"], ["--by", " "],
     ["--on", "2026-12-24"], ["--on", "2026-02-30"]],
)  # fmt: skip
def test_a_decision_that_cannot_be_is_refused_and_leaves_no_event(
    memory: Path, words: list[str]
) -> None:
    usual = {"--outcome": "renewed", "--on": "2026-11-16", "--by": "me"}
    given = [w for pair in (usual | {words[0]: words[1]}).items() for w in pair]
    command = ["renewals", "--record", "tarnholt-rail", "--memory", str(memory), *given]
    result = CliRunner().invoke(app, [*command, "--as-of", "2026-11-17"])
    assert isinstance(result.exception, BadInput)
    assert not (memory / "_knowledge/episodic/accounts").exists()


def note(memory: Path, value: str, on: str = "2026-11-16") -> None:
    words = ["record", "fact", "fonderie-valtrebbia", "renewal.category", value, "--by", "A. Lead"]
    result = CliRunner().invoke(app, [*words, "--memory", str(memory), "--as-of", on])
    assert result.exit_code == 0, result.output


def final(memory: Path) -> str:
    lines = json.loads(csm(memory, "--period", "2027Q1", "--json"))["forecast"]["lines"]
    return next(x["final"] for x in lines if x["account_id"] == "fonderie-valtrebbia")


def test_the_final_status_is_what_a_person_has_decided(memory: Path) -> None:
    before = final(memory)
    note(memory, "best_case")
    assert (before, final(memory)) == ("at_risk", "best_case")
    note(memory, "commit", "2026-11-17")
    assert final(memory) == "commit"


def test_a_final_status_that_is_none_is_named_and_not_used(memory: Path) -> None:
    note(memory, "sure")
    words = ["renewals", "--memory", str(memory), "--as-of", "2026-11-17", "--period", "2027Q1"]
    result = CliRunner().invoke(app, words)
    assert "none of commit, best_case, at_risk: 'sure'" in result.stderr
    assert final(memory) == "at_risk"
    note(memory, "commit")
    result = CliRunner().invoke(app, words)
    assert "two people decided" in result.stderr
