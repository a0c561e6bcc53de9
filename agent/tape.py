"""The part of the journal that the loop walks: replies and tool results by turn.

While the tape holds a step it is played, not repeated; where it ends, recording goes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Protocol

from agent.errors import ModelError
from agent.models.base import Block, Reply, Request, Usage
from agent.models.recorded import part_hashes, request_hash
from tools.base import ToolResult


class Recorder(Protocol):
    def append(self, kind: str, **data: Any) -> Mapping[str, Any]: ...


class Tape:
    """Steps of one run. `records` are the run's journal records so far, oldest first."""

    def __init__(self, recorder: Recorder, run: int, records: Iterable[Mapping[str, Any]]) -> None:
        self._recorder, self._run = recorder, run
        self._replies: dict[int, Reply] = {}
        self._results: dict[tuple[int, int], ToolResult] = {}
        self._asked: set[int] = set()
        self._answered: set[int] = set()  # with a reply, or with a failure that is on record
        self.failed_usage, self.failed_cost = Usage(), Decimal(0)
        self._hash = ""
        for record in records:
            self._load(record)

    def _load(self, record: Mapping[str, Any]) -> None:
        kind = record.get("kind")
        if kind == "model_request":
            self._asked.add(record["turn"])
            self._answered.discard(record["turn"])
        elif kind == "model_reply":
            self._replies[record["turn"]] = reply_from(record)
            self._answered.add(record["turn"])
        elif kind == "model_failed":
            self._answered.add(record["turn"])
            self.failed_usage += Usage(**record["usage"])
            self.failed_cost += Decimal(record["cost"])
        elif kind == "tool_result":
            self._results[record["turn"], record["n"]] = ToolResult(
                record["text"], record["is_error"]
            )

    @property
    def in_doubt(self) -> int | None:
        """The turn whose request was sent but whose end never reached the disk, if any."""
        lost = self._asked - self._answered
        return max(lost) if lost else None

    def reply(self, turn: int) -> Reply | None:
        return self._replies.get(turn)

    def result(self, turn: int, n: int) -> ToolResult | None:
        return self._results.get((turn, n))

    def asking(self, turn: int, request: Request) -> None:
        self._hash = request_hash(request)
        self._recorder.append(
            "model_request",
            run=self._run,
            turn=turn,
            request_sha256=self._hash,
            parts=part_hashes(request),
        )

    def replied(self, turn: int, reply: Reply) -> Reply:
        """Record a reply; returns it as it stands in the journal, where secrets are cut out, so
        that a resumed run goes on from the same words."""
        record = self._recorder.append(
            "model_reply",
            run=self._run,
            turn=turn,
            request_sha256=self._hash,
            **reply_record(reply),
        )
        self._replies[turn] = reply_from(record)
        return self._replies[turn]

    def failed(self, turn: int, error: ModelError) -> None:
        self._recorder.append(
            "model_failed",
            run=self._run,
            turn=turn,
            error=str(error),
            usage=dict(error.usage),
            cost=str(error.cost),
        )

    def acted(self, turn: int, n: int, call: Block, result: ToolResult) -> ToolResult:
        """Record a tool result; returns it as it stands in the journal."""
        record = self._recorder.append(
            "tool_result",
            run=self._run,
            turn=turn,
            n=n,
            id=call["id"],
            name=call["name"],
            text=result.text,
            is_error=result.is_error,
        )
        self._results[turn, n] = ToolResult(record["text"], record["is_error"])
        return self._results[turn, n]


def reply_record(reply: Reply) -> dict[str, Any]:
    return {
        "content": reply.content,
        "stop_reason": reply.stop_reason,
        "usage": reply.usage.as_dict(),
        "model": reply.model,
        "request_id": reply.request_id,
        "cost": str(reply.cost),
        "attempts": reply.attempts,
    }


def reply_from(record: Mapping[str, Any]) -> Reply:
    return Reply(
        content=list(record["content"]),
        stop_reason=record["stop_reason"],
        usage=Usage(**record["usage"]),
        model=record["model"],
        request_id=record["request_id"],
        cost=Decimal(record["cost"]),
        attempts=record["attempts"],
    )
