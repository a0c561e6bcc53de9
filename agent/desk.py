"""The run's desk: what its tools may touch, and what they have staged so far.

Nothing here writes to the disk. Documents and messages are validated, audited and kept; the
runtime publishes them together when the loop has ended.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import Field, ValidationError

from agent.boundary.findings import Finding, render
from agent.outbox import Outbox
from agent.success.assessment import Assessment, HealthResult
from agent.success.compose import PlanIdentity, Surroundings, compose
from agent.success.parts import FactIds, Part
from agent.success.plan import Carried, Change, PlanDraft, SuccessPlan
from tools.base import ToolResult, View, field_errors

Audit = Callable[[SuccessPlan, PlanDraft], Sequence[Finding]]
NoteAudit = Callable[[str, Sequence[str]], Sequence[Finding]]


class ScoreNote(Part):
    """All that may be added to a computed health score: a remark, with its evidence."""

    note: str = Field("", max_length=600)
    evidence: FactIds = Field([])


@dataclass
class RunDesk:
    view: View
    plan_path: str
    scores_path: str
    assessment: Assessment
    identity: PlanIdentity
    around: Surroundings
    outbox: Outbox
    audit: Audit
    audit_note: NoteAudit
    rescore: Callable[[str], HealthResult]
    todos: list[dict[str, str]] = field(default_factory=list)
    note: str = ""
    _draft: PlanDraft | None = None
    _done: bool = False

    @property
    def change(self) -> Change | None:
        return self.around.change

    @property
    def carried(self) -> Sequence[Carried]:
        return self.around.carried

    def rescored(self, model: str) -> HealthResult:
        return self.rescore(model)

    @property
    def missing(self) -> list[str]:
        return [] if self._draft is not None else [self.plan_path]

    @property
    def finished(self) -> bool:
        return self._draft is not None and self._done

    def aside(self) -> RunDesk:
        """The same desk once more: what is staged there is not staged here."""
        return replace(self, outbox=self.outbox.aside(), todos=list(self.todos))

    def submit(self, path: str, document: dict[str, Any], done: bool) -> ToolResult:
        if path == self.plan_path:
            return self._submit_plan(document, done)
        if path == self.scores_path:
            return self._submit_note(document, done)
        return ToolResult(f"write: {path!r} is not an owned path of this run", True)

    def hand_off(self, message: Mapping[str, Any]) -> ToolResult:
        return self.outbox.stage(message)

    def note_todos(self, items: list[dict[str, str]]) -> ToolResult:
        self.todos = list(items)
        left = sum(item["status"] != "completed" for item in items)
        return ToolResult(f"noted: {len(items)} items, {left} left")

    def plan(self) -> SuccessPlan | None:
        """The accepted plan with every message staged by now, or None."""
        return None if self._draft is None else self._compose(self._draft)

    def _submit_plan(self, document: dict[str, Any], done: bool) -> ToolResult:
        try:
            draft = PlanDraft.model_validate(document)
        except ValidationError as error:
            return ToolResult(field_errors(error, "write: the plan was not accepted"), True)
        findings = self.audit(self._compose(draft), draft)
        if findings:
            return ToolResult(render(findings, "write: the plan was not accepted"), True)
        self._draft, self._done = draft, done
        return ToolResult(
            f"accepted: {self.plan_path}. Health scores are computed and staged with it."
        )

    def _submit_note(self, document: dict[str, Any], done: bool) -> ToolResult:
        try:
            note = ScoreNote.model_validate(document)
        except ValidationError as error:
            head = (
                "write: the health entry is computed; only `note` and its `evidence` can be given"
            )
            return ToolResult(field_errors(error, head), True)
        findings = self.audit_note(note.note, note.evidence)
        if findings:
            return ToolResult(render(findings, "write: the note was not accepted"), True)
        self.note, self._done = note.note, self._done or done
        return ToolResult(f"accepted: {self.scores_path} (computed entry)")

    def _compose(self, draft: PlanDraft) -> SuccessPlan:
        around = replace(
            self.around, handoffs=self.outbox.handoffs, escalations=self.outbox.escalations
        )
        return compose(draft, self.assessment, self.identity, around)
