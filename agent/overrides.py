"""A person's own health score: set with a reason, an author and an end, beside the computed one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from agent.case import read_insights, standing_entry
from agent.clock import stamp, utc_now
from agent.errors import BadInput, NeedsContext
from agent.memory import scores_file, timeline, views
from agent.memory.locks import lock
from agent.memory.paths import MemoryRoot
from agent.memory.pause import writing
from agent.portfolio import resolve
from agent.success.events import event

MAX_DAYS = 180


def set_override(
    memory: Path,
    account: str,
    *,
    value: float,
    reason: str,
    by: str,
    expires: date,
    as_of: date,
    now: Callable[[], datetime] = utc_now,
) -> dict[str, Any]:
    """Record an override (0-100) until `expires`; the computed score stays and is shown with it.

    Returns the account's new entry. Raises BadInput when value, reason, author or end cannot be
    used, NeedsContext when the account has no computed score yet.
    """
    _check(value, reason, by, expires, as_of)
    root = MemoryRoot.open(memory)
    insights = read_insights(root)
    if insights is None:
        raise NeedsContext("this memory holds no customer insights", where=str(memory))
    account_id = resolve(insights, account)
    override = {"value": value, "reason": reason.strip(), "by": by.strip(),
                "expires": expires.isoformat()}  # fmt: skip

    with lock(root, f"account-{account_id}", wait=60):
        events = timeline.read(root, account_id)
        standing = standing_entry(root, account_id, events)
        entry = {**_scored(standing, account_id), "override": override}
        # The event comes first: a crash in between leaves a record, and repeating heals the view.
        set_by = event(
            account_id, "override_set", "", as_of, stamp(now()), _told(override, events),
            source="csm health",
        )  # fmt: skip
        with writing(root):
            timeline.append(root, account_id, [set_by])
            scores_file.update(root, account_id, lambda _entry: entry)
    return entry


def _told(override: Mapping[str, Any], events: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What the event says. An override that was set, replaced and is set again in the same words
    gets a number, so that it is another event and stands again; repeating the last one does not."""
    told = [
        dict(e["data"])
        for e in events
        if e["kind"] == "override_set" and isinstance(e.get("data"), Mapping)
    ]
    same = [data for data in told if {**data, views.NUMBER: 0} == {**override, views.NUMBER: 0}]
    if not same:
        return dict(override)
    return told[-1] if told[-1] is same[-1] else {**override, views.NUMBER: len(same) + 1}


def _scored(entry: Mapping[str, Any] | None, account_id: str) -> Mapping[str, Any]:
    if not entry:
        raise NeedsContext(
            "there is no computed score to set an override beside",
            where=account_id,
            fix="Run an instruction for this account first.",
        )
    return entry


def _check(value: float, reason: str, by: str, expires: date, as_of: date) -> None:
    if not 0 <= value <= 100:
        raise BadInput(f"{value:g} is not a score", where="--override", fix="Give 0 to 100.")
    if not reason.strip() or not by.strip():
        raise BadInput(
            "an override needs a reason and an author",
            where="--override",
            fix='Add --reason "…" and --by NAME.',
        )
    if not as_of < expires <= as_of + timedelta(days=MAX_DAYS):
        raise BadInput(
            f"an override ends within {MAX_DAYS} days from {as_of}; {expires} does not",
            where="--expires",
            fix="Give an earlier date; overrides can be set again.",
        )
