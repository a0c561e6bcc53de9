"""Where an order meets the runs that the instruction has had: begin, go on, or nothing to do."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from agent.case import read_instruction
from agent.clock import as_of_date, stamp
from agent.errors import Blocked
from agent.ground import check_ground
from agent.household import Household, open_household
from agent.instruction import Instruction
from agent.memory import schema
from agent.memory.journal import Journal
from agent.memory.locks import lock
from agent.memory.paths import MemoryRoot, check_instruction_id
from agent.model_choice import is_offline, language_model, settled
from agent.order import Order
from agent.result import Result, from_dict
from agent.runs import PastRun, past_runs
from agent.runtime import LOCK_WAIT, Run


def run(instruction_id: str, *, memory: str | Path, **options: Any) -> Result:
    """Run one instruction and return its result with receipts.

    A finished instruction is not run again (the result says `already`) unless `again` is set; a run
    that was stopped is continued.

    Args:
        instruction_id: folder name below `memory`.
        memory: the `Agent_Memory` folder; it must exist.
        options: further fields of `Order`, e.g. `model="playbook"`, `as_of="2026-11-17"`.

    Raises:
        BadInput: the id, the memory, the date or the instruction cannot be used, and nothing was
            written. What goes wrong later is told by the result's `status`.
        Blocked: somebody else is at work on the instruction, or `resume` finds nothing to resume.
    """
    return carry_on(Order(instruction_id, Path(memory), **options))


def carry_on(order: Order) -> Result:
    """Start the ordered run, or go on with the one that was stopped."""
    root = MemoryRoot.open(order.memory)
    iid = check_instruction_id(order.instruction_id)
    now = order.now()
    as_of = as_of_date(order.as_of or None, now)
    household = open_household(order.persona, order.personas)
    try:
        instruction = read_instruction(root, iid, as_of)
    except Blocked as error:  # addressed to another role: left as it is, without a trace of us
        return Result(iid, "blocked", str(error), as_of=as_of.isoformat(), persona=order.persona)
    if not is_offline(order.model):
        language_model(order.model, household.persona.model)  # an unknown model is refused here
    schema.check(root)
    with lock(root, f"instruction-{iid}", wait=LOCK_WAIT):
        desk = Reception(order, root, household, instruction, as_of, Journal.open(root, iid))
        last = desk.last
        if last is not None and last.unpublished is not None:
            # What was announced is published before anything else is begun.
            result = desk.goes_on(last).finish()
            still = desk.last.unpublished if desk.last else None
            if still is not None or not order.again:
                return result
        elif last is not None and last.finished and not order.again:
            recorded = last.last("run_finished") or {}
            return replace(from_dict(recorded["result"]), already=True)
        elif last is not None and desk.is_same_work(last):
            return desk.goes_on(last).finish()
        if order.resume:
            raise Blocked(
                "there is no stopped run to go on with, or the instruction or the persona has "
                "changed since it stopped",
                where=iid,
                fix=f"`csm run {iid}` starts one.",
            )
        check_ground(root, instruction)
        return desk.begins().finish()


@dataclass
class Reception:
    """Where an order meets the runs that the instruction has had."""

    order: Order
    root: MemoryRoot
    household: Household
    instruction: Instruction
    as_of: date
    journal: Journal

    @property
    def last(self) -> PastRun | None:
        runs = past_runs(self.journal.records)
        return runs[-1] if runs else None

    def is_same_work(self, past: PastRun) -> bool:
        """Whether the order is for the stopped run: nothing else is asked, from nothing else."""
        started = past.first("run_started") or {}
        return (
            past.goes_on
            and not self.order.again
            and (not self.order.as_of or self.as_of.isoformat() == started.get("as_of"))
            and self.order.model in ("auto", started.get("model"))
            and self.instruction.sha256 == started.get("instruction_sha256")
            and self.household.persona.hash == started.get("persona_hash")
        )

    def goes_on(self, past: PastRun) -> Run:
        at = stamp(self.order.now())
        self.journal.append("run_resumed", run=past.number, at=at)
        return self._run(past)

    def begins(self) -> Run:
        record = self.journal.append(
            "run_started",
            run=self.last.number + 1 if self.last else 1,
            **beginning(
                self.household,
                self.instruction,
                self.as_of,
                settled(self.order.model),
                stamp(self.order.now()),
            ),
        )
        return self._run(PastRun(record["run"], [record]))

    def _run(self, past: PastRun) -> Run:
        day = date.fromisoformat((past.first("run_started") or {})["as_of"])
        iid = self.order.instruction_id
        read = self.instruction if day == self.as_of else read_instruction(self.root, iid, day)
        return Run(self.order, self.root, self.household, read, self.journal, past)


def beginning(
    household: Household, instruction: Instruction, as_of: date, model: str, at: str
) -> dict[str, Any]:
    """What a run's first record holds: all that decides whether a later order is the same work."""
    return {
        "at": at,
        "as_of": as_of.isoformat(),
        "model": model,
        "persona": household.persona.name,
        "persona_hash": household.persona.hash,
        "persona_files": dict(household.persona.files),
        "instruction_sha256": instruction.sha256,
    }
