"""Triage measured on the labelled development set, where that set is present."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from agent.boundary.lanes import Lanes
from agent.boundary.triage import decide
from agent.memory import strict_yaml

ROOT = Path(__file__).parents[2]
EVALS = ROOT.parent / "shared" / "evals"
SHIPPED = ROOT / "personas/customer-success-manager/boundaries.yaml"
OUTCOMES = {"plan": "in_lane", "plan_with_handoffs": "mixed", "redirect": "sales"}

pytestmark = [
    pytest.mark.evals,
    pytest.mark.skipif(not EVALS.is_dir(), reason="the labelled sets in ../shared are absent"),
]


@dataclass(frozen=True)
class Policy:
    data: dict[str, Any]
    source: str = "boundaries.yaml"


def lanes() -> Lanes:
    return Lanes.load(Policy(strict_yaml.load(SHIPPED.read_bytes(), where=SHIPPED.name)))


def test_decisions_on_the_development_set(capsys: pytest.CaptureFixture[str]) -> None:
    policy = lanes()
    decided = right = refused = ours = total = 0
    for line in (EVALS / "boundary_dev.jsonl").read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        if record["debatable"]:
            continue
        triage = decide(record["text"], record.get("context"), policy)
        total += 1
        working = record["label"] in ("in_lane", "mixed")
        ours += working
        if triage.sure:
            decided += 1
            right += triage.label == record["label"]
            refused += working and triage.label in ("support", "sales", "product")
    with capsys.disabled():
        print(  # noqa: T201
            f"\ntriage: decided {decided}/{total} ({decided / total:.0%}), right {right}/{decided},"
            f" false refusals {refused}/{ours}"
        )
    assert right >= 0.95 * decided
    assert refused <= 0.02 * ours


def test_scenario_objectives_are_decided_surely() -> None:
    policy = lanes()
    for expected in sorted(EVALS.glob("scenarios_dev/*/expected.yaml")):
        outcome = strict_yaml.load(expected.read_bytes(), where=expected.name)["outcome"]
        (path,) = expected.parent.glob("Agent_Memory/*/instruction.yaml")
        given = strict_yaml.load(path.read_bytes(), where=path.name)
        triage = decide(given["objective"], given.get("context"), policy)
        assert (triage.label, triage.sure) == (OUTCOMES[outcome], True), expected.parent.name
