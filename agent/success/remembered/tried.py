"""What was tried and did not work: signs that came back, plays that had to start again or were
ended while their sign still fired, promises that were given up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agent.success.continuity.reading import Told
from agent.success.continuity.sentences import words
from agent.success.continuity.values import text


@dataclass(frozen=True)
class Tried:
    """`label` says what happened, `key` the entry of the event's data that holds whose or why."""

    told: Told
    label: str
    key: str


def tried(events: Iterable[Told]) -> list[Tried]:
    """Newest first; of one sign, play or promise only the last time. `events` by business date."""
    found: dict[tuple[str, str], Tried] = {}
    firing: set[str] = set()
    cleared: dict[str, str] = {}
    ended: dict[str, str] = {}
    signs: dict[str, Sequence[str]] = {}
    for t in events:
        failed = None
        if t.kind == "risk_opened":
            failed = _came_back(t, cleared)
            firing.add(text(t.data.get("signal")))
        elif t.kind == "risk_closed":
            signal = text(t.data.get("signal"))
            firing.discard(signal)
            cleared[signal] = str(t.on)
        elif t.kind == "playbook_started":
            failed = _play(t, ended, signs, firing)
        elif t.kind == "promise_settled" and t.data.get("outcome") == "dropped":
            failed = Tried(t, f"promise dropped: “{text(t.data.get('title'))[:80]}”", "why")
        if failed is not None:
            about = text(t.data.get("signal")) or text(t.data.get("playbook"))
            found[t.kind, about or text(t.data.get("title"))] = failed
    return sorted(found.values(), key=lambda item: item.told.on, reverse=True)


def _came_back(t: Told, cleared: dict[str, str]) -> Tried | None:
    signal = text(t.data.get("signal"))
    if signal not in cleared:
        return None
    label = f"{words(signal)} came back on {t.on} after it had cleared on {cleared.pop(signal)}"
    return Tried(t, label, "signal")


def _play(
    t: Told, ended: dict[str, str], signs: dict[str, Sequence[str]], firing: set[str]
) -> Tried | None:
    id, state = text(t.data.get("playbook")), t.data.get("state") or "started"
    because = t.data.get("because")
    if isinstance(because, list):
        signs[id] = [s for s in map(text, because) if s]
    if state == "started" and id in ended:
        label = f"{words(id)} was started again on {t.on} after it had ended on {ended.pop(id)}"
        return Tried(t, label, "playbook")
    if state != "closed":
        return None
    ended[id] = str(t.on)
    still = [words(s) for s in signs.get(id, ()) if s in firing]
    if not still or not text(t.data.get("by")):
        return None
    named = ", ".join(still[:3])
    return Tried(t, f"{words(id)} was closed on {t.on} while {named} still fired", "reason")
