"""One timeline by itself: can it be read, and is it the one that was written?"""

from __future__ import annotations

from collections.abc import Iterator

from agent.keeping.findings import Finding
from agent.memory import chain, timeline
from agent.memory.timeline import Timeline

_MEND = (
    "compare it with a backup. What the documents hold is not taken from it until then; "
    "`csm memory rebuild --trust-timelines` takes it as it is."
)
_TORN = "the account's next event mends it, and so does `csm memory rebuild`."
_HEAD = "the account's next event brings it back, and so does `csm memory rebuild`."
_LOST = "`csm memory rebuild` brings back what the journals hold; else restore it from a backup."


def check_timeline(account_id: str, found: Timeline) -> Iterator[Finding]:
    """Lines that cannot be read, and every place where the chain does not hold."""
    path = timeline.path_of(account_id)
    end = len(found.lines) and found.lines[-1]
    damaged = set()
    for line, reason in found.problems:
        if found.torn and line > end:
            continue  # told below
        damaged.add(line)
        yield Finding("timeline", f"{path}:{line}", f"this line {reason}", _MEND, account_id)
    if found.torn:
        what = "its last line is incomplete: a crash has cut it off"
        yield Finding("timeline", path, what, _TORN, account_id)
    if not found.head and any(chain.KEY in event for event in found.events):
        what = "the end of its chain is not kept beside it, so that a loss there would not show"
        yield Finding("timeline", timeline.head_path(account_id), what, _HEAD, account_id)
    for line, reason in found.tampering(account_id):
        if not line:
            yield Finding("timeline", path, reason, _LOST, account_id)
        elif not _is_behind_one_of(damaged, line, found.lines):
            yield Finding("timeline", f"{path}:{line}", f"this line {reason}", _MEND, account_id)


def is_trustworthy(account_id: str, found: Timeline) -> bool:
    """Whether documents may be written from these events: nothing was changed or put in, and no
    line in between is lost. An end that is missing makes the rest no less true."""
    end = len(found.lines) and found.lines[-1]
    whole = all(found.torn and line > end for line, _ in found.problems)
    return whole and all(line == 0 for line, _ in found.tampering(account_id))


def _is_behind_one_of(damaged: set[int], line: int, lines: list[int]) -> bool:
    """Whether the break at `line` comes from an unreadable line before it, told already."""
    before = max((n for n in lines if n < line), default=0)
    return any(before < n < line for n in damaged)
