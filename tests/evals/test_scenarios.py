"""Every development scenario, run offline as a person would and judged by its checker."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
EVALS = ROOT.parent / "shared" / "evals"
CHECKER = EVALS / "check_scenario.py"
SCENARIOS = sorted(path.parent for path in EVALS.glob("scenarios_*/*/expected.yaml"))
EXIT_CODES = {"plan": {0}, "plan_with_handoffs": {0}, "redirect": {3}}

pytestmark = [
    pytest.mark.evals,
    pytest.mark.skipif(not SCENARIOS, reason="no scenarios in ../shared/evals"),
]


def python(*args: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    settings = ("CSM_", "ANTHROPIC_")
    env = {name: value for name, value in os.environ.items() if not name.startswith(settings)}
    env |= {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        [sys.executable, *map(str, args)],
        cwd=cwd,
        env=env,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda path: path.name)
def test_scenario(scenario: Path, tmp_path: Path) -> None:
    expected: dict[str, Any] = yaml.safe_load((scenario / "expected.yaml").read_text("utf-8"))
    iid, memory = expected["instruction_id"], tmp_path / "Agent_Memory"
    shutil.copytree(scenario / "Agent_Memory", memory)

    done = python(
        "-m", "agent", "run", iid, "--memory", memory, "--as-of", expected["as_of"],
        "--model", "playbook", cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode in EXIT_CODES[expected["outcome"]], done.stdout + done.stderr

    said = tmp_path / "stdout.txt"
    said.write_text(done.stdout, "utf-8")
    verdict = python(CHECKER, scenario, memory, "--stdout", said, cwd=tmp_path)
    failed = [line for line in verdict.stdout.splitlines() if line.startswith(("FAIL", "RESULT"))]
    assert verdict.returncode == 0, "\n".join([*failed, verdict.stderr])

    plan = memory / iid / "outputs/final/success_plan.yaml"
    scores = memory / "_knowledge/semantic/customer_health_scores.yaml"
    if expected["outcome"] == "redirect":
        assert not (memory / iid / "outputs").exists() and not scores.exists()
        assert list((memory / iid / "decisions").iterdir())
    else:
        assert plan.is_file() and scores.is_file()
