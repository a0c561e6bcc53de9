"""The offline model: speaks the loop's protocol, decides by the engine and the policy files.

Deterministic, no key, no network. It looks at the files it may read, sends the hand-offs that the
rules call for and writes the plan; it passes the same gates as a language model, and if a document
is refused it says so and stops instead of guessing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from agent.models.base import Block, Reply, Request, Usage

Call = tuple[str, dict[str, Any]]


class PlaybookModel:
    """`handoffs` are inputs of the handoff tool, `write_plan` makes the write tool's input."""

    id = "playbook"
    uses_language_model = False

    def __init__(
        self, *, handoffs: Sequence[dict[str, Any]], write_plan: Callable[[], dict[str, Any]]
    ) -> None:
        self._handoffs, self._write_plan = handoffs, write_plan

    def price_ceiling(self, _request: Request) -> Decimal:
        return Decimal(0)

    def reply(self, request: Request, _on_text: Callable[[str], None] | None = None) -> Reply:
        turn = sum(message["role"] == "assistant" for message in request.messages)
        offered = {tool["name"] for tool in request.tools}
        refused = [b for b in _last_results(request) if b.get("is_error")]
        if turn >= 2:
            told = str(refused[0].get("content")) if refused else "there is nothing left to do"
            text = f"I stop here: {told}"
            return _reply([{"type": "text", "text": text}], "end_turn")
        calls = [c for c in (self._look() if turn == 0 else self._work()) if c[0] in offered]
        if not calls:
            return _reply([{"type": "text", "text": "Nothing left to do."}], "end_turn")
        words = "Looking at what is on file." if turn == 0 else "Writing the plan."
        blocks: list[Block] = [{"type": "text", "text": words}]
        blocks += [
            {"type": "tool_use", "id": f"toolu_playbook_{turn}_{n}", "name": name, "input": given}
            for n, (name, given) in enumerate(calls)
        ]
        return _reply(blocks, "tool_use")

    def _look(self) -> Iterator[Call]:
        yield "glob", {"pattern": "**"}

    def _work(self) -> Iterator[Call]:
        for handoff in self._handoffs:
            yield "handoff", handoff
        yield "write", self._write_plan()


def _last_results(request: Request) -> list[Block]:
    """The tool results of the last turn that had any."""
    for message in reversed(request.messages):
        blocks = message["content"] if isinstance(message["content"], list) else []
        found = [b for b in blocks if isinstance(b, dict) and b.get("type") == "tool_result"]
        if found:
            return found
    return []


def _reply(content: list[Block], stop_reason: str) -> Reply:
    return Reply(content, stop_reason, Usage(), model="playbook", request_id="offline")
