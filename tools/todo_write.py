"""`todo_write`: the run's own work list, visible to whoever watches."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tools.base import Desk, Tool, ToolInput, ToolResult


class TodoItem(ToolInput):
    text: str = Field(min_length=1, max_length=200)
    status: Literal["pending", "in_progress", "completed"] = "pending"


class TodoWriteInput(ToolInput):
    items: list[TodoItem] = Field(
        max_length=30, description="the whole list, replacing the last one"
    )


def run(desk: Desk, ask: TodoWriteInput) -> ToolResult:
    return desk.note_todos([item.model_dump() for item in ask.items])


TOOL = Tool(
    "todo_write",
    "Keep a short work list for a long task. Not needed for a plain instruction.",
    TodoWriteInput,
    run,
    stages=True,
)
