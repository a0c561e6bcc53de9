"""Reviews of plans: what a person decided, beside the plan and on the account's timeline."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from agent.case import PLAN_LIMIT, sha256
from agent.clock import stamp, utc_now
from agent.errors import BadInput, MemoryFault
from agent.memory import strict_yaml, timeline
from agent.memory.locks import lock
from agent.memory.paths import MemoryRoot
from agent.overview import load_plan
from agent.recording import needed, put
from agent.success.continuity.reading import Event, Told, read
from agent.success.continuity.values import text
from agent.success.events import event
from agent.success.plan import SuccessPlan

DECISIONS = {"approved": "approved", "sent_back": "sent back"}


@dataclass(frozen=True)
class Review:
    """A decision about a plan. `path` and `new` are told when it is recorded: the file that holds
    it, and False when it stood on record already."""

    plan_id: str
    revision: int
    decision: str
    by: str
    why: str
    on: str
    path: str = ""
    new: bool = True

    @property
    def says(self) -> str:
        why = f": {self.why}" if self.why else ""
        told = DECISIONS.get(self.decision, self.decision.replace("_", " "))
        return f"{told} by {self.by} on {self.on}{why}"


def record_review(
    memory: Path, instruction_id: str, *, approve: bool, why: str, by: str, as_of: date,
    now: Callable[[], datetime] = utc_now,
) -> Review:  # fmt: skip
    """Record that the plan of an instruction, as it stands now, was approved or sent back.

    Raises UnknownInstruction when there is no plan, BadInput without an author, without a reason
    for sending it back, or for a day before the plan's own.
    """
    decision = "approved" if approve else "sent_back"
    reason = needed(why, "--why", "a reason", 2000) if why.strip() or not approve else ""
    author = needed(by, "--by", "an author")
    root = MemoryRoot.open(memory)
    account_id = load_plan(memory, instruction_id).account_id
    with lock(root, f"account-{account_id}", wait=60):
        plan = load_plan(memory, instruction_id)  # as it stands now
        if as_of < plan.as_of:
            raise BadInput(
                f"the plan is of {plan.as_of}; it cannot be decided on {as_of}",
                where="--as-of",
                fix="Give the day of the decision.",
            )
        data = {
            "plan_id": plan.plan_id,
            "revision": plan.revision,
            "sha256": sha256(root.read_bytes(_plan_path(plan), limit=PLAN_LIMIT)),
            "decision": decision,
            "why": reason,
            "by": author,
        }
        events = timeline.read(root, account_id)
        before = _reviews(events, plan.instruction_id)[-1:]
        if before and before[0].on == as_of and _unnumbered(before[0].data) == data:
            stored, new = before[0].event, False
        else:
            made = event(
                account_id, "review_decided", plan.instruction_id, as_of, stamp(now()), data,
                source="csm review",
            )  # fmt: skip
            stored, new = put(root, account_id, made, events), True
        # The event came first: a crash in between leaves a record, and repeating makes the file.
        path = _written(root, stored)
    return Review(
        plan.plan_id, plan.revision, decision, author, reason, as_of.isoformat(), path, new
    )


def _written(root: MemoryRoot, stored: Event) -> str:
    """The review's file, made unless it is there. Two decisions of one second are two files."""
    data = strict_yaml.dump(_document(stored)).encode()
    stem = _stem(stored)
    if root.exists(folder := stem.rpartition("/")[0]):
        root.sweep(folder)  # what a try that was killed has left
    for path in (f"{stem}.yaml", *(f"{stem}-{n}.yaml" for n in range(2, 100))):
        if not root.exists(path):
            root.write_atomic(path, data)
            return path
        if root.read_bytes(path, limit=PLAN_LIMIT) == data:
            return path
    raise MemoryFault("there are too many reviews of one moment", where=f"{stem}.yaml")


def last_review(memory: Path, plan: SuccessPlan) -> Review | None:
    """The last decision about a plan of this instruction, whichever revision it was about."""
    events = timeline.read(MemoryRoot.open(memory), plan.account_id)
    found = _reviews(events, plan.instruction_id)
    if not found:
        return None
    told, data = found[-1], found[-1].data
    revision = data.get("revision")
    return Review(
        plan_id=text(data.get("plan_id")),
        revision=revision if type(revision) is int else 0,
        decision=text(data.get("decision")),
        by=text(data.get("by")),
        why=text(data.get("why")),
        on=told.on.isoformat(),
    )


def _reviews(events: Sequence[Event], instruction_id: str) -> list[Told]:
    return [
        t
        for t in read(events).standing
        if t.kind == "review_decided" and t.event.get("instruction_id") == instruction_id
    ]


def _unnumbered(data: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key != "number"}


def _plan_path(plan: SuccessPlan) -> str:
    return f"{plan.instruction_id}/outputs/final/success_plan.yaml"


def _stem(stored: Event) -> str:
    moment = str(stored["recorded_at"]).replace("-", "").replace(":", "")
    return f"{stored['instruction_id']}/reviews/{moment}_{stored['data'].get('decision')}"


def _document(stored: Event) -> dict[str, Any]:
    data = stored["data"]
    return {
        "review_id": stored["event_id"],
        "timestamp": stored["recorded_at"],
        "instruction_id": stored["instruction_id"],
        "account_id": stored["account_id"],
        "plan_id": data["plan_id"],
        "revision": data["revision"],
        "plan_sha256": data["sha256"],
        "on": stored["at"],
        "decision": data["decision"],
        "why": data["why"],
        "by": data["by"],
    }
