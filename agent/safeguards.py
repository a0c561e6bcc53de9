"""What a run's plan, notes and messages are held against before anything of them is accepted."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from agent.boundary.audit import audit, audit_text, verify_evidence
from agent.boundary.findings import Finding
from agent.boundary.gate import check_handoff
from agent.boundary.injection import instruction_like
from agent.boundary.triage import out_of_lane_action
from agent.case import INSIGHTS, SCORES, Snapshot
from agent.household import Household
from agent.instruction import Instruction
from agent.remembering import timeline_document
from agent.success.assessment import Assessment
from agent.success.plan import Carried, PlanDraft, SuccessPlan


@dataclass(frozen=True)
class Safeguards:
    """The checks of one run. `foreign_names` are names of other accounts, which nothing that is
    written may hold."""

    household: Household
    instruction: Instruction
    as_of: date
    loaded: Snapshot
    assessment: Assessment
    foreign_names: Collection[str]

    def plan(
        self, carried: Sequence[Carried], plan: SuccessPlan, draft: PlanDraft
    ) -> Sequence[Finding]:
        """Faults of a plan: figures and names without a source, work of other lanes, evidence that
        does not stand where it says."""
        loaded = self.loaded
        documents: dict[str, Any] = {
            INSIGHTS: {"accounts": {loaded.account_id: loaded.share}},
            SCORES: {"accounts": {loaded.account_id: loaded.scores_entry}},
            **{policy.source: policy.data for policy in self.household.persona.policies.values()},
            **{prior["path"]: prior["document"] for prior in loaded.plans},
            **timeline_document(loaded),
        }
        findings = audit(
            plan,
            draft,
            self.assessment.facts,
            foreign_names=self.foreign_names,
            roles=self.household.roster,
            out_of_lane=partial(out_of_lane_action, lanes=self.household.lanes),
            as_of=self.as_of,
            given=self._requested,
            instruction_like=self._commands,
            carried=carried,
        )
        return [*findings, *verify_evidence(plan.evidence, documents)]

    def note(self, text: str, evidence: Sequence[str]) -> Sequence[Finding]:
        """Faults of the writer's note beside the score."""
        return audit_text(
            text,
            evidence,
            facts=self.assessment.facts,
            as_of=self.as_of,
            foreign_names=self.foreign_names,
            instruction_like=self._commands,
        )

    def message(self, message: Mapping[str, Any]) -> Sequence[Finding]:
        """Faults of a message to another role."""
        return check_handoff(
            message,
            roles=self.household.roster,
            foreign_names=self.foreign_names,
            facts=self.assessment.facts,
            instruction_like=self._commands,
            as_of=self.as_of,
            given=self._requested,
        )

    def cited(self, ids: Sequence[str]) -> list[dict[str, Any]]:
        """The cited facts as a message carries them: enough for the receiver to check each."""
        known = self.assessment.facts
        return [
            {
                "id": fact.id,
                "what": fact.label,
                "value": fact.value,
                "unit": fact.unit,
                "source": fact.source or fact.formula,
            }
            for fact in (known[id] for id in ids if id in known)
        ]

    @property
    def _commands(self) -> Callable[[str], bool]:
        return partial(instruction_like, lanes=self.household.lanes)

    @property
    def _requested(self) -> tuple[str, ...]:
        """The requester's own words, whose figures an answer may repeat."""
        return tuple(t for t in (self.instruction.objective, self.instruction.context) if t)
