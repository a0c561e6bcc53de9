"""Messages to other roles: gated, staged, and sent once.

A message's id comes from the instruction, the target, the type and the subject, so the same matter
staged twice, or sent again after a crash, is the same message.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from agent.boundary.findings import Finding, render
from agent.boundary.verdict import Part
from agent.memory import inbox
from agent.persona import Roster
from agent.success.plan import HandoffRecord
from tools.base import ToolResult

HandoffGate = Callable[[Mapping[str, Any]], Sequence[Finding]]


@dataclass(frozen=True)
class Envelope:
    """Who sends, about which instruction and account, and when (UTC, `…Z`)."""

    sender: str
    instruction_id: str
    account_id: str
    account_name: str
    timestamp: str
    priority: str = "normal"


def matter(about: str, span: str = "") -> str:
    """What makes a message the same as another of its instruction, target and type."""
    return f"{about.casefold()}|{span}"


def _open_gate(_message: Mapping[str, Any]) -> Sequence[Finding]:
    """For messages whose text is the program's own."""
    return ()


def _no_facts(_ids: Sequence[str]) -> list[dict[str, Any]]:
    return []


@dataclass
class Outbox:
    envelope: Envelope
    roster: Roster
    gate: HandoffGate = _open_gate
    facts: Callable[[Sequence[str]], list[dict[str, Any]]] = _no_facts
    _staged: dict[str, tuple[dict[str, Any], HandoffRecord]] = field(default_factory=dict)

    def aside(self) -> Outbox:
        """The same outbox once more: what is staged there is not staged here."""
        return replace(self, _staged=dict(self._staged))

    def stage(self, message: Mapping[str, Any]) -> ToolResult:
        """Check one message of the writer's and keep it."""
        findings = self.gate(message)
        if findings:
            return ToolResult(render(findings, "handoff: the message was not accepted"), True)
        return self._keep(message)

    def pass_on(self, part: Part, about: str) -> None:
        """Keep a message that carries a part of the request, in the requester's own words.

        It is not gated: its only free text is what the requester asked of that role.
        """
        message = {
            "to": part.target,
            "type": "delegation",
            "about": about,
            "message": "This part of the request is yours. Please take it over and answer the "
            "requester.",
        }
        self._keep(message, span=part.span, why=part.why)

    def _keep(self, message: Mapping[str, Any], *, span: str = "", why: str = "") -> ToolResult:
        role = self.roster.resolve(str(message["to"]))
        about, kind = str(message["about"]).strip(), str(message["type"])
        document = inbox.message(
            type=kind,
            sender=self.envelope.sender,
            to=role.id,
            timestamp=self.envelope.timestamp,
            instruction_id=self.envelope.instruction_id,
            account_id=self.envelope.account_id,
            priority="critical" if kind == "escalation" else self.envelope.priority,
            key=matter(about, span),
            body={
                "account_name": self.envelope.account_name,
                "subject": about,
                "message": str(message["message"]).strip(),
                **({"requested": span} if span else {}),
                **({"reason": why} if why else {}),
                "evidence": self.facts(message.get("evidence") or []),
            },
        )
        id = str(document["id"])
        if id in self._staged:
            return ToolResult(f"already staged: {id} to {role.id}; it goes out once")
        record = HandoffRecord(
            message_id=id,
            to=role.id,
            type=kind,
            about=about,
            reason=why or str(message["message"]).strip(),
            span=span,
        )
        self._staged[id] = (document, record)
        return ToolResult(f"staged: {id} to {role.id}; it goes out when the run is published")

    @property
    def handoffs(self) -> list[HandoffRecord]:
        return [r for _, r in self._staged.values() if r.type != "escalation"]

    @property
    def escalations(self) -> list[HandoffRecord]:
        return [r for _, r in self._staged.values() if r.type == "escalation"]

    @property
    def messages(self) -> list[dict[str, Any]]:
        return [document for document, _ in self._staged.values()]
