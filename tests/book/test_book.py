"""The book of business: indicators against named targets, segments and capacity."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from agent.cli import app
from agent.errors import BadInput, BadPersona
from agent.persona import PolicyFile
from agent.resources import shipped
from agent.success.account import Account
from agent.success.book.capacity import capacity
from agent.success.book.targets import Target, load_targets
from agent.success.policy import Segment, Segments


@pytest.fixture
def memory(tmp_path: Path) -> Path:
    return Path(shutil.copytree(shipped("Agent_Memory"), tmp_path / "Agent_Memory"))


def csm(memory: Path, *words: str, code: int = 0) -> str:
    command = [*words, "--memory", str(memory), "--as-of", "2026-11-17"]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == code, result.output
    return result.stdout


def test_the_portfolio_counts_tiers_and_money_per_currency(memory: Path) -> None:
    report = json.loads(csm(memory, "portfolio", "--json"))
    assert sum(report["tiers"].values()) == report["accounts"] == 13
    assert set(report["arr_by_tier"]["red"]) == {"EUR", "USD"}


def test_unknown_stays_not_measured(memory: Path) -> None:
    report = json.loads(csm(memory, "portfolio", "--json"))
    by_id = {i["id"]: i for i in report["indicators"]}
    assert by_id["gross_retention"]["value"] is None
    assert by_id["gross_retention"]["met"] is None
    assert "not measured" in csm(memory, "portfolio")


@pytest.mark.parametrize(
    ("profile", "indicator", "target"),
    [
        ("role", "average_health", "> 75"),
        ("compact", "logo_churn", "< 10"),
        ("team", "green_share", "≥ 88"),
    ],
)
def test_each_profile_of_targets_is_used_and_named(
    memory: Path, profile: str, indicator: str, target: str
) -> None:
    report = json.loads(csm(memory, "portfolio", "--targets", profile, "--json"))
    assert report["profile"] == profile
    assert {i["id"]: i["target"] for i in report["indicators"]}[indicator] == target


def test_an_unknown_profile_is_refused_with_the_list(memory: Path) -> None:
    result = CliRunner().invoke(app, ["portfolio", "--targets", "x", "--memory", str(memory)])
    assert isinstance(result.exception, BadInput)
    assert "role, compact, team" in str(result.exception)


def test_fail_on_red_has_its_own_exit_code(memory: Path) -> None:
    csm(memory, "portfolio", "--fail-on", "red", code=6)


@pytest.mark.parametrize(
    ("bound", "value", "met"),
    [({"more_than": 90}, 90, False), ({"at_least": 90}, 90, True), ({"less_than": 3}, 3, False),
     ({"at_most": 3}, 3, True)],
)  # fmt: skip
def test_bounds_mean_what_they_say(bound: dict[str, float], value: float, met: bool) -> None:
    assert Target(**bound).met(value) is met


@pytest.mark.parametrize(
    "profiles",
    [{"role": {"nps": {}}}, {"role": {"nps": {"at_least": 1, "at_most": 2}}},
     {"role": {"happiness": {"at_least": 1}}}, {"other": {}}],
)  # fmt: skip
def test_a_faulty_targets_file_is_refused_by_name(profiles: dict[str, Any]) -> None:
    data = {"version": "1", "default": "role", "profiles": profiles}
    with pytest.raises(BadPersona, match=r"targets\.yaml"):
        load_targets(PolicyFile(data, "targets.yaml"))


SETTINGS = Segments(
    version="1",
    currency="USD",
    segments=[
        Segment(id="smb", label="SMB", arr_from=0, engagement="x", accounts_per_csm=[100, 200]),
        Segment(id="enterprise", label="Enterprise", arr_from=200_000, engagement="y",
                accounts_per_csm=[10, 20]),
    ],
)  # fmt: skip


def book(n: int, arr: float) -> list[Account]:
    return [Account(id=f"a{arr}-{i}", name="A", arr=arr, currency="USD") for i in range(n)]


@pytest.mark.parametrize(("team", "verdict"), [(None, ""), (1, "short"), (3, "fits"), (9, "ample")])
def test_capacity_compares_a_team_with_what_the_ratios_ask_for(
    team: int | None, verdict: str
) -> None:
    found = capacity([*book(40, 250_000), *book(100, 1000)], SETTINGS, team)
    assert (found.needed_low, found.needed_high) == (3, 5)  # 2 + 0.5 and 4 + 1
    assert found.verdict.startswith(verdict)
    assert sum(row.accounts for row in found.rows) == 140


def test_an_account_with_neither_segment_nor_arr_is_counted_apart() -> None:
    assert capacity([Account(id="x", name="X")], SETTINGS, None).unknown == 1


def test_segments_on_the_demo_memory(memory: Path) -> None:
    found = json.loads(csm(memory, "segments", "--team", "1", "--json"))
    assert sum(row["accounts"] for row in found["rows"]) + found["unknown"] == 13
    assert found["verdict"].startswith("fits")
