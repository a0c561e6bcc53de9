"""The story of one run: load → triage → brief → loop → publish → record.

    loaded → triaged → (redirected) → briefed → looping → published → recorded

Each step is in the journal before the next begins, so a run that is stopped anywhere goes on where
it was: what was paid for is not paid again and what was done is not done again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

from agent.case import Snapshot, account_of, read_insights, snapshot
from agent.clock import stamp
from agent.errors import BadPath, CsmError, MemoryFault
from agent.household import Household
from agent.instruction import Instruction
from agent.loop import Ending, Loop
from agent.memory import scores_file
from agent.memory.insights_file import InsightsFile
from agent.memory.journal import Journal, redact
from agent.memory.locks import lock
from agent.memory.paths import MemoryRoot
from agent.memory.pause import writing
from agent.model_choice import is_offline, language_model
from agent.models.base import Model
from agent.models.recorded import RecordedModel
from agent.models.retry import RetryPolicy
from agent.order import Order
from agent.publication import Publication, carry_out, deliver
from agent.records import status_record
from agent.redirect import Opinion, Verdict, ask_small_model, redirection, triage
from agent.result import Result, from_dict
from agent.runs import PastRun, past_runs, sent_messages, spending
from agent.tape import Tape
from agent.work import Work, open_work

LOCK_WAIT = 60.0


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
        self.supersedes = str(started.get("forked_from", {}).get("supersedes", ""))
        self.resumed = len(self.past.records) > 1

    def finish(self) -> Result:
        """Tell the story to its end and record how it ended, whatever happens on the way."""
        try:
            result = self.story()
        except CsmError as error:
            result = self.stopped(
                error.status, str(error), candidates=tuple(getattr(error, "candidates", ()))
            )
            self.leave_status(result)
        except KeyboardInterrupt:
            result = self.stopped("cancelled", "interrupted; `csm resume` goes on from here")
            self.leave_status(result)
        self.note("run_finished", result=result.as_dict())
        self.order.progress("finished", {"status": result.status, "summary": result.summary})
        return result

    def story(self) -> Result:
        unpublished = self.past.unpublished
        if unpublished is not None:
            return self.publish_late(unpublished)
        verdict = self.verdict()
        if verdict.redirects:
            return self.leave(*redirection(self, verdict))
        account_id, _name = self.account()
        with self.alone_with(account_id):
            loaded = self.load(account_id)
            work = open_work(self, loaded, self.foreign_names(loaded), verdict)
            ending = self.walk(work)
            return self.leave(*work.close(ending), ending)

    # What the story rests on. A rehearsal of a recorded run stands on the record instead.

    @cached_property
    def insights(self) -> InsightsFile | None:
        """The insights of this memory, read once."""
        return read_insights(self.root)

    def verdict(self) -> Verdict:
        """Whose job the instruction is."""
        return triage(self)

    def second_opinion(self) -> Opinion:
        """What a small model says where the policy is not sure; costs a call."""
        return ask_small_model(self)

    def account(self) -> tuple[str, str]:
        """Id and name of the account. Raises NeedsContext when it cannot be told."""
        account_id = account_of(self.instruction, self.insights)
        assert self.insights is not None
        return account_id, self.insights.names[account_id]

    def alone_with(self, account_id: str) -> AbstractContextManager[None]:
        """One run at a time works on an account."""
        return lock(self.root, f"account-{account_id}", wait=LOCK_WAIT)

    def at_once(self) -> AbstractContextManager[None]:
        """What is written together: a copy of the memory holds all of it or nothing."""
        return writing(self.root)

    def foreign_names(self, loaded: Snapshot) -> Collection[str]:
        """Names of other accounts, which have no place in this one's documents."""
        assert self.insights is not None
        return self.insights.foreign_names(loaded.account_id)

    def load(self, account_id: str) -> Snapshot:
        """The run's snapshot: from the journal when the run goes on, else read now; in both cases
        as the journal holds it, where secrets are cut out."""
        record = self.past.first("loaded")
        if record is None:
            assert self.insights is not None
            taken = snapshot(self.root, self.instruction, self.insights, account_id, self.as_of)
            record = self.note("loaded", snapshot=taken.as_dict())
        return Snapshot(**record["snapshot"])

    def entry_since(self, loaded: Snapshot) -> Mapping[str, Any] | None:
        """The account's score entry as it stands now; in the journal where it is not what the
        snapshot holds, because somebody published or set an override meanwhile."""
        current = redact(scores_file.read_entry(self.root, loaded.account_id))
        if current == loaded.scores_entry:
            return loaded.scores_entry
        entry: Mapping[str, Any] | None = self.note("entry_moved", entry=current)["entry"]
        return entry

    def model(self, playbook: Callable[[], Model]) -> Model:
        """The model that the run was begun with; `playbook` makes the offline one."""
        if self.model_name == "recorded":
            earlier = [p for p in past_runs(self.journal.records) if p.number < self.past.number]
            records = earlier[-1].records if earlier else []
            return RecordedModel(records, strict=False, skip=self.past.count("model_reply"))
        return playbook() if is_offline(self.model_name) else self.claude(self.model_name)

    def claude(self, name: str) -> Model:
        """A Claude model for this run; no reply of it may take longer than the whole run may."""
        deadline = min(RetryPolicy.deadline, self.order.limits.seconds)
        options = {"retry": RetryPolicy(deadline=deadline), **self.order.model_options}
        return language_model(name, self.household.persona.model, **options)

    def hand_over(self, messages: Sequence[Mapping[str, Any]]) -> None:
        """Deliver messages that do not wait for the plan."""
        before = sent_messages(self.journal.records)
        new = [message for message in messages if message["id"] not in before]
        if new:
            with self.at_once():
                sent = deliver(self.root, new, before)
                self.note("handed_over", handoffs=[s.__dict__ for s in sent])

    def walk(self, work: Work) -> Ending:
        """The tool loop, from the first step that the journal does not hold."""
        tape = Tape(self.journal, self.past.number, self.past.records)
        if tape.in_doubt is not None:
            self.order.progress("in_doubt", {"turn": tape.in_doubt})
        work.meter.spend(tape.failed_usage, tape.failed_cost)
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
        return loop.run(work.opening)

    def leave(
        self, publication: Publication, result: Result, ending: Ending | None = None
    ) -> Result:
        """Announce and publish in one go."""
        with self.at_once():
            return self.publish(self.announce(publication, result, ending))

    def announce(
        self, publication: Publication, result: Result, ending: Ending | None = None
    ) -> Mapping[str, Any]:
        """Write down everything that is about to be published, before anything of it is."""
        return self.note(
            "publish_started",
            publication=publication.as_dict(),
            result=result.as_dict(),
            **({"ending": asdict(ending)} if ending else {}),
        )

    def publish(self, announced: Mapping[str, Any]) -> Result:
        """Carry out what was announced; a crash in between repeats this and nothing else."""
        publication = Publication.from_dict(announced["publication"])
        outputs, sent = carry_out(self.root, publication, sent_messages(self.journal.records))
        if not self.past.is_published(announced):
            self.note(
                "published",
                plan_id=publication.plan_id,
                outputs=[o.__dict__ for o in outputs],
                handoffs=[s.__dict__ for s in sent],
            )
        recorded = from_dict(announced["result"])
        return replace(recorded, outputs=tuple(outputs), handoffs=tuple(sent))

    def publish_late(self, announced: Mapping[str, Any]) -> Result:
        """Publish what an earlier process had announced, while nobody else is on the account."""
        account_id = announced["publication"]["account_id"]
        if not account_id:
            with self.at_once():
                return self.publish(announced)
        with self.alone_with(account_id), self.at_once():
            return self.publish(announced)

    def stopped(self, status: str, summary: str, **more: Any) -> Result:
        """The result of a run that an error or a person has stopped, with what it has cost."""
        spent = spending(self.journal.records, self.past.number)
        return self.result(status, summary, **spent, **more)

    def leave_status(self, result: Result) -> None:
        """Tell the fleet that the run has stopped; a disk that refuses this hides no reason."""
        status = {"cancelled": "paused", "failed": "failed"}.get(result.status, "blocked")
        with suppress(MemoryFault, BadPath):
            for path, text in status_record(self, status, result.status, result.summary).items():
                self.root.write_atomic(path, text.encode())

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
