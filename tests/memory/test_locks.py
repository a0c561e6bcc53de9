"""Who may write now: locks that end with their owner."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agent.errors import BadPath, Busy
from agent.memory.locks import FOLDER, lock
from agent.memory.paths import MemoryRoot
from tests.memory.processes import run, start

HOLDER = """
    from agent.memory.locks import lock
    from agent.memory.paths import MemoryRoot
    with lock(MemoryRoot.open(Path(args[0])), "account-acme", wait=0):
        print("held", flush=True)
        sys.stdin.readline()
"""


def test_the_second_comer_learns_who_holds_it(root: MemoryRoot, folder: Path) -> None:
    with start(HOLDER, folder) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with (
            pytest.raises(Busy, match=rf"process {holder.pid} on .+ since 20\d\d-.+Z"),
            lock(root, "account-acme", wait=0),
        ):
            pass
        with lock(root, "account-other", wait=0):
            pass
        holder.kill()
    with lock(root, "account-acme", wait=5):
        pass


def test_a_lock_file_left_behind_blocks_nobody(root: MemoryRoot, folder: Path) -> None:
    path = folder / FOLDER / "account-acme"
    path.parent.mkdir(parents=True)
    path.write_text('{"pid": 999999, "host": "gone", "since": "2020-01-01T00:00:00Z"}')
    with lock(root, "account-acme", wait=0):
        assert f'"pid": {os.getpid()}' in path.read_text()
    assert path.read_text() == ""


@pytest.mark.parametrize("content", ["", "999999\n", "[1]", "\0" * 9000, "[" * 9000])
def test_an_unreadable_holder_is_another_process(
    root: MemoryRoot, folder: Path, content: str
) -> None:
    with lock(root, "x", wait=0):
        (folder / FOLDER / "x").write_text(content)
        with pytest.raises(Busy, match="another process"), lock(root, "x", wait=0):
            pass


def test_a_lock_is_not_taken_through_a_link(root: MemoryRoot, folder: Path) -> None:
    outside = folder.parent / "outside.txt"
    (folder / FOLDER).mkdir(parents=True)
    (folder / FOLDER / "a").symlink_to(outside)
    os.link(outside, folder / FOLDER / "b")
    os.mkfifo(folder / FOLDER / "c")
    for name in ("a", "b", "c", "../x", "", "x/y"):
        with pytest.raises(BadPath), lock(root, name, wait=0):
            pass
    assert outside.read_text() == "canary"


def test_waiting_is_rewarded(root: MemoryRoot, folder: Path) -> None:
    code = """
        from agent.memory.locks import lock
        from agent.memory.paths import MemoryRoot
        root = MemoryRoot.open(Path(args[0]))
        for _ in range(20):
            with lock(root, "counter", wait=50):
                path = Path(args[0]) / "counter"
                path.write_text(str(int(path.read_text()) + 1))
    """
    (folder / "counter").write_text("0")
    workers = [start(code, folder) for _ in range(4)]
    for worker in workers:
        _, err = worker.communicate(timeout=60)
        assert worker.returncode == 0, err
    assert (folder / "counter").read_text() == "80"


def test_a_failing_holder_lets_go(root: MemoryRoot, folder: Path) -> None:
    with pytest.raises(ZeroDivisionError), lock(root, "x", wait=0):
        raise ZeroDivisionError
    done = run(HOLDER.replace("account-acme", "x"), folder)
    assert done.stdout == "held\n"
