"""Writers go on together; a pause holds them all, and goes first."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.errors import Busy
from agent.memory.erase import erase
from agent.memory.locks import FOLDER, is_held, lock
from agent.memory.paths import MemoryRoot
from agent.memory.pause import LOCK, QUEUE, paused, writing
from tests.memory.listing import names
from tests.memory.processes import start

HOLD = """
    from agent.memory.locks import lock
    from agent.memory.pause import paused, writing
    from agent.memory.paths import MemoryRoot
    root = MemoryRoot.open(Path(args[0]))
    with {"writing": writing, "paused": paused}[args[1]](root):
        print("there", flush=True)
        sys.stdin.read()
"""


def test_writers_share_and_a_pause_waits_for_them(root: MemoryRoot, folder: Path) -> None:
    with start(HOLD, folder, "writing") as other:
        assert other.stdout is not None and other.stdout.readline() == "there\n"
        with writing(root, wait=0):
            assert is_held(root, LOCK) is False  # shared: a reader of the lock may join
        with pytest.raises(Busy), paused(root, wait=0.05):
            raise AssertionError
        other.communicate("")
    with paused(root, wait=0):
        assert is_held(root, LOCK)


def test_nobody_writes_in_a_pause_but_who_has_asked_for_it(root: MemoryRoot, folder: Path) -> None:
    with start(HOLD, folder, "paused") as other:
        assert other.stdout is not None and other.stdout.readline() == "there\n"
        with pytest.raises(Busy), writing(root, wait=0.05):
            raise AssertionError
        other.communicate("")
    with paused(root), writing(root), writing(root):
        pass
    with writing(root), pytest.raises(RuntimeError, match="waits for itself"), paused(root):
        raise AssertionError


def test_who_asks_for_a_pause_goes_before_later_writers(root: MemoryRoot, folder: Path) -> None:
    with start(HOLD, folder, "writing") as first:
        assert first.stdout is not None and first.stdout.readline() == "there\n"
        # As one that waits for a pause holds it:
        with lock(root, QUEUE, wait=0), pytest.raises(Busy), writing(root, wait=0.05):
            raise AssertionError
        first.communicate("")


def test_a_writer_that_dies_holds_nobody(root: MemoryRoot, folder: Path) -> None:
    with start(HOLD, folder, "writing") as other:
        assert other.stdout is not None and other.stdout.readline() == "there\n"
        other.kill()
        other.wait()
    with paused(root, wait=5):
        pass


def test_a_lock_whose_file_is_removed_is_still_one_lock(root: MemoryRoot, folder: Path) -> None:
    """Who forgets a customer removes the lock file while holding it; who waits meanwhile must not
    come to hold a file that nobody else can see."""
    code = """
        from agent.memory.locks import lock
        from agent.memory.paths import MemoryRoot
        root = MemoryRoot.open(Path(args[0]))
        print("waiting", flush=True)
        with lock(root, "account-acme", wait=30):
            print("there", flush=True)
            sys.stdin.read()
    """
    with lock(root, "account-acme", wait=0):
        other = start(code, folder)
        assert other.stdout is not None and other.stdout.readline() == "waiting\n"
        erase(root, f"{FOLDER}/account-acme")
    with other:
        assert other.stdout.readline() == "there\n"
        assert is_held(root, "account-acme")
        with pytest.raises(Busy), lock(root, "account-acme", wait=0):
            raise AssertionError
        other.communicate("")
    assert names(folder / FOLDER) == ["account-acme"]
