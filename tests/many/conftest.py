from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.many.writers import build
from tests.run import support as s


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A memory of three accounts with a score each."""
    return build(tmp_path / "memory", 3)


@pytest.fixture
def memory(tmp_path: Path) -> Path:
    """A copy of the demo memory with one more instruction: the plan of one account."""
    copy = Path(shutil.copytree(s.DEMO, tmp_path / "Agent_Memory"))
    s.ask_for(copy, s.OURS)
    return copy
