"""A hash chain over the events of one timeline: a line that was changed, removed or put in shows.

    link(0) = the account's id
    link(n) = first 32 hex digits of SHA-256(link(n-1), the event without its own link)

Every event is stored with its link under the key `chain`; events from before there were chains are
counted in without one. The last link is kept beside the timeline as well (`.head`), so that lines
taken off its end are missed. The chain has no secret: it shows accidents and hand edits, not a
forger who recomputes all of it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

KEY = "chain"


def link(before: str, event: Mapping[str, Any]) -> str:
    """The link of `event` behind the link `before`."""
    content = {key: value for key, value in event.items() if key != KEY}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(f"{before}\n{text}".encode()).hexdigest()[:32]


def chained(before: str, events: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """`events` with their links, behind the link `before`."""
    out = []
    for event in events:
        before = link(before, event)
        out.append({**{k: v for k, v in event.items() if k != KEY}, KEY: before})
    return out


def last_link(account_id: str, events: Sequence[Mapping[str, Any]]) -> str:
    """The link that the next event goes behind, for events in the order of their lines."""
    now = account_id
    for event in events:
        stored = event.get(KEY)
        now = stored if isinstance(stored, str) else link(now, event)
    return now


def breaks(account_id: str, events: Sequence[Mapping[str, Any]]) -> list[tuple[int, str]]:
    """(index, reason) of the events at which the chain does not hold.

    Behind a break the stored link counts, so that one change is one report.
    """
    found, now, begun = [], account_id, False
    for n, event in enumerate(events):
        expected, stored = link(now, event), event.get(KEY)
        if isinstance(stored, str):
            if stored != expected:
                found.append((n, "was changed, or a line before it was changed or removed"))
            now, begun = stored, True
        else:
            if begun:
                found.append((n, "was put in without the program"))
            now = expected
    return found
