"""`csm` as a person or a program meets it: the real entry point, in this process."""

from __future__ import annotations

import io
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pytest

from agent.cli import main

ROOT = Path(__file__).resolve().parents[2]
PLAN = "inst_20261117_001"
TICKET = "inst_20261117_003"
OFFLINE = ("--model", "playbook", "--as-of", "2026-11-17")


@dataclass
class Outcome:
    exit_code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        return json.loads(self.stdout)


class Csm(Protocol):
    def __call__(self, *args: str | Path, stdin: str = "") -> Outcome: ...


@pytest.fixture(autouse=True)
def _no_settings_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL",
                 "CSM_MEMORY", "CSM_PERSONAS", "CSM_PRICES", "FORCE_COLOR"):  # fmt: skip
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture
def csm(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Csm:
    """Call the program with these arguments; neither stream is a terminal."""

    def call(*args: str | Path, stdin: str = "") -> Outcome:
        monkeypatch.setattr("sys.argv", ["csm", *map(str, args)])
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        capsys.readouterr()
        try:
            main()
            code: Any = 0
        except SystemExit as ended:
            code = ended.code or 0
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return Outcome(int(code), said.out, said.err)

    return call


@pytest.fixture
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh copy of the demo memory; commands find it without being told."""
    copy = tmp_path / "Agent_Memory"
    shutil.copytree(ROOT / "Agent_Memory", copy)
    monkeypatch.setenv("CSM_MEMORY", str(copy))
    return copy


@pytest.fixture
def finished(memory: Path, csm: Csm) -> Path:
    """The memory after the demo's main instruction has been run."""
    assert csm("run", PLAN, *OFFLINE).exit_code == 0
    return memory


def files(memory: Path) -> dict[str, bytes]:
    """Every file of a memory but the lock files, which only say who worked there."""
    return {
        path.relative_to(memory).as_posix(): path.read_bytes()
        for path in memory.rglob("*")
        if path.is_file() and "/locks/" not in path.as_posix()
    }


def instruct(memory: Path, iid: str, objective: str, **keys: str) -> str:
    """Write an instruction as another program would; returns its id."""
    folder = memory / iid
    folder.mkdir()
    document = {"instruction_id": iid, "objective": objective, **keys}
    (folder / "instruction.yaml").write_text(json.dumps(document), "utf-8")
    return iid
