"""Plans of other tools: only what they promise can be recognised, so only that is compared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agent.success.carry import Promise, promises
from agent.success.continuity.difference import Difference, became, changed, matched
from agent.success.continuity.values import text


def compare_promises(
    before: Mapping[str, Any], after: Mapping[str, Any], plan_id: str
) -> list[Difference]:
    """Promises that are new, gone or dated anew. `plan_id` is how `after` names `before`."""
    old, new = ([_item(p) for p in promises(document)] for document in (before, after))
    found = []
    for was, now in matched(old, new, lambda p: f"{p['kind']}: {p['title']}"):
        if was is None and now is not None:
            due = f", due {now['due']}" if now["due"] else ""
            told = f"New {now['kind']}: {now['title']}{due}"
            found.append(Difference("promises", "added", now["title"], told, {}, now))
        elif now is None and was is not None:
            told = f"{was['kind'].capitalize()} gone: {was['title']}"
            told += became(after, plan_id, text(was["title"]))
            found.append(Difference("promises", "gone", was["title"], told, was, {}))
        elif was is not None and now is not None:
            fields = {"due": "date", "status": "status"}
            heading = f"{now['kind'].capitalize()} “{now['title']}”"
            found += changed("promises", now["title"], was, now, fields, heading)
    return found


def recognised(document: Mapping[str, Any]) -> int:
    """How many promises of a plan can be recognised."""
    return len(promises(document))


def _item(promise: Promise) -> dict[str, Any]:
    return {
        "kind": promise.kind,
        "title": promise.title,
        "due": promise.due,
        "status": promise.status,
    }
