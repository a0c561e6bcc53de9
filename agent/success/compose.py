"""From a writer's draft and the engine's assessment to the documents: the program's half.

Pure functions. The draft supplies judgement and words; every computed section, the evidence list
and the identity of the document come from here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from pydantic import BaseModel

from agent.success.assessment import Assessment, ComponentResult, HealthResult, Signal
from agent.success.facts import Fact
from agent.success.health.scoring import health_status
from agent.success.plan import (
    CadenceItem,
    Carried,
    Change,
    Checkpoint,
    ComponentView,
    DataGap,
    EvidenceItem,
    ExpansionItem,
    ExpansionSection,
    HandoffRecord,
    HealthSection,
    MeasureView,
    PlanDraft,
    PlaySection,
    Question,
    RenewalSection,
    RiskNote,
    RiskSection,
    Step,
    SuccessPlan,
    WrittenBy,
)
from agent.success.promises.found import same_words
from agent.success.promises.notes import with_notes
from agent.success.promises.previous import LastValues
from agent.success.remembered.questions import DOUBTED
from agent.success.rounding import apportion, shown

CSM = "customer-success-manager"


@dataclass(frozen=True)
class PlanIdentity:
    """What makes this plan this plan; `supersedes` is an earlier plan's id or path."""

    plan_id: str
    instruction_id: str
    revision: int
    supersedes: str | None
    written_by: WrittenBy


@dataclass(frozen=True)
class Surroundings:
    """What the run knows beside the account: earlier promises and values, what memory leaves open,
    earlier score, messages sent."""

    carried: Sequence[Carried] = ()
    before: LastValues = field(default_factory=LastValues)
    questions: Sequence[Question] = ()
    change: Change | None = None
    handoffs: Sequence[HandoffRecord] = ()
    escalations: Sequence[HandoffRecord] = ()
    extra_evidence: Sequence[str] = field(default=())


def compose(
    draft: PlanDraft, assessment: Assessment, identity: PlanIdentity, around: Surroundings
) -> SuccessPlan:
    """The whole `success_plan/1`. The draft must have been validated; nothing is audited here."""
    account = assessment.account
    sections = {
        "health": health_section(assessment.health, around.change),
        "renewal": _renewal(assessment),
        "risks": _risks(draft.risks, assessment),
        "playbooks": _plays(assessment),
        "expansion": _expansion(draft, assessment),
        "cadence": [CadenceItem(date=t.on, kind=t.kind, title=t.title) for t in assessment.cadence],
        "handoffs": list(around.handoffs),
        "escalations": list(around.escalations),
        "objectives": [around.before.beside(objective) for objective in draft.objectives],
        "carried_forward": with_notes(around.carried, draft, assessment.as_of),
        "data_gaps": [
            DataGap(field=p.field, state=p.state, message=p.message, ask=p.ask)
            for p in assessment.problems
            if p.state not in DOUBTED
        ],
        "open_questions": _questions(draft.open_questions, around.questions),
    }
    cited = [*_cited(draft), *_cited_in(sections.values()), *around.extra_evidence]
    cited += [id for view in assessment.goals for id in view.evidence]
    cited += [*assessment.stage.evidence]
    return SuccessPlan(
        schema="success_plan/1",  # type: ignore[call-arg]  # populated by its YAML name
        plan_id=identity.plan_id,
        instruction_id=identity.instruction_id,
        account_id=account.id,
        account_name=account.name,
        revision=identity.revision,
        supersedes=identity.supersedes,
        as_of=assessment.as_of,
        quarter=assessment.quarter,
        segment=account.segment or None,
        lifecycle_stage=assessment.stage.id,
        lifecycle_reason=assessment.stage.reason,
        written_by=identity.written_by,
        summary=draft.summary,
        diagnosis=draft.diagnosis,
        milestones=draft.milestones,
        stakeholders=draft.stakeholders,
        actions=draft.actions,
        decision_points=draft.decision_points,
        business_review=draft.business_review,
        evidence=[evidence_item(fact) for fact in assessment.facts.closure(_unique(cited))],
        **sections,
    )


def health_section(health: HealthResult, change: Change | None) -> HealthSection:
    return HealthSection(
        score=shown(health.score),
        tier=health.tier or None,
        status=health_status(health),
        reason=health.reason,
        model=health.model,
        model_version=health.model_version,
        as_of=health.as_of,
        coverage=round(health.coverage, 3),
        confidence=health.confidence,
        components=component_views(health),
        change=change,
    )


def component_views(health: HealthResult) -> list[ComponentView]:
    """Components and measures with contributions in points that add up to the shown score."""
    points = apportion([c.contribution for c in health.components], health.score)
    return [_component(c, p) for c, p in zip(health.components, points, strict=True)]


