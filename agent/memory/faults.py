"""From an operating-system error to a sentence a person can act on."""

from __future__ import annotations

import errno

from agent.errors import MemoryFault

_REMEDIES = {
    errno.ENOSPC: "free some disk space and run again; nothing was half-written.",
    errno.EDQUOT: "the disk quota is used up: free some space and run again.",
    errno.EROFS: "the memory is mounted read-only: mount it writable or use another copy.",
    errno.EACCES: "give this user read and write permission on the folder.",
    errno.EPERM: "give this user read and write permission on the folder.",
    errno.EFBIG: "raise the file size limit of this process (ulimit -f).",
    errno.EXDEV: "the folder spans two filesystems: keep the memory on one.",
    errno.EMFILE: "raise the limit on open files (ulimit -n).",
    errno.ENFILE: "the machine has no file handles left: close other programs.",
    errno.EIO: "the disk reports an error: check it before running again.",
    errno.ENOENT: "the folder was moved or removed during the run: restore it and run again.",
    errno.ENAMETOOLONG: "use a shorter name.",
}


def fault(error: OSError, where: str, doing: str) -> MemoryFault:
    """The `MemoryFault` for `error`: what could not be done, to which path, and the way out."""
    reason = error.strerror or type(error).__name__
    fix = _REMEDIES.get(error.errno or 0, "check the disk and the permissions of this folder.")
    return MemoryFault(f"cannot {doing}: {reason}.", where=where, fix=fix)
