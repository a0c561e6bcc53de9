"""`success_plan/1`: the plan this runtime leaves behind. The YAML file is a dump of this model.

A `PlanDraft` is the part a model (or the offline playbook) judges and writes; everything else in a
`SuccessPlan` is filled in by the program from the assessment, so no score, sum, date difference or
probability can come from a model.

Figures in text are facts and must stand in the evidence the item cites. Figures that the plan
*proposes* (targets, due dates, counts of touchpoints) live in typed fields and need no source.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints

from agent.success.parts import Day, FactIds, Name, Part, Short, Text, Visibility
from agent.success.plan_health import Cause as Cause
from agent.success.plan_health import Change as Change
from agent.success.plan_health import ComponentView as ComponentView
from agent.success.plan_health import HealthSection as HealthSection
from agent.success.plan_health import MeasureView as MeasureView


class Statement(Part):
    """Free text that states facts. Every figure and quotation in it must stand in `evidence`."""

    text: Text
    evidence: FactIds = []
    visibility: Visibility = "internal"


class Diagnosis(Part):
    """A root cause, or something that looks like one."""

    cause: Text
    kind: Literal["fact", "hearsay", "judgement"]
    confidence: Literal["high", "medium", "low"]
    evidence: FactIds = []
    visibility: Visibility = "internal"


class Objective(Part):
    """What shall be different, how it is measured, by when. `baseline` and `current` are facts and
    need evidence; `target` and `due` are proposals."""

    title: Short
    metric: Short
    unit: Annotated[str, StringConstraints(max_length=60)] = ""
    baseline: float | None = None
    current: float | None = None
    target: float | None = None
    due: date | None = None
    owner: Name
    status: Literal[
        "proposed", "agreed", "on_track", "behind", "met", "regressed", "not_measured"
    ] = "proposed"
    goal: str = Field(
        "", description="id of the customer's goal this is, if it is one", max_length=80
    )
    evidence: FactIds = []
    visibility: Visibility = "customer"


class MilestonePlan(Part):
    title: Short
    due: date
    owner: Name
    status: Literal["planned", "in_progress", "blocked", "done", "overdue"] = "planned"
    evidence: FactIds = []
    visibility: Visibility = "customer"


class StakeholderPlan(Part):
    name: Name
    role: Annotated[str, StringConstraints(max_length=200)] = ""
    stance: Literal["sponsor", "champion", "supporter", "neutral", "sceptic", "leaving", "unknown"]
    engagement: Literal["high", "medium", "low", "none", "unknown"] = "unknown"
    next_step: Annotated[str, StringConstraints(max_length=600)] = ""
    evidence: FactIds = []
    visibility: Visibility = "internal"


class RiskNote(Part):
    """The writer's word on a risk. `signal` is the id of a signal of the brief, or a new slug for a
    risk that only a reader would see; such a risk must cite evidence."""

    signal: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{2,60}$")]
    title: Annotated[str, StringConstraints(max_length=300)] = ""
    comment: Text
    severity: Literal["low", "medium", "high", "critical"] | None = Field(
        None, description="only for a risk of your own; computed signals keep theirs"
    )
    owner: Name = "customer-success-manager"
    due: date | None = None
    evidence: FactIds = []
    visibility: Visibility = "internal"


class ExpansionNote(Part):
    signal: Name
    comment: Text
    evidence: FactIds = []
    visibility: Visibility = "internal"


class Action(Part):
    title: Short
    owner: Name
    due: date
    why: Annotated[str, StringConstraints(max_length=1000)] = ""
    evidence: FactIds = []
    visibility: Visibility = "internal"


class DecisionPoint(Part):
    date: Day
    question: Short
    options: Annotated[list[Short], Field(min_length=2, max_length=6)]
    decides: Name
    evidence: FactIds = []
    visibility: Visibility = "internal"


class AgendaItem(Part):
    minutes: Annotated[int, Field(ge=1, le=240)]
    topic: Short
    lead: Annotated[str, StringConstraints(max_length=200)] = ""
    evidence: FactIds = []


class ReviewMeeting(Part):
    """The next business review, when the instruction asks for one or one is due."""

    title: Short
    month_or_date: Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}(-\d{2})?$")]
    agenda: Annotated[list[AgendaItem], Field(min_length=1, max_length=20)]
    visibility: Visibility = "customer"


class Question(Part):
    question: Text
    ask: Name = "customer-success-manager"
    evidence: FactIds = []
    visibility: Visibility = "internal"


class CarriedNote(Part):
    """What the writer proposes for a promise of the last plan. Only a record can call one done."""

    promise: Name = Field(description="id of a promise of the last plan, as the brief lists it")
    outcome: Literal["moved", "dropped"]
    to: date | None = Field(None, description="the new date of a promise that is moved")
    why: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=600)]
    evidence: FactIds = []


class PlanDraft(Part):
    """What the writer supplies; all other sections of the plan are computed and left out here."""

    summary: Statement
    diagnosis: Annotated[list[Diagnosis], Field(max_length=12)] = []
    objectives: Annotated[list[Objective], Field(max_length=12)] = []
    milestones: Annotated[list[MilestonePlan], Field(max_length=20)] = []
    stakeholders: Annotated[list[StakeholderPlan], Field(max_length=30)] = []
    risks: Annotated[list[RiskNote], Field(max_length=20)] = []
    expansion: Annotated[list[ExpansionNote], Field(max_length=12)] = []
    actions: Annotated[list[Action], Field(min_length=1, max_length=25)]
    decision_points: Annotated[list[DecisionPoint], Field(max_length=10)] = []
    business_review: ReviewMeeting | None = None
    open_questions: Annotated[list[Question], Field(max_length=20)] = []
    carried: Annotated[list[CarriedNote], Field(max_length=40)] = []


# ---- the program's sections -------------------------------------------------------------------


class Previous(Part):
    """What the last plan had as the current value of an objective."""

    value: float
    as_of: date | None
    plan: str


class ObjectiveSection(Objective):
    """An objective with its value at the last plan: baseline, previous, current, target."""

    previous: Previous | None = None


class Checkpoint(Part):
    date: Day
    what: str


class RenewalSection(Part):
    date: Day | None
    days_left: int | None
    status: Literal["open", "due", "overdue", "unknown"]
    category: Literal["commit", "best_case", "at_risk", "unknown"]
    probability: float | None
    probability_basis: str
    arr: float | None
    currency: str | None
    notice_deadline: Day | None = None
    auto_renew: bool | None = None
    checkpoints: list[Checkpoint] = []
    reasons: list[str] = []
    evidence: list[str] = []
    visibility: Literal["internal"] = "internal"


class RiskSection(Part):
    signal: str
    title: str
    family: str
    severity: Literal["low", "medium", "high", "critical"]
    basis: Literal["measured", "read", "judged"]
    at: date | None = None
    clears_when: str = ""
    playbook: str = ""
    comment: str = ""
    owner: str
    due: date | None
    evidence: list[str] = []
    visibility: Visibility = "internal"


class Step(Part):
    """A step of a playbook; its number is its place in the list, from 1."""

    title: str
    owner: str
    due: date
    phase: str = ""
    done_on: date | None = None


class PlaySection(Part):
    """A playbook under way: open `since`, resting until `snoozed_until` if that is set."""

    playbook: str
    title: str
    because: list[str] = []
    severity: Literal["low", "medium", "high", "critical"]
    since: date | None = None
    snoozed_until: date | None = None
    steps: list[Step]
    visibility: Visibility = "internal"


class ExpansionItem(Part):
    signal: str
    title: str
    kind: str
    points: int
    comment: str = ""
    evidence: list[str] = []


class ExpansionSection(Part):
    gate: Literal["open", "gated", "none"]
    gate_reasons: list[str] = []
    points: int
    signals: list[ExpansionItem] = []
    recommendation: str = ""
    visibility: Literal["internal"] = "internal"


class CadenceItem(Part):
    date: Day
    kind: str
    title: str
    visibility: Visibility = "customer"


class HandoffRecord(Part):
    """A part of the work that is somebody else's, and the message that carries it."""

    message_id: str
    to: str
    type: Literal["delegation", "consultation", "escalation", "handoff"]
    about: str
    reason: str
    span: str = ""
    visibility: Literal["internal"] = "internal"


