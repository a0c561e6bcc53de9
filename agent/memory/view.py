"""What the tools of a run may read: a fixed list of paths, and nothing else.

A path outside the list is refused before any file is touched. Each path has a provider: a real
file of the memory, or text made from a snapshot, so that a shared file shows one account's part.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from agent.errors import BadPath
from agent.memory.names import shown, split
from agent.memory.paths import MemoryRoot

Provider = Callable[[], bytes]

MAX_FILE = 1_000_000
_SHOWN_PATHS = 20


def of_file(root: MemoryRoot, rel: str, *, limit: int = MAX_FILE) -> Provider:
    """The first `limit` bytes of a file of the memory; `MemoryView.read` says when that cuts it."""
    return lambda: root.read_head(rel, limit=limit + 1)[0]


def of_text(text: str) -> Provider:
    """A text as a file."""
    return text.encode


class MemoryView:
    """Readable files by path. Hidden files can never be among them.

    `limit` is how many bytes of one file are given to a reader.
    """

    def __init__(self, providers: Mapping[str, Provider], *, limit: int = MAX_FILE) -> None:
        for path in providers:
            if any(part.startswith(".") for part in split(path)):
                raise ValueError(f"{path} is hidden and cannot be made readable")
        self._providers = dict(sorted(providers.items()))
        self._limit = limit

    def paths(self) -> list[str]:
        """All readable paths, sorted."""
        return list(self._providers)

    def read(self, rel: str) -> str:
        """The text of one file; a longer file is cut after `limit` bytes, with a note at its end.

        Raises:
            BadPath: the path is not readable here (the message names those that are), or the
                file is not text.
        """
        provider = self._providers.get(rel)
        if provider is None:
            raise BadPath(f"{shown(rel)} is not readable in this run.", fix=self._offer())
        data = provider()
        text = data[: self._limit].decode("utf-8", "ignore" if self._is_cut(data) else "replace")
        if "\0" in text:
            raise BadPath("is not a text file.", where=rel)
        if self._is_cut(data):
            text += f"\n[cut: only the first {self._limit:,} bytes are shown]\n"
        return text

    def _is_cut(self, data: bytes) -> bool:
        return len(data) > self._limit

    def _offer(self) -> str:
        paths = self.paths()
        if not paths:
            return "nothing is readable in this run."
        more = f" and {len(paths) - _SHOWN_PATHS} more" if len(paths) > _SHOWN_PATHS else ""
        return f"read one of {', '.join(paths[:_SHOWN_PATHS])}{more}."
