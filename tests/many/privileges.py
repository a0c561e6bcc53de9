"""Processes that the disk may refuse something: ordinary users, small disks, limits."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

_OPENING = """
import sys
from pathlib import Path
args = sys.argv[1:]
"""
ROOT = Path(__file__).resolve().parents[2]


def as_user(code: str, *args: object, **env: str) -> subprocess.CompletedProcess[str]:
    """Python code in a process that permissions hold for; root gives up what sets it above them."""
    drop: list[str] = []
    if os.getuid() == 0:
        drop = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"]
        if shutil.which("setpriv") is None or subprocess.run([*drop, "true"]).returncode:
            pytest.skip("root cannot give up its privileges here")
    return _python(drop, code, args, env)


def on_small_disk(
    folder: Path, code: str, *args: object, free: int, size: int = 4000
) -> subprocess.CompletedProcess[str]:
    """Python code on a copy of `folder` on a disk of its own (in kB) with `free` kB left; what is
    on the disk afterwards, with room again, is copied back."""
    if shutil.which("unshare") is None:
        pytest.skip("unshare is not installed")
    own = ["unshare", "-rm", "sh", "-c"]
    if subprocess.run([*own, "mount -t tmpfs none /mnt"], capture_output=True).returncode:
        pytest.skip("mounting is not allowed here")
    place, aside = f"'{folder}'", f"'{folder}.aside'"
    script = (
        f"cp -r {place} {aside} && mount -t tmpfs -o size={size}k none {place}"
        f" && cp -r {aside}/. {place} && left=$(df -Pk {place} | awk 'NR == 2 {{ print $4 }}')"
        f" && dd if=/dev/zero of={place}/fill bs=1k count=$((left - {free})) status=none"
        f' || exit 99; "$@"; code=$?; rm {place}/fill; rm -r {aside}; cp -r {place} {aside};'
        " exit $code"
    )
    done = _python([*own, script, "sh"], code, args, {})
    assert done.returncode != 99, done.stderr
    shutil.rmtree(folder)
    Path(f"{folder}.aside").rename(folder)
    return done


def _python(
    before: list[str], code: str, args: tuple[object, ...], env: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*before, sys.executable, "-c", _OPENING + textwrap.dedent(code), *map(str, args)],
        capture_output=True, text=True, timeout=120, check=False, cwd=ROOT,
        env={**os.environ, **env},
    )  # fmt: skip
