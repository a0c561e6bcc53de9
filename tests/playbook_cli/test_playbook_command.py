"""`csm playbook`: looking up, what is open, and recording what was done."""

from __future__ import annotations

import json
import shutil
import threading
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from agent import run
from agent.cli import app
from agent.memory import timeline
from agent.memory.paths import MemoryRoot
from agent.resources import shipped

ACCOUNT = "tarnholt-rail"
PLAY = "executive_change"
BY = ("--by", "V. Brandt")


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    memory = tmp_path_factory.mktemp("played") / "Agent_Memory"
    shutil.copytree(shipped("Agent_Memory"), memory)
    at = datetime(2026, 11, 17, 9, tzinfo=UTC)
    for iid in ("inst_20261117_001", "inst_20261117_005"):
        run(iid, memory=memory, model="playbook", as_of="2026-11-17", now=partial(_always, at))
    return memory


def _always(at: datetime) -> datetime:
    return at


@pytest.fixture
def memory(played: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(played, tmp_path / "Agent_Memory"))


def csm(*words: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, ["playbook", *words])
    error = result.exception
    found = getattr(error, "exit_code", result.exit_code) if error else result.exit_code
    assert found == code, (result.output, error)
    return result.stdout if not code else str(error)


def on(memory: Path, day: str) -> tuple[str, ...]:
    return ("--memory", str(memory), "--as-of", day)


def open_plays(memory: Path, day: str = "2026-11-24", account: str = ACCOUNT) -> dict[str, Any]:
    rows = json.loads(csm("open", account, *on(memory, day), "--json"))
    return {row["playbook"]: row for row in rows}


def count(memory: Path) -> int:
    return len(timeline.read(MemoryRoot.open(memory), ACCOUNT))


def test_the_list_says_which_signs_start_a_playbook() -> None:
    rows = {row["id"]: row for row in json.loads(csm("list", "--json"))}
    assert {"low_engagement", "executive_change", "renewal_path"} <= rows.keys()
    assert "sponsor_left" in rows["executive_change"]["started_by"]
    assert "during onboarding" in " ".join(row["starts"] for row in rows.values())
    assert "sponsor_left" in csm("list")


def test_show_tells_steps_with_owner_and_day() -> None:
    steps = json.loads(csm("show", "renewal_path", "--json"))["steps"]
    assert [s["number"] for s in steps] == [1, 2, 3, 4, 5]
    assert steps[0]["when"] == "120 days before renewal"
    assert {"customer-success-manager", "account-manager"} == {s["owner"] for s in steps}
    assert "120 days before renewal" in csm("show", "renewal_path")
    assert "no playbook" in csm("show", "invented", code=2)


def test_open_shows_the_next_step_and_what_is_overdue_first(memory: Path) -> None:
    rows = json.loads(csm("open", *on(memory, "2026-11-24"), "--json"))
    assert len({row["account_id"] for row in rows}) == 2
    due = [row["next_step"]["due"] for row in rows]
    assert due == sorted(due)
    assert rows[0]["days_overdue"] > 0
    text = csm("open", *on(memory, "2026-11-24"))
    assert text.index("executive_change") < text.index("renewal_path")
    assert "1. Request" in csm("open", ACCOUNT, *on(memory, "2026-11-24")).replace("\n", " ")
    assert "renewal_path" in csm("open", ACCOUNT, "--steps", *on(memory, "2026-11-24"))


def test_before_the_first_run_nothing_is_open(memory: Path, tmp_path: Path) -> None:
    assert open_plays(memory, "2026-11-16") == {}
    fresh = Path(shutil.copytree(shipped("Agent_Memory"), tmp_path / "fresh"))
    assert "no playbook is open" in csm("open", *on(fresh, "2026-11-24"))


