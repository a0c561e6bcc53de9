"""Writers that go on together, and moments in which the whole memory stands still.

Whoever writes several things that belong together does so within `writing`; any number of writers
may be there at once. Within `paused` there are none, so that what is read then fits together: a
backup, a check, an erasure. Both are kernel locks, so they end with their owner. Whoever asks for a
pause goes first: writers that come later wait behind it, or a busy memory would never stand still.

Take it before the locks of single files (`scores`, `timeline-…`, `insights`) and behind those of a
run (`instruction-…`, `account-…`).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from agent.memory import schema
from agent.memory.locks import lock
from agent.memory.paths import MemoryRoot

LOCK, QUEUE = "memory", "memory-queue"
_WAIT = 60.0


class _Held(threading.local):
    """How deep this thread is within `writing` or `paused`, by memory."""

    def __init__(self) -> None:
        self.depth: dict[tuple[int, int], int] = {}


_held = _Held()


@contextmanager
def writing(root: MemoryRoot, *, wait: float = _WAIT) -> Iterator[None]:
    """Write together with others; within itself and within `paused` it does nothing more.

    Raises:
        Blocked: the memory is of a newer version than this program knows.
        Busy: the memory has stood still for longer than `wait` seconds.
        MemoryFault: the lock file cannot be opened.
    """
    key = _identity(root)
    if _held.depth.get(key):
        with _deeper(key):
            yield
        return
    schema.admit(root)
    with ExitStack() as held:
        with lock(root, QUEUE, wait=wait, shared=True):
            held.enter_context(lock(root, LOCK, wait=wait, shared=True))
        held.enter_context(_deeper(key))
        yield


@contextmanager
def paused(root: MemoryRoot, *, wait: float = _WAIT) -> Iterator[None]:
    """Hold every writer; what this thread writes itself goes on. Not to be taken within `writing`.

    Raises:
        Busy: writers have not come to an end within `wait` seconds.
        MemoryFault: the lock file cannot be opened, as in a memory that cannot be written.
    """
    key = _identity(root)
    if _held.depth.get(key):
        raise RuntimeError("a writer that asks for a pause waits for itself")
    with lock(root, QUEUE, wait=wait), lock(root, LOCK, wait=wait), _deeper(key):
        yield


@contextmanager
def _deeper(key: tuple[int, int]) -> Iterator[None]:
    _held.depth[key] = _held.depth.get(key, 0) + 1
    try:
        yield
    finally:
        _held.depth[key] -= 1
        if not _held.depth[key]:
            del _held.depth[key]


def _identity(root: MemoryRoot) -> tuple[int, int]:
    handle = root.open_folder("")
    try:
        info = os.fstat(handle)
    finally:
        os.close(handle)
    return info.st_dev, info.st_ino
