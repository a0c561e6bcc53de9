"""`csm persona list | show | check` as a person meets them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest

from agent.cli import main


@dataclass
class Outcome:
    exit_code: int
    stdout: str
    stderr: str


class Csm(Protocol):
    def __call__(self, *args: str | Path) -> Outcome: ...


@pytest.fixture
def csm(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Csm:
    """`csm persona …` through the program's entry point."""
    monkeypatch.delenv("CSM_PERSONAS", raising=False)

    def call(*args: str | Path) -> Outcome:
        monkeypatch.setattr("sys.argv", ["csm", "persona", *map(str, args)])
        with pytest.raises(SystemExit) as caught:
            main()
        said = capsys.readouterr()
        return Outcome(int(caught.value.code or 0), said.out, said.err)

    return call


def test_list_names_every_persona(csm: Csm) -> None:
    result = csm("list")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0].split() == ["NAME", "ORIGIN", "DOMAIN", "TOOLS", "TITLE"]
    assert ["customer-success-manager", "shipped"] in [line.split()[:2] for line in lines]


def test_list_json_and_local_override(
    csm: Csm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mender").mkdir()
    (tmp_path / "mender" / "persona.md").write_text("---\nname: mender\n---\n# Mender\n", "utf-8")
    monkeypatch.setenv("CSM_PERSONAS", str(tmp_path))
    rows = json.loads(csm("list", "--json").stdout)["personas"]
    assert {"mender": "custom", "account-manager": "shipped"}.items() <= {
        row["name"]: row["origin"] for row in rows
    }.items()


def test_list_shows_a_broken_persona_and_exits_2(csm: Csm, tmp_path: Path) -> None:
    (tmp_path / "mender").mkdir()
    (tmp_path / "mender" / "persona.md").write_text("---\nname: mender\n", "utf-8")
    result = csm("list", "--personas", tmp_path)
    assert result.exit_code == 2
    assert "mender" in result.stdout and "broken" in result.stdout
    assert "never closed" in result.stderr


def test_show(csm: Csm) -> None:
    text = csm("show", "customer-success-manager").stdout
    assert "tools      read, grep, glob, write, handoff, todo_write" in text
    assert "  - {instruction_id}/outputs/final/success_plan.yaml" in text
    assert "escalates to: vp-customer-support, sales-leadership, executive-team" in text
    assert csm("show", "customer-success-manager", "--body").stdout.startswith("# Customer Success")
    data = json.loads(csm("show", "customer-success-manager", "--json").stdout)
    assert data["memory"]["read"][0] == "{instruction_id}/instruction.yaml"


def test_show_of_nobody_lists_who_there_is(csm: Csm) -> None:
    result = csm("show", "customer-sucess-manager")
    assert result.exit_code == 2
    assert "Did you mean 'customer-success-manager'?" in result.stderr
    assert len(result.stderr.splitlines()) == 1 and result.stdout == ""


def test_check_prints_one_line_per_file(csm: Csm, tmp_path: Path) -> None:
    good, odd, bad = tmp_path / "good.md", tmp_path / "odd.md", tmp_path / "bad.md"
    good.write_text("---\nname: good\ndescription: d\ntools: Read\n---\n# Good\n", "utf-8")
    odd.write_text("---\nname: odd\ndescription: d\ntools: Read, Bash\n---\n# Odd\n", "utf-8")
    bad.write_text("", "utf-8")
    assert csm("check", good).stdout == f"OK   {good}: good\n"
    result = csm("check", good, odd, bad, tmp_path)
    assert result.exit_code == 2
    lines = result.stdout.splitlines()
    assert len(lines) == 4
    assert "does not have: Bash" in lines[1]
    assert lines[2].startswith(f"BAD  {bad}: holds no text.")
    assert lines[3].startswith(f"BAD  {tmp_path}: is a folder.")
    rows = json.loads(csm("check", good, bad, "--json").stdout)["files"]
    assert [row["ok"] for row in rows] == [True, False]


def test_check_of_a_persona_folder_reads_its_policies(csm: Csm, tmp_path: Path) -> None:
    folder = tmp_path / "keeper"
    folder.mkdir()
    (folder / "persona.md").write_text("---\nname: keeper\n---\n# Keeper\n", "utf-8")
    (folder / "signals.yaml").write_text("a: 1\na: 2\n", "utf-8")
    result = csm("check", folder / "persona.md")
    assert result.exit_code == 2
    assert "signals.yaml:2" in result.stdout


def test_help_teaches_by_example(csm: Csm) -> None:
    for command in ("list", "show", "check"):
        assert f"\n  csm persona {command} " in csm(command, "--help").stdout + " "
