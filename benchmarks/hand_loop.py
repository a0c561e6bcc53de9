"""The alternative: the tool loop one writes by hand with the Anthropic SDK, without a journal.

It keeps the history, runs the tools and caches the prompt (a mark on the system prompt, one on the
newest message) as the SDK's documentation shows. It has no limits, no gate, no retries, no record
of what was paid for, and it cannot go on after a crash.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import anthropic
    from anthropic.types import Message

MARK = {"type": "ephemeral"}


def hand_loop(
    client: anthropic.Anthropic,
    *,
    model: str,
    system: list[dict[str, Any]],
    tools: list[dict[str, Any]],
    opening: str,
    call: Callable[[str, Any], tuple[str, bool]],
    max_tokens: int,
    stream: bool = False,
) -> list[Message]:
    """Run to the end of the conversation; returns the replies. `call` runs one tool by name and
    answers its text and whether it is an error."""
    cached = [*system[:-1], {**system[-1], "cache_control": MARK}]
    messages: list[Any] = [{"role": "user", "content": [{"type": "text", "text": opening}]}]
    replies: list[Message] = []
    while True:
        last = messages[-1]["content"]
        newest = {"role": "user", "content": [*last[:-1], {**last[-1], "cache_control": MARK}]}
        request: dict[str, Any] = {
            "model": model,
            "max_tokens": max_tokens,
            "system": cached,
            "tools": tools,
            "messages": [*messages[:-1], newest],
        }
        if stream:
            with client.messages.stream(**request) as events:
                reply = events.get_final_message()
        else:
            reply = client.messages.create(**request)
        replies.append(reply)
        if reply.stop_reason != "tool_use":
            return replies
        results = []
        for block in reply.content:
            if block.type == "tool_use":
                text, is_error = call(block.name, block.input)
                results.append({
                    "type": "tool_result",
                    "tool_use_id": block.id,
                    "content": text,
                    "is_error": is_error,
                })  # fmt: skip
        messages.append({"role": "assistant", "content": reply.content})
        messages.append({"role": "user", "content": results})
