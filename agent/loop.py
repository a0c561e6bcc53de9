"""The tool loop: ask, act, until the documents are accepted or a limit is reached.

Limits are checked before anything is spent; every reply and every tool result is on disk before
the next step. A resumed run walks the same code: steps that the journal holds are taken from it,
so nothing that was paid for is paid twice and no effect happens twice.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol

from agent.boundary.gate import Decision
from agent.errors import LimitReached, ModelError
from agent.limits import Meter
from agent.messages import (
    call_ids,
    first_use_wins,
    result_block,
    results_message,
    sound,
    user_text,
)
from agent.models.base import Block, Message, Model, Reply, Request
from agent.tape import Tape
from tools.base import Desk, Tool, ToolResult

Progress = Callable[[str, Mapping[str, Any]], None]


@dataclass(frozen=True)
class Ending:
    """How the loop ended: `done` (all accepted), `stopped` (the model stopped before that),
    `refused`, `limit` with the name of the limit in `limit`, or `failed` (no reply was to be
    had; the run can be resumed)."""

    reason: Literal["done", "stopped", "refused", "limit", "failed"]
    detail: str = ""
    limit: str = ""


class LoopDesk(Desk, Protocol):
    @property
    def missing(self) -> Collection[str]:
        """Owned documents that are not accepted yet."""

    @property
    def finished(self) -> bool:
        """All owned documents are accepted and the model has said that it is done."""


@dataclass
class Loop:
    model: Model
    prefix: Request  # system and tools: the same bytes for every run of a persona
    tools: Mapping[str, Tool]
    gate: Callable[[str, Any], Decision]
    desk: LoopDesk
    tape: Tape
    meter: Meter
    progress: Progress = field(default=lambda _kind, _data: None)
    on_text: Callable[[str], None] | None = None

    def run(self, opening: list[Message]) -> Ending:
        messages = list(opening)
        reminded = False
        try:
            while True:
                reply = self.ask(messages)
                messages.append({"role": "assistant", "content": reply.content})
                if reply.stop_reason == "refusal":
                    return Ending("refused", reply.text or "the model declined to go on")
                if reply.stop_reason == "model_context_window_exceeded":
                    return Ending("limit", "the context window of the model is full", "context")
                if reply.stop_reason == "pause_turn":
                    continue
                if reply.stop_reason == "tool_use" and reply.tool_calls:
                    messages.append(self.act(reply))
                    reminded = False
                    if self.desk.finished:
                        return Ending("done")
                elif not self.desk.missing and not reply.tool_calls:
                    return Ending("done")
                elif reminded and reply.stop_reason == "end_turn":
                    return Ending("stopped", reply.text)
                else:
                    messages.append(self.correct(reply))
                    reminded = reply.stop_reason == "end_turn"
        except LimitReached as reached:
            return Ending("limit", str(reached), reached.limit)
        except ModelError as error:
            return Ending("failed", str(error))

    def ask(self, messages: list[Message]) -> Reply:
        """One reply: from the journal if it is there, else paid for and journalled."""
        request = replace(self.prefix, messages=sound(messages))
        turn = self.meter.turns + 1
        reply = self.tape.reply(turn)
        if reply is None:
            ceiling, tokens = self.model.price_ceiling(request), estimate_tokens(request)
            self.meter.reserve_turn(ceiling, tokens)
            self.tape.asking(turn, request)
            self.progress("asking", {"turn": turn, "model": self.model.id})
            paid = first_use_wins(self._paid(turn, request), turn, call_ids(messages))
            reply = self.tape.replied(turn, paid)
        self.meter.charge(reply)
        self.progress(
            "replied",
            {
                "turn": turn,
                "stop_reason": reply.stop_reason,
                "tools": [call.get("name") for call in reply.tool_calls],
                "usage": self.meter.usage.as_dict(),
                "cost": str(self.meter.cost),
            },
        )
        return reply

    def _paid(self, turn: int, request: Request) -> Reply:
        try:
            return self.model.reply(request, self.on_text)
        except ModelError as error:  # a call that failed to the end can still have been billed
            self.meter.charge_failure(error)
            self.tape.failed(turn, error)
            raise

    def act(self, reply: Reply) -> Message:
        """Run the calls of one reply in their order and answer each of them."""
        self.meter.reserve_tools(len(reply.tool_calls))
        return results_message([self.one(call, n) for n, call in enumerate(reply.tool_calls)])

    def one(self, call: Block, n: int) -> Block:
        name, raw, turn = str(call.get("name")), call.get("input"), self.meter.turns
        known = self.tape.result(turn, n)
        tool = self.tools.get(name)
        if known is not None and not (tool and tool.redone):
            return result_block(call, known)
        self.meter.check_clock()
        decision = self.gate(name, raw)
        if decision.verdict == "refuse" or tool is None:
            result = ToolResult(decision.reason or f"there is no tool {name!r}", True)
        else:
            result = tool.call(self.desk, raw)
        if known is not None:  # done again after a crash; the model keeps the answer it had
            return result_block(call, known)
        result = self.tape.acted(turn, n, call, result)
        self.progress("tool", {"name": name, "ok": not result.is_error, "text": result.text})
        return result_block(call, result)

    def correct(self, reply: Reply) -> Message:
        """Answer a reply that cannot be used, and count it against the limit."""
        missing = ", ".join(self.desk.missing) or "nothing"
        if reply.stop_reason == "max_tokens":
            what = "it was cut off at the output limit"
            fix = "Your reply was cut off; nothing of it was run. Send a shorter one."
        elif reply.tool_calls:
            what = f"it asked for tools but stopped with {reply.stop_reason!r}"
            fix = "Those tool calls were not run. Ask again if you still need them."
        else:
            what = "it ended before the documents were written"
            fix = f"Still to be written: {missing}. Use the write tool; set done on the last one."
        self.meter.count_format_error(what)
        cut = [
            result_block(call, ToolResult("not run: the reply was incomplete", True))
            for call in reply.tool_calls
        ]
        return results_message(cut, fix) if cut else user_text(fix)


def estimate_tokens(request: Request) -> int:
    """A high estimate of one turn: a token per three bytes of prompt, and all of `max_tokens`."""
    return request.size // 3 + request.max_tokens
