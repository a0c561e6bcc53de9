"""The runs of one instruction as its journal tells them: which is finished, which goes on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from agent.models.base import Usage
from agent.result import FINISHED, Sent

Record = Mapping[str, Any]
RESUMABLE = ("limit_reached", "failed", "cancelled")


@dataclass(frozen=True)
class PastRun:
    """One run: its number and its records, oldest first."""

    number: int
    records: Sequence[Record]

    def first(self, kind: str) -> Record | None:
        return next((r for r in self.records if r.get("kind") == kind), None)

    def last(self, kind: str) -> Record | None:
        return next((r for r in reversed(self.records) if r.get("kind") == kind), None)

    def count(self, kind: str) -> int:
        return sum(record.get("kind") == kind for record in self.records)

    @property
    def status(self) -> str:
        """Status of the result, or "" while the run is unfinished (or was reopened)."""
        for record in reversed(self.records):
            if record.get("kind") == "run_finished":
                return str(record["result"]["status"])
            if record.get("kind") == "run_resumed":
                return ""
        return ""

    @property
    def unpublished(self) -> Record | None:
        """A publication that was announced and whose run did not get to its end after it: it has
        to be carried out (again)."""
        ended = False
        for record in reversed(self.records):
            kind = record.get("kind")
            if kind == "publish_started":
                return record
            if kind == "published" and ended:
                return None
            ended = ended or kind == "run_finished"
        return None

    def is_published(self, announced: Record) -> bool:
        """Whether this publication is on record as carried out."""
        return any(
            r.get("kind") == "published" and r["seq"] > announced["seq"] for r in self.records
        )

    @property
    def finished(self) -> bool:
        return self.status in FINISHED

    @property
    def goes_on(self) -> bool:
        """It stopped before its end and has something worth continuing from."""
        begun = self.first("triaged") is not None
        return self.status == "" or (self.status in RESUMABLE and begun)


def past_runs(records: Sequence[Record]) -> list[PastRun]:
    numbers = sorted({int(r["run"]) for r in records if "run" in r})
    return [PastRun(n, [r for r in records if r.get("run") == n]) for n in numbers]


def published_plans(records: Sequence[Record]) -> list[str]:
    """Ids of the plans this instruction has published, oldest first."""
    ids = [str(r["plan_id"]) for r in records if r.get("kind") == "published" and r.get("plan_id")]
    return list(dict.fromkeys(ids))


def sent_messages(records: Sequence[Record]) -> dict[str, Sent]:
    """Messages that any run of this instruction has delivered, by id."""
    return {
        sent["message_id"]: Sent(**sent)
        for record in records
        if record.get("kind") in ("handed_over", "published")
        for sent in record.get("handoffs", ())
    }


def spending(records: Sequence[Record], run: int) -> dict[str, Any]:
    """What a run has spent by its journal, in the words of a result."""
    paid = [
        record
        for record in records
        if record.get("run") == run and record["kind"] in ("triaged", "model_reply", "model_failed")
    ]
    usage = sum((Usage(**record["usage"]) for record in paid), Usage())
    return {
        "usage": usage.as_dict(),
        "cost_usd": str(sum((Decimal(record["cost"]) for record in paid), Decimal(0))),
        "turns": sum(record["kind"] == "model_reply" for record in paid),
    }
