"""From one version of a memory's files to the next, and back where that is possible.

Each module `mNNN_…` is one step: why it is, `forward`, and either `backward` or the words with
which going back is refused.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agent.errors import BadInput, Blocked
from agent.memory import chain, schema, timeline
from agent.memory.migrations import m001_chain, m002_views
from agent.memory.migrations.step import Step
from agent.memory.paths import MemoryRoot
from agent.memory.pause import paused

ALL = (m001_chain.STEP, m002_views.STEP)


@dataclass
class Migrated:
    """What was done: from which version to which, and per step its title and the lines it changed.
    `notes` name what a step left as it is."""

    before: int
    after: int
    steps: list[tuple[int, str, int]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        keys = ("number", "title", "lines")
        steps = [dict(zip(keys, step, strict=True)) for step in self.steps]
        return {"from": self.before, "to": self.after, "steps": steps, "notes": self.notes}


def migrate(
    memory: Path, *, to: int | None = None, back: bool = False, dry_run: bool = False
) -> Migrated:
    """Bring a memory to version `to`: the newest one, or with `back` the one before.

    Raises:
        BadInput: there is no such version, or it lies in the other direction.
        Blocked: the memory is of a newer version, or a step cannot be taken back.
        MemoryFault: the disk refused; every file is whole, and the same command goes on.
    """
    root = MemoryRoot.open(memory)
    schema.check(root)
    now = version_of(root)
    goal = to if to is not None else (max(now - 1, 0) if back else schema.CURRENT)
    _check(now, goal, back)
    result = Migrated(now, goal)
    steps = [s for s in ALL if goal < s.number <= now][::-1] if back else [
        s for s in ALL if now < s.number <= goal
    ]  # fmt: skip
    for step in steps if back else ():
        if step.backward is None:
            raise Blocked(f"there is no way back from version {step.number}: {step.refusal}",
                          where=schema.PATH, fix="restore a backup from before it.")  # fmt: skip
    if dry_run:
        _walk(root, steps, result, back, dry_run=True)
        return result
    with paused(root):
        for folder in (timeline.FOLDER, "_knowledge"):
            root.sweep(folder)  # what a killed migration has left
        _walk(root, steps, result, back, dry_run=False)
        if schema.version(root) != goal:
            schema.stamp(root, goal)
    return result


def version_of(root: MemoryRoot) -> int:
    """The version that a memory says it is of, or else looks like."""
    said = schema.version(root)
    return looks_like(root) if said is None else said


def looks_like(root: MemoryRoot) -> int:
    """The version by what the timelines hold, for a memory that does not say."""
    found = schema.CURRENT
    for account_id in timeline.accounts(root):
        scanned = timeline.scan(root, account_id)
        if any(chain.KEY not in event for event in scanned.events) or not scanned.head:
            return 0
        if any(m002_views.lacks_view(event) for event in scanned.events):
            found = 1
    return found


def _walk(
    root: MemoryRoot, steps: list[Step], result: Migrated, back: bool, *, dry_run: bool
) -> None:
    for step in steps:
        do = (step.backward if back else None) or step.forward
        lines = do(root, dry_run=dry_run, note=result.notes.append)
        result.steps.append((step.number, step.title, lines))
        if not dry_run:
            schema.stamp(root, step.number - 1 if back else step.number)


def _check(now: int, goal: int, back: bool) -> None:
    if not 0 <= goal <= schema.CURRENT:
        raise BadInput(f"there is no version {goal}", where="--to",
                       fix=f"Give 0 to {schema.CURRENT}.")  # fmt: skip
    if goal < now and not back:
        raise BadInput(f"the memory is of version {now} already", where="--to",
                       fix="Add --back to go back.")  # fmt: skip
    if goal > now and back:
        raise BadInput(f"the memory is of version {now}; {goal} lies ahead", where="--to",
                       fix="Leave out --back.")  # fmt: skip
