"""What a tool is, and the desk it works at.

One file holds one tool: an input model, a description for the model, and a function. The loop and
`csm tool` call the same function with the same desk, so what a person tries is what the model gets.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict, ValidationError

from agent.success.assessment import Assessment, HealthResult
from agent.success.plan import Carried, Change


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

    @property
    def assessment(self) -> Assessment:
        """What the program has concluded about the account of this run, and no other."""

    @property
    def change(self) -> Change | None:
        """How its health score has changed since the last one."""

    @property
    def carried(self) -> Sequence[Carried]:
        """What its last plan promised, and what became of it."""

    def rescored(self, model: str) -> HealthResult:
        """Its score under another health model of the persona; BadInput for an unknown one."""

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
    stages: bool = False  # changes what the run will publish
    calculates: bool = False  # works figures out, and adds them to what the run may cite

    @property
    def redone(self) -> bool:
        """On resume it is called again, for what it leaves behind; else its answer is enough."""
        return self.stages or self.calculates

    def definition(self) -> dict[str, Any]:
        """The tool in the shape of the Messages API; identical bytes for identical code."""
        return {
            "name": self.name,
            "description": self.description,
            "input_schema": _untitled(self.input_model.model_json_schema()),
        }

    def call(self, desk: Desk, raw: Any) -> ToolResult:
        """Validate `raw` and run; what is wrong with it is answered field by field."""
        try:
            parsed = self.input_model.model_validate(raw)
        except ValidationError as error:
            return ToolResult(field_errors(error, f"{self.name}: input not accepted"), True)
        return self.run(desk, parsed)


def _untitled(schema: Any) -> Any:
    """A JSON schema without the titles that pydantic makes from names: tokens that tell nothing."""
    if isinstance(schema, list):
        return [_untitled(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: {name: _untitled(field) for name, field in value.items()}
        if key in ("properties", "$defs")
        else _untitled(value)
        for key, value in schema.items()
        if not (key == "title" and isinstance(value, str))
    }


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
