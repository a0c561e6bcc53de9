"""The memory folder as a capability: every file is reached from one open directory handle.

Paths are walked component by component with `openat` and `O_NOFOLLOW`. A link is never followed,
not even one that appears between a check and its use, and `..` never reaches the kernel.
"""

from __future__ import annotations

import errno
import os
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from agent.errors import BadPath
from agent.memory.faults import fault
from agent.memory.names import check_account_id, check_instruction_id, component_fault, split
from agent.memory.staging import (
    AlreadyThere,
    Replacement,
    fsync_directory,
    replace_all,
    require_regular,
    sweep,
)

__all__ = [
    "AlreadyThere",
    "MemoryRoot",
    "MissingFile",
    "Signature",
    "check_account_id",
    "check_instruction_id",
]

Signature = tuple[int, int, int]
"""Inode, size in bytes and modification time in nanoseconds of one version of a file."""

_DIR = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_CHUNK = 1 << 20


class MissingFile(BadPath):
    """There is no such file in the memory."""


class MemoryRoot:
    """An existing memory folder. `path` is where it was opened; it is never created.

    The handle keeps pointing at the folder that was opened. When that is removed during a run,
    reads report missing files and writes fail; nothing is created in its place.
    """

    def __init__(self, path: Path, handle: int) -> None:
        self.path = path
        self._handle = handle
        self._closer = weakref.finalize(self, os.close, handle)

    @classmethod
    def open(cls, path: Path) -> MemoryRoot:
        """Open the folder at `path` (which may itself be a link to it).

        Raises:
            BadPath: it does not exist or is not a folder.
            MemoryFault: it cannot be opened.
        """
        try:
            handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except (FileNotFoundError, NotADirectoryError, ValueError):
            raise BadPath(
                "there is no memory folder here.",
                where=str(path),
                fix="give the path of an existing folder; it is never created.",
            ) from None
        except OSError as error:
            raise fault(error, str(path), "open the memory folder") from error
        return cls(path.absolute(), handle)

    def close(self) -> None:
        """Give the handle back; closing twice is harmless."""
        self._closer()

    # Reading

    def read_bytes(self, rel: str, *, limit: int) -> bytes:
        """The whole content of `rel`, at most `limit` bytes.

        Raises:
            MissingFile: no such file.
            BadPath: a link or special file on the way, or more than `limit` bytes.
            MemoryFault: the disk refused.
        """
        return self.read_signed(rel, limit=limit)[0]

    def read_signed(self, rel: str, *, limit: int) -> tuple[bytes, Signature]:
        """Content of `rel` and the signature of exactly the version that was read."""
        with self._reading(rel) as (handle, info):
            data = _read(handle, limit + 1)
            if info.st_size > limit or len(data) > limit:
                raise BadPath(
                    f"has {max(info.st_size, len(data)):,} bytes; at most {limit:,} are read.",
                    where=rel,
                    fix="split the file or remove what does not belong in it.",
                )
            return data, _signature(info)

    def read_head(self, rel: str, *, limit: int) -> tuple[bytes, int]:
        """The first `limit` bytes of `rel` and the size of the whole file in bytes."""
        with self._reading(rel) as (handle, info):
            return _read(handle, limit), info.st_size

    def exists(self, rel: str) -> bool:
        """Whether anything has this name; a link counts, whatever it points to."""
        return self._lstat(rel) is not None

    def signature(self, rel: str) -> Signature | None:
        """The signature of the file now, None when there is none.

        Raises:
            BadPath: there is something else than a regular file.
        """
        info = self._lstat(rel)
        if info is None:
            return None
        require_regular(info, rel)
        return _signature(info)

    def list_dir(self, rel: str) -> list[str]:
        """Names of the visible files and folders in `rel` (`""`: the memory itself), sorted.

        Links, special files, hidden names and names that could not be addressed are left out.
        """
        with self._folder(rel) as handle:
            return [name for name, _ in _entries(handle)]

    def walk(self, rel: str, *, max_entries: int, max_depth: int) -> tuple[list[str], bool]:
        """Relative paths of the regular files below `rel`, sorted, and whether some were left out.

        At most `max_entries` files and folders are visited and `max_depth` levels of folders
        entered. Links, hidden and special files are skipped.
        """
        found: list[str] = []
        queue = [(rel, 1)]
        visited, truncated = 0, False
        while queue:
            folder, depth = queue.pop(0)
            try:
                with self._folder(folder) as handle:
                    entries = _entries(handle)
            except BadPath:
                continue
            for name, is_folder in entries:
                visited += 1
                if visited > max_entries:
                    return sorted(found), True
                path = f"{folder}/{name}" if folder else name
                if not is_folder:
                    found.append(path)
                elif depth < max_depth:
                    queue.append((path, depth + 1))
                else:
                    truncated = True
        return sorted(found), truncated

    # Writing

    def make_dirs(self, rel: str) -> None:
        """Create the folder `rel` and its parents below the memory, mode 0700."""
        os.close(self.open_folder(rel, create=True))

    def write_atomic(self, rel: str, data: bytes, *, exclusive: bool = False) -> None:
        """Replace the file `rel` by `data`, durably; on any failure the old file is intact.

        Missing parent folders are created. A new file gets mode 0600, a replaced one keeps its
        mode without write permission for everybody.

        Raises:
            AlreadyThere: `exclusive` and the file exists.
            BadPath: the target or a folder on the way is a link or not what it should be.
            MemoryFault: the disk refused.
        """
        replace_all([self.replacement(rel, data, exclusive=exclusive)])

    def replacement(self, rel: str, data: bytes, *, exclusive: bool = False) -> Replacement:
        """A replacement of `rel` for `replace_all`; opens (and creates) its folder."""
        *folder, name = split(rel)
        handle = self.open_folder("/".join(folder), create=True)
        return Replacement(handle, name, self._label(rel), data, exclusive=exclusive)

    def append(self, rel: str, data: bytes) -> None:
        """Add `data` at the end of `rel` with one write and flush it; creates the file.

        Raises:
            BadPath: not a regular file of its own (a second hard link would be written too).
            MemoryFault: the disk refused; a part that was written is taken off again.
        """
        *folder, name = split(rel)
        directory = self.open_folder("/".join(folder), create=True)
        try:
            handle, is_new = _open_append(directory, name, rel)
            try:
                _append(handle, data)
            finally:
                os.close(handle)
            if is_new:
                fsync_directory(directory)
        except OSError as error:
            raise fault(error, self._label(rel), "append to the file") from error
        finally:
            os.close(directory)

    def sweep(self, rel: str) -> int:
        """Remove temporary files that dead processes left in the folder `rel`; how many."""
        try:
            with self._folder(rel) as handle:
                return sweep(handle)
        except MissingFile:
            return 0

    def flush_folder(self, rel: str) -> None:
        """Make the names in the folder `rel` survive a power cut."""
        with self._folder(rel) as handle:
            fsync_directory(handle)

    # Walking

    def open_folder(self, rel: str, *, create: bool = False) -> int:
        """An open handle of the folder `rel` (`""`: the memory itself); the caller closes it."""
        parts = split(rel) if rel else ()
        try:
            handle = os.dup(self._handle)
        except OSError as error:
            raise fault(error, str(self.path), "open the memory folder") from error
        try:
            for part in parts:
                following = self._step(handle, part, rel, create=create)
                os.close(handle)
                handle = following
        except BaseException:
            os.close(handle)
            raise
        return handle

    def open_file(self, rel: str, flags: int) -> int:
        """An open handle of `rel`, created 0600 with `O_CREAT`; for locks. Never a link."""
        *folder, name = split(rel)
        try:
            directory = self.open_folder("/".join(folder), create=bool(flags & os.O_CREAT))
        except MissingFile as error:
            raise MissingFile(error.what, where=rel) from None
        try:
            with suppress(FileNotFoundError):
                require_regular(os.stat(name, dir_fd=directory, follow_symlinks=False), rel)
            handle = os.open(name, flags | _FILE, 0o600, dir_fd=directory)
        except OSError as error:
            raise self._refusal(error, rel, "open the file") from error
        finally:
            os.close(directory)
        try:
            info = os.fstat(handle)
            require_regular(info, rel)
            if flags & os.O_RDWR:
                _require_single_name(info, rel)
        except BaseException:
            os.close(handle)
            raise
        return handle

    def _step(self, handle: int, part: str, rel: str, *, create: bool) -> int:
        try:
            try:
                return os.open(part, _DIR, dir_fd=handle)
            except FileNotFoundError:
                if not create:
                    raise
            with suppress(FileExistsError):
                os.mkdir(part, 0o700, dir_fd=handle)
                fsync_directory(handle)
            return os.open(part, _DIR, dir_fd=handle)
        except OSError as error:
            if error.errno in (errno.ENOTDIR, errno.ELOOP):
                raise BadPath(
                    f"'{part}' on the way is a link or not a folder.",
                    where=rel,
                    fix="put a plain folder in its place.",
                ) from None
            if not create:
                raise self._refusal(error, rel, "open the folder") from error
            raise fault(error, self._label(rel), "create the folder") from error

    def _refusal(self, error: OSError, rel: str, doing: str) -> Exception:
        if isinstance(error, FileNotFoundError):
            return MissingFile("does not exist in this memory.", where=rel)
        if error.errno == errno.ELOOP:
            return BadPath("is a symbolic link, not a regular file.", where=rel)
        return fault(error, self._label(rel), doing)

    def _label(self, rel: str) -> str:
        return f"{self.path}/{rel}" if rel else str(self.path)

    @contextmanager
    def _folder(self, rel: str) -> Iterator[int]:
        handle = self.open_folder(rel)
        try:
            yield handle
        except OSError as error:
            raise fault(error, self._label(rel), "read the folder") from error
        finally:
            os.close(handle)

    @contextmanager
    def _reading(self, rel: str) -> Iterator[tuple[int, os.stat_result]]:
        handle = self.open_file(rel, os.O_RDONLY)
        try:
            yield handle, os.fstat(handle)
        except OSError as error:
            raise fault(error, self._label(rel), "read the file") from error
        finally:
            os.close(handle)

    def _lstat(self, rel: str) -> os.stat_result | None:
        *folder, name = split(rel)
        try:
            with self._folder("/".join(folder)) as handle, suppress(FileNotFoundError):
                return os.stat(name, dir_fd=handle, follow_symlinks=False)
        except MissingFile:
            return None
        return None


