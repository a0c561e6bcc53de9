from __future__ import annotations

from pathlib import Path


def names(folder: Path) -> list[str]:
    """Everything that lies in a folder, hidden files included, sorted."""
    return sorted(path.name for path in folder.iterdir())
