"""What a write leaves behind: whole files, safe modes, nothing temporary, and clear faults."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agent.errors import BadPath, MemoryFault
from agent.memory.paths import AlreadyThere, MemoryRoot
from tests.memory.listing import names
from tests.memory.processes import run, start


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_a_file_is_replaced_as_a_whole(root: MemoryRoot, folder: Path) -> None:
    root.write_atomic("a/b/c.yaml", b"one")
    root.write_atomic("a/b/c.yaml", b"two" * 1_000_000)
    assert root.read_bytes("a/b/c.yaml", limit=10_000_000) == b"two" * 1_000_000
    assert names(folder / "a" / "b") == ["c.yaml"]


@pytest.mark.parametrize("mask", [0o000, 0o077, 0o022])
def test_new_files_and_folders_are_private(root: MemoryRoot, folder: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        root.write_atomic("a/b/c.yaml", b"x")
        root.append("a/log.jsonl", b"x\n")
        root.make_dirs("d/e")
    finally:
        os.umask(before)
    assert {mode(folder / rel) for rel in ("a/b/c.yaml", "a/log.jsonl")} == {0o600}
    assert {mode(folder / rel) for rel in ("a", "a/b", "d", "d/e")} == {0o700}


def test_a_replaced_file_keeps_its_mode_but_not_for_everybody(
    root: MemoryRoot, folder: Path
) -> None:
    (folder / "a").write_text("old")
    for given, kept in ((0o640, 0o640), (0o666, 0o664), (0o777, 0o775)):
        (folder / "a").chmod(given)
        root.write_atomic("a", b"new")
        assert mode(folder / "a") == kept


def test_a_hard_link_is_replaced_not_written_through(root: MemoryRoot, folder: Path) -> None:
    outside = folder.parent / "outside.txt"
    os.link(outside, folder / "a")
    root.write_atomic("a", b"new")
    assert (outside.read_text(), (folder / "a").read_text()) == ("canary", "new")


def test_nothing_is_appended_through_a_hard_link(root: MemoryRoot, folder: Path) -> None:
    outside = folder.parent / "outside.txt"
    os.link(outside, folder / "log")
    with pytest.raises(BadPath, match="hard link"):
        root.append("log", b"x\n")
    assert outside.read_text() == "canary"


def test_exclusive_creates_once(root: MemoryRoot, folder: Path) -> None:
    root.write_atomic("a", b"one", exclusive=True)
    with pytest.raises(AlreadyThere):
        root.write_atomic("a", b"two", exclusive=True)
    assert (folder / "a").read_text() == "one"
    assert names(folder) == ["a"]


def test_append_adds_lines(root: MemoryRoot) -> None:
    for n in range(3):
        root.append("x/log", b"%d\n" % n)
    assert root.read_bytes("x/log", limit=100) == b"0\n1\n2\n"


FULL_DISK = """
    import resource
    from agent.memory.paths import MemoryRoot
    from agent.errors import MemoryFault
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
    root = MemoryRoot.open(Path(args[0]))
    for write in (root.write_atomic, root.append):
        try:
            write("a", b"x" * 5000)
        except MemoryFault as error:
            print(error)
"""


def test_a_file_that_cannot_grow_leaves_the_old_one(root: MemoryRoot, folder: Path) -> None:
    root.write_atomic("a", b"old\n")
    done = run(FULL_DISK, folder)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 2
    assert "Agent_Memory/a: cannot write the file: File too large" in lines[0]
    assert "Agent_Memory/a: cannot append to the file" in lines[1]
    assert (folder / "a").read_bytes() == b"old\n"
    assert names(folder) == ["a"]


FAILING_CALL = """
    import errno, os
    from agent.memory.paths import MemoryRoot
    from agent.errors import MemoryFault
    call, code = args[1], getattr(errno, args[2])
    def fail(*_args, **_options):
        raise OSError(code, os.strerror(code))
    root = MemoryRoot.open(Path(args[0]))
    setattr(os, call, fail)
    try:
        root.write_atomic("a", b"new")
    except MemoryFault as error:
        print(error)
