from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from agent import Result
from agent import run as run_instruction
from tests.run.support import AS_OF, DEMO, IID, NOW, OURS, ask_for
from tests.support.messages_api import MessagesApi, Script

KEY = "sk-ant-test-0123456789-not-a-key"


@pytest.fixture(autouse=True)
def _no_settings_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("API_KEY", "AUTH_TOKEN", "BASE_URL", "CUSTOM_HEADERS", "PROFILE", "CONFIG_DIR"):
        monkeypatch.delenv(f"ANTHROPIC_{name}", raising=False)
    for name in ("PRICES", "MEMORY", "PERSONAS"):
        monkeypatch.delenv(f"CSM_{name}", raising=False)


@pytest.fixture
def memory(tmp_path: Path) -> Path:
    """A copy of the demo memory with one more instruction: the plan of one account."""
    copy = tmp_path / "Agent_Memory"
    shutil.copytree(DEMO, copy)
    ask_for(copy, OURS)
    return copy


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., MessagesApi]]:
    """Start a Messages API server with a script and let the environment name it."""
    with ExitStack() as stack:

        def start(script: Script = ()) -> MessagesApi:
            api = stack.enter_context(MessagesApi(script))
            monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
            monkeypatch.setenv("ANTHROPIC_BASE_URL", api.url)
            return api

        yield start


@pytest.fixture
def naps() -> list[float]:
    """Waits that were asked for; nobody really sleeps."""
    return []


@pytest.fixture
def run(memory: Path, naps: list[float]) -> Callable[..., Result]:
    """Run the instruction on the day of the demo; options are those of `agent.run`."""
    defaults: dict[str, Any] = {
        "memory": memory,
        "as_of": AS_OF,
        "now": lambda: NOW,
        "model_options": {"sleep": naps.append, "jitter": lambda: 0.0},
    }

    def start(iid: str = IID, **options: Any) -> Result:
        return run_instruction(iid, **defaults | options)

    return start
