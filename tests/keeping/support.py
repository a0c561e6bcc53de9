"""What the tests of keeping a memory share: one that has a history, and ways to look at it."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime
from pathlib import Path

from agent import run
from agent.memory import timeline
from agent.overrides import set_override
from tests.run.support import tree

DEMO = Path(__file__).resolve().parents[2] / "Agent_Memory"
ACCOUNT, NAME = "tarnholt-rail", "Tarnholt Rail Services"
OTHER = "fonderie-valtrebbia"
IID, OTHER_IID = "inst_20261117_001", "inst_20261117_005"
NOW = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)
MOMENT = "20261117T090000Z"
SCORES = "_knowledge/semantic/customer_health_scores.yaml"
INSIGHTS = "_knowledge/semantic/customer_insights.yaml"
PLAN = f"{IID}/outputs/final/success_plan.yaml"
KEPT = f"{IID}/outputs/revisions/success_plan.r1.yaml"
JOURNAL = f"{IID}/episodic/journal.jsonl"
TIMELINE = timeline.path_of(ACCOUNT)
HEAD = timeline.head_path(ACCOUNT)

__all__ = ["DEMO", "tree"]


def history(memory: Path) -> None:
    """The demo memory with two runs of one account, one of another, and an override."""
    shutil.copytree(DEMO, memory)
    at = {"memory": memory, "model": "playbook", "as_of": "2026-11-17", "now": lambda: NOW}
    run(IID, **at)
    run(IID, again=True, **at)
    run(OTHER_IID, **at)
    set_override(memory, OTHER, value=35, reason="new CFO", by="A. Lead",
                 expires=date(2026, 12, 31), as_of=date(2026, 11, 17), now=lambda: NOW)  # fmt: skip


def changed(memory: Path, path: str, old: str, new: str) -> None:
    """Change a file as somebody with an editor would."""
    file = memory / path
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")


def without_lines(memory: Path, path: str, *numbers: int) -> None:
    """Take lines (from 1; negative ones from the end) out of a file."""
    file = memory / path
    lines = file.read_bytes().splitlines(keepends=True)
    gone = {n - 1 if n > 0 else len(lines) + n for n in numbers}
    file.write_bytes(b"".join(line for n, line in enumerate(lines) if n not in gone))