def _signature(info: os.stat_result) -> Signature:
    return info.st_ino, info.st_size, info.st_mtime_ns


def _read(handle: int, most: int) -> bytes:
    chunks: list[bytes] = []
    left = most
    while left > 0 and (chunk := os.read(handle, min(left, _CHUNK))):
        chunks.append(chunk)
        left -= len(chunk)
    return b"".join(chunks)


def _entries(handle: int) -> list[tuple[str, bool]]:
    """Sorted (name, is a folder) of what may be seen in an open folder."""
    seen = []
    with os.scandir(handle) as entries:
        for entry in entries:
            if entry.name.startswith(".") or component_fault(entry.name):
                continue
            is_folder = entry.is_dir(follow_symlinks=False)
            if is_folder or entry.is_file(follow_symlinks=False):
                seen.append((entry.name, is_folder))
    return sorted(seen)


def _require_single_name(info: os.stat_result, rel: str) -> None:
    if info.st_nlink > 1:
        raise BadPath(
            "has a second name (hard link), so writing to it would change another file.",
            where=rel,
            fix="replace it by a copy of its own.",
        )


def _open_append(directory: int, name: str, rel: str) -> tuple[int, bool]:
    flags = os.O_WRONLY | os.O_APPEND | _FILE
    try:
        require_regular(os.stat(name, dir_fd=directory, follow_symlinks=False), rel)
        handle, is_new = os.open(name, flags, dir_fd=directory), False
    except FileNotFoundError:
        handle = os.open(name, flags | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=directory)
        is_new = True
    try:
        info = os.fstat(handle)
        require_regular(info, rel)
        _require_single_name(info, rel)
    except BaseException:
        os.close(handle)
        raise
    return handle, is_new


def _append(handle: int, data: bytes) -> None:
    before = os.fstat(handle).st_size
    written = 0
    try:
        written = os.write(handle, data)
        if written != len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fsync(handle)
    except OSError:
        if written and os.fstat(handle).st_size == before + written:
            os.ftruncate(handle, before)
        raise
