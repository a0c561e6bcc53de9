"""A recorded run told again: the story of `Run`, standing on what the journal holds.

The snapshot, the second opinion, the model's replies and the moment come from the record; triage,
engine, brief, gates and documents are today's. Nothing is asked, locked, sent or written.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from typing import Any

from agent.boundary.triage import Triage
from agent.boundary.verdict import Part
from agent.case import INSIGHTS, SCORES, Snapshot
from agent.errors import NeedsContext
from agent.household import Household
from agent.instruction import Instruction
from agent.loop import Ending
from agent.memory.insights_file import InsightsFile, names_within
from agent.memory.journal import Unwritten
from agent.memory.paths import MemoryRoot
from agent.model_choice import is_offline
from agent.models.base import Model, Reply, Request, Usage
from agent.models.recorded import RecordedModel
from agent.order import Order
from agent.redirect import Opinion, Verdict, recorded_verdict
from agent.replay.changes import changes
from agent.replay.comparison import Difference
from agent.replay.course import BOUNDLESS, Course, OffTheRecord
from agent.replay.recording import Recording
from agent.result import Result, from_dict
from agent.runs import PastRun, sent_messages
from agent.runtime import Run
from agent.success.writer import write_draft
from agent.work import Work

COMPUTED = frozenset({
    "segment", "quarter", "lifecycle_stage", "lifecycle_reason", "health", "renewal", "playbooks",
    "cadence", "carried_forward", "data_gaps",
})  # fmt: skip
"""Sections of a plan that come from the engine alone, whatever the writer wrote."""


@dataclass
class Rehearsal(Run):
    """`differences` and `outcome` are what came of it; `outcome` is the publication as the journal
    would hold it, None when the story did not get there. `on_record` reads the insights once for
    many rehearsals."""

    recording: Recording = field(kw_only=True)
    read_insights: Callable[[], InsightsFile | None] = field(kw_only=True)
    differences: list[Difference] = field(default_factory=list, init=False)
    outcome: Mapping[str, Any] | None = field(default=None, init=False)
    computed_only: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.resumed = self.recording.resumed

    @cached_property
    def insights(self) -> InsightsFile | None:
        return self.read_insights()

    def verdict(self) -> Verdict:
        """Today's decision, unless it would lead where there is no record: then the recorded one
        goes on, and the difference is told."""
        record = self.recording.triaged
        if record is None:
            super().verdict()
            raise OffTheRecord("whose job the instruction is")
        then = recorded_verdict(record)
        try:
            now = super().verdict()
        except NeedsContext as error:
            self.differs("gate", "triage: would not be understood now", reason=str(error))
            return then
        if (now.label, now.parts) != (then.label, then.parts):
            self.differs("lane", _lane_words(then, now), reason="; ".join(now.reasons))
        elif now != then:
            said = ({k: record[k] for k in _WORDS if k in record}, _words_of(now))
            self.differences.append(
                Difference("answer", "triage: the same decision in other words",
                           tuple(changes(*said)))
            )  # fmt: skip
        return now if now.redirects == then.redirects else then

    def second_opinion(self) -> Opinion:
        """What the small model said then; it is not asked again."""
        record = self.recording.triaged
        if record is None:
            raise OffTheRecord("what a small model says about the instruction")
        asked = record["by"] == "model" or any(record["usage"].values())
        failed = "the triage model could not be asked" in record["concern"]
        usage, cost = Usage(**record["usage"]), Decimal(record["cost"])
        if failed:
            trouble = str(record["concern"]).split("; triage was not sure")[0]
            return Opinion(None, usage, cost, trouble)
        if not asked:
            self.differs("lane", "the policy is not sure now, and a small model would be asked")
        sure = record["label"] != "unsure"
        parts = tuple(Part(**part) for part in record["parts"])
        found = Triage(record["label"], sure, parts, tuple(record["reasons"]), by=record["by"],
                       unplaced=tuple(record.get("unplaced", ())))  # fmt: skip
        return Opinion(found, usage, cost)

    def account(self) -> tuple[str, str]:
        """The account as recorded; where the run did not get that far, as it is found today."""
        loaded, announced = self.recording.loaded, self.recording.announced
        if loaded is not None:
            return str(loaded["snapshot"]["account_id"]), str(loaded["snapshot"]["account_name"])
        if announced is None:
            return super().account()
        publication = announced["publication"]
        account_id = str(publication["account_id"])
        if not account_id:
            raise NeedsContext("the recorded redirect knows no account")
        names = [m.get("account_name") for m in publication["messages"]]
        return account_id, str(next(filter(None, names), account_id))

    def alone_with(self, account_id: str) -> AbstractContextManager[None]:  # noqa: ARG002
        """Nothing is changed, so nobody has to wait."""
        return nullcontext()

    def at_once(self) -> AbstractContextManager[None]:
        return nullcontext()

    def load(self, account_id: str) -> Snapshot:  # noqa: ARG002 - the record names it
        record = self.recording.loaded
        if record is None:
            raise OffTheRecord("what was known about the account")
        return Snapshot(**record["snapshot"])

    def foreign_names(self, loaded: Snapshot) -> Collection[str]:
        """Today's names of other accounts, without those that were this account's own then."""
        if self.insights is None:
            return ()
        return self.insights.foreign_names(loaded.account_id) - names_within(loaded.share)

    def entry_since(self, loaded: Snapshot) -> Mapping[str, Any] | None:
        record = self.recording.past.last("entry_moved")
        entry: Mapping[str, Any] | None = record["entry"] if record else loaded.scores_entry
        return entry

    def model(self, playbook: Callable[[], Model]) -> Model:
        if is_offline(self.model_name):
            return super().model(playbook)
        announced = self.recording.announced or {"result": {}}
        name = str(announced["result"].get("model") or "")
        return Replies(RecordedModel(self.recording.past.records, strict=False), name)

    def hand_over(self, messages: Sequence[Mapping[str, Any]]) -> None:
        """Compared where no publication is on record, which lists these messages too."""
        if self.recording.announced is not None or not messages:
            return
        known = sent_messages(self.recording.records)
        record = self.recording.past.first("handed_over") or {"handoffs": ()}
        if not record["handoffs"] and not self.recording.past.first("model_request"):
            raise OffTheRecord("the parts of other roles are handed over")
        ids = {message["id"] for message in messages}
        for message in messages:
            if message["id"] not in known:
                what = f"would be handed over as well: {message['to']}: {message['subject']}"
                self.differs("message", what)
        for sent in record["handoffs"]:
            if sent["message_id"] not in ids:
                what = f"would not be handed over: {sent['to']}: {sent['about']}"
                self.differs("message", what)

    def walk(self, work: Work) -> Ending:
        work.meter.spend(self.recording.tape.failed_usage, self.recording.tape.failed_cost)
        priors = {str(prior["path"]) for prior in work.loaded.plans}
        course = Course(self.recording, work, frozenset({INSIGHTS, SCORES, *priors}))
        try:
            ending = course.walk()
            self.ended_early(course)
        except OffTheRecord as off:
            if self.recording.announced is None:
                raise
            self.differs("ending", f"the run would go on: {off.what} is not on record")
            ending = self.recording.ending or Ending("done")
        finally:
            self.differences += course.differences
            self.differences += [
                Difference("prompt", _moved(part, turns)) for part, turns in course.moved.items()
            ]
        if work.desk.missing and self._had_plan:
            self.compute_without_writer(work)
        return ending

    def ended_early(self, course: Course) -> None:
        if course.asked < self.recording.turns:
            self.differs(
                "ending",
                f"the run would be over after turn {course.asked}; "
                f"{self.recording.turns} turns are on record",
            )

    @property
    def _had_plan(self) -> bool:
        announced = self.recording.announced
        return announced is not None and bool(announced["publication"]["plan_id"])

    def compute_without_writer(self, work: Work) -> None:
        """The recorded draft fits today's schema no more: the offline draft stands in for it, and
        only what the engine computes is compared."""
        self.computed_only = True
        draft = write_draft(
            work.assessment,
            objective=self.instruction.objective,
            carried=work.desk.around.carried,
        )
        work.desk.submit(work.desk.plan_path, draft, True)

    def publish(self, announced: Mapping[str, Any]) -> Result:
        """Kept for comparison; nothing is published."""
        self.outcome = announced
        return from_dict(announced["result"])

    def differs(self, kind: Any, what: str, *, reason: str = "") -> None:
        self.differences.append(Difference(kind, what, reason=reason))


@dataclass
class Replies:
    """The replies of a recording under the name the model had in its plan."""

    recorded: RecordedModel
    name: str

    @property
    def id(self) -> str:
        return self.name or self.recorded.id

    @property
    def uses_language_model(self) -> bool:
        return True

    def price_ceiling(self, request: Request) -> Decimal:
        return self.recorded.price_ceiling(request)

    def reply(self, request: Request, on_text: Callable[[str], None] | None = None) -> Reply:
        return self.recorded.reply(request, on_text)


def rehearsal(
    recording: Recording,
    root: MemoryRoot,
    household: Household,
    instruction: Instruction,
    read_insights: Callable[[], InsightsFile | None],
) -> Rehearsal:
    """A rehearsal of one recorded run; `story()` tells it."""
    started = recording.started
    return Rehearsal(
        Order(recording.instruction_id, root.path, limits=BOUNDLESS, clock=lambda: 0.0),
        root,
        as_then(household, started),
        instruction,
        Unwritten(recording.records),
        PastRun(recording.past.number, [started]),
        recording=recording,
        read_insights=read_insights,
    )


def as_then(household: Household, started: Mapping[str, Any]) -> Household:
    """Today's policy under the names it had then: its hash and the folder that its files lay in
    stand in every plan, and would make each differ where no figure does."""
    persona, files = household.persona, started.get("persona_files") or {}
    policies = {}
    for name, policy in persona.policies.items():
        tail = "/".join(policy.source.split(f"{persona.name}/")[-1:])
        then = [source for source in files if source.endswith(f"{persona.name}/{tail}")]
        source = then[0] if then else f"personas/{persona.name}/{tail}"
        policies[name] = replace(policy, source=source)
    return replace(
        household, persona=replace(persona, hash=started["persona_hash"], policies=policies)
    )


_WORDS = ("reasons", "by", "concern", "unplaced")


def _words_of(verdict: Verdict) -> dict[str, Any]:
    return {
        "reasons": list(verdict.reasons),
        "by": verdict.by,
        "concern": verdict.concern,
        "unplaced": list(verdict.unplaced),
    }


def _lane_words(then: Verdict, now: Verdict) -> str:
    def told(verdict: Verdict) -> str:
        parts = [f"{p.target}: “{p.span}”" for p in verdict.parts]
        return verdict.label + (f" ({'; '.join(parts)})" if parts else "")

    return f"{told(then)} → {told(now)}"


def _moved(part: str, turns: Sequence[int]) -> str:
    names = {
        "system": "the system prompt",
        "tools": "the tool definitions",
        "settings": "the settings of the request",
        "message 1": "message 1 (the brief)",
    }
    when = f"turn {turns[0]}" if len(turns) == 1 else f"turns {turns[0]} to {turns[-1]}"
    return f"{names.get(part, part)} moved ({when})"
