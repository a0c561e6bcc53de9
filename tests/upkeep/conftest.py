"""A small memory that a test may put anything into, and the command that looks after it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from agent.cli import app
from agent.memory import timeline
from agent.memory.paths import MemoryRoot
from agent.resources import shipped

INSIGHTS = "_knowledge/semantic/customer_insights.yaml"
SCORES = "_knowledge/semantic/customer_health_scores.yaml"
AS_OF = "2026-11-17"
A = "tarnholt-rail"
HERE = f"/accounts/{A}"


@dataclass
class Kept:
    """The demo memory with one healthy account, and what the tests do to it."""

    path: Path

    def insights(self, change: Callable[[dict[str, Any]], object]) -> None:
        file = self.path / INSIGHTS
        document = yaml.safe_load(file.read_text("utf-8"))
        change(document["accounts"])
        file.write_text(yaml.safe_dump(document, sort_keys=False, allow_unicode=True), "utf-8")

    def write(self, rel: str, document: Any) -> None:
        file = self.path / rel
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(yaml.safe_dump(document, sort_keys=False, allow_unicode=True), "utf-8")

    def tell(self, account: str, kind: str, at: str, **data: Any) -> str:
        """Put an event on the account's timeline; returns its id."""
        view = data.pop("view", None)
        event = {
            "account_id": account, "at": at, "recorded_at": f"{at}T09:00:00Z", "kind": kind,
            "instruction_id": data.pop("instruction_id", ""), "data": data,
            "source": data.pop("source", "a person"), **({"view": view} if view else {}),
        }  # fmt: skip
        return timeline.append(MemoryRoot.open(self.path), account, [event])[0]

    def message(self, id: str, **fields: Any) -> str:
        document = {
            "id": id, "type": "delegation", "from": "customer-success-manager",
            "to": "technical-support-engineer", "timestamp": "2026-11-01T09:00:00Z",
            "instruction_id": "inst_20261101_001", "account_id": "tarnholt-rail",
            "status": "pending", "in_reply_to": None, "subject": "Old tickets",
            "message": "Please look at them.",
        } | fields  # fmt: skip
        rel = f"_communication/inbox/{document['to']}/msg_{id}.yaml"
        self.write(rel, document)
        return rel

    def ask(self, id: str, objective: str, account: str = "tarnholt-rail", **fields: Any) -> None:
        self.write(
            f"{id}/instruction.yaml",
            {"id": id, "account": account, "objective": objective} | fields,
        )

    def doctor(self, *words: str, as_of: str = AS_OF, code: int = 0) -> str:
        command = ["memory", "doctor", *words, "--memory", str(self.path), "--as-of", as_of]
        result = CliRunner().invoke(app, command)
        assert result.exit_code == code, result.output
        return result.stdout

    def found(self, *words: str, kind: str = "", as_of: str = AS_OF) -> list[dict[str, Any]]:
        findings = json.loads(self.doctor(*words, "--json", as_of=as_of))["findings"]
        return [f for f in findings if kind in ("", f["kind"])]


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    """The demo's Tarnholt, on whom nothing wants looking after, and nobody else."""
    memory = Kept(tmp_path / "Agent_Memory")
    shutil.copytree(shipped("Agent_Memory") / "_knowledge", memory.path / "_knowledge")
    memory.insights(lambda all_: [all_.pop(id) for id in list(all_) if id != "tarnholt-rail"])
    return memory


@pytest.fixture
def demo(tmp_path: Path) -> Kept:
    return Kept(Path(shutil.copytree(shipped("Agent_Memory"), tmp_path / "Agent_Memory")))


def account(kept: Kept, change: Any) -> None:
    kept.insights(lambda all_: change(all_[A]))
