"""Backup and restore: one moment of a memory, whole, whatever happens around it."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agent.errors import BadDocument, BadInput, Busy, MemoryFault
from agent.keeping.verify import verify
from agent.memory.backup import back_up
from agent.memory.paths import MemoryRoot
from agent.memory.restore import restore
from tests.keeping import support as s
from tests.keeping.conftest import Csm
from tests.memory.processes import start


@pytest.fixture
def taken(memory: Path, tmp_path: Path) -> Path:
    """An archive of the memory with a history."""
    archive = tmp_path / "taken.tar.gz"
    back_up(memory, archive, now=s.NOW)
    return archive


@pytest.mark.parametrize("name", ["copy.tar.gz", "copy"], ids=["archive", "folder"])
def test_what_comes_back_is_what_was_there(
    memory: Path, tmp_path: Path, csm: Csm, name: str
) -> None:
    (memory / "notes äöü\n.txt").write_text("somebody's\n")
    (memory / ".hidden").write_text("too\n")
    made = csm("memory", "backup", tmp_path / name)
    assert made.exit_code == 0 and made.stdout.startswith(f"{tmp_path / name}: ")
    back = csm("memory", "restore", tmp_path / name, tmp_path / "back")
    assert back.exit_code == 0 and "files as of 2026-11-17T09:00:00Z" in back.stdout
    assert "clean; looked at 2 accounts" in back.stdout
    assert s.tree(tmp_path / "back") == s.tree(memory)
    for path in [tmp_path / name, *(tmp_path / "back").rglob("*")]:
        assert path.stat().st_mode & 0o077 == 0, path
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(["Agent_Memory", name, "back"])


def test_the_same_content_gives_the_same_archive(memory: Path, tmp_path: Path, taken: Path) -> None:
    shutil.copytree(memory, tmp_path / "moved")  # other inodes and times
    again = tmp_path / "again.tgz"
    back_up(tmp_path / "moved", again, now=s.NOW)
    assert again.read_bytes() == taken.read_bytes()
    (tmp_path / "moved/README.md").write_text("other")
    back_up(tmp_path / "moved", tmp_path / "other.tgz", now=s.NOW)
    assert (tmp_path / "other.tgz").read_bytes() != taken.read_bytes()


def test_torn_lines_locks_and_leftovers_stay_behind(memory: Path, tmp_path: Path, csm: Csm) -> None:
    whole = (memory / s.TIMELINE).read_bytes()
    (memory / s.TIMELINE).write_bytes(whole + b'{"event_id":"half')
    (memory / "_knowledge/semantic/.tmp-dead").write_text("half")
    (memory / "link").symlink_to("/etc/passwd")
    os.mkfifo(memory / "pipe")
    done = csm("memory", "backup", tmp_path / "b")
    assert done.stdout.splitlines()[1:] == [
        f"note: {s.TIMELINE}: an incomplete last line is not in the copy",
        "note: link is a link or special file and not in the copy",
        "note: pipe is a link or special file and not in the copy",
    ]
    copy = tmp_path / "b/memory"
    assert (copy / s.TIMELINE).read_bytes() == whole
    assert not (copy / "_knowledge/episodic/locks").exists()
    assert not list(copy.rglob(".tmp-*")) and not (copy / "link").exists()
    assert csm("memory", "restore", tmp_path / "b", tmp_path / "back").exit_code == 0


def test_every_copy_taken_while_runs_publish_is_clean(memory: Path, tmp_path: Path) -> None:
    code = """
        from datetime import UTC, date, datetime, timedelta
        from agent import run
        from agent.overrides import set_override
        for n in range(int(args[3])):
            at = datetime(2026, 11, 17, 10, tzinfo=UTC) + timedelta(minutes=n)
            run(args[1], memory=args[0], model="playbook", as_of="2026-11-17", again=True,
                now=lambda: at)
            set_override(Path(args[0]), args[2], value=20 + n, reason="r", by="b",
                         expires=date(2026, 12, 31), as_of=date(2026, 11, 17), now=lambda: at)
    """
    workers = [
        start(code, memory, iid, account, 4)
        for iid, account in ((s.IID, s.ACCOUNT), (s.OTHER_IID, s.OTHER))
    ]
    taken = 0
    while any(worker.poll() is None for worker in workers):
        taken += 1
        back_up(memory, tmp_path / f"copy{taken}", now=s.NOW)
        restore(tmp_path / f"copy{taken}", tmp_path / f"back{taken}")
        assert [f.as_dict() for f in verify(tmp_path / f"back{taken}").findings] == []
    for worker in workers:
        _, err = worker.communicate(timeout=60)
        assert worker.returncode == 0, err
    assert taken > 3 and verify(memory).is_clean


def test_a_writer_that_does_not_end_makes_it_busy(memory: Path, tmp_path: Path) -> None:
    code = """
        from agent.memory.pause import writing
        from agent.memory.paths import MemoryRoot
        with writing(MemoryRoot.open(Path(args[0]))):
            print("there", flush=True)
            sys.stdin.read()
    """
    with start(code, memory) as worker:
        assert worker.stdout is not None and worker.stdout.readline() == "there\n"
        with pytest.raises(Busy):
            back_up(memory, tmp_path / "b", now=s.NOW, wait=0.1)
        worker.communicate("")
    assert not (tmp_path / "b").exists()


def test_targets_that_are_taken_or_foolish_are_refused(
    memory: Path, tmp_path: Path, taken: Path, csm: Csm
) -> None:
    full = tmp_path / "full"
    full.mkdir()
    (full / "x").write_text("")
    for target in (taken, full, memory / "inside", tmp_path / "no/such.tar.gz"):
        with pytest.raises(BadInput):
            back_up(memory, target, now=s.NOW)
    for target in (full, taken, tmp_path / "no/such"):
        with pytest.raises(BadInput):
            restore(taken, target)
    (tmp_path / "empty").mkdir()
    restore(taken, tmp_path / "empty")
    for source in (tmp_path / "nothing.tar.gz", full, memory / "README.md"):
        done = csm("memory", "restore", source, tmp_path / "new")
        assert (done.exit_code, len(done.stderr.splitlines())) == (2, 1)
    assert not (tmp_path / "new").exists() and not list(tmp_path.glob(".csm-*"))


def test_a_copy_of_a_damaged_memory_is_a_copy(memory: Path, tmp_path: Path, csm: Csm) -> None:
    (memory / s.PLAN).unlink()
    back_up(memory, tmp_path / "b", now=s.NOW)
    done = csm("memory", "restore", tmp_path / "b", tmp_path / "back")
    assert done.exit_code == 1 and f"DAMAGED {s.PLAN}: is missing" in done.stdout
    assert s.tree(tmp_path / "back") == s.tree(memory)


# Damaged and hostile archives

DATA = b"schema: x\n"
ENTRY = [len(DATA), hashlib.sha256(DATA).hexdigest()]


def member(name: str, data: bytes = DATA, **keys: Any) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    for key, value in keys.items():
        setattr(info, key, value)
    return info, data


def listing(*paths: str, entry: Any = None, **keys: Any) -> tuple[tarfile.TarInfo, bytes]:
    manifest = {"format": "csm-backup/1", "made_at": "", "memory_version": 2,
                "files": {path: entry or ENTRY for path in paths}, **keys}  # fmt: skip
    return member("manifest.json", json.dumps(manifest).encode())


HOSTILE: dict[str, list[tuple[tarfile.TarInfo, bytes]]] = {
    "no manifest": [member("memory/a")],
    "a manifest that is no JSON": [member("manifest.json")],
    "a manifest of another tool": [listing("a", format="zip/1"), member("memory/a")],
    "a manifest of another shape": [listing("a", files=[1]), member("memory/a")],
    "an absolute path": [listing("/etc/x"), member("memory//etc/x")],
    "a path upwards": [listing("../x"), member("memory/../x")],
    "a path upwards inside": [listing("a/../../x"), member("memory/a/../../x")],
    "a member outside": [listing("a"), member("elsewhere/a")],
    "a member that is not listed": [listing("a"), member("memory/a"), member("memory/b")],
    "a member that is missing": [listing("a", "b"), member("memory/a")],
    "a member that comes twice": [listing("a"), member("memory/a"), member("memory/a")],
    "other bytes": [listing("a"), member("memory/a", b"schema: y\n")],
    "more bytes": [listing("a"), member("memory/a", DATA + b"x")],
    "a size below zero": [listing("a", entry=[-1, ENTRY[1]]), member("memory/a")],
    "a hash that is none": [listing("a", entry=[10, "x" * 64]), member("memory/a")],
    "a symbolic link": [listing("a"), member("memory/a", b"", type=tarfile.SYMTYPE,
                                             linkname="/etc/passwd")],
    "a hard link": [listing("a"), member("memory/a", b"", type=tarfile.LNKTYPE,
                                         linkname="manifest.json")],
    "a device": [listing("a"), member("memory/a", b"", type=tarfile.CHRTYPE)],
    "a folder": [listing("a"), member("memory/a", b"", type=tarfile.DIRTYPE)],
    "a file where a folder has to be": [listing("a", "a/b"), member("memory/a"),
                                        member("memory/a/b")],
    "a header that claims gigabytes": [listing("a"), member("x", b"", type=b"x", size=1 << 40)],
}  # fmt: skip


def packed(path: Path, members: list[tuple[tarfile.TarInfo, bytes]]) -> Path:
    out = io.BytesIO()
    for info, data in members:
        out.write(info.tobuf(tarfile.GNU_FORMAT))
        out.write(data + bytes(-len(data) % 512))
    path.write_bytes(gzip.compress(out.getvalue() + bytes(1024)))
    return path


def test_an_archive_made_by_hand_comes_back(tmp_path: Path) -> None:
    """What the hostile ones below are changed from."""
    archive = packed(tmp_path / "a.tar.gz", [listing("a"), member("memory/a")])
    assert restore(archive, tmp_path / "back").files == 1
    assert (tmp_path / "back/a").read_bytes() == DATA


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_archive_leaves_nothing(tmp_path: Path, name: str) -> None:
    archive = packed(tmp_path / "a.tar.gz", HOSTILE[name])
    with pytest.raises(BadDocument, match="this backup is refused"):
        restore(archive, tmp_path / "back")
    assert [p.name for p in tmp_path.iterdir()] == ["a.tar.gz"]


def test_a_backup_that_claims_more_than_the_disk_holds_is_refused_at_once(tmp_path: Path) -> None:
    huge = [listing("a", entry=[1 << 60, ENTRY[1]]), member("memory/a", b"", size=1 << 60)]
    with pytest.raises(MemoryFault, match="are free"):
        restore(packed(tmp_path / "a.tar.gz", huge), tmp_path / "back")
    assert [p.name for p in tmp_path.iterdir()] == ["a.tar.gz"]


Harm = Callable[[bytes], bytes]
HARMS: dict[str, Harm] = {
    "cut off": lambda data: data[: len(data) // 2],
    "one bit": lambda d: d[: len(d) // 2] + bytes([d[len(d) // 2] ^ 1]) + d[len(d) // 2 + 1 :],
    "its end": lambda data: data[:-9],
    "no archive": lambda data: b"hello" * 100,
    "empty": lambda data: b"",
}


@pytest.mark.parametrize("name", HARMS)
def test_a_damaged_archive_is_refused(tmp_path: Path, taken: Path, name: str) -> None:
    taken.write_bytes(HARMS[name](taken.read_bytes()))
    with pytest.raises(BadDocument, match="this backup is refused"):
        restore(taken, tmp_path / "back")
    assert not (tmp_path / "back").exists() and not list(tmp_path.glob(".csm-*"))


def test_a_damaged_folder_is_refused(memory: Path, tmp_path: Path) -> None:
    back_up(memory, tmp_path / "b", now=s.NOW)
    plan = tmp_path / "b/memory" / s.PLAN
    text = plan.read_bytes()
    plan.write_bytes(text.replace(b"summary", b"sunmary", 1))
    with pytest.raises(BadDocument, match="is not what was backed up"):
        restore(tmp_path / "b", tmp_path / "back")
    plan.unlink()
    plan.symlink_to("/etc/passwd")
    with pytest.raises(BadDocument, match="is missing from it"):
        restore(tmp_path / "b", tmp_path / "back")


def test_a_memory_without_permission_to_write_is_copied(memory: Path, tmp_path: Path) -> None:
    locks = memory / "_knowledge/episodic/locks"
    shutil.rmtree(locks)
    locks.symlink_to("/nowhere")  # no lock can be taken here, whoever asks
    assert back_up(memory, tmp_path / "b", now=s.NOW).held is False
    assert MemoryRoot.open(tmp_path / "b/memory").exists(s.PLAN)