def test_a_step_that_is_done_makes_the_next_one_next(memory: Path) -> None:
    where = on(memory, "2026-11-24")
    said = csm("done", ACCOUNT, PLAY, "1", "--on", "2026-11-19", *BY, *where)
    assert "step 1 done on 2026-11-19" in said
    row = open_plays(memory)[PLAY]
    assert row["next_step"]["number"] == 2
    assert (row["steps"][0]["done_on"], row["steps"][0]["done_by"]) == ("2026-11-19", "V. Brandt")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("done", ACCOUNT, PLAY, "9", *BY), "no step 9"),
        (("done", ACCOUNT, PLAY, "0", *BY), "no step 0"),
        (("done", ACCOUNT, PLAY, "1"), "an author"),
        (("done", ACCOUNT, PLAY, "1", "--on", "2026-11-25", *BY), "2026-11-25 is not"),
        (("done", ACCOUNT, PLAY, "1", "--on", "2026-11-16", *BY), "2026-11-16 is not"),
        (("done", ACCOUNT, "merger", "1", *BY), "not open"),
        (("snooze", ACCOUNT, PLAY, "--reason", "x", *BY), "needs an end"),
        (("snooze", ACCOUNT, PLAY, "--until", "2026-12-01", *BY), "needs a reason"),
        (("snooze", ACCOUNT, PLAY, "--until", "2026-12-01", "--reason", " ", *BY), "a reason"),
        (("snooze", ACCOUNT, PLAY, "--until", "2026-12-01", "--reason", "x"), "an author"),
        (("snooze", ACCOUNT, PLAY, "--until", "2026-11-24", "--reason", "x", *BY), "does not"),
        (("snooze", ACCOUNT, PLAY, "--until", "2027-02-23", "--reason", "x", *BY), "90 days"),
        (("snooze", ACCOUNT, PLAY, "--until", "soon", "--reason", "x", *BY), "not a date"),
        (("close", ACCOUNT, PLAY, *BY), "a reason"),
        (("close", ACCOUNT, PLAY, "--reason", "x"), "an author"),
        (("close", ACCOUNT, PLAY, "--reason", "x" * 301, *BY), "at most 300"),
    ],
)
def test_what_cannot_be_recorded_is_refused_and_leaves_no_trace(
    memory: Path, words: tuple[str, ...], message: str
) -> None:
    before = count(memory)
    assert message in csm(*words, *on(memory, "2026-11-24"), code=2)
    assert count(memory) == before


def test_an_unknown_account_is_asked_for_and_never_guessed(memory: Path) -> None:
    words = ("close", "Tarnholt", PLAY, "--reason", "x", *BY)
    assert ACCOUNT in csm(*words, *on(memory, "2026-11-24"), code=4)


def test_a_step_is_done_once(memory: Path) -> None:
    words = ("done", ACCOUNT, PLAY, "1", *BY, *on(memory, "2026-11-24"))
    csm(*words)
    assert "done on 2026-11-24" in csm(*words, code=2)


def test_a_snoozed_play_comes_last_and_wakes_on_its_day(memory: Path) -> None:
    words = ("snooze", ACCOUNT, PLAY, "--until", "2026-12-08", "--reason", "CFO away", *BY)
    csm(*words, *on(memory, "2026-11-24"))
    rows = list(open_plays(memory).values())
    assert (rows[-1]["playbook"], rows[-1]["snoozed_until"]) == (PLAY, "2026-12-08")
    assert rows[-1]["days_overdue"] == 0
    assert "snoozed until" in csm("open", ACCOUNT, *on(memory, "2026-12-07"))
    assert open_plays(memory, "2026-12-08")[PLAY]["days_overdue"] > 0


def test_no_snooze_reaches_past_the_renewal(memory: Path) -> None:
    """The renewal is on 2027-03-15."""
    words = ("snooze", ACCOUNT, PLAY, "--reason", "x", *BY, *on(memory, "2027-02-01"))
    assert "past the renewal" in csm(*words, "--until", "2027-03-16", code=2)
    csm(*words, "--until", "2027-03-15")


def test_a_closed_play_is_no_longer_open(memory: Path) -> None:
    csm("close", ACCOUNT, PLAY, "--reason", "met the CFO", *BY, *on(memory, "2026-11-24"))
    assert PLAY not in open_plays(memory)
    assert PLAY in open_plays(memory, "2026-11-23")
    words = ("close", ACCOUNT, PLAY, "--reason", "again", *BY, *on(memory, "2026-11-24"))
    assert "not open" in csm(*words, code=2)


def test_words_of_people_cannot_paint_the_terminal(memory: Path) -> None:
    reason = "\x1b[31mred[/red] [bold]x"
    words = ("snooze", ACCOUNT, PLAY, "--until", "2026-12-08", "--reason", reason, *BY)
    csm(*words, *on(memory, "2026-11-24"))
    text = csm("open", ACCOUNT, *on(memory, "2026-11-24"))
    assert "\x1b" not in text and "[bold]x" in text.replace("\n", "").replace(" ", "")


def test_many_hands_at_once_record_each_step_once(memory: Path) -> None:
    from agent.errors import BadInput
    from agent.playbook_book import record_step

    refused: list[str] = []

    def do(step: int) -> None:
        day = date(2026, 11, 24)
        try:
            record_step(memory, ACCOUNT, PLAY, step, on=day, by="A", as_of=day)
        except BadInput as error:
            refused.append(str(error))

    hands = [threading.Thread(target=do, args=(n,)) for n in (1, 2, 3, 1, 2, 3)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    steps = open_plays(memory)[PLAY]["steps"]
    assert [bool(s["done_on"]) for s in steps[:4]] == [True, True, True, False]
    assert len(refused) == 3
