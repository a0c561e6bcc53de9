"""The program as a process: `python -m agent`, the Python door, what is imported when."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.cli.conftest import OFFLINE, PLAN, ROOT

HEAVY = ("anthropic", "pydantic", "rich", "ftfy", "jinja2", "yaml", "tenacity")


def python(*args: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        [sys.executable, *args], cwd=cwd, env=env, capture_output=True, text=True, check=False
    )


def test_python_m_agent_is_csm(memory: Path, tmp_path: Path) -> None:
    done = python("-m", "agent", "run", PLAN, *OFFLINE, "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert json.loads(done.stdout)["status"] == "completed"


def test_exit_code_and_one_line_for_what_cannot_be_used(memory: Path) -> None:
    done = python("-m", "agent", "show", "inst_nobody")
    assert done.returncode == 2
    assert done.stdout == "" and done.stderr.startswith("csm: ")
    assert len(done.stderr.splitlines()) == 1


def test_a_reader_that_goes_away_is_no_error(memory: Path) -> None:
    script = f'"{sys.executable}" -m agent list | head -n 1; echo "${{PIPESTATUS[0]}}"'
    done = subprocess.run(
        ["bash", "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout.startswith("ID ")
    assert "Traceback" not in done.stderr and "Exception" not in done.stderr


def test_importing_agent_imports_nothing_heavy() -> None:
    told = python("-c", f"import agent, sys; print([n for n in {HEAVY} if n in sys.modules])")
    assert told.stdout.strip() == "[]", told.stderr


def test_help_needs_nothing_heavy() -> None:
    told = python(
        "-c",
        "import sys, agent.cli\n"
        "sys.argv = ['csm', 'run', '--help']\n"
        "try: agent.cli.main()\n"
        "except SystemExit: pass\n"
        # The library that draws the help brings pydantic by itself.
        f"print([n for n in {HEAVY} if n in sys.modules and n != 'pydantic'])",
    )
    assert told.stdout.splitlines()[-1] == "[]", told.stderr


def test_an_offline_run_never_imports_the_sdk(memory: Path) -> None:
    told = python(
        "-c",
        "import sys\n"
        "from agent import run\n"
        f"done = run({PLAN!r}, memory={str(memory)!r}, model='playbook', as_of='2026-11-17')\n"
        "print(done.status)\n"
        "print('anthropic' in sys.modules, 'rich' in sys.modules)",
    )
    assert told.stdout.splitlines() == ["completed", "False False"], told.stderr


def test_the_python_door_offers_what_it_promises() -> None:
    import agent

    assert set(agent.__all__) == {"Limits", "Order", "Result", "run"}
    for name in agent.__all__:
        assert getattr(agent, name).__name__ == name
