"""The story of one run: load → triage → brief → loop → publish → record.

    loaded → triaged → (redirected) → briefed → looping → published → recorded

Each step is in the journal before the next begins, so a run that is stopped anywhere goes on where
it was: what was paid for is not paid again and what was done is not done again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from agent.case import Snapshot, account_of, read_insights, read_instruction, snapshot
from agent.clock import as_of_date, stamp, utc_now
from agent.errors import Blocked, CsmError
from agent.household import Household, open_household
from agent.instruction import Instruction
from agent.limits import Limits
from agent.loop import Loop, Progress
from agent.memory.insights_file import InsightsFile
from agent.memory.journal import Journal
from agent.memory.locks import lock
from agent.memory.paths import MemoryRoot, check_instruction_id
from agent.model_choice import is_offline, language_model
from agent.publication import Publication, carry_out
from agent.redirect import Verdict, redirection, triage
from agent.result import Result, from_dict
from agent.runs import PastRun, past_runs
from agent.tape import Tape
from agent.work import open_work

DEFAULT_PERSONA = "customer-success-manager"
LOCK_WAIT = 60.0


def silent(_kind: str, _data: Mapping[str, Any]) -> None:
    """The default listener: nobody watches."""


@dataclass(frozen=True)
class Order:
    """What was ordered: an instruction, and how to run it.

    `model` is auto, claude, playbook, recorded, an alias (sonnet, opus, haiku) or a full id.
    `again` makes a new revision of a finished instruction; `resume` never starts a new run.
    """

    instruction_id: str
    memory: Path
    model: str = "auto"
    as_of: str = ""
    again: bool = False
    resume: bool = False
    limits: Limits = field(default_factory=Limits)
    persona: str = DEFAULT_PERSONA
    personas: Path | None = None
    progress: Progress = silent
    on_text: Callable[[str], None] | None = None
    now: Callable[[], datetime] = utc_now
    clock: Callable[[], float] = time.monotonic


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
    """
    return carry_on(Order(instruction_id, Path(memory), **options))


def carry_on(order: Order) -> Result:
    """Start the ordered run, or go on with the one that was stopped."""
    root = MemoryRoot.open(order.memory)
    iid = check_instruction_id(order.instruction_id)
    now = order.now()
    as_of = as_of_date(order.as_of or None, now)
    household = open_household(order.persona, order.personas)
    instruction = read_instruction(root, iid, as_of)
    if not is_offline(order.model):
        language_model(order.model, household.persona.model)  # an unknown model is refused here
    with lock(root, f"instruction-{iid}", wait=LOCK_WAIT):
        journal = Journal.open(root, iid)
        runs = past_runs(journal.records)
        last = runs[-1] if runs else None
        if last is not None and last.finished and not order.again:
            recorded = last.last("run_finished") or {}
            return replace(from_dict(recorded["result"]), already=True)
        if last is not None and last.goes_on and not order.again and _same_order(order, last):
            past = last
            journal.append("run_resumed", run=past.number, at=stamp(now))
        elif order.resume:
            raise Blocked(
                "there is no stopped run to go on with",
                where=iid,
                fix=f"`csm run {iid}` starts one.",
            )
        else:
            past = PastRun((last.number if last else 0) + 1, [])
            record = journal.append(
                "run_started",
                run=past.number,
                at=stamp(now),
                as_of=as_of.isoformat(),
                model=order.model,
                persona=household.persona.name,
                persona_hash=household.persona.hash,
                instruction_sha256=instruction.sha256,
            )
            past = PastRun(past.number, [record])
        return Run(order, root, household, instruction, journal, past).finish()


def _same_order(order: Order, past: PastRun) -> bool:
    """A stopped run is continued unless something else has been ordered explicitly."""
    started = past.first("run_started") or {}
    other_date = order.as_of and as_of_date(order.as_of, order.now()).isoformat()
    return (not other_date or other_date == started.get("as_of")) and (
        order.model in ("auto", started.get("model"))
    )


