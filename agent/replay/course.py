"""The course a recorded run took through the loop, walked again.

Every step is taken as recorded: the replies, and what the tools answered. What today's prompt,
gates, audit and tools would have made of it is noted beside, so that one moved figure does not hide
what comes after it. Nothing is asked and nothing is sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial
from typing import Any

from agent.boundary.findings import Finding
from agent.desk import RunDesk
from agent.errors import CsmError, LimitReached, ModelError
from agent.limits import Limits
from agent.loop import Ending, Loop
from agent.memory.journal import redact
from agent.models.base import Block, Reply, Request
from agent.models.recorded import differing_parts, part_hashes
from agent.replay.changes import changes
from agent.replay.comparison import Difference
from agent.replay.recording import Recording
from agent.work import Work
from tools.base import Desk, Tool, ToolResult, View

BOUNDLESS = Limits(
    turns=10**9, tokens=10**15, dollars=Decimal(10**9), seconds=float("inf"), tool_calls=10**9,
    format_errors=10**9,
)  # fmt: skip
"""Limits are the order's, not the policy's: where the recorded run reached one, so does this."""


class OffTheRecord(Exception):
    """The next step is not on record; `what` says which one it would be."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


@dataclass
class Course:
    """Stands in for the loop's tape, and lays open what its tools would answer now.

    `from_record` are the readable paths whose content is on record; what lies elsewhere may have
    changed for reasons that are no fault of code or policy, and is taken as recorded.
    """

    recording: Recording
    work: Work
    from_record: frozenset[str]
    differences: list[Difference] = field(default_factory=list)
    moved: dict[str, list[int]] = field(default_factory=dict)  # prompt part → turns
    asked: int = 0
    _elsewhere: bool = False  # the last tool looked at files that are not on record

    def walk(self) -> Ending:
        """Raises OffTheRecord where today's loop wants a step that the record does not hold."""
        desk, outbox = self.work.desk, self.work.desk.outbox
        self._gates = desk.audit, desk.audit_note, outbox.gate
        desk.audit, desk.audit_note, outbox.gate = _passes, _passes, _passes
        self._tools = self.work.tools
        tape: Any = self
        loop = Loop(
            model=self.work.model,
            prefix=self.work.prefix,
            tools={n: replace(t, run=partial(self._judged, t)) for n, t in self._tools.items()},
            gate=self.work.gate,
            desk=desk,
            tape=tape,
            meter=self.work.meter,
        )
        return loop.run(self.work.opening)

    # What the loop asks of a tape

    def reply(self, turn: int) -> Reply | None:  # noqa: ARG002 - the tape's
        """None: the loop shall build its request, which is then compared."""
        return None

    def asking(self, turn: int, request: Request) -> None:
        if self.recording.tape.reply(turn) is None:
            raise self._end(turn)
        self.asked = turn
        recorded = self.recording.requests.get(turn)
        if recorded is None:  # a fork plays turns that were asked by another run
            return
        if isinstance(recorded.get("parts"), Mapping):
            now = part_hashes(request)
            if recorded["parts"] != now:
                for part in differing_parts(recorded["parts"], now):
                    self.moved.setdefault(part, []).append(turn)

    def replied(self, turn: int, reply: Reply) -> Reply:
        recorded = self.recording.tape.reply(turn)
        assert recorded is not None
        if not self.work.model.uses_language_model:
            found = tuple(changes(recorded.content, redact(reply.content), f"turn {turn}"))
            if found:
                what = f"turn {turn}: the offline playbook would answer otherwise now"
                self.differences.append(Difference("writer", what, found))
        return recorded

    def failed(self, turn: int, error: ModelError) -> None:
        """A failure that is on record; it is played by `asking`."""

    def result(self, turn: int, n: int) -> ToolResult | None:
        if self.recording.tape.result(turn, n) is None:
            raise self._end(turn, f"the answer to tool call {n + 1} of turn {turn}")
        self._elsewhere = False
        return None

    def acted(self, turn: int, n: int, call: Block, result: ToolResult) -> ToolResult:
        recorded = self.recording.tape.result(turn, n)
        assert recorded is not None
        name = str(call.get("name"))
        tool = self._tools.get(name)
        if not recorded.is_error and tool is not None and tool.stages:
            with suppress(CsmError):  # what cannot be staged any more is missed in the outcome
                tool.call(self.work.desk, call.get("input"))
        taken_over = turn not in self.recording.requests  # answered in the run it was forked from
        if not self._elsewhere and not (taken_over and recorded.is_error == result.is_error):
            now = replace(result, text=redact(result.text))
            self._compare(f"turn {turn}, {name}", recorded, now)
        return recorded

    # What the tools would answer now

    def _judged(self, tool: Tool, _desk: Desk, ask: Any) -> ToolResult:
        """Today's answer, on a desk beside the one where things are staged as recorded."""
        desk: RunDesk = self.work.desk.aside()
        desk.audit, desk.audit_note, desk.outbox.gate = self._gates
        desk.view = watched = _Watched(self.work.desk.view)
        result = tool.run(desk, ask)
        self._elsewhere = not watched.seen <= self.from_record
        return result

    def _compare(self, where: str, recorded: ToolResult, now: ToolResult) -> None:
        if recorded == now:
            return
        if now.is_error and not recorded.is_error:
            found = Difference("gate", f"{where}: accepted then, refused now", reason=now.text)
        elif recorded.is_error and not now.is_error:
            found = Difference("gate", f"{where}: refused then, accepted now", reason=recorded.text)
        else:
            verb = "refused" if now.is_error else "answered"
            both = tuple(changes(recorded.text, now.text, "answer"))
            found = Difference("answer", f"{where}: {verb} in other words", both)
        self.differences.append(found)

    def _end(self, turn: int, what: str = "") -> Exception:
        """What happens where the recorded replies end: what happened then, if that is on record."""
        ending, failure = self.recording.ending, self.recording.failures.get(turn)
        if ending is not None and ending.reason == "limit":
            return LimitReached(ending.limit, ending.detail)
        if failure is not None and not what:
            return _as_recorded(str(failure["error"]))
        return OffTheRecord(what or f"a model call for turn {turn}")


class _Watched:
    """A view that remembers what was looked at; "" is the list of files."""

    def __init__(self, view: View) -> None:
        self._view = view
        self.seen: set[str] = set()

    def paths(self) -> list[str]:
        self.seen.add("")
        return self._view.paths()

    def read(self, path: str) -> str:
        self.seen.add(path)
        return self._view.read(path)


def _passes(*_: object) -> Sequence[Finding]:
    """The record has decided."""
    return ()


def _as_recorded(text: str) -> CsmError:
    """The error that reads `text`."""
    what, _, fix = text.partition(" Fix: ")
    return ModelError(what, fix=fix)
