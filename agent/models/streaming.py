"""Assembles a message from the events of a stream, keeping the bill known at any break.

The SDK's own accumulator gives up on the first malformed tool input and drops what it does not
know; a paid reply is worth keeping, and the loop answers a malformed call to the model.
"""

from __future__ import annotations

import json
from typing import Any

from agent.models.base import Block
from agent.models.wire import MALFORMED_INPUT


class MessageAssembler:
    """Feed it events as dicts; `message` is the reply so far in the shape of the plain API."""

    def __init__(self) -> None:
        self.usage: dict[str, Any] = {}
        self.stop_reason: str | None = None
        self.model = ""
        self._blocks: dict[int, Block] = {}
        self._json: dict[int, list[str]] = {}
        self._open: set[int] = set()

    @property
    def complete(self) -> bool:
        """Stop reason and final bill have arrived and no block is open; the farewell event may
        be lost without loss of content."""
        return self.stop_reason is not None and not self._open

    @property
    def message(self) -> dict[str, Any]:
        content = []
        for index, block in sorted(self._blocks.items()):
            pieces = "".join(self._json.get(index, ()))
            content.append({**block, "input": tool_input(pieces)} if pieces else dict(block))
        return {
            "type": "message",
            "content": content,
            "stop_reason": self.stop_reason,
            "usage": self.usage,
            "model": self.model,
        }

    def add(self, event: dict[str, Any]) -> str:
        """Take one event in; returns the piece of text it carried, if any."""
        kind, index = event.get("type"), event.get("index")
        if kind == "message_start":
            message = event.get("message") or {}
            self.model = str(message.get("model") or "")
            self.usage = dict(message.get("usage") or {})
        elif kind == "content_block_start" and isinstance(index, int):
            self._blocks[index] = dict(event.get("content_block") or {})
            self._open.add(index)
            return str(self._blocks[index].get("text") or "")
        elif kind == "content_block_delta" and index in self._blocks:
            return self._delta(index, event.get("delta") or {})
        elif kind == "content_block_stop" and isinstance(index, int):
            self._open.discard(index)
        elif kind == "message_delta":
            self.stop_reason = (event.get("delta") or {}).get("stop_reason") or self.stop_reason
            # Counts are running totals; those left out keep the value of message_start.
            known = (event.get("usage") or {}).items()
            self.usage |= {key: value for key, value in known if value is not None}
        return ""

    def _delta(self, index: int, delta: dict[str, Any]) -> str:
        block, kind = self._blocks[index], delta.get("type")
        if kind == "text_delta":
            piece = str(delta.get("text") or "")
            block["text"] = str(block.get("text") or "") + piece
            return piece
        if kind == "thinking_delta":
            block["thinking"] = str(block.get("thinking") or "") + str(delta.get("thinking") or "")
        elif kind == "signature_delta":
            block["signature"] = delta.get("signature")
        elif kind == "input_json_delta":
            self._json.setdefault(index, []).append(str(delta.get("partial_json") or ""))
        elif kind == "citations_delta":
            block["citations"] = [*(block.get("citations") or []), delta.get("citation")]
        return ""


def tool_input(text: str) -> Any:
    """The JSON of a tool call; what cannot be parsed comes back under `MALFORMED_INPUT`."""
    try:
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return {MALFORMED_INPUT: text}


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")
