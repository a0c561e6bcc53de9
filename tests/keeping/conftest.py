from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Csm, csm
from tests.keeping.support import history

__all__ = ["Csm", "csm"]


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
