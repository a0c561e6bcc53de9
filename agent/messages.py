"""Messages that an endpoint accepts, whatever a model or a crash has done to the history."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection

from agent.models.base import Block, Message, Reply
from tools.base import ToolResult

_WORD = re.compile(r"[A-Za-z0-9_-]{1,128}")  # what endpoints accept as an id or a name
_INTERRUPTED = ToolResult("not run: the run was interrupted", True)


def user_text(text: str) -> Message:
    return {"role": "user", "content": [{"type": "text", "text": text}]}


def result_block(call: Block, result: ToolResult) -> Block:
    block: Block = {"type": "tool_result", "tool_use_id": call["id"], "content": result.text}
    return {**block, "is_error": True} if result.is_error else block


def results_message(results: list[Block], text: str = "") -> Message:
    extra = [{"type": "text", "text": text}] if text else []
    return {"role": "user", "content": [*results, *extra]}


def first_use_wins(reply: Reply, turn: int, used: Collection[str] = ()) -> Reply:
    """The reply with usable tool calls: ids new and well-formed, inputs objects, text not empty.

    Endpoints reject a history with an id that stands twice (`used` are those of earlier turns), a
    malformed name, empty text or thinking that was cut before its signature; a sloppy reply would
    end the run one turn later for a reason nobody can see.
    """
    seen = set(used)
    content: list[Block] = []
    for n, block in enumerate(reply.content):
        kind = block.get("type")
        if kind == "text" and not str(block.get("text") or "").strip():
            continue
        if kind == "thinking" and not block.get("signature"):
            continue
        if kind == "tool_use":
            block = _sound_call(block, f"toolu_{turn:03d}_{n:03d}", seen)
            seen.add(block["id"])
        content.append(block)
    return dataclasses.replace(reply, content=content or [{"type": "text", "text": "(no text)"}])


def call_ids(messages: list[Message]) -> set[str]:
    """Ids of all tool calls in a history."""
    return {b["id"] for m in messages for b in m["content"] if b.get("type") == "tool_use"}


def _sound_call(block: Block, spare_id: str, seen: Collection[str]) -> Block:
    given, name, raw = block.get("id"), block.get("name"), block.get("input")
    usable = isinstance(given, str) and _WORD.fullmatch(given) and given not in seen
    named = isinstance(name, str) and _WORD.fullmatch(name)
    return {
        **block,
        "id": given if usable else _unused(spare_id, seen),
        "name": name if named else "malformed_name",
        "input": raw if isinstance(raw, dict) else {"(not an object)": repr(raw)[:200]},
    }


def _unused(id: str, seen: Collection[str]) -> str:
    while id in seen:
        id += "x"
    return id


def sound(messages: list[Message]) -> list[Message]:
    """The history with every tool call answered in the message that follows it.

    A crash or a cut reply can leave a call without an answer; sent as it is, the endpoint would
    reject this and every later request.
    """
    out: list[Message] = []
    for message in messages:
        owed = _owed(out)
        if owed:
            missing = [
                result_block(call, _INTERRUPTED)
                for call in owed
                if not (message["role"] == "user" and _answers(message, call["id"]))
            ]
            if missing and message["role"] == "user":
                message = {**message, "content": [*missing, *message["content"]]}
            elif missing:
                out.append(results_message(missing))
        out.append(message)
    owed = _owed(out)
    if owed:
        out.append(results_message([result_block(call, _INTERRUPTED) for call in owed]))
    return out


def _owed(messages: list[Message]) -> list[Block]:
    if not messages or messages[-1]["role"] != "assistant":
        return []
    return [b for b in messages[-1]["content"] if b.get("type") == "tool_use"]


def _answers(message: Message, call_id: str) -> bool:
    return any(
        b.get("type") == "tool_result" and b.get("tool_use_id") == call_id
        for b in message["content"]
    )
