"""What the tests of whole runs share: a small memory, a draft that passes, scripts for the server.

The memory is the demo's. `INSTRUCTION` asks, in words that the policy is sure about, for the plan
of one account of it; other requests are written with `ask_for`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from tests.support.messages_api import Spec, reply, text, tool_use

DEMO = Path(__file__).resolve().parents[2] / "Agent_Memory"
ACCOUNT, NAME = "tarnholt-rail", "Tarnholt Rail Services"
IID = "inst_20261117_101"
AS_OF = "2026-11-17"
NOW = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)
PLAN = f"{IID}/outputs/final/success_plan.yaml"
SCORES = "_knowledge/semantic/customer_health_scores.yaml"
INSIGHTS = "_knowledge/semantic/customer_insights.yaml"
TIMELINE = f"_knowledge/episodic/accounts/{ACCOUNT}.jsonl"

OURS = f"Write the success plan for {NAME}."
FOREIGN = "Please fix ticket TR-5081: photos are missing after offline sync. Close it today."
MIXED = f"{OURS} Also fix ticket TR-5081, photos are missing after offline sync."


def ask_for(memory: Path, objective: str, iid: str = IID, **keys: Any) -> str:
    """Write an instruction; returns its id."""
    document = {"id": iid, "account": ACCOUNT, "objective": objective} | keys
    path = memory / iid / "instruction.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    return iid


def good_draft(summary: str = "The renewal decides this plan.") -> dict[str, Any]:
    """The least that is a valid draft; it cites what it rests on."""
    return {
        "summary": {"text": summary, "evidence": ["contract.renewal_date"]},
        "actions": [
            {
                "title": "Agree the agenda of the renewal meeting with the sponsor",
                "owner": "customer-success-manager",
                "due": "2026-12-01",
                "evidence": ["contract.renewal_date"],
            }
        ],
    }


def write(
    draft: dict[str, Any] | None = None, *, done: bool = True, path: str = PLAN, **more: Any
) -> dict[str, Any]:
    document = good_draft() if draft is None else draft
    return tool_use("write", {"path": path, "document": document, "done": done}, **more)


def handoff(about: str = "Old tickets that weigh on the relationship") -> dict[str, Any]:
    return tool_use(
        "handoff",
        {
            "to": "technical-support-engineer",
            "type": "delegation",
            "about": about,
            "message": "Please look at the open tickets of this account.",
        },
    )


def writes() -> Spec:
    """The reply of a model that has what it needs."""
    return reply([text("I write the plan."), write()])


def reads() -> Spec:
    return reply([text("I look first."), tool_use("read", {"path": f"{IID}/instruction.yaml"})])


def by_turn(*specs: Spec) -> Callable[[dict[str, Any]], Spec]:
    """A script that answers by the turn a request stands at, so that a process that asks again
    for the same turn gets the same answer; the last one is repeated."""

    def script(body: dict[str, Any]) -> Spec:
        turn = sum(message["role"] == "assistant" for message in body["messages"])
        return specs[min(turn, len(specs) - 1)]

    return script


def journal(memory: Path, iid: str = IID) -> list[dict[str, Any]]:
    path = memory / iid / "episodic" / "journal.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def load(memory: Path, rel: str) -> Any:
    return yaml.load((memory / rel).read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


def inbox(memory: Path) -> list[Path]:
    return sorted((memory / "_communication").rglob("*.yaml"))


def tree(memory: Path) -> dict[str, bytes]:
    """Every file of the memory, except for the lock files, which only say who was there."""
    return {
        path.relative_to(memory).as_posix(): path.read_bytes()
        for path in sorted(memory.rglob("*"))
        if path.is_file() and "episodic/locks" not in path.as_posix()
    }


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def tool_results(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The tool results in the last message of a request."""
    content = body["messages"][-1]["content"]
    return [block for block in content if block.get("type") == "tool_result"]
