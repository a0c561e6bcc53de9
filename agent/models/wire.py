"""A request as the Messages API takes it, and a reply as the journal keeps it.

The prompt is cached in prefix order: tools, system, messages. One breakpoint closes the stable
part (equal for all runs of a persona); two move with the conversation: the newest user turn, and
the one before it, because a lookup only reaches twenty blocks back from a breakpoint.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any, Literal

from agent.models.base import Block, Message, Request, Usage
from agent.models.catalog import ModelInfo

CacheTtl = Literal["5m", "1h"]

MAX_BREAKPOINTS = 4
BYTES_PER_TOKEN = 2.5  # low on purpose: English is about 3, Chinese 2.5 to 3
PROMPT_OVERHEAD = 1_000  # tokens the service adds of its own, such as its tool instructions

# Input of a tool call whose JSON could not be parsed; every tool schema refuses this key.
MALFORMED_INPUT = "__malformed_json__"


def payload(request: Request, info: ModelInfo, *, ttl: CacheTtl = "5m") -> dict[str, Any]:
    """Arguments of `messages.create`; `request` stays as it is.

    A forced tool choice is softened to `auto` for a model that refuses it, so the caller must
    be ready for a reply without the call.
    """
    mark: dict[str, Any] = {"type": "ephemeral"}
    if ttl == "1h":
        mark["ttl"] = ttl
    system, tools = list(request.system), list(request.tools)
    left = MAX_BREAKPOINTS - _count_marks(request)
    if left > 0 and not any("cache_control" in item for item in [*system, *tools]):
        stable = system or tools
        if stable:
            stable[-1] = {**stable[-1], "cache_control": mark}
            left -= 1
    body: dict[str, Any] = {
        "model": info.id,
        "max_tokens": request.max_tokens,
        "messages": _with_marks(request.messages, mark, min(left, 2)),
    }
    if tools:
        body["tools"] = tools
    if system:
        body["system"] = system
    if request.tool_choice is not None:
        body["tool_choice"] = _tool_choice(request.tool_choice, info)
    return body


def prompt_tokens_at_most(request: Request) -> int:
    """A high estimate of the prompt in tokens, from its size in bytes."""
    return ceil(request.size / BYTES_PER_TOKEN) + PROMPT_OVERHEAD


def _tool_choice(choice: dict[str, Any], info: ModelInfo) -> dict[str, Any]:
    if choice.get("type") not in ("tool", "any") or info.forced_tool_choice:
        return choice
    return {"type": "auto"} | {k: v for k, v in choice.items() if k not in ("type", "name")}


def _count_marks(request: Request) -> int:
    blocks: list[Any] = [*request.system, *request.tools]
    for message in request.messages:
        if isinstance(message.get("content"), list):
            blocks.extend(message["content"])
    return sum(1 for block in blocks if isinstance(block, dict) and "cache_control" in block)


def _with_marks(messages: Sequence[Message], mark: dict[str, Any], count: int) -> list[Message]:
    out = list(messages)
    for n in range(len(out) - 1, -1, -1):
        if count < 1:
            break
        if out[n].get("role") != "user":
            continue
        content = out[n].get("content")
        blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
        if blocks and "cache_control" not in blocks[-1]:
            out[n] = {**out[n], "content": [*blocks[:-1], {**blocks[-1], "cache_control": mark}]}
            count -= 1
    return out


def content_blocks(raw: Any) -> list[Block]:
    """Blocks of a reply in API shape, fit to be journalled and sent back.

    Empty text is dropped (the API refuses it in a later request) and half surrogate pairs, which
    no UTF-8 file can hold, become U+FFFD. Unknown block types pass untouched.
    """
    blocks = [_clean(block) for block in raw if isinstance(block, dict)]
    return [
        block
        for block in blocks
        if block.get("type") != "text" or str(block.get("text") or "").strip()
    ]


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, dict):
        return {_clean(key): _clean(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_clean(item) for item in value]
    return value


def usage_of(raw: Any) -> tuple[Usage, int]:
    """Usage in four disjoint buckets, and how much of the cache write was kept for an hour.

    The API's `input_tokens` already excludes cache reads and writes.
    """
    if not isinstance(raw, Mapping):
        return Usage(), 0
    split = raw.get("cache_creation")
    split = split if isinstance(split, Mapping) else {}
    five, hour = (_tokens(split.get(f"ephemeral_{ttl}_input_tokens")) for ttl in ("5m", "1h"))
    write = raw.get("cache_creation_input_tokens")
    usage = Usage(
        input=_tokens(raw.get("input_tokens")),
        output=_tokens(raw.get("output_tokens")),
        cache_read=_tokens(raw.get("cache_read_input_tokens")),
        cache_write=five + hour if write is None else _tokens(write),
    )
    return usage, min(hour, usage.cache_write)


def _tokens(value: Any) -> int:
    return value if type(value) is int and value > 0 else 0
