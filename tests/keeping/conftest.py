from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Csm, csm
from tests.keeping.support import DEMO, NOW, history

__all__ = ["KILLED", "Csm", "Job", "csm"]

Job = Callable[..., dict[str, Any]]
KILLED = {"exit": -signal.SIGKILL}


@pytest.fixture(autouse=True)
def _no_settings_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "CSM_MEMORY", "CSM_PERSONAS",
                 "CSM_NOW", "FORCE_COLOR"):  # fmt: skip
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A memory with a history; nobody changes it."""
    memory = tmp_path_factory.mktemp("told") / "Agent_Memory"
    history(memory)
    return memory


@pytest.fixture
def memory(told: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the memory with a history; commands find it without being told."""
    copy = tmp_path / "Agent_Memory"
    shutil.copytree(told, copy)
    monkeypatch.setenv("CSM_MEMORY", str(copy))
    monkeypatch.setenv("CSM_NOW", "2026-11-17T09:00:00Z")
    return copy


@pytest.fixture(scope="session")
def job() -> Iterator[Job]:
    """Do something in a process of its own; see `killer`."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.keeping.killer"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=DEMO.parent,
    ) as killer:
        assert killer.stdin is not None and killer.stdout is not None

        def ask(do: str, memory: Path, *, kill: int = 0, **more: Any) -> dict[str, Any]:
            order = {"do": do, "memory": str(memory), "kill": kill, "now": NOW.isoformat(), **more}
            killer.stdin.write(json.dumps(order) + "\n")
            killer.stdin.flush()
            return json.loads(killer.stdout.readline())

        yield ask
        killer.stdin.close()
