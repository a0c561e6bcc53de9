"""The declared tools of a persona file → the tools of this runtime it may use."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from agent.errors import BadPersona

KNOWN_TOOLS = (
    "read", "grep", "glob", "write", "handoff", "todo_write",
    "health_score", "risk_analyzer", "renewal_forecast", "expansion", "qbr_generator",
)  # fmt: skip

_BY_SPELLING = {name.replace("_", ""): name for name in KNOWN_TOOLS} | {"handoffs": "handoff"}
_KEYS = ("tools", "allowed-tools", "allowed_tools", "allowedTools")
_DENY_KEYS = ("disallowedTools", "disallowed-tools", "disallowed_tools")
# A name, with an optional scope in parentheses which may hold commas and blanks: Bash(git log:*)
_NAME = re.compile(r"[^\s,;()]+(?:\([^()]*\))?|\([^()]*\)")
_EVERYTHING = {"all", "any", "everything"}


def allowed(
    keys: Mapping[str, Any], *, source: str, lines: Mapping[str, int]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Tools that are declared and exist here, in order of declaration, and notices on the rest.

    Raises:
        BadPersona: the list has a wrong type or asks for everything by a wildcard.
    """
    key = next((k for k in _KEYS if keys.get(k) is not None), None)
    if key is None:
        return (), ("declares no tools, so none are offered",)
    where = f"{source}:{lines[key]}" if key in lines else source
    declared = _names(keys[key], key, where)
    denied = {_known(name) for k in _DENY_KEYS if keys.get(k) for name in _names(keys[k], k, where)}
    offered: list[str] = []
    missing: list[str] = []
    for name in declared:
        tool = _known(name)
        if tool is None:
            missing.append(name)
        elif tool not in offered and tool not in denied:
            offered.append(tool)
    notices = []
    if missing:
        notices.append(
            f"declares tools this runtime does not have: {', '.join(dict.fromkeys(missing))}; "
            "they are not offered"
        )
    if not offered:
        notices.append("no declared tool exists here, so none are offered")
    return tuple(offered), tuple(notices)


def _names(value: Any, key: str, where: str) -> list[str]:
    if isinstance(value, str):
        names = _NAME.findall(value.strip().removeprefix("[").removesuffix("]"))
    elif isinstance(value, list) and all(isinstance(item, str) for item in value):
        names = value
    else:
        raise BadPersona(
            f"'{key}' must be a list of tool names.", where=where, fix=f"write '{key}: Read, Grep'."
        )
    names = [name.strip().strip("\"'") for name in names]
    for name in names:
        if "*" in name.split("(")[0] or name.casefold() in _EVERYTHING:
            raise BadPersona(
                f"'{key}' asks for '{name}'; tools are declared one by one.",
                where=where,
                fix="name the tools the persona needs, e.g. 'tools: Read, Grep, Glob, Write'.",
            )
    return [name for name in names if name]


def _known(name: str) -> str | None:
    return _BY_SPELLING.get(re.sub(r"[\s_-]", "", name).casefold())
