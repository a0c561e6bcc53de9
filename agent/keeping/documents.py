"""The documents of one account against what its timeline says they hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from agent.case import PLAN_LIMIT
from agent.errors import BadDocument, CsmError
from agent.keeping.findings import Finding
from agent.keeping.places import is_plan_place
from agent.memory import strict_yaml, views
from agent.memory.paths import MemoryRoot, MissingFile
from agent.memory.scores_file import PATH as SCORES
from agent.memory.scores_file import Entry
from agent.success.health.schema import HealthScoreEntry

OWN_KEYS = tuple(HealthScoreEntry.model_fields)
"""Keys of an entry that are ours; other tools may have put in more."""

REBUILD = "`csm memory rebuild` writes it anew from the timeline and keeps what lies there now."


def check_entry(
    account_id: str, events: Sequence[Mapping[str, Any]], stored: Callable[[str], Any]
) -> Iterator[Finding]:
    """Whether the scores file holds the entry that `events` tell; `stored` reads it."""
    expected = views.score_entry(events)
    if expected is None:
        return
    try:
        entry = stored(account_id)
    except BadDocument as error:
        yield _scores(account_id, f"its entry cannot be read: {error.what}")
        return
    if entry is None:
        yield _scores(account_id, "its entry is missing")
    elif not isinstance(entry, dict):
        yield _scores(account_id, "its entry is not a mapping")
    elif wrong := differing(expected, entry):
        behind = views.is_behind(entry, events)
        why = "is an earlier one" if behind else "does not hold what was recorded"
        yield _scores(account_id, f"its entry {why}: {', '.join(wrong)}")


def differing(expected: Entry, stored: Mapping[str, Any]) -> list[str]:
    """Our keys whose value is another one than expected."""
    return [k for k in OWN_KEYS if k in expected and stored.get(k, ...) != expected[k]]


def mended(expected: Entry, stored: Any) -> Entry:
    """The entry as it should be; what other tools have put into the stored one survives."""
    theirs = stored if isinstance(stored, dict) else {}
    return {**expected, **{k: v for k, v in theirs.items() if k not in OWN_KEYS}}


def check_plans(
    root: MemoryRoot, account_id: str, events: Sequence[Mapping[str, Any]]
) -> Iterator[Finding]:
    """Whether every plan and kept revision that `events` tell lies where it should."""
    earlier = earlier_texts(events)
    for path, text in told_plans(events).items():
        if what := _fault(root, path, text.encode(), earlier.get(path, ())):
            yield Finding("plan", path, what, REBUILD, account_id)


def told_plans(events: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Path → text of the plans that `events` tell, where a plan may lie."""
    good = [event for event in events if is_plan_place(_view(event).get(views.PATH), event)]
    return {
        path: text
        for path, text in views.plan_texts(good).items()
        if any(is_plan_place(path, event) for event in good)
    }


def earlier_texts(events: Sequence[Mapping[str, Any]]) -> dict[str, list[bytes]]:
    """By path, every text that a plan there has had."""
    out: dict[str, list[bytes]] = {}
    for event in events:
        if event.get("kind") == "plan_published" and (view := _view(event)):
            out.setdefault(str(view.get(views.PATH)), []).append(str(view.get(views.TEXT)).encode())
    return out


def without_view(events: Sequence[Mapping[str, Any]]) -> int:
    """How many events stand for a document and do not hold it: they are of earlier versions."""
    kinds = ("health_scored", "plan_published")
    return sum(event.get("kind") in kinds and not _view(event) for event in events)


def _view(event: Mapping[str, Any]) -> Mapping[str, Any]:
    view = event.get("view")
    return view if isinstance(view, Mapping) else {}


def _fault(root: MemoryRoot, path: str, expected: bytes, earlier: Sequence[bytes]) -> str:
    try:
        data = root.read_bytes(path, limit=max(PLAN_LIMIT, len(expected)))
    except MissingFile:
        return "is missing"
    except CsmError as error:
        return f"cannot be read: {error.what}"
    if data == expected:
        return ""
    if data in earlier:
        return "is an earlier revision: a publication did not come to its end"
    try:
        strict_yaml.load(data, where=path, max_bytes=max(PLAN_LIMIT, len(data)))
    except BadDocument as error:
        return f"is damaged ({error.what.rstrip('.')})"
    return "was changed after it was published"


def _scores(account_id: str, what: str) -> Finding:
    return Finding("scores", f"{SCORES} ({account_id})", what, REBUILD, account_id)
