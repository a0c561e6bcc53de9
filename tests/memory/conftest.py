from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.memory.paths import MemoryRoot


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty memory folder with a canary beside it."""
    (tmp_path / "outside.txt").write_text("canary")
    path = tmp_path / "Agent_Memory"
    path.mkdir()
    return path


@pytest.fixture
def root(folder: Path) -> Iterator[MemoryRoot]:
    opened = MemoryRoot.open(folder)
    yield opened
    opened.close()
