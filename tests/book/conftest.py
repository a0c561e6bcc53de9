from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from agent.resources import shipped
from tests.run import support as s


@pytest.fixture
def memory(tmp_path: Path) -> Path:
    """A copy of the demo memory with one more instruction: the plan of one account."""
    copy = Path(shutil.copytree(shipped("Agent_Memory"), tmp_path / "Agent_Memory"))
    s.ask_for(copy, s.OURS)
    return copy
