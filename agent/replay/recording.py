"""What a journal holds of one run, checked for being whole before anything is made of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from agent.case import Snapshot
from agent.errors import BadDocument, BadInput, Blocked
from agent.loop import Ending
from agent.memory.journal import path_of
from agent.models.base import Usage
from agent.publication import Publication
from agent.redirect import recorded_verdict
from agent.result import from_dict
from agent.runs import PastRun, Record, past_runs, sent_messages
from agent.tape import Tape, reply_from

_STEPS = ("triaged", "loaded", "model_request", "model_reply", "model_failed", "tool_result")
_SHAPES: Mapping[str, Mapping[str, type]] = {
    "run_started": {"at": str, "model": str, "persona_hash": str, "instruction_sha256": str},
    "model_request": {"turn": int},
    "model_reply": {"turn": int},
    "model_failed": {"turn": int, "error": str},
    "tool_result": {"turn": int, "n": int, "name": str, "text": str, "is_error": bool},
}
_READERS: Mapping[str, Callable[[Record], object]] = {
    "run_started": lambda r: (date.fromisoformat(r["as_of"]), dict(r.get("forked_from", {}))),
    "triaged": recorded_verdict,
    "loaded": lambda r: Snapshot(**r["snapshot"]),
    "entry_moved": lambda r: dict(r["entry"] or {}),
    "handed_over": lambda r: sent_messages([r]),
    "model_reply": reply_from,
    "model_failed": lambda r: (Usage(**r["usage"]), Decimal(r["cost"])),
    "publish_started": lambda r: (Publication.from_dict(r["publication"]), from_dict(r["result"]),
                                  Ending(**r.get("ending", {"reason": "done"}))),
    "run_finished": lambda r: from_dict(r["result"]),
}  # fmt: skip
_KEPT = re.compile(r"; (?:the accepted plan|nothing) was published$")


@dataclass(frozen=True)
class Recording:
    """One run as recorded; `records` are those of the whole journal."""

    instruction_id: str
    past: PastRun
    records: Sequence[Record]

    @cached_property
    def started(self) -> Record:
        started = self.past.first("run_started")
        assert started is not None
        return started

    @property
    def triaged(self) -> Record | None:
        return self.past.first("triaged")

    @property
    def loaded(self) -> Record | None:
        return self.past.first("loaded")

    @cached_property
    def announced(self) -> Record | None:
        """What the run was about to publish, unless it went on working after that."""
        record = self.past.last("publish_started")
        steps = [r["seq"] for r in self.past.records if r.get("kind") in _STEPS]
        return record if record and record["seq"] > max(steps, default=0) else None

    @property
    def result(self) -> Mapping[str, Any]:
        """How the run ended; empty while it has not."""
        if not self.past.status:
            return {}
        finished = self.past.last("run_finished")
        result: Mapping[str, Any] = finished["result"] if finished else {}
        return result

    @property
    def resumed(self) -> bool:
        """Whether it had been resumed when it announced its publication."""
        until = self.announced["seq"] if self.announced else len(self.records)
        return any(r.get("kind") == "run_resumed" and r["seq"] < until for r in self.past.records)

    @cached_property
    def ending(self) -> Ending | None:
        """How the loop ended, where the record tells: limits are the order's, and no run that is
        walked again can reach them by itself."""
        if self.announced is None:
            return None
        if "ending" in self.announced:
            return Ending(**self.announced["ending"])
        result = self.announced["result"]
        if result.get("status") != "limit_reached":
            return None
        return Ending("limit", _KEPT.sub("", str(result.get("summary", ""))), "of the order")

    @cached_property
    def tape(self) -> Tape:
        """Replies and tool results by turn."""
        return Tape(_NoRecorder(), self.past.number, self.past.records)

    @cached_property
    def turns(self) -> int:
        """How many replies are on record."""
        return max((r["turn"] for r in self._of("model_reply")), default=0)

    @cached_property
    def requests(self) -> dict[int, Record]:
        """The last request of each turn."""
        return {r["turn"]: r for r in self._of("model_request")}

    @cached_property
    def failures(self) -> dict[int, Record]:
        """The failure that a turn ended with, where no reply followed."""
        answered = {r["turn"] for r in self._of("model_reply")}
        return {r["turn"]: r for r in self._of("model_failed") if r["turn"] not in answered}

    def _of(self, kind: str) -> list[Record]:
        return [r for r in self.past.records if r.get("kind") == kind]


class _NoRecorder:
    """Nothing is added to what is on record."""

    def append(self, kind: str, **_data: Any) -> Mapping[str, Any]:
        raise AssertionError(f"a recording takes no {kind}")


def recording(instruction_id: str, records: Sequence[Record], run: int = 0) -> Recording:
    """The run numbered `run`, else the last that came to an end, else the last.

    Raises:
        Blocked: nothing is recorded.
        BadInput: no such run; says which there are.
        BadDocument: a record of the run is not whole; names it.
    """
    where = path_of(instruction_id)
    runs = past_runs(records)
    if not runs:
        raise Blocked(
            "nothing is recorded of this instruction, so there is nothing to replay",
            where=instruction_id,
            fix=f"run it first: csm run {instruction_id}",
        )
    chosen = next((past for past in runs if past.number == run), None)
    if chosen is None and run:
        raise BadInput(
            f"there is no run {run} on record; there {_are([past.number for past in runs])}",
            where="--run",
            fix=f"`csm status {instruction_id}` shows them.",
        )
    if chosen is None:
        chosen = next((past for past in reversed(runs) if past.status), runs[-1])
    _check(chosen, where)
    return Recording(instruction_id, chosen, records)


def _are(numbers: Sequence[int]) -> str:
    return f"are {', '.join(map(str, numbers))}" if len(numbers) > 1 else f"is {numbers[0]}"


def _check(past: PastRun, where: str) -> None:
    """A journal that was mended by hand can be valid JSON and yet miss what a run rests on."""
    if past.first("run_started") is None:
        raise _unusable(f"run {past.number} has no beginning", where)
    for record in past.records:
        kind, place = str(record.get("kind")), f"{where}:{record['seq']}"
        for key, wanted in _SHAPES.get(kind, {}).items():
            if not isinstance(record.get(key), wanted):
                raise _unusable(f"this {kind} has no usable '{key}'", place)
        try:
            _READERS.get(kind, bool)(record)
        except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
            raise _unusable(f"this {kind} is not whole ({error!r})", place) from None


def _unusable(what: str, where: str) -> BadDocument:
    return BadDocument(
        what, where=where, fix="restore the journal from a backup; this run cannot be replayed."
    )
