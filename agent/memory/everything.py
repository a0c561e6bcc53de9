"""Every name in a memory, hidden ones included: for checking, copying and searching all of it.

Other readers see plain visible files only (`MemoryRoot.list_dir`). Here nothing is left out, so
that nothing is overlooked; links are told and never followed.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import BinaryIO, Literal

from agent.errors import BadPath, MemoryFault, printable
from agent.memory import staging
from agent.memory.faults import fault
from agent.memory.locks import FOLDER as LOCKS
from agent.memory.paths import MemoryRoot, MissingFile

Kind = Literal["file", "folder", "link", "special", "closed"]
MAX_DEPTH = 40
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass(frozen=True)
class Item:
    """One name. `kind` is `closed` for a folder that cannot be read or lies too deep; `reason` says
    which. `size` is in bytes, `changed` in nanoseconds."""

    path: str
    kind: Kind
    size: int = 0
    inode: int = 0
    changed: int = 0
    reason: str = ""

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def is_temporary(self) -> bool:
        return self.kind == "file" and self.name.startswith(staging.PREFIX)

    @property
    def is_lock(self) -> bool:
        return self.path.startswith(f"{LOCKS}/")


def everything(root: MemoryRoot, under: str = "") -> Iterator[Item]:
    """All items below the folder `under`, a folder before what it holds, sorted by name.

    What disappears meanwhile is passed over.
    """
    handle = _walk_to(root, under.split("/") if under else [])
    if handle is not None:
        yield from _below(handle, f"{under}/" if under else "", 1)


@contextmanager
def opened(root: MemoryRoot, path: str) -> Iterator[BinaryIO]:
    """A regular file open for reading, whatever its name looks like. Never a link.

    Raises:
        MissingFile: it is gone.
        BadPath: it is no regular file.
        MemoryFault: the disk refused.
    """
    *folders, name = path.split("/")
    folder = _walk_to(root, folders)
    if folder is None:
        raise MissingFile("does not exist in this memory.", where=printable(path))
    try:
        handle = os.open(name, _FILE, dir_fd=folder)
    except FileNotFoundError:
        raise MissingFile("does not exist in this memory.", where=printable(path)) from None
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise BadPath("is a link, not a regular file.", where=printable(path)) from None
        raise fault(error, printable(path), "read the file") from error
    finally:
        os.close(folder)
    with os.fdopen(handle, "rb") as file:
        staging.require_regular(os.fstat(handle), printable(path))
        try:
            yield file
        except OSError as error:
            raise fault(error, printable(path), "read the file") from error


def is_abandoned(root: MemoryRoot, path: str) -> bool:
    """Whether a temporary file was left by a process that died: its owner would hold its lock."""
    with suppress(BadPath, MemoryFault), opened(root, path) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
    return False


def sweep(root: MemoryRoot) -> list[str]:
    """Remove the temporary files of processes that died, wherever they lie; returns their paths."""
    found = [
        item.path
        for item in everything(root)
        if item.is_temporary and is_abandoned(root, item.path)
    ]
    return [path for path in found if root.sweep(path.rpartition("/")[0]) or not root.exists(path)]


def _below(handle: int, prefix: str, depth: int) -> Iterator[Item]:
    """Items of the open folder `handle`, which is closed in the end."""
    try:
        with os.scandir(handle) as entries:
            names = sorted(entry.name for entry in entries)
        for name in names:
            try:
                info = os.stat(name, dir_fd=handle, follow_symlinks=False)
            except FileNotFoundError:
                continue
            item = _item(prefix + name, info)
            if item.kind != "folder":
                yield item
                continue
            try:
                if depth >= MAX_DEPTH:
                    raise OSError(0, f"lies more than {MAX_DEPTH} folders deep")
                inner = os.open(name, _FOLDER, dir_fd=handle)
            except OSError as error:
                yield replace(item, kind="closed", reason=error.strerror or "cannot be opened")
                continue
            yield item
            yield from _below(inner, item.path + "/", depth + 1)
    finally:
        os.close(handle)


def _item(path: str, info: os.stat_result) -> Item:
    kinds: dict[int, Kind] = {stat.S_IFREG: "file", stat.S_IFDIR: "folder", stat.S_IFLNK: "link"}
    kind = kinds.get(stat.S_IFMT(info.st_mode), "special")
    return Item(path, kind, info.st_size, info.st_ino, info.st_mtime_ns)


def _walk_to(root: MemoryRoot, folders: Sequence[str]) -> int | None:
    """An open handle of a folder below the memory; None when there is no such folder."""
    handle = root.open_folder("")
    for part in folders:
        try:
            following = os.open(part, _FOLDER, dir_fd=handle)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise fault(error, printable("/".join(folders)), "open the folder") from error
        finally:
            os.close(handle)
        handle = following
    return handle
