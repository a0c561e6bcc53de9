"""The tools of the runtime, by name. What a persona declares is looked up here and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable

from tools.base import Desk, Tool, ToolInput, ToolResult
from tools.glob import TOOL as GLOB
from tools.grep import TOOL as GREP
from tools.handoff import TOOL as HANDOFF
from tools.read import TOOL as READ
from tools.todo_write import TOOL as TODO_WRITE
from tools.write import TOOL as WRITE

REGISTRY: dict[str, Tool] = {
    tool.name: tool for tool in (READ, GREP, GLOB, WRITE, HANDOFF, TODO_WRITE)
}

__all__ = ["REGISTRY", "Desk", "Tool", "ToolInput", "ToolResult", "allowed"]


def allowed(names: Iterable[str]) -> dict[str, Tool]:
    """The tools a persona declares, in registry order: the one list that both the offer to the
    model and the dispatcher are made from."""
    declared = set(names)
    return {name: tool for name, tool in REGISTRY.items() if name in declared}
