"""The runtime's own records in the instruction folder: status, decisions, completion manifest.

Shapes follow the fleet's conventions so that its other agents can read them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from agent.memory import strict_yaml

if TYPE_CHECKING:
    from agent.runtime import Run


def status_record(run: Run, status: str, phase: str, summary: str) -> dict[str, str]:
    """`status.yaml`: `status` is one of active, paused, blocked, completed, failed."""
    document = {
        "instruction_id": run.instruction.id,
        "current_phase": phase,
        "status": status,
        "assigned_agents": [run.household.persona.name],
        "created_at": run.started_at,
        "updated_at": run.started_at,
        "run": run.past.number,
        "next_action": summary,
    }
    return {f"{run.instruction.id}/status.yaml": strict_yaml.dump(document)}


def decision_record(
    run: Run, kind: str, question: str, chosen: Mapping[str, Any], reasons: Sequence[str]
) -> dict[str, str]:
    """`decisions/<time>_<kind>.yaml`: what was decided, why, by which policy."""
    compact = run.started_at.replace("-", "").replace(":", "")
    document = {
        "decision_id": f"{run.instruction.id}_{kind}_r{run.past.number}",
        "timestamp": run.started_at,
        "agent": run.household.persona.name,
        "instruction_id": run.instruction.id,
        "decision_type": kind,
        "question": question,
        "chosen": dict(chosen),
        "rationale": list(reasons),
        "persona_hash": run.household.persona.hash,
    }
    path = f"{run.instruction.id}/decisions/{compact}_{kind}_r{run.past.number}.yaml"
    return {path: strict_yaml.dump(document)}


def manifest_record(
    run: Run, outputs: Mapping[str, str], checks: Sequence[str], outstanding: Sequence[str]
) -> dict[str, str]:
    """`outputs/partial/<id>/manifest.yaml`: the completion manifest the fleet's validator reads.

    `outputs` maps path to sha256; `checks` are what the runtime verified before publishing.
    """
    document = {
        "task_id": run.instruction.id,
        "task_name": "success plan",
        "agent": run.household.persona.name,
        "completed_at": run.started_at,
        "completion_verification": {
            f"criterion_{n}": {
                "description": check,
                "status": "MET",
                "evidence": list(outputs),
                "verified_at": run.started_at,
            }
            for n, check in enumerate(checks, 1)
        },
        "outputs_created": [{"path": path, "sha256": sha} for path, sha in outputs.items()],
        "quality_checks_passed": True,
        "outstanding_work": {"items": list(outstanding), "reason": "see the plan"},
    }
    path = f"{run.instruction.id}/outputs/partial/{run.instruction.id}/manifest.yaml"
    return {path: strict_yaml.dump(document)}