class Carried(Part):
    """What the superseded plan promised and what became of it.

    `moved_to` is the day that holds now where that is not `was_due`. `basis` says who says so:
    `recorded` by a person or a document, `computed` from the data, or `proposed` by the writer of
    this plan. A promise that the superseded plan had itself taken over from an earlier one names
    the plan and the day of its beginning in `first_plan` and `first_due`.
    """

    id: str = ""
    kind: Literal["objective", "action", "milestone", "other"]
    title: str
    owner: str = ""
    was_due: str = ""
    outcome: Literal["done", "moved", "dropped", "overdue", "open", "unknown"]
    moved_to: str = ""
    why: str = ""
    basis: Literal["recorded", "computed", "proposed"] = "computed"
    goal: str = ""
    from_plan: str
    first_plan: str = ""
    first_due: str = ""
    evidence: list[str] = []
    visibility: Visibility = "internal"


class DataGap(Part):
    field: str
    state: str
    message: str
    ask: str = ""
    visibility: Literal["internal"] = "internal"


class EvidenceItem(Part):
    """`value` for a stored, policy or computed fact; `quote` for verbatim text. Checked against the
    file when the plan is written."""

    id: str
    kind: Literal["stored", "policy", "computed", "quote"]
    label: str
    source: str = ""
    pointer: str = ""
    value: str | int | float | bool | None = None
    quote: str | None = None
    unit: str = ""
    inputs: list[str] = []
    formula: str = ""
    at: str = ""


class WrittenBy(Part):
    persona: str
    persona_hash: str
    model: str
    language_model_used: bool
    note: str = ""


class SuccessPlan(Part):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    schema_: Literal["success_plan/1"] = Field("success_plan/1", alias="schema")
    plan_id: str
    instruction_id: str
    account_id: str
    account_name: str
    revision: int
    supersedes: str | None
    as_of: date
    quarter: str
    segment: str | None
    lifecycle_stage: str
    lifecycle_reason: str
    written_by: WrittenBy
    health: HealthSection
    renewal: RenewalSection
    summary: Statement
    diagnosis: list[Diagnosis]
    objectives: list[ObjectiveSection]
    milestones: list[MilestonePlan]
    stakeholders: list[StakeholderPlan]
    risks: list[RiskSection]
    playbooks: list[PlaySection]
    expansion: ExpansionSection
    actions: list[Action]
    decision_points: list[DecisionPoint]
    business_review: ReviewMeeting | None = None
    cadence: list[CadenceItem]
    handoffs: list[HandoffRecord]
    escalations: list[HandoffRecord]
    carried_forward: list[Carried]
    data_gaps: list[DataGap]
    open_questions: list[Question]
    evidence: list[EvidenceItem]
