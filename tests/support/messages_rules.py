"""What the Messages API refuses, and what its prompt cache counts, for the loopback server."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

NO_FORCED_TOOL = ("claude-opus-5-5", "claude-sonnet-5-5")
LOOKBACK = 20  # blocks that a cache lookup reaches back from a breakpoint

_KNOWN_KEYS = {
    *("model", "max_tokens", "messages", "system", "tools", "tool_choice", "stream"),
    *("metadata", "thinking", "output_config", "stop_sequences", "service_tier", "cache_control"),
}
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")


class Refused(Exception):
    def __init__(self, status: int, kind: str, message: str) -> None:
        super().__init__(message)
        self.status, self.kind, self.message = status, kind, message


def bad(message: str) -> Refused:
    return Refused(400, "invalid_request_error", message)


def check_headers(headers: Mapping[str, str]) -> None:
    bearer = headers.get("authorization", "").removeprefix("Bearer ").strip()
    if not headers.get("x-api-key", "").strip() and not bearer:
        raise Refused(401, "authentication_error", "x-api-key header is required")
    if not headers.get("anthropic-version"):
        raise bad("anthropic-version: header is required")
    if "application/json" not in headers.get("content-type", ""):
        raise bad("content-type: must be application/json")


def check_body(body: Any, paused: set[str]) -> None:
    """Raise Refused as the real service would; `paused` holds replies that may be continued."""
    if not isinstance(body, dict):
        raise bad("body: must be an object")
    for key in body.keys() - _KNOWN_KEYS:
        raise bad(f"{key}: Extra inputs are not permitted")
    model, tokens = body.get("model"), body.get("max_tokens")
    if not isinstance(model, str) or not model:
        raise bad("model: Field required")
    if not model.startswith("claude-"):
        raise Refused(404, "not_found_error", f"model: {model}")
    if type(tokens) is not int or tokens < 1:
        raise bad("max_tokens: must be greater than or equal to 1")
    check_tools(body)
    check_system(body.get("system"))
    check_messages(body.get("messages"), paused)
    if json.dumps(body).count('"cache_control":') > 4:
        raise bad("A maximum of 4 blocks with cache_control may be provided.")


def check_tools(body: dict[str, Any]) -> None:
    tools, choice = body.get("tools", []), body.get("tool_choice")
    names = [tool.get("name") for tool in tools]
    for tool in tools:
        if not isinstance(tool.get("name"), str) or not _NAME.fullmatch(tool["name"]):
            raise bad(f"tools: bad name {tool.get('name')!r}")
        schema = tool.get("input_schema")
        if not isinstance(schema, dict) or schema.get("type") != "object":
            raise bad(f"tools.{tool['name']}.input_schema: Field required")
    if len(set(names)) != len(names):
        raise bad("tools: Tool names must be unique.")
    if choice is None:
        return
    kind = choice.get("type")
    if kind not in ("auto", "any", "tool", "none"):
        raise bad(f"tool_choice: unknown type {kind!r}")
    if not tools:
        raise bad("tool_choice: may only be specified while providing tools")
    if kind in ("any", "tool") and body["model"].startswith(NO_FORCED_TOOL):
        raise bad("tool_choice: forced tool use is not supported for this model")
    if kind == "tool" and choice.get("name") not in names:
        raise bad(f"tool_choice: tool {choice.get('name')!r} not found in tools")


def check_system(system: Any) -> None:
    for block in system if isinstance(system, list) else []:
        if block.get("type") != "text" or not block.get("text"):
            raise bad("system: text content blocks must be non-empty")


def check_messages(messages: Any, paused: set[str]) -> None:
    if not isinstance(messages, list) or not messages:
        raise bad("messages: at least one message is required")
    if messages[0].get("role") != "user":
        raise bad("messages: first message must use the user role")
    seen: set[str] = set()
    pending: list[str] = []
    for n, message in enumerate(messages):
        role, blocks = message.get("role"), blocks_of(message)
        if role not in ("user", "assistant"):
            raise bad(f"messages.{n}.role: must be user or assistant")
        if not blocks:
            raise bad(f"messages.{n}: content must be non-empty")
        check_results(n, role, blocks, pending)
        pending = []
        for block in blocks:
            check_block(n, role, block)
            if block["type"] == "tool_use":
                if block["id"] in seen:
                    raise bad("messages: `tool_use` ids must be unique")
                seen.add(block["id"])
                pending.append(block["id"])
    if pending:
        raise bad(f"messages: tool_use ids without tool_result blocks: {', '.join(pending)}")
    if messages[-1]["role"] == "assistant" and fingerprint(blocks_of(messages[-1])) not in paused:
        raise bad("messages: the conversation must end with a user message")


def check_results(n: int, role: str, blocks: list[dict[str, Any]], pending: list[str]) -> None:
    answers = [str(b.get("tool_use_id")) for b in blocks if b.get("type") == "tool_result"]
    if role == "assistant" and pending:
        raise bad(f"messages.{n}: tool_use ids without tool_result blocks: {', '.join(pending)}")
    if role == "assistant":
        return
    missing = [wanted for wanted in pending if wanted not in answers]
    if missing:
        raise bad(
            f"messages.{n}: tool_use ids were found without tool_result blocks immediately "
            f"after: {', '.join(missing)}"
        )
    strange = [given for given in answers if given not in pending]
    if strange or len(set(answers)) != len(answers):
        raise bad(f"messages.{n}: unexpected tool_use_id in tool_result blocks: {answers}")
    if any(b.get("type") != "tool_result" for b in blocks[: len(answers)]):
        raise bad(f"messages.{n}: tool_result blocks must come first")


def check_block(n: int, role: str, block: dict[str, Any]) -> None:
    kind = block.get("type")
    if not isinstance(kind, str):
        raise bad(f"messages.{n}.content: block without a type")
    if kind == "text" and not str(block.get("text") or "").strip():
        raise bad("messages: text content blocks must be non-empty")
    if kind == "tool_use":
        if role != "assistant" or not _NAME.fullmatch(str(block.get("id") or "")):
            raise bad(f"messages.{n}: bad tool_use block")
        if not isinstance(block.get("input"), dict):
            raise bad(f"messages.{n}: tool_use.input: Input should be an object")
    if kind == "thinking" and (not block.get("signature") or "cache_control" in block):
        raise bad(f"messages.{n}: thinking.signature: Field required")


def blocks_of(message: dict[str, Any]) -> list[dict[str, Any]]:
    content = message.get("content")
    if isinstance(content, str):
        return [{"type": "text", "text": content}] if content else []
    return content if isinstance(content, list) else []


def fingerprint(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def tokens_of(value: Any) -> int:
    return max(1, len(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")) // 4)


class PromptCache:
    """Counts reads and writes by the longest prefix that an earlier breakpoint has stored."""

    def __init__(self) -> None:
        self._stored: set[str] = set()

    def count(self, body: dict[str, Any]) -> dict[str, Any]:
        """Input side of `usage` for a request; its breakpoints are stored for later ones."""
        units, total, chain = [], 0, fingerprint(body["model"])
        for unit in _units(body):
            mark = unit.pop("cache_control", None)
            chain = fingerprint([chain, unit])
            total += tokens_of(unit)
            units.append((chain, total, mark))
        marks = [n for n, (_, _, mark) in enumerate(units) if mark]
        read = 0
        for n in marks:
            for stored, upto, _ in units[max(0, n - LOOKBACK) : n + 1]:
                if stored in self._stored:
                    read = max(read, upto)
        cached = units[marks[-1]][1] if marks else 0
        hour = bool(marks) and units[marks[-1]][2].get("ttl") == "1h"
        self._stored.update(units[n][0] for n in marks)
        write = max(0, cached - read)
        return {
            "input_tokens": total - max(cached, read),
            "cache_creation_input_tokens": write,
            "cache_read_input_tokens": read,
            "cache_creation": {
                "ephemeral_5m_input_tokens": 0 if hour else write,
                "ephemeral_1h_input_tokens": write if hour else 0,
            },
        }


def _units(body: dict[str, Any]) -> list[dict[str, Any]]:
    system = body.get("system", [])
    system = [{"type": "text", "text": system}] if isinstance(system, str) else system
    units = [{"in": "tools", **tool} for tool in body.get("tools", [])]
    units += [{"in": "system", **block} for block in system]
    for message in body["messages"]:
        units += [{"in": message["role"], **block} for block in blocks_of(message)]
    return units
