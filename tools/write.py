"""`write`: offer a document for one of the two owned paths.

The document arrives as data, never as YAML text: it is validated, completed with the program's
figures, audited, and staged. What is wrong comes back field by field so that it can be mended.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field

from tools.base import Desk, Tool, ToolInput, ToolResult


class WriteInput(ToolInput):
    path: str = Field(max_length=1024, description="exactly one of the owned paths of this run")
    document: dict[str, Any] = Field(description="the document as an object, see the schema")
    done: bool = Field(
        False,
        description="true on your last write, when nothing is left to do: the run then ends as "
        "soon as the document is accepted, without asking you again",
    )


def run(desk: Desk, ask: WriteInput) -> ToolResult:
    return desk.submit(ask.path, ask.document, ask.done)


TOOL = Tool(
    "write",
    "Write an owned document. For the success plan give the sections of the draft schema only; "
    "the program adds health, renewal, dates and evidence. For the health scores give {} or "
    "{note}; the program fills in the computed entry. The answer lists what has to be mended, or "
    "says accepted.",
    WriteInput,
    run,
    stages=True,
)
