"""One step from a version to the next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from agent.memory.paths import MemoryRoot

Note = Callable[[str], None]


class Walk(Protocol):
    """Does the step (or with `dry_run` only counts) and returns how many lines it changes; `note`
    takes what it leaves as it is. Doing it again after it was killed finishes it."""

    def __call__(self, root: MemoryRoot, *, dry_run: bool, note: Note) -> int: ...


@dataclass(frozen=True)
class Step:
    """The step to version `number`. Without `backward`, `refusal` says why there is none."""

    number: int
    title: str
    forward: Walk
    backward: Walk | None = None
    refusal: str = ""
