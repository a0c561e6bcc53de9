"""`csm tool`: the tools that a model has, tried by hand, leaving no trace."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agent.persona import KNOWN_TOOLS
from tests.cli.conftest import PLAN, Csm, Outcome, files
from tools.registry import REGISTRY

OWN = f"{PLAN}/outputs/final/success_plan.yaml"
INSIGHTS = "_knowledge/semantic/customer_insights.yaml"
MESSAGE = {
    "to": "support-trainer",
    "type": "delegation",
    "about": "Training for the new depot",
    "message": "Please hold a training for the depot that starts in January.",
}
DRAFT = {
    "summary": {"text": "The renewal decides this plan.", "evidence": ["contract.renewal_date"]},
    "actions": [
        {
            "title": "Agree the agenda of the next review with the sponsor",
            "owner": "customer-success-manager",
            "due": "2026-12-01",
            "evidence": ["contract.renewal_date"],
        }
    ],
}


def call(csm: Csm, name: str, given: Any) -> Outcome:
    return csm("tool", name, "-i", PLAN, "--as-of", "2026-11-17", "--json", json.dumps(given))


def test_without_a_name_the_tools_are_listed(csm: Csm) -> None:
    said = csm("tool")
    lines = said.stdout.splitlines()
    assert [line.split()[0] for line in lines] == [
        "read", "grep", "glob", "write", "handoff", "todo_write",
        "health_score", "risk_analyzer", "renewal_forecast", "expansion", "qbr_generator",
    ]  # fmt: skip
    assert all(line.endswith(".") and not line.endswith("..") for line in lines)


def test_every_tool_can_be_declared_and_every_declared_one_exists() -> None:
    assert set(KNOWN_TOOLS) == set(REGISTRY)


@pytest.mark.parametrize(
    ("name", "given", "told"),
    [
        ("read", {"path": f"{PLAN}/instruction.yaml"}, "objective: Prepare the success plan"),
        ("read", {"path": INSIGHTS}, "tarnholt-rail:"),
        ("grep", {"pattern": "renewal_date"}, f"{INSIGHTS}:"),
        ("glob", {}, f"{PLAN}/instruction.yaml"),
        ("write", {"path": OWN, "document": DRAFT}, "accepted"),
        ("handoff", MESSAGE, "staged: "),
        ("todo_write", {"items": [{"text": "Read", "status": "pending"}]}, "noted: 1 item"),
        ("health_score", {}, "health.score = "),
        ("health_score", {"model": "product-40-30-30"}, "not enough data"),
        ("risk_analyzer", {}, "clears when "),
        ("renewal_forecast", {}, "renewal.probability = "),
        ("expansion", {}, "expansion.points = "),
        ("qbr_generator", {"audience": "customer", "quarter": "Q4"}, "2026Q4, for customer"),
    ],
)
def test_each_tool_answers_as_it_answers_a_model_and_leaves_no_trace(
    name: str, given: Any, told: str, memory: Path, csm: Csm
) -> None:
    before = files(memory)
    said = call(csm, name, given)
    assert said.exit_code == 0, said.stderr
    assert told in said.stdout and said.stderr == ""
    assert files(memory) == before


@pytest.mark.parametrize(
    ("name", "given", "told"),
    [
        ("read", {"path": "../outside.txt"}, "not readable"),
        ("read", {"path": "/etc/passwd"}, "not readable"),
        ("read", {"path": "inst_20261117_002/instruction.yaml"}, "not readable"),
        ("read", {}, "path"),
        ("read", [], "object"),
        ("grep", {"pattern": "(", "regex": True}, "missing )"),
        ("write", {"path": "README.md", "document": {}}, "README.md"),
        ("write", {"path": OWN, "document": {"summary": 1}}, "actions"),
        ("handoff", {**MESSAGE, "to": "nobody"}, "nobody"),
        ("bash", {"command": "ls"}, "bash"),
    ],
)
def test_a_refusal_is_exit_2_on_stderr_and_leaves_no_trace(
    name: str, given: Any, told: str, memory: Path, csm: Csm
) -> None:
    before = files(memory)
    said = call(csm, name, given)
    assert said.exit_code == 2 and said.stdout == ""
    assert told in said.stderr
    assert files(memory) == before


def test_the_insights_show_one_account_only(memory: Path, csm: Csm) -> None:
    text = call(csm, "read", {"path": INSIGHTS}).stdout
    assert "Tarnholt" in text
    for other in ("valmont-eaux", "Corvane", "papelaria"):
        assert other not in text


def test_an_account_can_be_looked_at_without_an_instruction(memory: Path, csm: Csm) -> None:
    day = ("--as-of", "2026-11-17")
    before = files(memory)
    alone = csm("tool", "health_score", "--account", "Tarnholt Rail Services", *day)
    assert alone.stdout == csm("tool", "health_score", "-i", PLAN, *day).stdout
    assert csm("tool", "glob", "--account", "tarnholt-rail", *day).stdout.startswith(INSIGHTS)
    nobody = csm("tool", "health_score", "--account", "tarnholt", *day)
    assert (nobody.exit_code, nobody.stdout) == (4, "") and "tarnholt-rail" in nobody.stderr
    assert files(memory) == before


def test_the_input_can_come_from_stdin(memory: Path, csm: Csm) -> None:
    said = csm("tool", "glob", "-i", PLAN, "--json", "-", stdin='{"pattern": "*/instruction.yaml"}')
    assert said.stdout == f"{PLAN}/instruction.yaml\n"


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["read"], "--instruction"),
        (["read", "-i", PLAN, "--account", "tarnholt-rail"], "one of the two"),
        (["read", "-i", "inst_nobody"], "there is no instruction"),
        (["read", "-i", PLAN, "--json", "{"], "--json"),
        (["read", "-i", PLAN, "--as-of", "soon"], "--as-of"),
    ],
)
def test_wrong_usage_is_told(args: list[str], told: str, memory: Path, csm: Csm) -> None:
    said = csm("tool", *args)
    assert said.exit_code == 2 and told in said.stderr and said.stdout == ""
