"""Replacing files: new content is complete and on disk before an old file gives way.

Every new content is first written and flushed to a temporary file beside its target. Only when
all of them are there are the names swapped, one rename each; a rename that fails puts the earlier
ones back. Temporary files are locked by their owner, so one that can be locked by somebody else
was left behind by a process that died, and `sweep` removes it.
"""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import stat
from collections.abc import Callable, Sequence
from contextlib import suppress

from agent.errors import BadPath
from agent.memory.faults import fault

PREFIX = ".tmp-"
_WRITABLE_BY_OTHERS = 0o002
# Filesystems without hard links, and kernels that forbid linking somebody else's file.
_NO_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}


class AlreadyThere(BadPath):
    """The file exists and was to be created new."""


class Replacement:
    """One file about to take the place of `name` in the open directory `directory`.

    `label` is the path shown in errors. The directory handle belongs to this object.
    """

    def __init__(
        self, directory: int, name: str, label: str, data: bytes, *, exclusive: bool = False
    ) -> None:
        self.directory, self.name, self.label = directory, name, label
        self.data, self.exclusive = data, exclusive
        self._temp = self._backup = ""
        self._temp_lock = self._backup_lock = -1
        self._swapped = False

    def stage(self) -> None:
        """Write and flush the new content beside the target, with the mode it will have."""
        mode = self._mode()
        self._temp, self._temp_lock = _new_temp(self.directory)
        view = memoryview(self.data)
        while view:
            view = view[os.write(self._temp_lock, view) :]
        os.fchmod(self._temp_lock, mode)
        os.fsync(self._temp_lock)

    def swap(self) -> None:
        """Give the new content its name; what was there before is kept for `undo`."""
        if self.exclusive:
            self._link_new()
            return
        self._keep_old()
        os.rename(self._temp, self.name, src_dir_fd=self.directory, dst_dir_fd=self.directory)
        self._temp, self._swapped = "", True

    def flush(self) -> None:
        """Make the new name survive a power cut."""
        fsync_directory(self.directory)

    def undo(self) -> None:
        """Put the old content (or its absence) back."""
        if not self._swapped:
            return
        if self._backup:
            os.rename(self._backup, self.name, src_dir_fd=self.directory, dst_dir_fd=self.directory)
            self._backup = ""
        else:
            os.unlink(self.name, dir_fd=self.directory)
        self._swapped = False

    def close(self) -> None:
        """Remove what is left of temporary names and give the handles back."""
        for name in (self._temp, self._backup):
            if name:
                with suppress(OSError):
                    os.unlink(name, dir_fd=self.directory)
        for handle in (self._temp_lock, self._backup_lock, self.directory):
            if handle >= 0:
                with suppress(OSError):
                    os.close(handle)
        self._temp = self._backup = ""
        self._temp_lock = self._backup_lock = self.directory = -1

    def _mode(self) -> int:
        try:
            info = os.stat(self.name, dir_fd=self.directory, follow_symlinks=False)
        except FileNotFoundError:
            return 0o600
        require_regular(info, self.label)
        if self.exclusive:
            raise AlreadyThere("exists already.", where=self.label)
        return stat.S_IMODE(info.st_mode) & 0o777 & ~_WRITABLE_BY_OTHERS

    def _link_new(self) -> None:
        try:
            self._link(self._temp, self.name)
        except FileExistsError:
            raise AlreadyThere("exists already.", where=self.label) from None
        self._swapped = True

    def _keep_old(self) -> None:
        try:
            info = os.stat(self.name, dir_fd=self.directory, follow_symlinks=False)
        except FileNotFoundError:
            return
        require_regular(info, self.label)
        backup = _temp_name()
        # The lock sits on the file itself, so it covers the second name as well.
        self._backup_lock = os.open(
            self.name,
            os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC,
            dir_fd=self.directory,
        )
        with suppress(BlockingIOError):
            fcntl.flock(self._backup_lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        try:
            self._link(self.name, backup)
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            self._copy_old(backup)
        self._backup = backup

    def _link(self, source: str, target: str) -> None:
        os.link(
            source,
            target,
            src_dir_fd=self.directory,
            dst_dir_fd=self.directory,
            follow_symlinks=False,
        )

    def _copy_old(self, backup: str) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        with os.fdopen(os.open(backup, flags, 0o600, dir_fd=self.directory), "wb") as copy:
            while chunk := os.read(self._backup_lock, 1 << 20):
                copy.write(chunk)


def replace_all(
    replacements: Sequence[Replacement], *, before_swap: Callable[[], None] | None = None
) -> None:
    """Put all of them in place, or none: on any failure the old files are back.

    `before_swap` is called when every new content is on disk and nothing is renamed yet; what it
    raises stops the replacement.

    Raises:
        MemoryFault: the disk refused; `where` names the file.
        BadPath: a target is a link, a folder or a special file.
    """
    current = ""
    try:
        for item in replacements:
            current = item.label
            item.stage()
        if before_swap:
            before_swap()
        for item in replacements:
            current = item.label
            item.swap()
        for item in replacements:
            current = item.label
            item.flush()
    except BaseException as error:
        for item in reversed(replacements):
            with suppress(OSError):
                item.undo()
        if isinstance(error, OSError):
            raise fault(error, current, "write the file") from error
        raise
    finally:
        for item in replacements:
            item.close()


def require_regular(info: os.stat_result, label: str) -> None:
    """Raise BadPath unless `info` (of the name itself, not of a link's target) is a plain file."""
    kind = stat.S_IFMT(info.st_mode)
    if kind == stat.S_IFREG:
        return
    names = {
        stat.S_IFLNK: "a symbolic link",
        stat.S_IFDIR: "a folder",
        stat.S_IFIFO: "a named pipe",
        stat.S_IFSOCK: "a socket",
        stat.S_IFCHR: "a device",
        stat.S_IFBLK: "a device",
    }
    raise BadPath(
        f"is {names.get(kind, 'a special file')}, not a regular file.",
        where=label,
        fix="put a plain file in its place.",
    )


def fsync_directory(directory: int) -> None:
    """Flush a directory; filesystems without that notion (EINVAL) are left as they are."""
    try:
        os.fsync(directory)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise


def sweep(directory: int) -> int:
    """Remove temporary files whose owner is dead; returns how many."""
    return sum(
        _remove_abandoned(directory, name)
        for name in os.listdir(directory)
        if name.startswith(PREFIX)
    )


def _remove_abandoned(directory: int, name: str) -> bool:
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        handle = os.open(name, flags, dir_fd=directory)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.unlink(name, dir_fd=directory)
    except OSError:
        return False
    else:
        return True
    finally:
        os.close(handle)


def _temp_name() -> str:
    return PREFIX + secrets.token_hex(8)


def _new_temp(directory: int) -> tuple[str, int]:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    while True:
        name = _temp_name()
        handle = os.open(name, flags, 0o600, dir_fd=directory)
        with suppress(BlockingIOError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # A sweeper may have taken the name in the moment before the lock: then try another.
            if os.fstat(handle).st_nlink == 1:
                return name, handle
        os.close(handle)
