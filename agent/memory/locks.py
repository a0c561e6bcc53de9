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
from agent.memory.paths import MemoryRoot, MissingFile

FOLDER = "_knowledge/episodic/locks"
_POLL_SECONDS = 0.02


@contextmanager
def lock(root: MemoryRoot, name: str, *, wait: float, shared: bool = False) -> Iterator[None]:
    """Hold the lock `name` of this memory; wait at most `wait` seconds for it.

    With `shared`, any number may hold it at once, and nobody alone. Not reentrant: taking it twice
    in one process waits for itself.

    Raises:
        Busy: somebody else holds it; says who, where and since when.
        MemoryFault: the lock file cannot be opened or written.
    """
    if "/" in name:
        raise BadPath(f"{shown(name)} cannot name a lock.")
    rel = f"{FOLDER}/{name}"
    handle = _locked(root, rel, wait, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
    try:
        if not shared:
            try:
                _sign(handle)
            except OSError as error:
                raise fault(error, rel, "take the lock") from error
        try:
            yield
        finally:
            if not shared:
                with suppress(OSError):
                    os.ftruncate(handle, 0)
    finally:
        os.close(handle)


def is_held(root: MemoryRoot, name: str) -> bool:
    """Whether anybody holds the lock `name` at this moment. Creates nothing."""
    try:
        handle = root.open_file(f"{FOLDER}/{name}", os.O_RDONLY)
    except MissingFile:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def _locked(root: MemoryRoot, rel: str, wait: float, way: int) -> int:
    """An open handle of the lock file, locked; the caller closes it."""
    until = time.monotonic() + wait
    while True:
        handle = root.open_file(rel, os.O_RDWR | os.O_CREAT)
        try:
            if not _acquire(handle, until, way):
                raise Busy(
                    f"'{rel.removeprefix(FOLDER + '/')}' is in use by {_holder(handle)}.",
                    where=rel,
                    fix="wait for that run to end, or stop it; the lock ends with its process.",
                )
            # Who held it may have removed the file, with a customer who is forgotten.
            now = root.signature(rel)
            if now is not None and now[0] == os.fstat(handle).st_ino:
                return handle
        except OSError as error:
            os.close(handle)
            raise fault(error, rel, "take the lock") from error
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)


def _acquire(handle: int, until: float, way: int) -> bool:
    while True:
        try:
            fcntl.flock(handle, way | fcntl.LOCK_NB)
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
