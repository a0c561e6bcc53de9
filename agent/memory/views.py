"""What the documents of a memory hold by the timelines: events → views.

A `health_scored` event carries the account's entry of the scores file, a `plan_published` event the
text of the plan and its path; `override_set` changes the entry. Events of earlier versions carry
nothing and say nothing about the documents. A score recorded late, for an earlier day than the
entry's, takes its place in the history and leaves the entry standing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Entry = dict[str, Any]
ENTRY, PATH, TEXT, KEPT = "entry", "path", "text", "kept"
NUMBER = "number"
"""Key by which an event tells that it is the same thing again; no document has it."""


def plan_view(path: str, text: str, kept: str) -> dict[str, str]:
    """The view of a published plan; `kept` is where it goes when a revision supersedes it."""
    return {PATH: path, TEXT: text, KEPT: kept}


def entry_view(entry: Mapping[str, Any]) -> dict[str, Any]:
    """The view of a score: the account's whole entry of the scores file."""
    return {ENTRY: dict(entry)}


def score_entry(events: Iterable[Mapping[str, Any]]) -> Entry | None:
    """The account's entry after `events`, in the order of recording; None when none tells."""
    entry: Entry | None = None
    for event in events:
        entry = _after(entry, event)
    return entry


def is_behind(entry: Entry | None, events: Sequence[Mapping[str, Any]]) -> bool:
    """Whether `entry`, as the file has it, is what an earlier event left: the program died between
    recording a score and writing it."""
    states = [state for event in events if (state := _state(event)) is not None]
    if not states:
        return False
    earlier: list[Entry | None] = [None]
    now: Entry | None = None
    for event in states:
        now = _after(now, event)
        earlier.append(now)
    return entry in earlier[:-1] and entry != now


def plan_texts(events: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Path → text of every plan that `events` tell, superseded revisions at the path they are kept
    at."""
    current: dict[str, Mapping[str, Any]] = {}
    out: dict[str, str] = {}
    for event in events:
        view = event.get("view")
        if event.get("kind") != "plan_published" or not isinstance(view, Mapping):
            continue
        path, text = view.get(PATH), view.get(TEXT)
        if not isinstance(path, str) or not isinstance(text, str):
            continue
        before = current.get(path)
        if before and isinstance(before.get(KEPT), str):
            out[before[KEPT]] = str(before[TEXT])
        current[path], out[path] = view, text
    return out


def _state(event: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if event.get("kind") == "override_set":
        return event if isinstance(event.get("data"), Mapping) else None
    view = event.get("view")
    scored = event.get("kind") == "health_scored" and isinstance(view, Mapping)
    return event if scored and isinstance(view.get(ENTRY), Mapping) else None  # type: ignore[union-attr]


def _after(entry: Entry | None, event: Mapping[str, Any]) -> Entry | None:
    if _state(event) is None:
        return entry
    if event["kind"] == "override_set":
        override = {k: v for k, v in event["data"].items() if k != NUMBER}
        return {**entry, "override": override} if entry is not None else None
    scored: Entry = dict(event["view"][ENTRY])
    if entry is None or str(scored.get("as_of")) >= str(entry.get("as_of")):
        return scored
    return {**entry, "history": _with_late_item(entry.get("history"), scored)}


def _with_late_item(history: Any, scored: Entry) -> list[Any]:
    """`history` with the item of a score that was recorded late, in its place by date."""
    items = list(history) if isinstance(history, list) else []
    own = scored.get("history")
    late = [
        item
        for item in (own if isinstance(own, list) else ())
        if isinstance(item, Mapping)
        and item.get("date") == scored.get("as_of")
        and item not in items
    ]
    if not late:
        return items
    place = next((n for n, item in enumerate(items) if _date(item) > _date(late[-1])), len(items))
    return [*items[:place], late[-1], *items[place:]]


def _date(item: Any) -> str:
    return str(item.get("date") or "") if isinstance(item, Mapping) else ""