def _component(component: ComponentResult, points: float | None) -> ComponentView:
    shares = apportion([m.contribution for m in component.measures], points)
    return ComponentView(
        component=component.id,
        score=shown(component.score),
        weight=component.weight,
        contribution=points,
        coverage=round(component.coverage, 3),
        measures=[
            MeasureView(
                measure=m.id,
                label=m.label,
                state=m.state,
                value=None if m.value is None else round(m.value, 4),
                score=shown(m.score),
                weight=round(m.weight, 4),
                contribution=share,
                note=m.note,
                evidence=list(m.evidence),
            )
            for m, share in zip(component.measures, shares, strict=True)
        ],
    )


def _renewal(assessment: Assessment) -> RenewalSection:
    view = assessment.renewal
    return RenewalSection(
        date=view.renewal_date,
        days_left=view.days_left,
        status=view.status,
        category=view.category,
        probability=view.probability,
        probability_basis=view.probability_basis,
        arr=view.arr,
        currency=view.currency or None,
        notice_deadline=view.notice_deadline,
        auto_renew=view.auto_renew,
        checkpoints=[Checkpoint(date=on, what=what) for on, what in view.checkpoints],
        reasons=list(view.reasons),
        evidence=list(view.evidence),
    )


def _risks(notes: Sequence[RiskNote], assessment: Assessment) -> list[RiskSection]:
    """Every computed signal is a risk, with the writer's note where there is one; a note on a
    signal of the writer's own becomes a risk that is marked as judged."""
    by_signal = {note.signal: note for note in notes}
    first_due = {
        play.id: min((s.due for s in play.steps if s.done_on is None), default=None)
        for play in assessment.plays
    }
    out = [_risk(s, by_signal.pop(s.id, None), first_due) for s in assessment.signals]
    for note in by_signal.values():
        out.append(
            RiskSection(
                signal=note.signal,
                title=note.title or note.comment[:300],
                family="judgement",
                severity=note.severity or "medium",
                basis="judged",
                comment=note.comment,
                owner=note.owner,
                due=note.due,
                evidence=note.evidence,
                visibility=note.visibility,
            )
        )
    return out


def _risk(signal: Signal, note: RiskNote | None, due: dict[str, date | None]) -> RiskSection:
    return RiskSection(
        signal=signal.id,
        title=signal.title,
        family=signal.family,
        severity=signal.severity,
        basis=signal.basis,
        at=signal.at,
        clears_when=signal.clears_when,
        playbook=signal.playbook,
        comment=note.comment if note else "",
        owner=note.owner if note else CSM,
        due=(note.due if note else None) or due.get(signal.playbook),
        evidence=_unique([*signal.evidence, *(note.evidence if note else [])]),
    )


def _plays(assessment: Assessment) -> list[PlaySection]:
    return [
        PlaySection(
            playbook=play.id,
            title=play.title,
            because=list(play.signals),
            severity=play.severity,
            since=play.since,
            snoozed_until=play.snoozed_until,
            steps=[
                Step(title=s.title, owner=s.owner, due=s.due, phase=s.phase, done_on=s.done_on)
                for s in play.steps
            ],
        )
        for play in assessment.plays
    ]


def _expansion(draft: PlanDraft, assessment: Assessment) -> ExpansionSection:
    view, notes = assessment.expansion, {n.signal: n for n in draft.expansion}
    items = []
    for signal in view.signals:
        note = notes.pop(signal.id, None)
        items.append(
            ExpansionItem(
                signal=signal.id,
                title=signal.title,
                kind=signal.kind,
                points=signal.points,
                comment=note.comment if note else "",
                evidence=_unique([*signal.evidence, *(note.evidence if note else [])]),
            )
        )
    items += [
        ExpansionItem(
            signal=n.signal,
            title=n.comment[:300],
            kind="judged",
            points=0,
            comment=n.comment,
            evidence=n.evidence,
        )
        for n in notes.values()
    ]
    return ExpansionSection(
        gate=view.gate,
        gate_reasons=list(view.gate_reasons),
        points=view.points,
        signals=items,
        recommendation=view.recommendation,
    )


def _questions(own: Sequence[Question], computed: Sequence[Question]) -> list[Question]:
    """The writer's questions, then those of the program that the writer has not asked."""
    asked = [question.question for question in own]
    more = [q for q in computed if not any(same_words(q.question, known) for known in asked)]
    return [*own, *more]


def evidence_item(fact: Fact) -> EvidenceItem:
    quote = fact.kind == "quote"
    return EvidenceItem(
        id=fact.id,
        kind=fact.kind,
        label=fact.label,
        source=fact.source,
        pointer=fact.pointer,
        value=None if quote else fact.value,
        quote=str(fact.value) if quote else None,
        unit=fact.unit,
        inputs=list(fact.inputs),
        formula=fact.formula,
        at=fact.at,
    )


def _cited(part: object) -> list[str]:
    """Every fact id cited anywhere below `part`, in document order."""
    if isinstance(part, BaseModel):
        out: list[str] = []
        for name, value in part:
            out += list(value) if name == "evidence" else _cited(value)
        return out
    if isinstance(part, (list, tuple)):
        return [id for item in part for id in _cited(item)]
    return []


def _cited_in(parts: Iterable[object]) -> list[str]:
    return [id for part in parts for id in _cited(part)]


def _unique(ids: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(ids))