"""


@pytest.mark.parametrize(
    ("call", "code", "remedy"),
    [
        ("write", "ENOSPC", "disk space"),
        ("fsync", "EIO", "check it"),
        ("rename", "EXDEV", "one"),
        ("rename", "EROFS", "read-only"),
        ("open", "EACCES", "permission"),
        ("open", "EMFILE", "ulimit -n"),
        ("dup", "EMFILE", "ulimit -n"),
    ],
)
def test_each_refusal_of_the_disk_is_reported_and_harmless(
    root: MemoryRoot, folder: Path, call: str, code: str, remedy: str
) -> None:
    root.write_atomic("a", b"old")
    done = run(FAILING_CALL, folder, call, code)
    assert done.returncode == 0, done.stderr
    assert str(folder) in done.stdout
    assert remedy in done.stdout
    assert (folder / "a").read_bytes() == b"old"
    assert names(folder) == ["a"]


FEW_HANDLES = """
    import resource
    from agent.memory.paths import MemoryRoot
    from agent.errors import MemoryFault
    root = MemoryRoot.open(Path(args[0]))
    root.write_atomic("a/b/c", b"warm")
    resource.setrlimit(resource.RLIMIT_NOFILE, (5, 5))
    try:
        root.write_atomic("a/b/c", b"new")
    except MemoryFault as error:
        print(error)
"""


def test_running_out_of_handles_is_a_fault(folder: Path) -> None:
    done = run(FEW_HANDLES, folder)
    assert done.returncode == 0, done.stderr
    assert "Too many open files" in done.stdout
    assert (folder / "a/b/c").read_bytes() == b"warm"


SWAPPER = """
    import os
    folder, away = Path(args[0]), Path(args[1])
    final, aside = folder / "out" / "final", folder / "out" / "aside"
    print("ready", flush=True)
    for _ in range(1500):
        os.rename(final, aside)
        final.symlink_to(away)
        final.unlink()
        os.rename(aside, final)
"""


def test_a_folder_swapped_for_a_link_never_leads_out(root: MemoryRoot, folder: Path) -> None:
    away = folder.parent / "away"
    away.mkdir()
    (folder / "out" / "final").mkdir(parents=True)
    with start(SWAPPER, folder, away) as swapper:
        assert swapper.stdout is not None
        swapper.stdout.readline()
        while swapper.poll() is None:
            for write in (root.write_atomic, root.append):
                try:
                    write("out/final/plan.yaml", b"x\n")
                except (BadPath, MemoryFault):
                    continue
    assert names(away) == []


def test_what_a_dead_process_left_is_swept_and_the_living_is_not(
    root: MemoryRoot, folder: Path
) -> None:
    root.write_atomic("out/plan.yaml", b"old")
    code = """
        import os, signal
        from agent.memory.paths import MemoryRoot
        os.rename = lambda *a, **k: os.kill(os.getpid(), signal.SIGKILL)
        MemoryRoot.open(Path(args[0])).write_atomic("out/plan.yaml", b"new")
    """
    assert run(code, folder).returncode == -9
    assert (folder / "out/plan.yaml").read_bytes() == b"old"
    assert len(names(folder / "out")) == 3
    busy = root.replacement("out/plan.yaml", b"newer")
    busy.stage()
    assert root.sweep("out") == 2
    busy.swap()
    busy.close()
    assert (folder / "out/plan.yaml").read_bytes() == b"newer"
    assert names(folder / "out") == ["plan.yaml"]
    assert root.sweep("none") == 0


def test_memory_faults_are_told_apart_from_bad_paths() -> None:
    assert MemoryFault("x").exit_code == 1
    assert BadPath("x").exit_code == 2