@dataclass
class Run:
    """One run in progress. Its date and its clock are those of its first record, so that a resumed
    run writes the same bytes as one that was never stopped."""

    order: Order
    root: MemoryRoot
    household: Household
    instruction: Instruction
    journal: Journal
    past: PastRun

    def __post_init__(self) -> None:
        started = self.past.first("run_started")
        assert started is not None
        self.started_at = str(started["at"])
        self.as_of = date.fromisoformat(started["as_of"])
        self.model_name = str(started["model"])
        self.resumed = len(self.past.records) > 1

    def finish(self) -> Result:
        """Tell the story to its end and record how it ended, whatever happens on the way."""
        try:
            result = self.story()
        except CsmError as error:
            result = self.result(
                error.status, str(error), candidates=tuple(getattr(error, "candidates", ()))
            )
        except KeyboardInterrupt:
            result = self.result("cancelled", "interrupted; `csm resume` goes on from here")
        self.note("run_finished", result=result.as_dict())
        self.order.progress("finished", {"status": result.status, "summary": result.summary})
        return result

    def story(self) -> Result:
        unpublished = self.past.unpublished
        if unpublished is not None:
            return self.publish(unpublished)
        verdict = triage(self)
        if verdict.redirects:
            insights = read_insights(self.root)
            return self.publish(self.announce(*redirection(self, verdict, insights)))
        insights = read_insights(self.root)
        account_id = account_of(self.instruction, insights)
        assert insights is not None
        with lock(self.root, f"account-{account_id}", wait=LOCK_WAIT):
            return self.work_on(self.load(insights, account_id), insights, verdict)

    def load(self, insights: InsightsFile, account_id: str) -> Snapshot:
        """The run's snapshot: from the journal when the run goes on, else read now."""
        record = self.past.first("loaded")
        if record is not None:
            return Snapshot(**record["snapshot"])
        taken = snapshot(self.root, self.instruction, insights, account_id, self.as_of)
        self.note("loaded", snapshot=taken.as_dict())
        return taken

    def work_on(self, loaded: Snapshot, insights: InsightsFile, verdict: Verdict) -> Result:
        work = open_work(self, loaded, insights, verdict)
        tape = Tape(self.journal, self.past.number, self.past.records)
        if tape.in_doubt is not None:
            self.order.progress("in_doubt", {"turn": tape.in_doubt})
        loop = Loop(
            model=work.model,
            prefix=work.prefix,
            tools=work.tools,
            gate=work.gate,
            desk=work.desk,
            tape=tape,
            meter=work.meter,
            progress=self.order.progress,
            on_text=self.order.on_text,
        )
        ending = loop.run([{"role": "user", "content": [{"type": "text", "text": work.brief}]}])
        return self.publish(self.announce(*work.close(ending)))

    def announce(self, publication: Publication, result: Result) -> Mapping[str, Any]:
        """Write down everything that is about to be published, before anything of it is."""
        return self.note(
            "publish_started", publication=publication.as_dict(), result=result.as_dict()
        )

    def publish(self, announced: Mapping[str, Any]) -> Result:
        """Carry out what was announced; a crash in between repeats this and nothing else."""
        publication = Publication.from_dict(announced["publication"])
        outputs, sent = carry_out(self.root, publication)
        self.note("published", plan_id=publication.plan_id, outputs=[o.__dict__ for o in outputs])
        recorded = from_dict(announced["result"])
        return replace(recorded, outputs=tuple(outputs), handoffs=tuple(sent))

    def result(self, status: str, summary: str, **more: Any) -> Result:
        return Result(
            instruction_id=self.instruction.id,
            status=status,  # type: ignore[arg-type]  # statuses of errors are statuses of results
            summary=summary,
            run=self.past.number,
            as_of=self.as_of.isoformat(),
            persona=self.household.persona.name,
            persona_hash=self.household.persona.hash,
            resumed=self.resumed,
            **more,
        )

    def note(self, kind: str, **data: Any) -> Mapping[str, Any]:
        return self.journal.append(kind, run=self.past.number, at=stamp(self.order.now()), **data)
