"""Several files that belong together appear together, or not at all.

A reader never sees half a file. A process killed between two renames leaves whole files, some old
and some new; publishing the same bytes again completes the work, because a file that already has
its new content counts as done.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from agent.memory.paths import MemoryRoot, Signature
from agent.memory.staging import Replacement, replace_all

ANY_VERSION: Signature = (-1, -1, -1)


class Staged(NamedTuple):
    """One file to publish.

    `before` is the version that `data` was made from: a signature, or None when there was no file.
    Left out, the file is replaced whatever it holds.
    """

    path: str
    data: bytes
    before: Signature | None = ANY_VERSION


class _Changed(Exception):
    pass


def publish(root: MemoryRoot, files: Sequence[Staged]) -> bool:
    """Write all `files`, durably, or none.

    Everything is written and flushed under temporary names first, then the versions are compared,
    then the names are swapped. A failing rename puts the earlier files back. Temporary files that
    dead processes left beside the targets are removed on the way.

    Returns:
        False when a file is no longer the version its new content was made from (and does not
        hold that content already): nothing was written; read it again and redo the change.

    Raises:
        BadPath: a target is a link, a folder or a special file.
        MemoryFault: the disk refused; all old files are intact.
    """
    folders = sorted({file.path.rpartition("/")[0] for file in files})
    for folder in folders:
        root.sweep(folder)
    todo = [file for file in files if not _holds(root, file)]
    replacements: list[Replacement] = []
    try:
        for file in todo:
            replacements.append(root.replacement(file.path, file.data))
        replace_all(replacements, before_swap=lambda: _compare(root, todo))
    except _Changed:
        return False
    finally:
        for replacement in replacements:
            replacement.close()
    if len(todo) < len(files):
        # Names found in place may stem from a run that died before it could flush them.
        for folder in folders:
            root.flush_folder(folder)
    return True


def _compare(root: MemoryRoot, files: Sequence[Staged]) -> None:
    for file in files:
        if file.before == ANY_VERSION:
            continue
        found = root.signature(file.path)
        if found != (tuple(file.before) if file.before else None):
            raise _Changed


def _holds(root: MemoryRoot, file: Staged) -> bool:
    found = root.signature(file.path)
    if found is None or found[1] != len(file.data):
        return False
    return root.read_head(file.path, limit=len(file.data) + 1)[0] == file.data
