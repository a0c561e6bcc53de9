"""One consistent copy of a memory, taken while runs go on.

Everything is copied first, at leisure. Then the memory stands still for as long as it takes to look
at every name once and to copy again what has changed since. Journals and timelines are cut at whole
records. The copy is a folder, or an archive whose bytes follow from the content alone.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from agent.errors import BadInput, BadPath, MemoryFault, printable
from agent.memory import schema
from agent.memory.everything import Item, everything, opened
from agent.memory.faults import fault
from agent.memory.paths import MemoryRoot, MissingFile
from agent.memory.pause import paused

FORMAT = "csm-backup/1"
MANIFEST, CONTENT = "manifest.json", "memory"
ENDINGS = (".tar.gz", ".tgz")
_CHUNK = 1 << 20
# A file that was changed less than this before it was copied may have been changed again since
# within the same tick of the file system's clock.
_TICK_NS = 2_000_000_000


@dataclass
class Backup:
    """`size` is of the content in bytes. `left_out` are links and special files, `torn` files whose
    incomplete last line is not in the copy; `held` tells whether writers could be held."""

    path: str
    files: int = 0
    size: int = 0
    held: bool = True
    left_out: list[str] = field(default_factory=list)
    torn: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Copied:
    size: int
    sha256: str
    item: Item
    at: int  # nanoseconds
    is_torn: bool

    def is_current(self, now: Item) -> bool:
        same = (now.inode, now.size, now.changed) == (
            self.item.inode, self.item.size, self.item.changed,
        )  # fmt: skip
        return same and now.changed < self.at - _TICK_NS


def back_up(memory: Path, target: Path, *, now: datetime, wait: float = 60) -> Backup:
    """Copy `memory` to `target`, an archive (`.tar.gz`) or else a folder, for its owner only.

    Raises:
        BadInput: `target` exists, lies in the memory, or its folder does not exist.
        Busy: writers did not come to an end within `wait` seconds.
        MemoryFault: a file cannot be read, or the disk of the copy refused; nothing is left there.
    """
    root = MemoryRoot.open(memory)
    check_target(target, "the copy", folder_allowed=not is_archive(target))
    if target.resolve().is_relative_to(memory.resolve()):
        raise BadInput(
            "the copy would lie in the memory itself", where=str(target), fix="put it elsewhere."
        )
    result = Backup(str(target))
    with _writes_to(target), scratch(target.parent) as folder:
        copied = _Copier(root, folder / CONTENT, result).run(wait)
        result.files, result.size = len(copied), sum(c.size for c in copied.values())
        result.torn = [path for path, c in sorted(copied.items()) if c.is_torn]
        manifest = {
            "format": FORMAT,
            "made_at": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "memory_version": schema.version(root),
            "files": {path: [c.size, c.sha256] for path, c in sorted(copied.items())},
        }
        (folder / MANIFEST).write_text(json.dumps(manifest, indent=0), "ascii")
        (folder / MANIFEST).chmod(0o600)
        if is_archive(target):
            packed = folder / "packed"
            _pack(folder, sorted(copied), packed)
            os.link(packed, target)  # never over another file
        else:
            place(folder, target)
    return result


def is_archive(target: Path) -> bool:
    return target.name.endswith(ENDINGS)


def check_target(target: Path, what: str, *, folder_allowed: bool) -> None:
    """Raise BadInput unless `target` can be made: it does not exist (or is an empty folder where
    that is allowed), and the folder that it lies in does."""
    if not target.parent.is_dir():
        raise BadInput(
            f"there is no folder for {what}", where=str(target.parent), fix="make it first."
        )
    if target.is_dir() and folder_allowed and not any(target.iterdir()):
        return
    if os.path.lexists(target):
        raise BadInput(
            f"{what} is never put over something else",
            where=str(target),
            fix="give a name that is not taken.",
        )


def make_folders(folder: Path) -> None:
    """Make `folder` and what it lies in, for their owner only."""
    for path in (*reversed(folder.parents), folder):
        if not path.exists():
            path.mkdir(mode=0o700)


def place(folder: Path, target: Path) -> None:
    """Give a finished folder its name; an empty folder there gives way."""
    folder.rename(target)


@contextmanager
def scratch(parent: Path) -> Iterator[Path]:
    """A folder (0700) beside the target that is gone in the end, unless it was given its name."""
    folder = Path(tempfile.mkdtemp(prefix=".csm-", dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class _Copier:
    """Copies into `folder` until copy and memory agree."""

    def __init__(self, root: MemoryRoot, folder: Path, result: Backup) -> None:
        self.root, self.folder, self.result = root, folder, result
        self.copied: dict[str, _Copied] = {}

    def run(self, wait: float) -> dict[str, _Copied]:
        self.folder.mkdir(mode=0o700)
        self._pass()
        with ExitStack() as still:
            try:
                still.enter_context(paused(self.root, wait=wait))
            except (MemoryFault, BadPath):  # nobody can write here either
                self.result.held = False
            self.result.left_out.clear()
            self._pass()
        return self.copied

    def _pass(self) -> None:
        seen = set()
        for item in everything(self.root):
            if item.kind == "closed":
                raise MemoryFault(
                    f"cannot be looked into: {item.reason}.",
                    where=printable(item.path),
                    fix="give this user permission to read it.",
                )
            if item.kind in ("link", "special"):
                self.result.left_out.append(item.path)
            if item.kind != "file" or item.is_temporary or item.is_lock:
                continue
            known = self.copied.get(item.path)
            if known is not None and known.is_current(item):
                seen.add(item.path)
                continue
            try:
                self.copied[item.path] = self._copy(item)
                seen.add(item.path)
            except MissingFile:
                continue
        for path in self.copied.keys() - seen:
            (self.folder / path).unlink()
            del self.copied[path]

    def _copy(self, item: Item) -> _Copied:
        place, at = self.folder / item.path, time.time_ns()
        make_folders(place.parent)
        digest, size, is_torn = hashlib.sha256(), 0, False
        with opened(self.root, item.path) as file, _new(place) as out:
            if item.path.endswith(".jsonl"):
                data, is_torn = _whole_records(file.read())
                chunks = iter([data])
            else:
                chunks = iter(lambda: file.read(_CHUNK), b"")
            for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
                out.write(chunk)
        return _Copied(size, digest.hexdigest(), item, at, is_torn)


def _whole_records(data: bytes) -> tuple[bytes, bool]:
    """`data` without an incomplete last line, and whether there was one."""
    end = data.rfind(b"\n") + 1
    try:
        is_whole = end == len(data) or isinstance(json.loads(data[end:]), dict)
    except (ValueError, RecursionError):
        is_whole = False
    return (data, False) if is_whole else (data[:end], True)


def _new(path: Path) -> Any:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    return os.fdopen(os.open(path, flags, 0o600), "wb")


def _pack(folder: Path, paths: list[str], packed: Path) -> None:
    """The archive: manifest first, then the files by name; no time, no owner."""
    with _new(packed) as raw:
        with (
            gzip.GzipFile("", "wb", 6, raw, mtime=0) as zipped,
            tarfile.open(fileobj=zipped, mode="w", format=tarfile.PAX_FORMAT) as tar,
        ):
            for name in (MANIFEST, *(f"{CONTENT}/{path}" for path in paths)):
                info = tarfile.TarInfo(name)
                info.size, info.mode, info.mtime = (folder / name).stat().st_size, 0o600, 0
                with (folder / name).open("rb") as file:
                    tar.addfile(info, file)
        raw.flush()
        os.fsync(raw.fileno())


@contextmanager
def _writes_to(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise fault(error, str(target), "write the copy") from error
