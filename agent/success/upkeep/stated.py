"""Facts that a timeline states: one value per field, the newest that holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from agent.success.events import taken_back

_KINDS = ("facts_imported", "fact_noted")


@dataclass(frozen=True)
class Stated:
    """`key` is the dotted path of the field in the insights, `since` the day from which `value`
    holds, `source` where the event has it from."""

    key: str
    value: Any
    since: str
    source: str


def stated(events: Iterable[Mapping[str, Any]]) -> list[Stated]:
    """What `events`, in the order of recording, state last about each field.

    A later `valid_from` wins over an earlier one, whatever was recorded first; of one day the one
    recorded last. An event that a later `corrected` event takes back states nothing.
    """
    told = list(events)
    wrong = taken_back(told)
    newest: dict[str, Stated] = {}
    for e in told:
        if e.get("kind") in _KINDS and e.get("event_id") not in wrong:
            for fact in _of(e):
                standing = newest.get(fact.key)
                if standing is None or fact.since >= standing.since:
                    newest[fact.key] = fact
    return list(newest.values())


def _of(event: Mapping[str, Any]) -> Iterator[Stated]:
    """The facts of one event: `{key, value}`, or several of them under `facts`, as a list of such
    or as a mapping from key to value."""
    data = event.get("data")
    if not isinstance(data, Mapping):
        return
    given = data.get("facts", [data])
    if isinstance(given, Mapping):
        given = [{"key": key, "value": value} for key, value in given.items()]
    for fact in given if isinstance(given, list) else ():
        if (
            isinstance(fact, Mapping)
            and isinstance(key := fact.get("key"), str)
            and "value" in fact
        ):
            since = fact.get("valid_from") or data.get("valid_from") or event.get("at")
            yield Stated(key, fact["value"], str(since)[:10], str(event.get("source") or ""))
