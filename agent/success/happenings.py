"""What a published plan means for the account's timeline, seen from what was open before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from agent.success.events import EventKind, event
from agent.success.plan import PlaySection, SuccessPlan
from agent.success.plays.carried import is_unseen, unseen
from agent.success.plays.state import Ledger, OpenPlay, OpenRisk

_Told = tuple[EventKind, dict[str, Any]]
NOTHING = Ledger()


def happenings(
    plan: SuccessPlan,
    recorded_at: str,
    before: Ledger = NOTHING,
    views: Mapping[EventKind, Mapping[str, Any]] | None = None,
) -> list[dict[str, Any]]:
    """Events of one publication, in the order they are told.

    Args:
        before: what was open when the run began; what is open already does not open again.
        views: by kind of event, what the document holds that stands for it.
    """
    source = f"{plan.instruction_id}/outputs/final/success_plan.yaml"
    return [
        event(
            plan.account_id, kind, plan.instruction_id, plan.as_of, recorded_at, data,
            source=source, view=(views or {}).get(kind),
        )
        for kind, data in _told(plan, before)
    ]  # fmt: skip


def _told(plan: SuccessPlan, before: Ledger) -> Iterator[_Told]:
    health = plan.health
    yield (
        "health_scored",
        {
            "score": health.score,
            "tier": health.tier,
            "model": health.model,
            "model_version": health.model_version,
            "coverage": health.coverage,
            "plan_id": plan.plan_id,
        },
    )
    yield (
        "plan_published",
        {
            "plan_id": plan.plan_id,
            "revision": plan.revision,
            "supersedes": plan.supersedes,
            "stage": plan.lifecycle_stage,
            "forecast": _forecast(plan),
        },
    )
    for goal in plan.objectives:
        which = {"title": goal.title, "goal": goal.goal, "plan_id": plan.plan_id}
        due = goal.due.isoformat() if goal.due else None
        aim = {"baseline": goal.baseline, "target": goal.target, "unit": goal.unit, "due": due}
        yield "goal_set", {**which, **aim}
        if goal.current is not None:
            yield "goal_measured", {**which, "value": goal.current, "unit": goal.unit}
    yield from _risks(plan, before)
    yield from _plays(plan, before)
    for sent in plan.handoffs:
        yield "handoff_sent", {"to": sent.to, "message_id": sent.message_id, "about": sent.about}
    for sent in plan.escalations:
        yield "escalated", {"to": sent.to, "message_id": sent.message_id, "about": sent.about}


def _forecast(plan: SuccessPlan) -> dict[str, Any]:
    """What the plan expects of the renewal; what comes is held against it later."""
    renewal = plan.renewal
    return {
        "tier": plan.health.tier,
        "category": renewal.category,
        "probability": renewal.probability,
        "basis": renewal.probability_basis,
        "renewal_date": renewal.date.isoformat() if renewal.date else None,
        "arr": renewal.arr,
        "currency": renewal.currency,
    }


def _risks(plan: SuccessPlan, before: Ledger) -> Iterator[_Told]:
    firing = {risk.signal for risk in plan.risks}
    for signal, risk in before.risks.items():
        if signal not in firing and _has_cleared(risk, plan):
            yield (
                "risk_closed",
                {
                    "signal": signal,
                    "since": risk.since.isoformat(),
                    "number": before.next_number("signal", signal),
                },
            )
    for risk_now in plan.risks:
        if risk_now.signal not in before.risks:
            yield (
                "risk_opened",
                {
                    "signal": risk_now.signal,
                    "severity": risk_now.severity,
                    "family": risk_now.family,
                    "basis": risk_now.basis,
                    "number": before.next_number("signal", risk_now.signal),
                },
            )


def _has_cleared(risk: OpenRisk, plan: SuccessPlan) -> bool:
    """Whether silence means the risk is over. A risk that a writer saw is over when another writer
    does not see it; a computed plan cannot tell."""
    if risk.basis == "judged":
        return plan.written_by.language_model_used
    components = [(c.component, c.score) for c in plan.health.components]
    return not is_unseen(risk, unseen(components, [r.signal for r in plan.risks]))


def _plays(plan: SuccessPlan, before: Ledger) -> Iterator[_Told]:
    for play in plan.playbooks:
        running = before.plays.get(play.playbook)
        if running is None:
            yield _play_event(play.playbook, "started", before, {**_content(play)})
        elif changed := _changed(play, running, plan):
            yield _play_event(play.playbook, "updated", before, changed)
    here = {play.playbook for play in plan.playbooks}
    for id, running in before.plays.items():
        if id not in here:
            over = {"title": running.title, "reason": "none of its signs fires any more"}
            yield _play_event(id, "closed", before, over)


def _play_event(id: str, state: str, before: Ledger, more: dict[str, Any]) -> _Told:
    number = before.next_number("playbook", id)
    return "playbook_started", {"playbook": id, "state": state, "number": number, **more}


def _changed(play: PlaySection, running: OpenPlay, plan: SuccessPlan) -> dict[str, Any]:
    """What an update has to say; empty when all is as it was."""
    steps = [(s.title, s.owner, s.due, s.phase) for s in play.steps]
    known = [(s.title, s.owner, s.due, s.phase) for s in running.steps]
    woken = running.snoozed(plan.as_of) and play.snoozed_until is None
    same = set(play.because) == set(running.signals) and play.severity == running.severity
    if same and steps == known and not woken:
        return {}
    return {**_content(play), **({"snoozed_until": None} if woken else {})}


def _content(play: PlaySection) -> dict[str, Any]:
    return {
        "title": play.title,
        "because": play.because,
        "severity": play.severity,
        "steps": [
            {"title": s.title, "owner": s.owner, "due": s.due.isoformat(), "phase": s.phase}
            for s in play.steps
        ],
    }
