"""Events as a timeline has them, small memories of them, and `csm` on such a memory."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import yaml

from agent.memory import timeline
from agent.memory.paths import MemoryRoot
from agent.success.continuity.state import AccountState, account_state

ACCOUNT, NAME = "acme", "Acme Works"


def event(
    kind: str, at: str = "2026-11-17", recorded: str | None = None, /, *, iid: str = "", **data: Any
) -> dict[str, Any]:
    """An event with its id, recorded at noon of its day unless another moment is given."""
    made = {
        "account_id": ACCOUNT,
        "at": at,
        "recorded_at": recorded or f"{at}T12:00:00Z",
        "kind": kind,
        "instruction_id": iid,
        "data": data,
        "source": "test",
    }
    return {"event_id": timeline.event_id(made), **made}


def correction(
    of: Mapping[str, Any], at: str, recorded: str | None = None, **more: Any
) -> dict[str, Any]:
    """A `corrected` event; `withdrawn=True`, or `data={…}` and `moved="2026-…"` for its date."""
    told = {"corrects": of["event_id"], "why": "typing error", "by": "A. Lead", **more}
    if "moved" in told:
        told["at"] = told.pop("moved")
    return event("corrected", at, recorded, **told)


def fact(key: str, value: Any, at: str = "2026-11-17", **more: Any) -> dict[str, Any]:
    recorded = more.pop("recorded", None)
    return event("fact_noted", at, recorded, **{"key": key, "value": value, "by": "V. B.", **more})


def state(
    events: Sequence[Mapping[str, Any]], on: str = "2026-12-31", known: str = "", **more: Any
) -> AccountState:
    moment = datetime.fromisoformat(known).astimezone(UTC) if known else None
    return account_state(ACCOUNT, events, date.fromisoformat(on), known_at=moment, **more)


def memory_of(folder: Path, events: Iterable[Mapping[str, Any]] = (), known: bool = True) -> Path:
    """A memory with one account, in the insights or (`known=False`) only on its timeline."""
    memory = folder / "memory"
    semantic = memory / "_knowledge/semantic"
    semantic.mkdir(parents=True)
    accounts = {ACCOUNT: {"name": NAME}} if known else {"other": {"name": "Other"}}
    document = {"schema": "customer_insights/1", "accounts": accounts}
    (semantic / "customer_insights.yaml").write_text(yaml.safe_dump(document), "utf-8")
    root = MemoryRoot.open(memory)
    for item in events:
        timeline.append(root, ACCOUNT, [item])
    return memory


def stored(memory: Path, account: str = ACCOUNT) -> list[dict[str, Any]]:
    path = memory / timeline.path_of(account)
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]
