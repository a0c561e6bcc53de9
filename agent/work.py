"""The working part of a run: what the model is given, what it may touch, and what comes of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from agent.boundary.gate import Decision, check_call
from agent.boundary.injection import instruction_like
from agent.brief import stable_prefix, write_brief
from agent.case import INSIGHTS, SCORES, Snapshot, sha256
from agent.desk import RunDesk
from agent.ground import refuse_former
from agent.limits import Meter
from agent.loop import Ending
from agent.memory import strict_yaml, views
from agent.messages import user_text
from agent.models.base import Message, Model, Request
from agent.models.playbook import PlaybookModel
from agent.models.recorded import RecordedModel
from agent.outbox import Outbox
from agent.publication import Publication
from agent.reading_room import readable
from agent.records import decision_record, manifest_record, status_record
from agent.redirect import Verdict, envelope, foreign_messages
from agent.remembering import kept_out, remember
from agent.result import FINISHED, Result
from agent.runs import published_plans
from agent.safeguards import Safeguards
from agent.success.assess import assess
from agent.success.assessment import Assessment
from agent.success.compose import PlanIdentity, Surroundings
from agent.success.document import plan_document
from agent.success.happenings import happenings
from agent.success.health.another import another_score
from agent.success.health.change import change_since
from agent.success.health.entry import score_entry, with_since
from agent.success.plan import Change, SuccessPlan, WrittenBy
from agent.success.plays.carried import carried_on
from agent.success.plays.handoffs import SuggestedHandoff, suggested_handoffs
from agent.success.plays.state import Ledger, fold
from agent.success.writer import write_draft, write_handoffs
from tools.base import Tool
from tools.registry import allowed

if TYPE_CHECKING:
    from agent.runtime import Run

# What the fleet's `status.yaml` calls each way for a run to end.
FLEET_STATUS = {
    "completed": "completed",
    "completed_with_concerns": "completed",
    "limit_reached": "paused",
    "blocked": "blocked",
    "partial": "failed",
    "failed": "failed",
}
OFFLINE_NOTE = "No language model was used: the plan was computed from the records and the policy."
CHECKS = (
    "success_plan/1 and customer_health_scores/1 are valid",
    "every figure and quotation stands in cited evidence",
    "every piece of evidence stands in its source",
    "no other account is named; no work of another lane is taken on",
)


@dataclass
class Work:
    """One account, one instruction, ready for the loop."""

    run: Run
    loaded: Snapshot
    verdict: Verdict
    assessment: Assessment
    ledger: Ledger  # plays and risks that were open when the run began
    change: Change | None
    model: Model
    prefix: Request
    brief: str
    tools: Mapping[str, Tool]
    desk: RunDesk
    meter: Meter
    handed_over: Sequence[dict[str, Any]]  # messages delivered before the loop began

    @property
    def opening(self) -> list[Message]:
        """The first message to the model."""
        return [user_text(self.brief)]

    def gate(self, name: str, raw: Any) -> Decision:
        return check_call(
            name,
            raw,
            allowed=self.tools.keys(),
            owned_paths=(self.desk.plan_path, self.desk.scores_path),
            roles=self.run.household.roster,
        )

    def close(self, ending: Ending) -> tuple[Publication, Result]:
        """What the run leaves behind, for whatever way the loop ended."""
        plan = None if ending.reason in ("refused", "failed") else self.desk.plan()
        status, summary = _outcome(ending, plan, self.concerns)
        entry = None
        documents: dict[str, str] = {}
        if plan is not None:
            scored = score_entry(
                self.assessment.health,
                self.loaded.scores_entry,
                instruction_id=self.run.instruction.id,
                change=self.change,
                note=self.desk.note,
            )
            entry = with_since(scored, self.run.entry_since(self.loaded))
            documents[self.desk.plan_path] = strict_yaml.dump(plan_document(plan))
        events = () if plan is None or entry is None else self._events(plan, entry, documents)
        publication = Publication(
            plan_id=plan.plan_id if plan else "",
            plan=documents,
            account_id=self.loaded.account_id,
            entry=entry,
            messages=self.desk.outbox.messages if plan is not None else self.handed_over,
            events=events,
            records=self._records(status, summary, documents),
            archive=self._archive() if plan is not None else None,
        )
        return publication, self._result(status, summary, ending)

    @property
    def concerns(self) -> list[str]:
        account = self.assessment.account
        out = [self.verdict.concern] if self.verdict.concern else []
        out += self.run.instruction.warnings
        out += [f"{where}: text that gives commands was kept out" for where in account.withheld]
        if self.run.model_name == "recorded" and isinstance(self.model, RecordedModel):
            out += [f"the recording no longer fits: {drift}" for drift in self.model.drift]
        if self.assessment.health.score is None:
            out.append(f"no health score: {self.assessment.health.reason}")
        return out

    def _result(self, status: str, summary: str, ending: Ending) -> Result:
        not_done = [f"{p.span} → {p.target}" for p in self.verdict.foreign]
        not_done += [f"{span}: not understood, left alone" for span in self.verdict.unplaced]
        if self.desk.missing or status in ("blocked", "failed"):
            not_done.append(f"the success plan: {ending.detail}")
        return self.run.result(
            status,
            summary,
            account_id=self.loaded.account_id,
            usage=self.meter.usage.as_dict(),
            cost_usd=str(self.meter.cost),
            turns=self.meter.turns,
            model=self.model.id,
            concerns=tuple(self.concerns),
            not_done=tuple(not_done),
        )

    def _records(self, status: str, summary: str, documents: Mapping[str, str]) -> dict[str, str]:
        records = {
            **decision_record(
                self.run,
                "triage",
                "Whose job is this instruction?",
                {"label": self.verdict.label, "by": self.verdict.by,
                 "handed_over": [p.target for p in self.verdict.foreign]},
                self.verdict.reasons,
            ),
            **status_record(self.run, FLEET_STATUS[status], status, summary),
        }  # fmt: skip
        if status in FINISHED:
            sums = {path: sha256(text.encode()) for path, text in documents.items()}
            outstanding = [p.message for p in self.assessment.problems if p.ask]
            records |= manifest_record(self.run, sums, CHECKS, outstanding)
        return records

    def _events(
        self, plan: SuccessPlan, entry: Mapping[str, Any], documents: Mapping[str, str]
    ) -> Sequence[dict[str, Any]]:
        path = self.desk.plan_path
        kept = self._kept(self.desk.identity.revision)
        return happenings(
            plan,
            self.run.started_at,
            self.ledger,
            {
                "health_scored": views.entry_view(entry),
                "plan_published": views.plan_view(path, documents[path], kept),
            },
        )

    def _archive(self) -> tuple[str, str] | None:
        revision = self.desk.identity.revision
        return (self.desk.plan_path, self._kept(revision - 1)) if revision > 1 else None

    def _kept(self, revision: int) -> str:
        """Where a revision of the plan is kept once another supersedes it."""
        folder = f"{self.run.instruction.id}/outputs/revisions"
        return f"{folder}/success_plan.r{revision}.yaml"


def _outcome(ending: Ending, plan: SuccessPlan | None, concerns: Sequence[str]) -> tuple[str, str]:
    if ending.reason == "refused":
        return "blocked", f"the model refused: {ending.detail[:300]}"
    if ending.reason == "failed":
        return "failed", f"the model could not be asked: {ending.detail}"
    if ending.reason == "limit":
        kept = "; the accepted plan was published" if plan else "; nothing was published"
        return "limit_reached", ending.detail + kept
    if plan is None:
        return "partial", f"the model stopped without an accepted plan: {ending.detail[:600]}"
    status = "completed_with_concerns" if concerns else "completed"
    return status, f"success plan {plan.plan_id} for {plan.account_name} published"


def open_work(run: Run, loaded: Snapshot, foreign_names: Collection[str], verdict: Verdict) -> Work:
    """Assess the account and lay out the desk. Parts of the request that are another role's are
    handed over here, before the model is asked anything. `foreign_names` are names of other
    accounts, which nothing that is written may hold."""
    household, persona = run.household, run.household.persona
    assessment = assess(
        loaded.share,
        account_id=loaded.account_id,
        source=INSIGHTS,
        as_of=run.as_of,
        policies=persona.policies,
        history=loaded.scores_entry,
        is_instruction=partial(instruction_like, lanes=household.lanes),
        instruction_id=run.instruction.id,
    )
    refuse_former(assessment.account, loaded.events, run.as_of)
    ledger = fold(loaded.events, run.as_of)
    assessment = replace(assessment, plays=carried_on(assessment, ledger))
    keeps_out = kept_out(assessment, foreign_names, household.lanes)
    past = remember(loaded, assessment, persona.policies, keeps_out, run.instruction.id)
    change = change_since(
        assessment.health,
        loaded.scores_entry,
        run.instruction.id,
        under=assessment.under_earlier_models,
    )
    suggested = suggested_handoffs(assessment, persona.policy("playbooks"))
    guard = Safeguards(household, run.instruction, run.as_of, loaded, assessment, foreign_names)
    outbox = Outbox(
        envelope(run, loaded.account_id, loaded.account_name),
        household.roster,
        guard.message,
        facts=guard.cited,
    )
    foreign_messages(run.instruction.id, verdict.foreign, outbox, loaded.account_name)
    handed_over = list(outbox.messages)
    run.hand_over(handed_over)
    model = run.model(partial(_playbook, run, assessment, past.carried, suggested, outbox))
    desk = RunDesk(
        view=readable(run, loaded, assessment),
        plan_path=f"{run.instruction.id}/outputs/final/success_plan.yaml",
        scores_path=SCORES,
        assessment=assessment,
        identity=_identity(run, model, past.supersedes),
        around=Surroundings(past.carried, past.before, past.questions, change),
        outbox=outbox,
        audit=partial(guard.plan, past.carried),
        audit_note=guard.note,
        rescore=partial(
            another_score, assessment, policies=persona.policies, share=loaded.share,
            source=INSIGHTS,
        ),
    )  # fmt: skip
    tools = allowed(persona.tools)
    meter = Meter(run.order.limits, run.order.clock, cost=verdict.cost, usage=verdict.usage)
    brief = write_brief(
        assessment,
        run.instruction,
        owned=(desk.plan_path, desk.scores_path),
        sent=[{"to": part.target, "span": part.span} for part in verdict.foreign],
        past=past,
        change=change,
        suggested=suggested,
    )
    prefix = stable_prefix(persona, household.roster, tools.values())
    return Work(
        run, loaded, verdict, assessment, ledger, change, model, prefix, brief, tools, desk, meter,
        handed_over,
    )  # fmt: skip


def _identity(run: Run, model: Model, before: str | None) -> PlanIdentity:
    """Who the plan is. `before` is the account's last plan, which a first revision supersedes."""
    persona = run.household.persona
    revision = _revision(run)
    plans = published_plans(run.journal.records)
    return PlanIdentity(
        plan_id=f"plan_{run.instruction.id}_r{revision}",
        instruction_id=run.instruction.id,
        revision=revision,
        supersedes=plans[revision - 2] if revision > 1 else run.supersedes or before,
        written_by=WrittenBy(
            persona=persona.name,
            persona_hash=persona.hash,
            model=model.id,
            language_model_used=model.uses_language_model,
            note="" if model.uses_language_model else OFFLINE_NOTE,
        ),
    )


def _revision(run: Run) -> int:
    """1 + the plans published by earlier runs; a run that goes on keeps its own number."""
    before = [r for r in run.journal.records if int(r.get("run", 0)) < run.past.number]
    return len(published_plans(before)) + 1


def _playbook(
    run: Run,
    assessment: Assessment,
    carried: Any,
    suggested: Sequence[SuggestedHandoff],
    outbox: Outbox,
) -> Model:
    """The offline model, which decides by the engine and the policy files."""
    covered = {record.to for record in outbox.handoffs}
    return PlaybookModel(
        handoffs=[
            h.__dict__ for h in write_handoffs(assessment, suggested)
            if h.type in ("consultation", "escalation", "handoff") or h.to not in covered
        ],
        write_plan=lambda: {
            "path": f"{run.instruction.id}/outputs/final/success_plan.yaml",
            "document": write_draft(
                assessment, objective=run.instruction.objective, carried=carried
            ),
            "done": True,
        },
    )  # fmt: skip
