"""C: things that are no plain files, missing permissions, and disks that say no."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from memory import IID, Memory

COMMAND = [sys.executable, "-c", "from agent.cli import main; main()"]


def csm(memory: Memory, *prefix: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """The run in a process of its own; the timeout is a guard against hanging, no measure."""
    return subprocess.run(
        [*prefix, *COMMAND, *memory.command()],
        capture_output=True, text=True, timeout=120, check=False, **options,
    )  # fmt: skip


def pipe(file: Path) -> None:
    os.mkfifo(file)


def bound_socket(file: Path) -> None:
    with socket.socket(socket.AF_UNIX) as end:
        end.bind(os.path.relpath(file))  # the full path may be too long for a socket's name


def folder(file: Path) -> None:
    file.mkdir(parents=True)


def device(file: Path) -> None:
    file.symlink_to("/dev/zero")


@pytest.mark.parametrize("name", ["insights", "instruction", "scores", "plan_file"])
@pytest.mark.parametrize(
    ("make", "kind"),
    [
        pytest.param(pipe, "named pipe", id="C01"),
        pytest.param(device, "symbolic link", id="C02"),
        pytest.param(folder, "folder", id="C03"),
        pytest.param(bound_socket, "socket", id="C04"),
    ],
)
def test_what_is_no_plain_file_is_refused_at_once(
    memory: Memory, monkeypatch: pytest.MonkeyPatch, name: str, make: Callable[[Path], None],
    kind: str,
) -> None:  # fmt: skip
    file: Path = getattr(memory, name)
    file.unlink(missing_ok=True)
    file.parent.mkdir(parents=True, exist_ok=True)
    monkeypatch.chdir(file.parent)
    make(file)
    memory.refused(file.name, kind)


@pytest.mark.parametrize(
    ("gone", "named", "code"),
    [
        pytest.param(f"{IID}/instruction.yaml", f"{IID}/instruction.yaml", 2, id="C05-order"),
        pytest.param(IID, f"{IID}/instruction.yaml", 2, id="C05-folder"),
        pytest.param("_knowledge/semantic/customer_insights.yaml", "customer_insights.yaml", 4,
                     id="C05-insights"),
        pytest.param("_knowledge/semantic", "customer_insights.yaml", 4, id="C05-semantic"),
        pytest.param("_knowledge", "customer_insights.yaml", 4, id="C05-knowledge"),
        pytest.param("", "Agent_Memory", 2, id="C05-root"),
    ],
)  # fmt: skip
def test_what_is_missing_is_named_and_not_made_up(
    memory: Memory, gone: str, named: str, code: int
) -> None:
    target = memory.path / gone
    shutil.rmtree(target) if target.is_dir() else target.unlink()
    outcome = memory.run()
    assert outcome.code == code and named in outcome.err and outcome.err.count("\n") == 1
    assert not memory.plan_file.exists() and not memory.insights.exists() * bool(code == 4)
    assert memory.path.exists() == (gone != "")


def as_user(memory: Memory) -> subprocess.CompletedProcess[str]:
    """Root reads and writes whatever it likes, so it gives up that privilege for the run."""
    if os.getuid() != 0:
        return csm(memory)
    drop = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"]
    if shutil.which("setpriv") is None or subprocess.run([*drop, "true"], check=False).returncode:
        pytest.skip("root cannot give up its privileges here")
    return csm(memory, *drop)


def test_an_ordinary_user_can_run_at_all_C06(memory: Memory) -> None:
    done = as_user(memory)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("closed", "mode"),
    [
        pytest.param("_knowledge/semantic/customer_insights.yaml", 0o000, id="C06-insights"),
        pytest.param(f"{IID}/instruction.yaml", 0o000, id="C06-order"),
        pytest.param(f"{IID}/outputs/final", 0o555, id="C06-outputs"),
        pytest.param("_knowledge/semantic", 0o555, id="C06-knowledge"),
        pytest.param(IID, 0o555, id="C06-folder"),
    ],
)
def test_missing_permission_is_told_with_the_place_and_nothing_is_half_done(
    memory: Memory, closed: str, mode: int
) -> None:
    target = memory.path / closed
    if not target.exists():
        target.mkdir(parents=True)
    usual = target.stat().st_mode
    target.chmod(mode)
    done = as_user(memory)
    target.chmod(usual)
    assert done.returncode == 1 and done.stderr.count("\n") == 1, done.stderr
    assert closed in done.stderr and "Permission denied" in done.stderr
    assert not memory.plan_file.exists() and not memory.scores.exists()
    memory.planned()  # with the permission back, the same memory works


def test_another_roles_unreadable_plan_does_not_stop_the_run_C06(memory: Memory) -> None:
    other = memory.path / "inst_20260817_other/outputs/final/success_plan.yaml"
    memory.write(other, {"account_id": "oxbow-water"})
    other.chmod(0o000)
    assert as_user(memory).returncode == 0


def mounted(memory: Memory, script: str, afterwards: str = ":") -> subprocess.CompletedProcess[str]:
    """Run in a mount namespace of its own, prepared by `script`; skips where that is forbidden."""
    if shutil.which("unshare") is None:
        pytest.skip("unshare is not installed")
    own = ["unshare", "-rm", "sh", "-c"]
    trial = subprocess.run(
        [*own, "mount -t tmpfs none /mnt"], capture_output=True, timeout=60, check=False
    )
    if trial.returncode != 0:
        pytest.skip("mounting is not allowed here")
    return csm(memory, *own, f'{script} || exit 99; "$@"; code=$?; {afterwards}; exit $code', "sh")


def test_a_read_only_memory_is_refused_C07(memory: Memory) -> None:
    place = f"'{memory.path}'"
    done = mounted(memory, f"mount --bind {place} {place} && mount -o remount,bind,ro {place}")
    assert done.returncode == 1 and "Read-only file system" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("free", [0, 12, 40], ids="C08-{}k-free".format)
def test_a_full_disk_leaves_whole_files_or_none(memory: Memory, free: int) -> None:
    """The memory is moved to a small disk of its own, which is then filled but for `free` kB."""
    memory.write(memory.scores, {"accounts": HEALTH})
    before, place = memory.scores.read_bytes(), f"'{memory.path}'"
    aside = f"'{memory.base}/aside'"
    done = mounted(
        memory,
        f"cp -r {place} {aside} && mount -t tmpfs -o size=600k none {place}"
        f" && cp -r {aside}/. {place}"
        f" && left=$(df -Pk {place} | awk 'NR == 2 {{ print $4 }}')"
        f" && dd if=/dev/zero of={place}/fill bs=1k count=$((left - {free})) status=none",
        afterwards=f"rm {place}/fill; cp -r {place}/. {aside}",
    )
    assert done.returncode == 1 and "No space left on device" in done.stderr, done.stderr
    assert done.stderr.count("\n") == 1
    shutil.rmtree(memory.path)
    (memory.base / "aside").rename(memory.path)
    assert memory.scores.read_bytes() == before and not memory.plan_file.exists()
    memory.planned()  # with room again, the same memory works
    assert memory.leftovers() == []


HEALTH = {f"old-{n}": {"history": [{"date": "2026-08-01", "score": 70}]} for n in range(40)}


def with_limit(which: int, amount: int) -> Callable[[], None]:
    def limit() -> None:
        if which == resource.RLIMIT_FSIZE:
            signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        resource.setrlimit(which, (amount, amount))

    return limit


@pytest.mark.parametrize("size", [600, 1024, 20_000, 60_000], ids="C09-{}".format)
def test_a_file_size_limit_leaves_the_health_file_whole(memory: Memory, size: int) -> None:
    memory.write(memory.scores, {"accounts": HEALTH})
    before = memory.scores.read_bytes()
    done = csm(memory, preexec_fn=with_limit(resource.RLIMIT_FSIZE, size))
    assert done.returncode == 1 and done.stderr.count("\n") == 1, done.stderr
    assert os.strerror(errno.EFBIG) in done.stderr or os.strerror(errno.ENOSPC) in done.stderr
    assert memory.scores.read_bytes() == before and not memory.plan_file.exists()
    memory.planned()  # with room again, the same memory works
    assert memory.leftovers() == []


@pytest.mark.parametrize("handles", [6, 9, 12, 16], ids="C10-{}-handles".format)
def test_too_few_file_handles_end_cleanly(memory: Memory, handles: int) -> None:
    done = csm(memory, preexec_fn=with_limit(resource.RLIMIT_NOFILE, handles))
    if "csm:" not in done.stderr and done.returncode != 0:
        pytest.skip("the interpreter itself does not start with so few")
    assert "Traceback" not in done.stderr
    assert done.returncode == 0 or done.stderr.count("\n") == 1
    whole_or_absent(memory)


def test_too_little_memory_ends_cleanly_C10(memory: Memory) -> None:
    with memory.insights.open("a") as file:
        file.write("more: [" + "1, " * 3_000_000 + "1]\n")
    done = csm(memory, preexec_fn=with_limit(resource.RLIMIT_AS, 120_000_000))
    assert "Traceback" not in done.stderr or "import" in done.stderr
    whole_or_absent(memory)


def whole_or_absent(memory: Memory) -> None:
    found = [f for f in (memory.plan_file, memory.scores) if f.exists()]
    assert len(found) in (0, 2)
    for file in found:
        assert isinstance(yaml.safe_load(file.read_text()), dict)


@pytest.mark.parametrize("place", ["/nonexistent", "/dev/shm"], ids=["C11-none", "C11-other"])
def test_temporary_files_lie_beside_their_target(memory: Memory, place: str) -> None:
    done = csm(memory, env={**os.environ, "TMPDIR": place})
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("umask", [0o077, 0o000], ids=["C12-077", "C12-000"])
def test_a_replaced_file_keeps_its_mode_and_a_new_one_is_its_owners_only(
    memory: Memory, umask: int
) -> None:
    memory.write(memory.scores, {"accounts": {}})
    memory.scores.chmod(0o646)
    earlier = os.umask(umask)
    try:
        memory.planned()
    finally:
        os.umask(earlier)
    assert stat.S_IMODE(memory.scores.stat().st_mode) == 0o644  # never writable for everybody
    assert stat.S_IMODE(memory.plan_file.stat().st_mode) == 0o600
    memory.plan_file.chmod(0o640)
    memory.planned("--again")
    assert stat.S_IMODE(memory.plan_file.stat().st_mode) == 0o640
    assert [f for f in memory.path.rglob("*") if f.stat().st_mode & 0o002] == []
