"""`csm new`, `csm list`, `csm status`: making instructions and seeing how far they are."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from tests.cli.conftest import OFFLINE, PLAN, Csm, files, instruct


def today() -> str:
    return f"inst_{datetime.now(UTC):%Y%m%d}_"


def test_new_prints_the_next_id_of_the_day(memory: Path, csm: Csm) -> None:
    first = csm("new", "tarnholt-rail", "Success plan for the first quarter").stdout.strip()
    second = csm("new", "tarnholt-rail", "And one for the second").stdout.strip()
    assert first.startswith(today()[:-4])
    assert int(second[-3:]) == int(first[-3:]) + 1
    (memory / f"{second[:-3]}041").mkdir()
    assert csm("new", "tarnholt-rail", "A third").stdout.strip() == f"{second[:-3]}042"


def test_what_new_writes_is_what_was_said(memory: Path, csm: Csm) -> None:
    said = csm(
        "new", "Tarnholt Rail Services", "  Prepare the January review: yes  ",
        "--context", "Keep it short", "--requested-by", "cs-lead", "--priority", "high",
        "--deadline", "2026-12-01", "--json",
    )  # fmt: skip
    assert said.exit_code == 0 and said.json["account"] == "tarnholt-rail"
    written = yaml.safe_load((memory / said.json["path"]).read_text("utf-8"))
    assert written.pop("created_at")[:4].isdigit()
    assert written == {
        "instruction_id": said.json["instruction_id"],
        "assigned_to": "customer-success-manager",
        "requested_by": "cs-lead",
        "account": "tarnholt-rail",
        "objective": "Prepare the January review: yes",
        "context": "Keep it short",
        "deadline": "2026-12-01",
        "priority": "high",
    }


def test_what_new_makes_can_be_run(memory: Path, csm: Csm) -> None:
    iid = csm("new", "bergvik-coldchain", "Success plan for the first quarter").stdout.strip()
    assert csm("run", iid, *OFFLINE, "--json").json["account_id"] == "bergvik-coldchain"


def test_somebody_who_is_no_customer_keeps_the_name(memory: Path, csm: Csm) -> None:
    said = csm("new", "Holmsund Timber", "Close the deal", "--json")
    assert said.exit_code == 0 and said.json["account"] == "Holmsund Timber"


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["tarnholt-rail", "   "], "OBJECTIVE"),
        (["tarnholt-rail", "Plan", "--priority", "asap"], "--priority"),
        (["tarnholt-rail", "Plan", "--deadline", "friday"], "--deadline"),
        (["tarnholt-rail", "Plan", "--memory", "/nowhere/at/all"], "there is no memory folder"),
    ],
)
def test_new_refuses_and_leaves_no_folder(
    args: list[str], told: str, memory: Path, csm: Csm
) -> None:
    before = files(memory)
    said = csm("new", *args)
    assert said.exit_code == 2
    assert told in said.stderr and said.stdout == ""
    assert files(memory) == before and not list(memory.glob(f"{today()}*"))


def test_list_shows_every_instruction_with_its_whole_id(finished: Path, csm: Csm) -> None:
    lines = csm("list").stdout.splitlines()
    assert lines[0].split() == ["ID", "STATUS", "ACCOUNT", "ASKS", "FOR"]
    ids = [line.split()[0] for line in lines[1:]]
    assert ids == sorted(path.name for path in finished.glob("inst_*"))
    row = next(line for line in lines if line.startswith(PLAN))
    assert row.split()[1:3] == ["completed", "tarnholt-rail"]
    assert "is there room to grow?" in row


def test_list_as_json(finished: Path, csm: Csm) -> None:
    rows = {row["instruction_id"]: row for row in csm("list", "--json").json}
    assert rows[PLAN]["status"] == "completed"
    assert rows["inst_20261117_002"]["status"] == "open"
    assert rows["inst_20260519_002"]["status"] == "plan only"


def test_list_tells_an_unreadable_and_a_stopped_one(memory: Path, csm: Csm) -> None:
    broken = instruct(memory, "inst_b", "Plan")
    (memory / broken / "instruction.yaml").write_text("{", "utf-8")
    csm("run", PLAN, *OFFLINE, "--max-turns", "1")
    rows = {row["instruction_id"]: row["status"] for row in csm("list", "--json").json}
    assert rows[broken] == "unreadable"
    assert rows[PLAN] == "limit_reached"


def test_list_of_an_empty_memory_says_how_to_begin(tmp_path: Path, csm: Csm) -> None:
    said = csm("list", "--memory", tmp_path)
    assert said.exit_code == 0
    assert "csm new ACCOUNT" in said.stdout
    assert csm("list", "--memory", tmp_path, "--json").json == []


def test_status_tells_every_run(finished: Path, csm: Csm) -> None:
    csm("run", PLAN, *OFFLINE, "--again")
    said = csm("status", PLAN)
    heads = [line for line in said.stdout.splitlines() if line.startswith("run ")]
    assert heads == [
        "run 1: completed as of 2026-11-17, model playbook",
        "run 2: completed as of 2026-11-17, model playbook",
    ]
    assert f"  wrote {PLAN}/outputs/final/success_plan.yaml" in said.stdout
    runs = csm("status", PLAN, "--json").json
    assert [run["run"] for run in runs] == [1, 2] and runs[0]["turns"] == 2


def test_status_before_any_run_and_of_nothing(memory: Path, csm: Csm) -> None:
    assert "not run yet" in csm("status", PLAN).stdout
    assert csm("status", PLAN, "--json").json == []
    said = csm("status", "inst_nobody")
    assert said.exit_code == 2 and "csm list" in said.stderr


def test_looking_changes_nothing(finished: Path, csm: Csm) -> None:
    before = files(finished)
    for command in (["list"], ["status", PLAN], ["show", PLAN], ["doctor"]):
        assert csm(*command).exit_code == 0
    assert files(finished) == before
