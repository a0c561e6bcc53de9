"""Corrections: an event that was wrong stays, and a new event says so."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from agent.chronicle import Chronicle
from agent.clock import as_of_date, utc_now
from agent.errors import BadInput, printable
from agent.recording import (
    MIN_PREFIX,
    Recorded,
    at_work,
    long_enough,
    made_event,
    needed,
    parsed,
    recorded,
)
from agent.success.continuity.reading import Told, read
from agent.success.continuity.values import day, number

OUTCOMES = ("renewed", "churned")
DOCUMENTED = {
    "health_scored": "A score stays as computed; `csm health ACCOUNT --override` sets another "
    "beside it.",
    "override_set": "`csm health ACCOUNT --override` sets another one.",
    "plan_published": "`csm run ID --again` publishes a new revision.",
}
"""Kinds that documents are made from: a correction would part the timeline from its documents."""

_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def record_correction(
    memory: Path, account: str, event_id: str, *, why: str, by: str, withdraw: bool = False,
    changes: Sequence[str] = (), as_of: date, now: Callable[[], datetime] = utc_now,
) -> Recorded:  # fmt: skip
    """Record that an event was wrong: withdraw it, or replace values (`key=value`; `at` is its
    business date). The event itself stays as it is; readings from now on show it corrected.

    Raises BadInput for an event that is not there, is withdrawn already or stands for a document,
    for keys it does not have, values of another kind, a missing reason or author.
    """
    if withdraw == bool(changes):
        raise BadInput(
            "a correction either withdraws an event or replaces values of it",
            where="--withdraw, --set",
            fix="Give one of the two.",
        )
    with at_work(memory, account) as chronicle:
        told = _one_event(chronicle, event_id)
        if told.withdrawn:
            raise BadInput(f"{told.id} is withdrawn already", where="EVENT_ID")
        if told.kind in DOCUMENTED:
            raise BadInput(
                f"{told.id} is {told.kind}, which a document stands for: it is not corrected here",
                where="EVENT_ID",
                fix=DOCUMENTED[told.kind],
            )
        data = {
            "corrects": told.id,
            "why": needed(why, "--why", "a reason"),
            "by": needed(by, "--by", "an author"),
            **({"withdrawn": True} if withdraw else _replacement(told, changes)),
        }
        return recorded(chronicle, made_event(chronicle, "corrected", as_of, now(), data))


def _replacement(told: Told, changes: Sequence[str]) -> dict[str, Any]:
    """`data` and `at` of a correction that replaces values."""
    if told.kind == "corrected":
        raise BadInput(
            "a correction can be withdrawn, not changed",
            where="--set",
            fix="Withdraw it, then correct the event anew.",
        )
    data: dict[str, Any] = {}
    for change in changes:
        key, sign, said = change.partition("=")
        if not sign or not said.strip():
            raise BadInput(
                f"{printable(change, 60)!r} is not of the form key=value", where="--set",
                fix="Name a key of the event and its right value.",
            )  # fmt: skip
        data[key.strip()] = _typed(told, key.strip(), " ".join(said.split()))
    at = data.pop("at", None)
    data = {key: value for key, value in data.items() if value != told.data.get(key)}
    moved = at is not None and at != told.event["at"]
    if not data and not moved:
        raise BadInput("this is what the event says already", where="--set")
    if told.kind == "renewal_decided":
        _check_renewal({**told.data, **data})
    return {"data": data, **({"at": at} if moved else {})}


def _typed(told: Told, key: str, said: str) -> Any:
    """The value of a key, of the kind that the event has there."""
    if key == "at":
        return as_of_date(said, utc_now(), option="--set at").isoformat()
    if key not in told.data:
        raise BadInput(
            f"{told.id} has no {printable(key, 40)!r}",
            where="--set",
            fix=f"It has {printable(', '.join(told.data), 300)}, and `at` for its business date.",
        )
    before, value = told.data[key], parsed(said)
    if before is None or (key == "value" and told.kind == "fact_noted"):
        return value
    if isinstance(before, (list, Mapping)):
        raise BadInput(
            f"{key!r} is a list and cannot be typed here",
            where="--set",
            fix="Withdraw the event, or change another key.",
        )
    if isinstance(before, bool):
        kind, fits = "true or false", isinstance(value, bool)
    elif isinstance(before, str):
        kind, fits, value = "a day", not _DAY.fullmatch(before) or day(said) is not None, said
    else:
        kind, fits = "a number", number(value) is not None
    if not fits:
        raise BadInput(f"{key!r} is {kind}; {printable(said, 40)!r} is not", where="--set")
    return value


def _check_renewal(data: Mapping[str, Any]) -> None:
    """What `csm renewals` counts must stay countable."""
    if data.get("outcome") not in OUTCOMES:
        raise BadInput("an outcome is renewed or churned", where="--set outcome")
    for key in ("arr_before", "arr_after"):
        if (amount := number(data.get(key))) is None or amount < 0:
            raise BadInput("an amount of yearly revenue is not negative", where=f"--set {key}")


def _one_event(chronicle: Chronicle, event_id: str) -> Told:
    wanted = event_id.strip().lower()
    told = read(chronicle.events).told
    found = [t for t in told if t.id == wanted or (long_enough(wanted) and t.id.startswith(wanted))]
    if len(found) == 1:
        return found[0]
    if found:
        some = "; ".join(f"{t.id} ({t.on} {t.kind})" for t in found[:5])
        raise BadInput(
            f"{len(found)} events begin with {printable(wanted, 20)!r}",
            where="EVENT_ID",
            fix=f"Give more of it: {some}.",
        )
    raise BadInput(
        f"{chronicle.account_id} has no event {printable(event_id, 40)!r}",
        where="EVENT_ID",
        fix=f"`csm timeline {chronicle.account_id}` shows the first 8 characters of each id; at "
        f"least {MIN_PREFIX} are needed.",
    )
