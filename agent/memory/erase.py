"""Removing files for good: links themselves and never what they point to, and durably."""

from __future__ import annotations

import os
from contextlib import suppress

from agent.errors import printable
from agent.memory.faults import fault
from agent.memory.paths import MemoryRoot, MissingFile
from agent.memory.staging import fsync_directory

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def erase(root: MemoryRoot, path: str) -> int:
    """Remove the file or the folder at `path` with everything in it; how many files that were.

    Nothing there is nothing to do, so that what was killed half-way can be done again.

    Raises:
        MemoryFault: the disk refused; some files may be gone.
    """
    folder, _, name = path.rpartition("/")
    try:
        handle = root.open_folder(folder)
    except MissingFile:
        return 0
    try:
        gone = _erase(handle, name)
        fsync_directory(handle)
        return gone
    except OSError as error:
        raise fault(error, printable(path), "remove it") from error
    finally:
        os.close(handle)


def _erase(folder: int, name: str) -> int:
    try:
        inner = os.open(name, _FOLDER, dir_fd=folder)
    except FileNotFoundError:
        return 0
    except OSError:  # a file, a link, or a folder that may not be opened, which unlink then tells
        return _unlink(folder, name)
    try:
        gone = sum(_erase(inner, name) for name in sorted(os.listdir(inner)))  # noqa: PTH208
        fsync_directory(inner)
    finally:
        os.close(inner)
    with suppress(FileNotFoundError):
        os.rmdir(name, dir_fd=folder)
    return gone


def _unlink(folder: int, name: str) -> int:
    try:
        os.unlink(name, dir_fd=folder)
    except FileNotFoundError:
        return 0
    return 1
