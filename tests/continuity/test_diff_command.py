"""`csm diff`: which plans are compared, and how it reads."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Csm
from tests.continuity.conftest import AUGUST, MUSEUMS, NOVEMBER, play

FINAL = "outputs/final/success_plan.yaml"


def sides(csm: Csm, memory: Path, *ids: str) -> tuple[str, str]:
    said = csm("diff", *ids, "-m", memory, "--json")
    assert said.exit_code == 0, said.stderr
    return said.json["from"]["plan"], said.json["to"]["plan"]


def test_a_quarter_in_words(played: Path, csm: Csm) -> None:
    said = csm("diff", NOVEMBER, "-m", played).stdout
    assert said.startswith(
        "Tarnholt Rail Services\n"
        "  from  plan_inst_20260818_001_r1, 2026-08-18\n"
        "  to    plan_inst_20261117_001_r1, 2026-11-17\n"
        "\nHealth\n  ~  Health from 77.1 yellow to 86.5 green, +9.46 points: value realization"
    )
    for told in (
        "  ~  Account: stage from adoption to renewal\n",
        "  ~  Renewal: category from best case to commit; probability from 70% to 90%\n",
        "value from 74 to 81; status from behind to met\n",
        "  +  Risk opened: Notice can be given until 2026-12-15 (medium)\n",
        "  -  Risk closed: The executive sponsor was last spoken to on 2026-06-11 (was low)\n",
        "  -  Play ended: Value not shown or not reached, 0 of 5 steps done\n",
        "  +  Handed over to technical-support-engineer: Old tickets",
    ):
        assert told in said
    assert all(line == line.rstrip() and len(line) <= 100 for line in said.splitlines())


def test_the_older_plan_comes_first_however_they_are_named(played: Path, csm: Csm) -> None:
    expected = (f"plan_{AUGUST}_r1", f"plan_{NOVEMBER}_r1")
    for ids in ((NOVEMBER,), (NOVEMBER, AUGUST), (AUGUST, NOVEMBER)):
        assert sides(csm, played, *ids) == expected


def test_a_revision_is_compared_with_the_one_it_supersedes(memory: Path, csm: Csm) -> None:
    play(memory, NOVEMBER, "2026-11-18", again=True)
    r1, r2 = (f"plan_{NOVEMBER}_r{n}" for n in (1, 2))
    assert sides(csm, memory, NOVEMBER) == (r1, r2)
    assert sides(csm, memory, f"{NOVEMBER}:r2", f"{NOVEMBER}:r1") == (r1, r2)
    assert sides(csm, memory, f"{NOVEMBER}:r1") == (f"plan_{AUGUST}_r1", r1)
    missing = csm("diff", f"{NOVEMBER}:r3", "-m", memory)
    assert missing.exit_code == 2 and "the newest is 2" in missing.stderr
    (memory / NOVEMBER / "outputs/revisions/success_plan.r1.yaml").unlink()
    assert sides(csm, memory, NOVEMBER) == (r1, r2), "the timeline holds it too"


def test_a_plan_whose_folder_is_gone_is_read_from_the_timeline(memory: Path, csm: Csm) -> None:
    shutil.rmtree(memory / AUGUST)
    assert sides(csm, memory, NOVEMBER)[0] == f"plan_{AUGUST}_r1"


def test_equal_plans_do_not_differ(memory: Path, csm: Csm) -> None:
    twin = memory / "inst_20261118_900"
    shutil.copytree(memory / NOVEMBER, twin)
    said = csm("diff", NOVEMBER, "inst_20261118_900", "-m", memory)
    assert said.stdout.endswith("\nNothing differs.\n")


def test_another_tools_plan_is_compared_by_what_can_be_recognised(played: Path, csm: Csm) -> None:
    said = csm("diff", MUSEUMS, "-m", played, "--json").json
    assert said["from"] == {"plan": "inst_20260519_002", "as_of": "2026-05-19",
                            "path": f"inst_20260519_002/{FINAL}"}  # fmt: skip
    gone = [d for d in said["differences"] if d["change"] == "gone"]
    assert "Ticket office connected" in {d["subject"] for d in gone}
    assert "another tool's plan: 7 of its promises were recognised" in said["remarks"][0]
    text = csm("diff", "inst_20260519_002", MUSEUMS, "-m", played).stdout
    assert "no score, risk or renewal" in " ".join(text.split())


@pytest.mark.parametrize(
    ("ids", "code", "told"),
    [
        ((AUGUST,), 4, "no plan before this one"),
        (("inst_20260519_002",), 4, "no plan before this one"),
        (("inst_20261117_002",), 2, "has no success plan"),
        (("inst_nobody",), 2, "has no success plan"),
        (("../x",), 2, "cannot be an instruction id"),
        ((NOVEMBER, MUSEUMS), 2, "two accounts"),
        ((NOVEMBER, NOVEMBER), 2, "given twice"),
        ((NOVEMBER, f"{NOVEMBER}:r1"), 2, "given twice"),
    ],
    ids=["first", "foreign", "not-run", "unknown", "path", "accounts", "twice", "same-revision"],
)
def test_what_cannot_be_compared_says_why(
    played: Path, csm: Csm, ids: tuple[str, ...], code: int, told: str
) -> None:
    said = csm("diff", *ids, "-m", played)
    assert (said.exit_code, said.stdout) == (code, "")
    assert told in said.stderr


def test_a_plan_that_cannot_be_read_is_named(memory: Path, csm: Csm) -> None:
    (memory / AUGUST / FINAL).write_text("a: [", "utf-8")
    said = csm("diff", NOVEMBER, AUGUST, "-m", memory)
    assert said.exit_code == 2 and f"{AUGUST}/{FINAL}" in said.stderr


def test_hostile_text_in_a_plan_is_shown_and_never_obeyed(memory: Path, csm: Csm) -> None:
    path = memory / AUGUST / FINAL
    text = path.read_text("utf-8")
    odd = '"\\e[31m[red]Fewer[/] stops"'
    path.write_text(text.replace("title: Fewer unplanned track possessions", f"title: {odd}"))
    said = csm("diff", NOVEMBER, "-m", memory).stdout
    assert "\x1b" not in said and "[red]Fewer[/] stops" in said
