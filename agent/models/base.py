"""What the loop asks of a language model: one request, one reply, an honest bill.

Blocks are plain dicts in the shape of the Messages API (`text`, `thinking`, `tool_use`,
`tool_result`), because the journal stores them as they are and a replay must give them back
byte for byte.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol

from agent.models.encoding import Encodings

Block = dict[str, Any]
Message = dict[str, Any]


@dataclass(frozen=True)
class Usage:
    """Tokens of one or more calls in four disjoint buckets; cache tokens are never in `input`."""

    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.input + other.input,
            self.output + other.output,
            self.cache_read + other.cache_read,
            self.cache_write + other.cache_write,
        )

    @property
    def total(self) -> int:
        return self.input + self.output + self.cache_read + self.cache_write

    def as_dict(self) -> dict[str, int]:
        return {
            "input": self.input,
            "output": self.output,
            "cache_read": self.cache_read,
            "cache_write": self.cache_write,
        }


@dataclass(frozen=True)
class Request:
    """One turn. `system` and `tools` are the stable prefix; only `messages` grows.

    `tool_choice` is the API's own shape (`{"type": "tool", "name": "classify"}`); None leaves
    the choice to the model. Turns that share their `encodings` encode what they share once; parts
    of a request are never changed, only replaced.
    """

    system: list[Block]
    tools: list[dict[str, Any]]
    messages: list[Message]
    max_tokens: int = 16_000
    tool_choice: dict[str, Any] | None = None
    encodings: Encodings = field(default_factory=Encodings, repr=False, compare=False)

    @property
    def size(self) -> int:
        """Bytes of the prompt as canonical JSON."""
        parts = (self.system, self.tools, *self.messages)
        return sum(self.encodings.of(part).size for part in parts)


@dataclass(frozen=True)
class Reply:
    """What came back. `stop_reason` is the API's word: end_turn, tool_use, max_tokens, refusal,
    pause_turn, stop_sequence, model_context_window_exceeded, or one we do not know yet."""

    content: list[Block]
    stop_reason: str
    usage: Usage = field(default_factory=Usage)
    model: str = ""
    request_id: str = ""
    cost: Decimal = Decimal(0)
    attempts: int = 1

    @property
    def tool_calls(self) -> list[Block]:
        return [b for b in self.content if b.get("type") == "tool_use"]

    @property
    def text(self) -> str:
        return "\n".join(b.get("text", "") for b in self.content if b.get("type") == "text")


class Model(Protocol):
    """A language model as the loop sees it. `claude`, `playbook` and `recorded` implement it."""

    @property
    def id(self) -> str:
        """Full model id as it goes into the plan and the journal."""

    @property
    def uses_language_model(self) -> bool:
        """False for the offline playbook: the plan must say so."""

    def price_ceiling(self, request: Request) -> Decimal:
        """Dollars this request can cost at most (prompt estimated high, all of max_tokens)."""

    def reply(self, request: Request, on_text: Callable[[str], None] | None = None) -> Reply:
        """Send one request. Raises ModelError when it cannot be answered.

        `on_text` receives text as it streams, where a person watches.
        """
