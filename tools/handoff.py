"""`handoff`: pass a part of the work to the role whose job it is."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tools.base import Desk, Tool, ToolInput, ToolResult


class HandoffInput(ToolInput):
    to: str = Field(max_length=80, description="role id from the roster")
    type: Literal["delegation", "consultation", "escalation", "handoff"] = Field(
        description="delegation: do it; consultation: answer a question; escalation: decide or "
        "step in; handoff: take over (e.g. a qualified expansion)"
    )
    about: str = Field(min_length=3, max_length=200, description="one line: the subject")
    message: str = Field(
        min_length=3,
        max_length=2000,
        description="what they need to know and do",
    )
    evidence: list[str] = Field([], max_length=40, description="ids of facts from the brief")


def run(desk: Desk, ask: HandoffInput) -> ToolResult:
    return desk.hand_off(ask.model_dump())


TOOL = Tool(
    "handoff",
    "Send a message to another role: support for tickets and set-up, trainers for holding "
    "sessions, the account manager for commercial steps, product for wishes, executives for "
    "critical risk. "
    "Each matter goes out once; the same matter again is recognised and not sent twice.",
    HandoffInput,
    run,
    stages=True,
)
