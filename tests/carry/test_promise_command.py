"""`csm promise`: the list, what people record, and what is refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from agent.cli import app
from agent.memory import timeline
from agent.memory.paths import MemoryRoot
from agent.resources import shipped

ACCOUNT = "osterby-museums"  # an older plan in another tool's format
BY = ("--by", "V. Brandt")
DAY = "2026-11-17"


@pytest.fixture
def memory(tmp_path: Path) -> Path:
    return Path(shutil.copytree(shipped("Agent_Memory"), tmp_path / "Agent_Memory"))


def csm(memory: Path, *words: str, code: int = 0, day: str = DAY) -> str:
    where = ("--memory", str(memory), "--as-of", day)
    result = CliRunner().invoke(app, ["promise", *words, *where])
    error = result.exception
    found = getattr(error, "exit_code", result.exit_code) if error else result.exit_code
    assert found == code, (result.output, error)
    return result.stdout if not code else str(error)


def listed(memory: Path, day: str = DAY) -> dict[int, dict[str, Any]]:
    found = json.loads(csm(memory, "list", ACCOUNT, "--json", day=day))
    return {line["number"]: line for line in found["promises"]}


def events(memory: Path) -> list[dict[str, Any]]:
    return timeline.read(MemoryRoot.open(memory), ACCOUNT)


def test_the_list_is_numbered_with_due_owner_kind_and_standing(memory: Path) -> None:
    lines = listed(memory)
    assert list(lines) == list(range(1, 8))
    assert {line["outcome"] for line in lines.values()} == {"open", "overdue"}
    assert (lines[4]["title"], lines[4]["due"], lines[4]["owner"]) == (
        "Ticket office connected", "2026-10-30", "Mette Haugaard",
    )  # fmt: skip
    text = csm(memory, "list", "Osterby Museum Group")
    assert "Ticket office" in text and "overdue" in text and "2026-10-30" in text
    assert "no success plan yet" in csm(memory, "list", "valmont-eaux")


def test_done_moved_and_dropped_are_recorded_with_who_when_and_why(memory: Path) -> None:
    csm(memory, "done", ACCOUNT, "3", "--on", "2026-09-10", *BY)
    said = csm(
        memory, "move", ACCOUNT, "ticket off", "--to", "2027-01-15", "--why", "late gates", *BY
    )
    assert "moved to 2027-01-15" in said
    csm(memory, "drop", ACCOUNT, "6", "--why", "they hired a trainer", *BY)
    lines = listed(memory)
    assert [lines[n]["outcome"] for n in (3, 4, 6)] == ["done", "moved", "dropped"]
    assert "late gates" in lines[4]["why"] and "V. Brandt" in lines[4]["why"]
    told = [(e["kind"], e["at"], e["data"]["outcome"]) for e in events(memory)]
    assert told == [
        ("promise_settled", "2026-09-10", "done"),
        ("promise_settled", DAY, "moved"),
        ("promise_settled", DAY, "dropped"),
    ]
    assert listed(memory, "2026-11-16")[6]["outcome"] == "overdue"  # not settled yet then


def test_the_next_run_knows_it(memory: Path) -> None:
    from agent import run

    csm(memory, "move", ACCOUNT, "4", "--to", "2027-01-15", "--why", "late gates", *BY)
    csm(memory, "drop", ACCOUNT, "6", "--why", "they hired a trainer", *BY)
    result = run("inst_20261117_006", memory=memory, model="playbook", as_of=DAY)
    assert result.status.startswith("completed"), result.summary
    lines = listed(memory, "2026-12-01")
    by_title = {line["title"]: line for line in lines.values()}
    assert by_title["Ticket office connected"]["due"] == "2027-01-15"
    assert by_title["Ticket office connected"]["first_due"] == "2026-10-30"
    assert not any("Training day" in title for title in by_title)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("done", ACCOUNT, "9", *BY), "no promise 9; there are 7"),
        (("done", ACCOUNT, "0", *BY), "no promise 0"),
        (("done", ACCOUNT, "Ti", *BY), "no promise of osterby-museums begins with"),
        (("done", ACCOUNT, "Sell it", *BY), "no promise of osterby-museums begins with"),
        (("done", ACCOUNT, "3"), "an author"),
        (("done", ACCOUNT, "3", "--on", "2026-11-18", *BY), "2026-11-18 is not"),
        (("done", ACCOUNT, "3", "--on", "2026-05-18", *BY), "2026-05-18 is not"),
        (("done", ACCOUNT, "3", "--on", "soon", *BY), "not a date"),
        (("move", ACCOUNT, "3", "--why", "x", *BY), "needs a new day"),
        (("move", ACCOUNT, "3", "--to", DAY, "--why", "x", *BY), "after 2026-11-17"),
        (("move", ACCOUNT, "3", "--to", "2027-01-01", *BY), "a reason"),
        (("drop", ACCOUNT, "3", *BY), "a reason"),
        (("drop", ACCOUNT, "3", "--why", "x" * 301, *BY), "at most 300"),
        (("done", "valmont-eaux", "1", *BY), "no plan"),
    ],
)
def test_what_cannot_be_recorded_is_refused_and_leaves_no_trace(
    memory: Path, words: tuple[str, ...], message: str
) -> None:
    assert message in csm(memory, *words, code=2)
    assert events(memory) == []


def test_a_title_that_fits_several_lists_them(memory: Path) -> None:
    path = memory / "inst_20260519_002/outputs/final/success_plan.yaml"
    path.write_text(path.read_text("utf-8").replace("Quarterly review", "Ticket review"), "utf-8")
    error = csm(memory, "done", ACCOUNT, "ticket", *BY, code=2)
    assert "2 promises begin" in error and "4. Ticket office" in error and "5. Ticket rev" in error


def test_what_is_settled_stays_settled_until_it_is_corrected(memory: Path) -> None:
    from datetime import date

    from agent.correcting import record_correction

    csm(memory, "drop", ACCOUNT, "6", "--why", "they hired a trainer", *BY)
    assert "dropped already" in csm(memory, "done", ACCOUNT, "6", *BY, code=2)
    record_correction(
        memory, ACCOUNT, events(memory)[0]["event_id"], why="another customer", by="V. B.",
        withdraw=True, as_of=date(2026, 11, 17),
    )  # fmt: skip
    csm(memory, "done", ACCOUNT, "6", *BY)
    csm(memory, "move", ACCOUNT, "4", "--to", "2027-01-15", "--why", "late gates", *BY)
    csm(memory, "move", ACCOUNT, "4", "--to", "2027-02-15", "--why", "still late", *BY)
    assert [listed(memory)[n]["due"] for n in (4, 6)] == ["2027-02-15", "2026-09-30"]


def test_words_of_people_cannot_paint_the_terminal(memory: Path) -> None:
    csm(memory, "drop", ACCOUNT, "6", "--why", "\x1b[31mred[/red] [bold]x", *BY)
    text = csm(memory, "list", ACCOUNT)
    assert "\x1b" not in text and "[bold]x" in text.replace("\n", "").replace(" ", "")
