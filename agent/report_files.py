"""Files that a person asked for, outside the memory: whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from agent.errors import MemoryFault


def write(files: Iterable[tuple[Path, str]]) -> None:
    """Writes each text whole or not at all.

    Raises:
        MemoryFault: the disk said no.
    """
    for path, text in files:
        beside = path.with_name(f".{path.name}.part")
        try:
            beside.write_text(text, encoding="utf-8")
            beside.replace(path)
        except OSError as error:
            beside.unlink(missing_ok=True)
            raise MemoryFault(f"cannot be written: {error.strerror}", where=str(path),
                              fix="check the folder.") from None  # fmt: skip
