"""Clocks that go back and hosts that disagree: order is the order of recording, nothing is lost,
and what was known when is told by each host's own clock."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from agent import run
from agent.cli import app
from agent.memory import scores_file, timeline, views
from agent.memory.paths import MemoryRoot
from agent.overrides import set_override
from agent.playbook_book import open_plays, record_step
from agent.renewal_book import record_decision
from tests.many.processes import in_process
from tests.many.writers import AS_OF, EXPIRES, account
from tests.run import support as s

Clock = Callable[[], datetime]


def at(moment: datetime) -> Clock:
    return lambda: moment


def check(folder: Path, account_id: str) -> list[dict[str, Any]]:
    root = MemoryRoot.open(folder)
    found = timeline.scan(root, account_id)
    assert (found.problems, found.torn, found.tampering(account_id)) == ([], "", [])
    assert scores_file.read_entry(root, account_id) == views.score_entry(found.events)
    return found.events


def override(folder: Path, value: float, clock: Clock) -> None:
    set_override(folder, account(1), value=value, reason=f"value {value}", by="A. Lead",
                 expires=EXPIRES, as_of=AS_OF, now=clock)  # fmt: skip


def test_a_clock_that_goes_back_between_events(book: Path) -> None:
    for n, hours in enumerate((0, -5, 2, -400, 1)):
        override(book, n, at(s.NOW + timedelta(hours=hours)))
    events = check(book, account(1))
    told = [e["data"]["value"] for e in events if e["kind"] == "override_set"]
    assert told == [0, 1, 2, 3, 4]
    stamps = [e["recorded_at"] for e in events[1:]]
    assert stamps != sorted(stamps)  # as the clock said, not as it should have said


def test_two_hosts_whose_clocks_are_apart(book: Path) -> None:
    ahead, behind = at(s.NOW + timedelta(hours=3)), at(s.NOW - timedelta(days=40))
    for n in range(6):
        assert in_process(lambda n=n: override(book, n, (ahead, behind)[n % 2])) == 0  # type: ignore[misc]
    events = check(book, account(1))
    assert [e["data"]["value"] for e in events if e["kind"] == "override_set"] == [*range(6)]


@pytest.mark.parametrize("back", [timedelta(seconds=1), timedelta(days=1), timedelta(days=3000)])
def test_a_clock_that_goes_back_between_runs(memory: Path, back: timedelta) -> None:
    given: dict[str, Any] = {"memory": memory, "model": "playbook", "as_of": s.AS_OF}
    first = run(s.IID, now=at(s.NOW), **given)
    second = run(s.IID, now=at(s.NOW - back), again=True, **given)
    assert (first.status, second.status) == ("completed", "completed")
    plan = s.load(memory, s.PLAN)
    assert (plan["revision"], plan["supersedes"]) == (2, f"plan_{s.IID}_r1")
    events = check(memory, s.ACCOUNT)
    published = [e["data"]["revision"] for e in events if e["kind"] == "plan_published"]
    assert published == [1, 2]
    assert views.plan_texts(events)[s.PLAN] == (memory / s.PLAN).read_text("utf-8")


def test_a_run_that_is_resumed_before_it_began(memory: Path) -> None:
    def interrupt(kind: str, _data: Any) -> None:
        if kind == "tool":
            raise KeyboardInterrupt

    given: dict[str, Any] = {"memory": memory, "model": "playbook"}
    stopped = run(s.IID, now=at(s.NOW), as_of=s.AS_OF, progress=interrupt, **given)
    assert stopped.status == "cancelled"
    result = run(s.IID, now=at(s.NOW - timedelta(days=2)), **given)
    assert (result.status, result.as_of) == ("completed", s.AS_OF)
    check(memory, s.ACCOUNT)


def test_a_step_done_on_a_host_whose_clock_is_behind_is_done(memory: Path) -> None:
    iid = s.ask_for(memory, "Write the success plan.", "inst_20261117_102",
                    account="fonderie-valtrebbia")  # fmt: skip
    run(iid, memory=memory, model="playbook", as_of=s.AS_OF, now=at(s.NOW))
    day = date.fromisoformat(s.AS_OF)
    play = open_plays(memory, "fonderie-valtrebbia", as_of=day)[0].play
    record_step(memory, "fonderie-valtrebbia", play.id, 1, on=day, by="x", as_of=day,
                now=at(s.NOW - timedelta(days=90)))  # fmt: skip
    (line,) = [
        line
        for line in open_plays(memory, "fonderie-valtrebbia", as_of=day)
        if line.play.id == play.id
    ]
    assert line.play.steps[0].done_on == day


def calibration(memory: Path) -> dict[str, Any]:
    command = ["portfolio", "--calibration", "--json", "--memory", str(memory)]
    result = CliRunner().invoke(app, [*command, "--as-of", "2027-03-31"])
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


@pytest.mark.parametrize(("ahead", "counted"), [(timedelta(0), 1), (timedelta(days=40), 0)])
def test_what_was_known_is_told_by_the_clock_that_recorded_it(
    memory: Path, ahead: timedelta, counted: int
) -> None:
    run(s.IID, memory=memory, model="playbook", as_of=s.AS_OF, now=at(s.NOW + ahead))
    day = date(2027, 3, 1)
    record_decision(memory, s.ACCOUNT, outcome="renewed", arr_after=None, on=day, by="x",
                    as_of=day, now=at(datetime(2027, 3, 1, tzinfo=UTC)))  # fmt: skip
    assert calibration(memory)["total"]["n"] == counted


def test_moments_of_another_zone_are_written_in_utc(book: Path) -> None:
    override(book, 1, at(datetime.fromisoformat("2026-11-17T23:30:00-11:00")))
    assert check(book, account(1))[-1]["recorded_at"] == "2026-11-18T10:30:00Z"


def test_the_doctor_is_not_confused_by_any_of_it(book: Path) -> None:
    test_a_clock_that_goes_back_between_events(book)
    command = ["memory", "doctor", "--json", "--memory", str(book), "--as-of", "2026-11-17"]
    findings: Sequence[Any] = json.loads(CliRunner().invoke(app, command).stdout)["findings"]
    assert list(findings) == []
