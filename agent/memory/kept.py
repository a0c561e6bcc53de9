"""Files that give way to others are kept beside them: nothing that was stored is lost."""

from __future__ import annotations

from agent.memory.everything import everything, opened
from agent.memory.paths import MemoryRoot, MissingFile

MARK = ".replaced-"


def place_for(root: MemoryRoot, path: str, data: bytes, moment: str) -> str:
    """Where `data`, which lay at `path`, is to be kept: `<path>.replaced-<moment>`, or where the
    same bytes are kept already, by an attempt that was killed. `moment` is compact UTC."""
    taken = set()
    for item in everything(root, path.rpartition("/")[0]):
        if item.path.startswith(f"{path}{MARK}") and item.kind == "file":
            taken.add(item.path)
            if item.size == len(data) and _bytes(root, item.path) == data:
                return item.path
    stem = f"{path}{MARK}{moment}"
    names = [stem, *(f"{stem}-{n}" for n in range(2, len(taken) + 3))]
    return next(place for place in names if place not in taken)


def _bytes(root: MemoryRoot, path: str) -> bytes | None:
    try:
        with opened(root, path) as file:
            return file.read()
    except MissingFile:
        return None
