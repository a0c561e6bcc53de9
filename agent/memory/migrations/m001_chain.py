"""Timelines get a hash chain.

Why: a line that was changed, removed or put in by hand could not be told from one that the program
wrote, and lines lost at the end of a file were not missed. Each event now carries a link to the one
before it, and the last link is kept beside the timeline (`.head`).

Events that are there are taken as they stand; from then on a change shows. Links that exist are
never computed anew, so what was tampered with before stays visible.
"""

from __future__ import annotations

from agent.memory import timeline
from agent.memory.migrations.step import Note, Step
from agent.memory.paths import MemoryRoot
from agent.memory.relink import Event, relink, unlink


def forward(root: MemoryRoot, *, dry_run: bool, note: Note) -> int:  # noqa: ARG001
    """Link every event that stands before the first linked one."""
    ids = timeline.accounts(root)
    return sum(relink(root, id, _as_it_is, anew=False, dry_run=dry_run) for id in ids)


def backward(root: MemoryRoot, *, dry_run: bool, note: Note) -> int:
    """Take links and kept ends away: what they could show can then be shown no more."""
    note("changes to timelines from before this step can no longer be told")
    return sum(unlink(root, id, dry_run=dry_run) for id in timeline.accounts(root))


def _as_it_is(event: Event) -> Event:
    return dict(event)


STEP = Step(1, "timelines are chained", forward, backward)
