"""D: several at once, killed in the middle, and clocks that lie."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import pytest
import yaml
from memory import ACCOUNT, IID, Memory, gaps

from agent import run

COMMAND = [sys.executable, "-c", "from agent.cli import main; main()"]


def in_child(work: Callable[[], object]) -> int:
    """Do `work` in a forked process; its wait status."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1]


def plain_run(memory: Memory, iid: str = IID, **options: Any) -> Any:
    given = {"model": "playbook", "as_of": "2026-11-17", **options}
    return run(iid, memory=memory.path, **given)


def die_at(number: int, events: tuple[str, ...]) -> None:
    """Kill this process the moment it is about to do its `number`-th such thing to a file."""
    left = [number]

    def watch(event: str, args: tuple[Any, ...]) -> None:
        writes = event != "open" or bool(args[2] & (os.O_WRONLY | os.O_RDWR))
        if event in events and writes:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)


ANY_WRITE = ("open", "os.rename", "os.link", "os.remove", "os.mkdir")


@pytest.mark.parametrize("number", [1, 4, 9, 14, 18, 22, 26, 30, 34, 40], ids="D01-write{}".format)
def test_a_run_killed_anywhere_leaves_whole_files_and_is_finished_by_the_next(
    memory: Memory, number: int
) -> None:
    memory.copy_instruction("inst_20261001_before")
    memory.run("inst_20261001_before", as_of="2026-10-01")

    def killed() -> None:
        die_at(number, ANY_WRITE)
        plain_run(memory)

    status = in_child(killed)
    assert os.WIFEXITED(status) or os.WTERMSIG(status) == signal.SIGKILL
    assert memory.history()[0]["instruction_id"] == "inst_20261001_before"
    if memory.plan_file.exists():
        assert memory.plan()["account_id"] == ACCOUNT
    memory.planned()
    assert [e["instruction_id"] for e in memory.history()] == ["inst_20261001_before", IID]
    assert memory.leftovers() == []


@pytest.mark.parametrize("number", [1, 2, 3], ids="D02-rename{}".format)
def test_killed_at_a_rename_plan_and_score_agree_after_the_next_run(
    memory: Memory, number: int
) -> None:
    memory.planned()
    old = memory.plan_file.read_bytes(), memory.scores.read_bytes()
    memory.put("relationship.renewal_confidence", 12)

    def killed() -> None:
        die_at(number, ("os.rename",))
        plain_run(memory, again=True)

    assert os.WTERMSIG(in_child(killed)) == signal.SIGKILL
    for file, before in zip((memory.plan_file, memory.scores), old, strict=True):
        assert file.read_bytes() == before or yaml.safe_load(file.read_bytes())
    plan = memory.planned()
    entry = memory.history_file()["accounts"][ACCOUNT]
    assert plan["health"]["score"] == entry["score"] and plan["revision"] == 2
    assert memory.leftovers() == []


@pytest.mark.parametrize(
    ("call", "code"),
    [
        pytest.param("fsync", errno.EIO, id="D03-fsync"),
        pytest.param("rename", errno.EXDEV, id="D03-rename"),
        pytest.param("write", errno.ENOSPC, id="D03-write"),
    ],
)
@pytest.mark.parametrize("after", [0, 6, 12], ids="after{}".format)
def test_a_failing_disk_is_told_and_the_old_files_stay(
    memory: Memory, monkeypatch: pytest.MonkeyPatch, call: str, code: int, after: int
) -> None:
    memory.planned()
    before = memory.plan_file.read_bytes(), memory.scores.read_bytes()
    real, left = getattr(os, call), [after if call != "rename" else 0]

    def failing(*args: Any, **named: Any) -> Any:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(code, os.strerror(code))
        return real(*args, **named)

    with monkeypatch.context() as patch:
        patch.setattr(os, call, failing)
        outcome = memory.run(IID, "--again")
    assert outcome.code == 1 and os.strerror(code) in outcome.err
    assert outcome.err.count("\n") == 1
    assert (memory.plan_file.read_bytes(), memory.scores.read_bytes()) == before
    memory.planned()
    assert memory.leftovers() == []


