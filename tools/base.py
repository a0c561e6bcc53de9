"""What a tool is, and the desk it works at.

One file holds one tool: an input model, a description for the model, and a function. The loop and
`csm tool` call the same function with the same desk, so what a person tries is what the model gets.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict, ValidationError


class ToolInput(BaseModel):
    """Base of all tool inputs: unknown keys are refused by name."""

    model_config = ConfigDict(extra="forbid")


@dataclass(frozen=True)
class ToolResult:
    """What goes back to the model. An error is something the model can mend, never a crash."""

    text: str
    is_error: bool = False


class View(Protocol):
    """The readable part of the memory (`agent.memory.view.MemoryView`)."""

    def paths(self) -> list[str]: ...

    def read(self, path: str) -> str: ...


class Desk(Protocol):
    """What a run lets its tools touch; nothing else of the memory is in reach."""

    @property
    def view(self) -> View: ...

    def submit(self, path: str, document: dict[str, Any], done: bool) -> ToolResult:
        """Validate and stage a document for one of the owned paths."""

    def hand_off(self, message: Mapping[str, Any]) -> ToolResult:
        """Stage a message to another role."""

    def note_todos(self, items: list[dict[str, str]]) -> ToolResult:
        """Keep the work list of this run."""


@dataclass(frozen=True)
class Tool:
    """A tool as the persona declares it, the model sees it and the dispatcher runs it."""

    name: str
    description: str
    input_model: type[ToolInput]
    run: Callable[[Desk, Any], ToolResult]
    stages: bool = False  # changes what the run will publish (redone, not replayed, on resume)

    def definition(self) -> dict[str, Any]:
        """The tool in the shape of the Messages API; identical bytes for identical code."""
        return {
            "name": self.name,
            "description": self.description,
            "input_schema": self.input_model.model_json_schema(),
        }

    def call(self, desk: Desk, raw: Any) -> ToolResult:
        """Validate `raw` and run; what is wrong with it is answered field by field."""
        try:
            parsed = self.input_model.model_validate(raw)
        except ValidationError as error:
            return ToolResult(field_errors(error, f"{self.name}: input not accepted"), True)
        return self.run(desk, parsed)


def field_errors(error: ValidationError, head: str, limit: int = 25) -> str:
    """Validation errors as lines a model (or a person) can act on: `where: what (got …)`."""
    lines = [head]
    problems = error.errors(include_url=False, include_context=False)
    for problem in problems[:limit]:
        where = _pointer(problem["loc"]) or "(whole input)"
        lines.append(f"- {where}: {problem['msg']}{_got(problem.get('input'))}")
    if len(problems) > limit:
        lines.append(f"- and {len(problems) - limit} more")
    return "\n".join(lines)


def _pointer(loc: tuple[int | str, ...]) -> str:
    out = ""
    for part in loc:
        out += f"[{part}]" if isinstance(part, int) else (f".{part}" if out else str(part))
    return out


def _got(value: Any) -> str:
    if value is None or isinstance(value, (dict, list)):
        return ""
    shown = repr(value)
    return f" (got {shown if len(shown) <= 80 else shown[:77] + '…'})"
