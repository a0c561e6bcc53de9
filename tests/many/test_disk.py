"""The disk refuses while something is recorded: the right error, nothing half-written, and the next
try works. What it refuses to a run stands in `tests/attacks/test_special_files.py`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agent.memory import scores_file, timeline, views
from agent.memory.paths import MemoryRoot
from tests.many.privileges import as_user, on_small_disk
from tests.many.writers import account, count, write
from tests.run import support as s
from tests.run.conftest import KEY
from tests.support.messages_api import MessagesApi

RECORD = """
    from agent.errors import CsmError
    from tests.many.writers import account, write
    try:
        write(Path(args[0]), account(1), 0, 1)
    except CsmError as error:
        print(type(error).__name__, error)
        sys.exit(error.exit_code)
"""


def state(folder: Path) -> tuple[list[Any], Any]:
    root = MemoryRoot.open(folder)
    found = timeline.scan(root, account(1))
    assert (found.problems, found.torn, found.tampering(account(1))) == ([], "", [])
    return found.events, scores_file.read_entry(root, account(1))


def assert_recorded_at_the_next_try(folder: Path) -> None:
    """Whatever the failing try has left, it is whole, and trying again finishes it."""
    events, entry = state(folder)
    assert entry in (views.score_entry(events), views.score_entry(events[:1]))
    write(folder, account(1), 0, 1)
    events, entry = state(folder)
    assert [e["kind"] for e in events] == ["health_scored", "override_set"]
    assert entry == views.score_entry(events)
    assert count(folder, [account(0), account(2)]).entries == 2
    assert [path for path in folder.rglob(".tmp-*")] == []


@pytest.mark.parametrize("free", [0, 4, 8, 12], ids="{}k free".format)
def test_a_full_disk_while_recording(book: Path, free: int) -> None:
    done = on_small_disk(book, RECORD, book, free=free)
    if done.returncode == 0:
        assert free == 12  # enough for a line and a new version of a small file
    else:
        assert done.returncode == 1, done.stderr
        assert done.stdout.startswith("MemoryFault") and "No space left" in done.stdout
        assert "free some disk space" in done.stdout
    assert_recorded_at_the_next_try(book)


LIMITED = """
    import resource, signal
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(args[1]), int(args[1])))
"""


@pytest.mark.parametrize("room", [0, 100, 300, 500, 700, 900, 1100], ids="{} bytes".format)
def test_a_limit_on_the_size_of_files_while_recording(book: Path, room: int) -> None:
    done = as_user(LIMITED + RECORD, book, room)
    sizes = [(book / p).stat().st_size for p in (timeline.path_of(account(1)), scores_file.PATH)]
    if room < max(sizes):
        assert done.returncode == 1, done.stderr
        assert done.stdout.startswith("MemoryFault") and ("ulimit -f" in done.stdout)
    assert_recorded_at_the_next_try(book)


@pytest.mark.parametrize(
    "closed",
    ["_knowledge/semantic", "_knowledge/episodic/accounts", "_knowledge/episodic/locks",
     "_knowledge/semantic/customer_health_scores.yaml",
     "_knowledge/episodic/accounts/acct-001.jsonl"],
)  # fmt: skip
def test_a_folder_or_file_that_may_not_be_written(book: Path, closed: str) -> None:
    target = book / closed
    usual = target.stat().st_mode
    for mode in (0o555, 0o000) if target.is_dir() else (0o444, 0o000):
        target.chmod(mode)
        done = as_user(RECORD, book)
        target.chmod(usual)
        if done.returncode == 0:  # the file is replaced or its lock is there already
            assert mode in (0o444, 0o555) and "jsonl" not in closed and closed[-4:] != "antic"
            break
        assert done.returncode == 1, done.stderr
        assert "Permission denied" in done.stdout and closed in done.stdout
    assert_recorded_at_the_next_try(book)


RUN = """
    import json, os
    from datetime import datetime
    from agent import run
    folder, place, mode, moment = Path(args[0]), args[1], int(args[2], 8), args[3]
    def lose(kind, data):
        if kind == "replied" and data["turn"] == 2:
            (folder / place).chmod(mode)
    result = run(args[4], memory=folder, model="claude", as_of="2026-11-17", progress=lose,
                 now=lambda: datetime.fromisoformat(moment))
    print(json.dumps([result.status, result.summary]))
"""
JOURNAL = f"{s.IID}/episodic/journal.jsonl"


@pytest.mark.parametrize(
    ("place", "mode"),
    [
        ("_knowledge/semantic", "555"),
        ("_knowledge/episodic/accounts", "555"),
        (f"{s.IID}/outputs", "555"),
        (s.IID, "555"),
        (JOURNAL, "444"),
    ],
    ids=["scores", "timeline", "outputs", "folder", "journal"],
)
def test_permission_lost_in_the_middle_of_a_run_costs_nothing_twice(
    memory: Path, place: str, mode: str
) -> None:
    for folder in ("_knowledge/episodic/accounts", f"{s.IID}/outputs"):
        (memory / folder).mkdir(parents=True, exist_ok=True)
    with MessagesApi(s.by_turn(s.reads(), s.writes())) as api:
        endpoint = {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": api.url}
        given = (memory, place, mode, s.NOW.isoformat(), s.IID)
        done = as_user(RUN, *given, **endpoint)
        assert done.returncode == 0 or place == JOURNAL, done.stderr
        said = done.stdout + done.stderr
        assert "Permission denied" in said and place in said and '"completed"' not in said
        (memory / place).chmod(0o700)
        assert [path for path in memory.rglob(".tmp-*")] == []
        both = (memory / s.PLAN).exists(), (memory / s.SCORES).exists()
        assert both == ((True, True) if place == s.IID else (False, False))
        again = as_user(RUN, memory, place, "700", s.NOW.isoformat(), s.IID, **endpoint)
        assert '["completed"' in again.stdout, again.stdout + again.stderr
    assert api.billed == 2
    events = timeline.read(MemoryRoot.open(memory), s.ACCOUNT)
    assert s.load(memory, s.SCORES)["accounts"][s.ACCOUNT] == views.score_entry(events)


def test_the_doctor_reads_a_memory_that_may_not_be_written(book: Path) -> None:
    folders = [book, *(path for path in book.rglob("*") if path.is_dir())]
    for folder in folders:
        folder.chmod(0o555)
    done = as_user("from agent.cli import main; sys.argv = ['csm', *args]; main()", "memory",
                   "doctor", "--memory", book)  # fmt: skip
    for folder in folders:
        folder.chmod(0o700)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert "3 accounts" in done.stdout
