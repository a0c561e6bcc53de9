"""What a published plan means for the account's timeline."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from agent.success.events import EventKind, event
from agent.success.plan import SuccessPlan


def happenings(plan: SuccessPlan, recorded_at: str) -> list[dict[str, Any]]:
    """Events of one publication, in the order they are told."""
    source = f"{plan.instruction_id}/outputs/final/success_plan.yaml"
    return [
        event(
            plan.account_id, kind, plan.instruction_id, plan.as_of, recorded_at, data, source=source
        )
        for kind, data in _told(plan)
    ]


def _told(plan: SuccessPlan) -> Iterator[tuple[EventKind, dict[str, Any]]]:
    health = plan.health
    yield "health_scored", {
        "score": health.score,
        "tier": health.tier,
        "model": health.model,
        "model_version": health.model_version,
        "coverage": health.coverage,
    }
    yield "plan_published", {
        "plan_id": plan.plan_id,
        "revision": plan.revision,
        "supersedes": plan.supersedes,
    }
    for goal in plan.objectives:
        yield "goal_set", {"title": goal.title, "goal": goal.goal, "target": goal.target,
                           "due": goal.due.isoformat() if goal.due else None}  # fmt: skip
        if goal.current is not None:
            yield "goal_measured", {"title": goal.title, "goal": goal.goal, "value": goal.current}
    for risk in plan.risks:
        yield "risk_opened", {"signal": risk.signal, "severity": risk.severity}
    for play in plan.playbooks:
        yield "playbook_started", {"playbook": play.playbook, "because": play.because}
    for sent in plan.handoffs:
        yield "handoff_sent", {"to": sent.to, "message_id": sent.message_id, "about": sent.about}
    for sent in plan.escalations:
        yield "escalated", {"to": sent.to, "message_id": sent.message_id, "about": sent.about}