def test_two_runs_of_one_instruction_do_its_work_once_D04(memory: Memory) -> None:
    both = [
        subprocess.Popen([*COMMAND, *memory.command()], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = [process.communicate(timeout=120)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sorted("already done" in text for text in said) == [False, True]
    assert len(memory.history()) == 1 and memory.plan()["revision"] == 1
    assert list(memory.plan_file.parent.iterdir()) == [memory.plan_file]


def test_twenty_runs_at_once_lose_no_update_D05(memory: Memory) -> None:
    memory.planned()  # so that all modules are loaded before the forks
    accounts = [ACCOUNT, "tamsin-ceramics", "oxbow-water"]
    for n in range(20):
        account = accounts[n % 3]
        memory.copy_instruction(
            f"inst_c{n:02}", account=account, objective="Prepare the success plan for the quarter."
        )
    children = []
    for n in range(20):
        child = os.fork()
        if child == 0:
            try:
                plain_run(memory, f"inst_c{n:02}")
            finally:
                os._exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)
    kept = {
        entry["instruction_id"]
        for account in memory.history_file()["accounts"].values()
        for entry in account["history"]
    }
    assert kept == {IID, *(f"inst_c{n:02}" for n in range(20))}
    assert memory.leftovers() == []


def test_a_foreign_writer_that_ignores_locks_loses_nothing_D06(memory: Memory) -> None:
    stop = threading.Event()

    def rewrite() -> None:
        n, aside = 0, memory.base / "w"
        while not stop.is_set():
            n += 1
            aside.write_text(
                f'accounts: {{other-co: {{history: [{{date: "2026-11-01", score: {n % 60}}}]}}}}\n'
            )
            aside.rename(memory.scores)
            time.sleep(0.01)  # as often as a busy program might

    thread = threading.Thread(target=rewrite)
    thread.start()
    try:
        results = [plain_run(memory, again=True) for _ in range(3)]
    finally:
        stop.set()
        thread.join()
    assert {r.status for r in results} <= {"completed", "completed_with_concerns", "failed"}
    assert "other-co" in memory.history_file()["accounts"]
    memory.planned("--again")
    assert set(memory.history_file()["accounts"]) == {"other-co", ACCOUNT}


def test_lock_files_of_the_dead_block_nobody_D07(memory: Memory) -> None:
    ours = memory.path / "_knowledge/episodic/locks"
    ours.mkdir(parents=True)
    for name in ("scores", f"instruction-{IID}", f"account-{ACCOUNT}"):
        (ours / name).write_text('{"pid": 999999, "host": "gone", "since": "2026-11-14"}\n')
    for file in (memory.scores.with_suffix(".yaml.lock"), memory.path / ".lock"):
        file.write_text("999999\n")
    memory.planned()


@pytest.mark.parametrize("moment", ["asking", "replied", "tool"], ids="D08-{}".format)
def test_insights_replaced_during_the_run_do_not_mix_with_the_first(
    memory: Memory, moment: str
) -> None:
    seen: list[str] = []

    def replace(kind: str, _data: Mapping[str, Any]) -> None:
        if kind == moment and not seen:
            memory.edit(memory.insights, "active_users: 125", "active_users: 25")
        seen.append(kind)

    plain_run(memory, progress=replace)
    assert moment in seen
    text = memory.plan_file.read_text()
    assert "125 of 140" in text and "25 of 140" not in text.replace("125 of 140", "")
    journal = (memory.folder / "episodic/journal.jsonl").read_text()
    assert "insights_sha256" in journal


def test_the_same_instruction_again_is_a_no_op_that_says_so_D09(memory: Memory) -> None:
    memory.planned()
    before = memory.everything()
    outcome = memory.run()
    assert outcome.code == 0 and "already done" in outcome.out
    assert memory.everything() == before


def test_a_new_revision_is_the_same_but_for_its_number_D09(memory: Memory) -> None:
    first, history = memory.planned(), memory.history()
    second = memory.planned("--again")
    changed = {key for key in first if first[key] != second[key]}
    # It accounts for the promises of the plan that it supersedes, and quotes them.
    accounts = {"carried_forward", "evidence"}
    assert changed <= {"plan_id", "revision", "supersedes", *accounts} and second["revision"] == 2
    assert memory.history() == history


@pytest.mark.parametrize(
    "when", ["not-a-date", "2026-02-30T00:00:00Z", "2026-02-30", "0001-01-01T00:00:00+14:00",
             "9999-12-31", "now", "20261301"], ids="D10-{}".format,
)  # fmt: skip
def test_a_moment_that_is_none_is_refused(memory: Memory, when: str) -> None:
    before = memory.everything()
    outcome = memory.run(as_of=when)
    assert outcome.code == 2 and "--as-of" in outcome.err and outcome.err.count("\n") == 1
    assert memory.everything() == before


def test_a_clock_before_the_data_is_reported_D10(memory: Memory) -> None:
    plan = memory.planned(as_of="2020-01-01")
    assert "in the future" in gaps(plan) and "2020-01-01" in gaps(plan)


def test_a_clock_long_after_the_data_calls_them_old_and_the_renewal_past_D10(
    memory: Memory,
) -> None:
    plan = memory.planned(as_of="2099-01-01")
    assert plan["renewal"]["days_left"] < 0 and "days old" in gaps(plan)


def test_days_are_counted_alike_in_every_time_zone_D11(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = set()
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu", "UTC"):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        plan = memory.planned("--again", as_of="2026-11-17T23:30:00Z")
        counted.add((plan["as_of"], plan["renewal"]["days_left"]))
    monkeypatch.undo()
    time.tzset()
    assert counted == {("2026-11-17", 134)}


def test_a_moment_without_a_zone_is_not_the_machines_local_time_D11(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Pacific/Pago_Pago")
    time.tzset()
    moment = datetime(2026, 11, 17, 23, 30)  # noqa: DTZ001  # a caller may well pass such a one
    result = plain_run(memory, as_of=moment)
    monkeypatch.undo()
    time.tzset()
    assert result.as_of == "2026-11-17"


@pytest.mark.parametrize(
    ("when", "day"),
    [
        pytest.param("2026-11-17T23:30:00-12:00", "2026-11-18", id="D11-west"),
        pytest.param("2026-11-17T01:00:00+14:00", "2026-11-16", id="D11-east"),
        pytest.param("2026-11-17T23:59:59", "2026-11-17", id="D11-no-zone"),
    ],
)
def test_today_is_the_utc_day_of_the_moment(memory: Memory, when: str, day: str) -> None:
    assert memory.planned(as_of=when)["as_of"] == day


def test_a_leap_day_is_a_day_D12(memory: Memory) -> None:
    renewal = memory.put("contract.renewal_date", "2028-02-29").planned()["renewal"]
    assert renewal["date"] == "2028-02-29" and renewal["days_left"] == 469


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("2027-02-29", "does not exist", id="D12-no-leap-year"),
        pytest.param("31/04/2027", "does not exist", id="D12-no-such-day"),
        pytest.param("03/04/2027", "ambiguous", id="D12-ambiguous"),
        pytest.param("next spring", "renewal_date", id="D12-words"),
    ],
)
def test_a_renewal_date_that_cannot_be_told_is_named_and_not_guessed(
    memory: Memory, text: str, said: str
) -> None:
    plan = memory.put("contract.renewal_date", text).planned()
    assert plan["renewal"]["date"] is None and said in gaps(plan)


def test_a_clock_that_goes_back_keeps_the_history_in_order_D13(memory: Memory) -> None:
    memory.planned(as_of="2026-11-17")
    memory.planned("--again", as_of="2026-11-10")
    dates = [entry["date"] for entry in memory.history()]
    assert dates == sorted(dates)
    entry = memory.history_file()["accounts"][ACCOUNT]
    assert entry["change"] is None and entry["trend"] == "unknown"


def test_a_plan_of_the_future_is_not_carried_back_D13(memory: Memory) -> None:
    memory.copy_instruction("inst_later")
    memory.run("inst_later", as_of="2026-12-20")
    assert memory.planned(as_of="2026-11-17")["carried_forward"] == []
