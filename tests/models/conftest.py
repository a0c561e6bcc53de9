from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from agent.models.base import Request
from agent.models.claude import ClaudeModel
from tests.support.messages_api import MessagesApi

KEY = "sk-ant-test-0123456789-not-a-key"

READ = {
    "name": "read",
    "description": "Read a file of the memory.",
    "input_schema": {"type": "object", "properties": {"path": {"type": "string"}}},
}


@pytest.fixture(autouse=True)
def _no_settings_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("API_KEY", "AUTH_TOKEN", "BASE_URL", "CUSTOM_HEADERS", "PROFILE", "CONFIG_DIR"):
        monkeypatch.delenv(f"ANTHROPIC_{name}", raising=False)
    monkeypatch.delenv("CSM_PRICES", raising=False)


@pytest.fixture
def naps() -> list[float]:
    """Waits that were asked for; nobody really sleeps."""
    return []


@pytest.fixture
def claude(naps: list[float]) -> Iterator[Callable[..., ClaudeModel]]:
    """Models that talk to a loopback server, closed after the test."""
    made: list[ClaudeModel] = []

    def make(api: MessagesApi, name: str = "sonnet", **options: Any) -> ClaudeModel:
        settings: dict[str, Any] = {
            "base_url": api.url,
            "api_key": KEY,
            "sleep": naps.append,
            "jitter": lambda: 0.0,
        }
        made.append(ClaudeModel(name, **settings | options))
        return made[-1]

    yield make
    for model in made:
        model.close()


@pytest.fixture
def ask() -> Callable[..., Request]:
    def request(*messages: dict[str, Any], **fields: Any) -> Request:
        settings: dict[str, Any] = {
            "system": [{"type": "text", "text": "You look after customers. " * 40}],
            "tools": [READ],
            "max_tokens": 1_000,
        }
        opening = messages or ({"role": "user", "content": "Write the plan for Aurora."},)
        return Request(messages=list(opening), **settings | fields)

    return request
