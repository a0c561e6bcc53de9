"""`python -m tools.risk_analyzer`: a table or a memory, ranked; unknown is never low."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from agent.resources import shipped

HEAD = "id,name,arr,currency,renewal_date,usage_date,active_users,licensed_users,nps_company\n"
ROWS = """a1,Alpha,1000,EUR,2027-03-01,2026-10-31,10,100,-20
b2,Beta,,,,,,,
c3,Gamma,2000,EUR,2028-03-01,2026-10-31,95,100,70
"""


def analyze(*words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "tools.risk_analyzer", "--as-of", "2026-11-17", *words],
        capture_output=True, text=True, cwd=shipped("tools").parent, check=False,
        env={**os.environ, "COLUMNS": "100"},
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done


def ranks(*words: str) -> list[dict[str, Any]]:
    return list(json.loads(analyze(*words, "--json").stdout))


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "customers.csv"
    path.write_text(HEAD + ROWS, encoding="utf-8")
    return path


def test_a_table_is_ranked_with_reasons(table: Path) -> None:
    found = ranks("--portfolio", str(table))
    assert [row["rank"] for row in found] == [1, 2, 3]
    assert (found[0]["account_id"], found[0]["level"]) == ("a1", "high")
    assert "low_adoption" in [line["signal"] for line in found[0]["lines"]]
    text = analyze("--portfolio", str(table)).stdout
    assert text.index("Alpha") < text.index("Beta")
    assert "10 of 100 licensed users are active" in text


def test_an_account_without_data_is_unknown_and_never_low(table: Path) -> None:
    level = {row["account_id"]: row["level"] for row in ranks("--portfolio", str(table))}
    assert level["b2"] == "unknown"
    assert level["c3"] not in ("low", "none")
    assert "too little is on record" in analyze("--portfolio", str(table)).stdout


def test_nothing_is_written(table: Path) -> None:
    analyze("--portfolio", str(table))
    assert [path.name for path in table.parent.iterdir()] == ["customers.csv"]


def test_the_order_of_rows_does_not_matter(table: Path) -> None:
    first = ranks("--portfolio", str(table))
    table.write_text(HEAD + "".join(reversed(ROWS.splitlines(keepends=True))), encoding="utf-8")
    assert ranks("--portfolio", str(table)) == first


def test_a_memory_is_ranked_by_the_same_judgement() -> None:
    found = ranks("--memory", str(shipped("Agent_Memory")))
    assert found[0]["level"] in ("critical", "high")
    order = ["critical", "high", "medium", "low", "unknown", "none"]
    levels = [order.index(row["level"]) for row in found]
    assert levels == sorted(levels)


def test_bad_rows_are_told_and_good_ones_kept(table: Path) -> None:
    table.write_text(HEAD + ROWS + "d4,Delta,lots,EUR,2027-02-30,,,,\n", encoding="utf-8")
    done = analyze("--portfolio", str(table), "--json")
    assert "2027-02-30" in done.stderr
    assert len(json.loads(done.stdout)) == 4


def test_a_file_that_cannot_be_used_is_refused(tmp_path: Path) -> None:
    assert "nowhere.csv" in analyze("--portfolio", str(tmp_path / "nowhere.csv"), code=2).stderr
    (tmp_path / "empty.csv").write_text("", encoding="utf-8")
    analyze("--portfolio", str(tmp_path / "empty.csv"), code=2)
    (tmp_path / "head.csv").write_text(HEAD, encoding="utf-8")
    analyze("--portfolio", str(tmp_path / "head.csv"), code=1)
