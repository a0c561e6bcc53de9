"""`csm doctor`: what is configured, what is wrong, and never a secret."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import OFFLINE, PLAN, ROOT, Csm, instruct

KEY = "sk-ant-api03-this-is-a-made-up-key-0123456789"


def found(said: Any) -> dict[tuple[str, str], str]:
    return {(row["what"], row["level"]): row["detail"] for row in said.json}


def test_a_sound_memory_is_ok(memory: Path, csm: Csm) -> None:
    said = csm("doctor")
    assert said.exit_code == 0
    assert "WRONG" not in said.stdout
    assert "ok    insights      14 accounts" in said.stdout
    assert "note  key           no ANTHROPIC_API_KEY" in said.stdout
    details = found(csm("doctor", "--json"))
    assert "customer-success-manager (shipped)" in details["persona", "ok"]
    assert "means claude-" in details["model", "ok"]


def test_no_key_is_ever_printed(memory: Path, csm: Csm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:9")
    for args in (["doctor"], ["doctor", "--json"]):
        said = csm(*args)
        assert said.exit_code == 0
        assert KEY not in said.stdout + said.stderr
        assert "http://127.0.0.1:9" in said.stdout and "a credential is set" in said.stdout


def test_a_key_inside_the_address_is_not_printed_either(
    memory: Path, csm: Csm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    monkeypatch.setenv("ANTHROPIC_BASE_URL", f"https://user:{KEY}@proxy.example/v1?token={KEY}")
    said = csm("doctor")
    assert "proxy.example" in said.stdout
    assert KEY not in said.stdout + said.stderr


def test_a_broken_local_persona_is_wrong_with_file_and_line(
    memory: Path, tmp_path: Path, csm: Csm
) -> None:
    shipped = ROOT / "personas/customer-success-manager"
    local = tmp_path / "local/customer-success-manager"
    shutil.copytree(shipped, local)
    (local / "signals.yaml").write_text("a: 1\na: 2\n", "utf-8")
    said = csm("doctor", "--personas", tmp_path / "local")
    assert said.exit_code == 1
    assert "WRONG persona" in said.stdout and "signals.yaml:2" in said.stdout
    assert "ok    insights" in said.stdout  # the rest is looked at all the same


def test_a_missing_memory_is_wrong(tmp_path: Path, csm: Csm) -> None:
    said = csm("doctor", "--memory", tmp_path / "nothing")
    assert said.exit_code == 1
    assert "WRONG memory" in said.stdout and "there is no memory folder" in said.stdout
    assert not (tmp_path / "nothing").exists()


def test_an_unreadable_instruction_is_wrong_by_name(memory: Path, csm: Csm) -> None:
    iid = instruct(memory, "inst_b", "Plan")
    (memory / iid / "instruction.yaml").write_text("a: 1\na: 2\n", "utf-8")
    said = csm("doctor")
    assert said.exit_code == 1
    assert "WRONG instruction" in said.stdout and "inst_b/instruction.yaml:2" in said.stdout


def test_unreadable_scores_are_wrong(memory: Path, csm: Csm) -> None:
    (memory / "_knowledge/semantic/customer_health_scores.yaml").write_text("- a\n", "utf-8")
    said = csm("doctor")
    assert said.exit_code == 1
    assert "customer_health_scores.yaml" in said.stdout


def test_a_memory_without_insights_is_worth_a_note(memory: Path, csm: Csm) -> None:
    (memory / "_knowledge/semantic/customer_insights.yaml").unlink()
    said = csm("doctor")
    assert said.exit_code == 0
    assert "no customer_insights.yaml" in found(csm("doctor", "--json"))["insights", "note"]


def test_a_run_that_can_go_on_is_pointed_at(memory: Path, csm: Csm) -> None:
    csm("run", PLAN, *OFFLINE)
    journal = memory / PLAN / "episodic/journal.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:4]))
    said = csm("doctor")
    assert said.exit_code == 0
    assert f"csm resume {PLAN}" in said.stdout
