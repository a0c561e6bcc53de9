"""Locks between processes that end with their owner, however it ends.

The lock is the kernel's (`flock`), not the existence of a file: a lock file that lies about after
a crash blocks nobody, and needs no cleaning up. The file's content only tells people who holds it.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

from agent.errors import BadPath, Busy, printable
from agent.memory.faults import fault
from agent.memory.names import shown
from agent.memory.paths import MemoryRoot

FOLDER = "_knowledge/episodic/locks"
_POLL_SECONDS = 0.02


@contextmanager
def lock(root: MemoryRoot, name: str, *, wait: float) -> Iterator[None]:
    """Hold the lock `name` of this memory; wait at most `wait` seconds for it.

    Not reentrant: taking it twice in one process waits for itself.

    Raises:
        Busy: somebody else holds it; says who, where and since when.
        MemoryFault: the lock file cannot be opened or written.
    """
    if "/" in name:
        raise BadPath(f"{shown(name)} cannot name a lock.")
    rel = f"{FOLDER}/{name}"
    handle = root.open_file(rel, os.O_RDWR | os.O_CREAT)
    try:
        try:
            if not _acquire(handle, wait):
                raise Busy(
                    f"'{name}' is in use by {_holder(handle)}.",
                    where=rel,
                    fix="wait for that run to end, or stop it; the lock ends with its process.",
                )
            _sign(handle)
        except OSError as error:
            raise fault(error, rel, "take the lock") from error
        try:
            yield
        finally:
            with suppress(OSError):
                os.ftruncate(handle, 0)
    finally:
        os.close(handle)


def _acquire(handle: int, wait: float) -> bool:
    until = time.monotonic() + wait
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            left = until - time.monotonic()
            if left <= 0:
                return False
            time.sleep(min(_POLL_SECONDS, left))
        else:
            return True


def _sign(handle: int) -> None:
    since = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    holder = {"pid": os.getpid(), "host": socket.gethostname(), "since": since}
    os.ftruncate(handle, 0)
    os.pwrite(handle, json.dumps(holder).encode() + b"\n", 0)


def _holder(handle: int) -> str:
    """Who signed the lock file; anything unreadable there is an unknown process."""
    try:
        holder = json.loads(os.pread(handle, 4096, 0))
        return printable(
            f"process {holder['pid']} on {holder['host']} since {holder['since']}", 200
        )
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return "another process"
