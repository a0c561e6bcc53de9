"""A memory out of a backup: every file as its manifest says, or nothing at all.

An archive is data from anywhere. Only plain files come out of it, only those that the manifest
lists, with the sizes and hashes that it lists, below a folder that is new.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

from agent.errors import BadDocument, BadInput, BadPath, MemoryFault, printable
from agent.memory.backup import (
    CONTENT,
    FORMAT,
    MANIFEST,
    check_target,
    make_folders,
    place,
    scratch,
)
from agent.memory.everything import opened
from agent.memory.faults import fault
from agent.memory.paths import MemoryRoot

_CHUNK = 1 << 20
_MANIFEST_LIMIT = 256 << 20
_READ_LIMIT = 16 << 20
_MAX_FILES = 5_000_000
_HEX = set("0123456789abcdef")


@dataclass(frozen=True)
class Restored:
    """Where the memory lies now, and what its backup says of itself."""

    path: str
    files: int
    size: int
    made_at: str
    memory_version: int | None


def restore(source: Path, target: Path) -> Restored:
    """Bring a backup back as a new memory at `target`.

    Raises:
        BadInput: `target` is not empty, or `source` is no backup.
        BadDocument: the backup is damaged, or not what its manifest says; nothing is left behind.
        MemoryFault: the disk refused; nothing is left behind.
    """
    check_target(target, "a memory", folder_allowed=True)
    with _told(source, target), scratch(target.parent) as folder:
        content = folder / CONTENT
        content.mkdir(mode=0o700)
        with _opened(source) as members:
            manifest = _manifest(members, source)
            files = manifest["files"]
            _check_room(files, folder, target)
            seen = set()
            for name, size, file in members:
                path = name.removeprefix(f"{CONTENT}/")
                if path == name or path not in files or path in seen or size != files[path][0]:
                    raise _refused(source, f"{printable(name, 200)} is not as its manifest says")
                _put(content / path, file, files[path], source)
                seen.add(path)
        if missing := sorted(files.keys() - seen):
            raise _refused(source, f"{printable(missing[0], 200)} is missing from it")
        place(content, target)
    return Restored(
        str(target), len(files), sum(size for size, _ in files.values()),
        manifest["made_at"], manifest["memory_version"],
    )  # fmt: skip


Members = Iterator[tuple[str, int, BinaryIO]]


@contextmanager
def _opened(source: Path) -> Iterator[Members]:
    if source.is_dir():
        yield _of_folder(MemoryRoot.open(source), source)
        return
    try:
        raw = source.open("rb")
    except FileNotFoundError:
        raise BadInput("there is no such backup", where=str(source)) from None
    with raw, gzip.GzipFile(fileobj=raw) as zipped:
        guarded: Any = _Guarded(zipped, source)
        with tarfile.open(fileobj=guarded, mode="r:") as tar:
            yield _of_archive(tar, source)
        if len(zipped.read(_CHUNK)) == _CHUNK:  # the sum at its end is checked on the way
            raise _refused(source, "something follows the archive")


def _of_archive(tar: tarfile.TarFile, source: Path) -> Members:
    while (member := tar.next()) is not None:
        if not member.isreg() or member.issparse():
            name = printable(member.name, 200)
            raise _refused(source, f"{name} is a link, a folder or a device, not a plain file")
        file = tar.extractfile(member)
        assert file is not None
        yield member.name, member.size, cast("BinaryIO", file)
        tar.members.clear()  # type: ignore[attr-defined]  # or all headers would be kept


def _of_folder(root: MemoryRoot, source: Path) -> Members:
    """The manifest, then what it lists."""
    try:
        with opened(root, MANIFEST) as file:
            yield MANIFEST, os.fstat(file.fileno()).st_size, file
            file.seek(0)
            listed = json.load(file)["files"]
    except BadPath:
        raise BadInput(
            "this folder is no backup: it has no manifest",
            where=str(source),
            fix="give what `csm memory backup` has made.",
        ) from None
    for path in listed:
        try:
            with opened(root, f"{CONTENT}/{path}") as file:
                yield f"{CONTENT}/{path}", os.fstat(file.fileno()).st_size, file
        except BadPath:
            continue  # told as missing


def _manifest(members: Members, source: Path) -> dict[str, Any]:
    name, size, file = next(members, ("", 0, None))
    if name != MANIFEST or file is None or size > _MANIFEST_LIMIT:
        raise _refused(source, "it does not begin with a manifest")
    try:
        found = json.loads(file.read(_MANIFEST_LIMIT))
        is_ours = found["format"] == FORMAT and len(found["files"]) <= _MAX_FILES
        version, made_at = found["memory_version"], found["made_at"]
    except (ValueError, KeyError, TypeError, RecursionError):
        is_ours, found, version, made_at = False, {}, None, ""
    is_ours = is_ours and isinstance(found["files"], dict)
    shaped = isinstance(version, int | None) and isinstance(made_at, str)
    if not is_ours or not shaped or not all(map(_is_entry, found["files"].items())):
        raise _refused(source, f"its manifest is not one of {FORMAT}")
    return dict(found)


def _is_entry(item: tuple[Any, Any]) -> bool:
    path, entry = item
    parts = path.split("/") if isinstance(path, str) else []
    return (
        all(part not in ("", ".", "..") and "\0" not in part for part in parts)
        and bool(parts)
        and isinstance(entry, list)
        and len(entry) == 2
        and isinstance(entry[0], int)
        and entry[0] >= 0
        and isinstance(entry[1], str)
        and len(entry[1]) == 64
        and set(entry[1]) <= _HEX
    )


def _put(path: Path, file: BinaryIO, entry: tuple[int, str], source: Path) -> None:
    make_folders(path.parent)
    digest, left = hashlib.sha256(), entry[0]
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags, 0o600), "wb") as out:
        while left > 0 and (chunk := file.read(min(left, _CHUNK))):
            digest.update(chunk)
            left -= len(chunk)
            out.write(chunk)
    if left or digest.hexdigest() != entry[1]:
        raise _refused(source, f"{printable(path.name, 200)} is not what was backed up")


def _check_room(files: dict[str, Any], folder: Path, target: Path) -> None:
    need, free = sum(size for size, _ in files.values()), shutil.disk_usage(folder).free
    if need > free:
        raise MemoryFault(
            f"the backup needs {need:,} bytes and {free:,} are free.",
            where=str(target),
            fix="free some disk space, or restore to another disk.",
        )


class _Guarded:
    """An archive's bytes, of which nobody reads much at once: headers can claim any length."""

    def __init__(self, file: gzip.GzipFile, source: Path) -> None:
        self._file, self._source = file, source

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= max(_READ_LIMIT, _CHUNK):
            raise _refused(self._source, "one of its headers is out of all bounds")
        return self._file.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()


def _refused(source: Path, why: str) -> BadDocument:
    return BadDocument(
        f"this backup is refused: {why}.", where=str(source), fix="use another backup."
    )


@contextmanager
def _told(source: Path, target: Path) -> Iterator[None]:
    try:
        yield
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile, UnicodeError) as error:
        why = f"it is damaged or no archive ({printable(str(error) or 'cut off', 100)})"
        raise _refused(source, why) from None
    except (NotADirectoryError, FileExistsError, IsADirectoryError) as error:
        raise _refused(source, f"its files stand in each other's way ({error.strerror})") from None
    except OSError as error:
        raise fault(error, str(target), "restore the memory") from error
