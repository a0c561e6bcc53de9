"""Plan and scores appear together or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.errors import BadPath
from agent.memory.paths import MemoryRoot
from agent.memory.publish import Staged, publish
from tests.memory.listing import names
from tests.memory.processes import run, start

PLAN, SCORES = "inst_1/outputs/final/success_plan.yaml", "_knowledge/semantic/scores.yaml"
NEW = [Staged(PLAN, b"new plan"), Staged(SCORES, b"new scores")]


def content(folder: Path) -> tuple[str, str]:
    return (folder / PLAN).read_text(), (folder / SCORES).read_text()


def files(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if not p.is_dir())


@pytest.fixture
def old(root: MemoryRoot) -> MemoryRoot:
    assert publish(root, [Staged(PLAN, b"old plan"), Staged(SCORES, b"old scores")])
    return root


def test_all_files_are_published(old: MemoryRoot, folder: Path) -> None:
    assert publish(old, NEW)
    assert content(folder) == ("new plan", "new scores")
    assert files(folder) == sorted([PLAN, SCORES])


def test_publishing_again_changes_nothing(old: MemoryRoot) -> None:
    assert publish(old, NEW)
    before = old.signature(PLAN), old.signature(SCORES)
    assert publish(old, NEW)
    assert (old.signature(PLAN), old.signature(SCORES)) == before


def test_a_file_that_changed_in_between_stops_all(old: MemoryRoot, folder: Path) -> None:
    before = old.signature(SCORES)
    old.write_atomic(SCORES, b"foreign scores")
    assert not publish(old, [Staged(PLAN, b"new plan"), Staged(SCORES, b"new scores", before)])
    assert content(folder) == ("old plan", "foreign scores")
    assert publish(old, [Staged(SCORES, b"new scores", old.signature(SCORES))])
    # Done already: the version does not matter any more.
    assert publish(old, [Staged(SCORES, b"new scores", before)])


def test_a_file_expected_to_be_absent(root: MemoryRoot) -> None:
    assert publish(root, [Staged(SCORES, b"mine", None)])
    assert not publish(root, [Staged(SCORES, b"other", None)])
    assert root.read_bytes(SCORES, limit=100) == b"mine"


@pytest.mark.parametrize("blocked", [PLAN, SCORES])
@pytest.mark.parametrize("kind", ["folder", "link"])
def test_a_target_that_is_no_file_stops_all(
    root: MemoryRoot, folder: Path, blocked: str, kind: str
) -> None:
    path = folder / blocked
    path.parent.mkdir(parents=True)
    if kind == "folder":
        path.mkdir()
    else:
        path.symlink_to(folder.parent / "outside.txt")
    with pytest.raises(BadPath, match="not a regular file"):
        publish(root, NEW)
    assert files(folder) == ([blocked] if kind == "link" else [])
    assert (folder.parent / "outside.txt").read_text() == "canary"


FAIL_AT = """
    import errno, os
    from agent.errors import MemoryFault
    from agent.memory.paths import MemoryRoot
    from agent.memory.publish import Staged, publish
    call, nth = getattr(os, args[1]), int(args[2])
    count = 0
    def failing(*a, **k):
        global count
        count += 1
        if count == nth:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return call(*a, **k)
    setattr(os, args[1], failing)
    try:
        publish(MemoryRoot.open(Path(args[0])),
                [Staged(args[3], b"new plan"), Staged(args[4], b"new scores")])
    except MemoryFault as error:
        print(error)
"""


@pytest.mark.parametrize(
    ("call", "nth"),
    [("rename", 1), ("rename", 2), *(("fsync", n) for n in range(1, 5)), ("write", 2)],
)
def test_a_failing_disk_puts_everything_back(
    old: MemoryRoot, folder: Path, call: str, nth: int
) -> None:
    done = run(FAIL_AT, folder, call, nth, PLAN, SCORES)
    assert done.returncode == 0, done.stderr
    assert "Input/output error" in done.stdout
    assert content(folder) == ("old plan", "old scores")
    assert files(folder) == sorted([PLAN, SCORES])


@pytest.mark.parametrize("nth", [1, 2])
def test_new_files_vanish_again_when_the_disk_fails(
    root: MemoryRoot, folder: Path, nth: int
) -> None:
    done = run(FAIL_AT, folder, "rename", nth, PLAN, SCORES)
    assert "Input/output error" in done.stdout
    assert files(folder) == []


KILL_AT = """
    import os, signal
    from agent.memory.paths import MemoryRoot
    from agent.memory.publish import Staged, publish
    call, nth = getattr(os, args[1]), int(args[2])
    count = 0
    def killing(*a, **k):
        global count
        count += 1
        if count == nth:
            os.kill(os.getpid(), signal.SIGKILL)
        return call(*a, **k)
    setattr(os, args[1], killing)
    publish(MemoryRoot.open(Path(args[0])),
            [Staged(args[3], b"new plan"), Staged(args[4], b"new scores")])
"""


@pytest.mark.parametrize(
    ("call", "nth"),
    [
        *(("rename", n) for n in (1, 2)),
        *(("fsync", n) for n in range(1, 5)),
        *(("link", n) for n in (1, 2)),
        *(("unlink", n) for n in (1, 2)),
    ],
)
def test_a_kill_leaves_whole_files_and_publishing_again_heals(
    old: MemoryRoot, folder: Path, call: str, nth: int
) -> None:
    assert run(KILL_AT, folder, call, nth, PLAN, SCORES).returncode == -9
    plan, scores = content(folder)
    assert plan in ("old plan", "new plan")
    assert scores in ("old scores", "new scores")
    assert publish(old, NEW)
    assert content(folder) == ("new plan", "new scores")
    assert files(folder) == sorted([PLAN, SCORES])


def test_readers_never_see_half_a_file(old: MemoryRoot, folder: Path) -> None:
    code = """
        from agent.memory.paths import MemoryRoot
        from agent.memory.publish import Staged, publish
        root = MemoryRoot.open(Path(args[0]))
        for n in range(60):
            publish(root, [Staged(args[1], b"%d" % (n % 10) * 200_000)])
    """
    with start(code, folder, PLAN) as writer:
        while writer.poll() is None:
            data = old.read_bytes(PLAN, limit=1_000_000)
            assert data == b"old plan" or (len(data) == 200_000 and len(set(data)) == 1)
    assert names(folder / "inst_1/outputs/final") == ["success_plan.yaml"]
