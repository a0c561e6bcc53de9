"""The account of a replay as lines a person reads."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from agent.errors import printable
from agent.replay.changes import ABSENT, Change
from agent.replay.comparison import Difference
from agent.replay.replaying import Account, Unreplayable

SHOWN = 12
"""Changes of one difference that are written out; `--json` tells all."""
_WIDTH = 70
_LEAD = 24


def lines(account: Account) -> Iterator[str]:
    """One run in full: what differs, weightiest first, then what has changed around it."""
    yield f"{_head(account)}: {_verdict(account)}"
    scored = any(d.kind == "score" for d in account.differences)
    for difference in account.differences:
        yield f"  {difference.kind:<8}{printable(difference.what, 400)}"
        for line in difference.reason.splitlines():
            yield f"            {printable(line, 300)}"
        for line in _changes(difference, scored):
            yield f"            {line}"
    for note in account.notes:
        yield f"  note    {printable(note, 400)}"


def one_line(item: Account | Unreplayable) -> str:
    """One run among many."""
    if isinstance(item, Unreplayable):
        return f"{printable(item.instruction_id, 80)}  cannot be replayed: {printable(item.reason)}"
    if item.identical:
        return f"{_head(item)}: {_verdict(item)}"
    told = ", ".join(_tag(d) for d in item.differences[:6])
    more = f", and {len(item.differences) - 6} more" if len(item.differences) > 6 else ""
    return f"{_head(item)}: {_verdict(item)}: {printable(told + more, 400)}"


def summary(items: Sequence[Account | Unreplayable]) -> str:
    """How many of each."""
    runs = [item for item in items if isinstance(item, Account)]
    same = sum(run.identical for run in runs)
    text = f"{_many(len(runs), 'run')}: {same} identical, {len(runs) - same} differ"
    short = sum(bool(run.until) for run in runs)
    if short:
        text += f"; {short} end{'s' * (short == 1)} early, replayed as far as it goes"
    broken = len(items) - len(runs)
    return text + (f"; {_many(broken, 'journal')} could not be replayed" if broken else "")


def _head(account: Account) -> str:
    model = printable(account.model, 60)
    return (
        f"{account.instruction_id} run {account.run} as of {account.as_of} "
        f"({model}, {account.status})"
    )


def _verdict(account: Account) -> str:
    ends = f"the record ends before {account.until}" if account.until else ""
    if account.differences:
        word = f"differs: {len(account.differences)}"
        return f"{word} ({ends})" if ends else word
    if ends:
        return f"identical as far as it goes ({ends})"
    told = [_many(n, kind.removesuffix("s")) for kind, n in account.compared.items() if n]
    return f"identical ({', '.join(told)})" if told else "identical"


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _tag(difference: Difference) -> str:
    if difference.kind in ("score", "lane"):
        said = difference.what.removeprefix("score ")
        return f"{difference.kind} {said}"
    moved = f" ({_many(len(difference.changes), 'value')})" if difference.changes else ""
    return f"{difference.kind}{moved}"


def _changes(difference: Difference, scored: bool) -> Iterator[str]:
    """The values that moved. What the plan says of health is told once, with the score; there the
    components come before their measures."""
    told = list(difference.changes)
    if difference.kind == "score":
        told = [change for change in told if change.path not in ("score", "tier")]
        told.sort(key=lambda change: "measures[" in change.path)
    if difference.kind == "plan" and scored:
        told = [change for change in told if not change.path.startswith("health.")]
        if len(told) < len(difference.changes):
            yield f"health: {len(difference.changes) - len(told)} values, as in the score"
    for change in told[:SHOWN]:
        yield _change(change)
    if len(told) > SHOWN:
        yield f"… and {len(told) - SHOWN} more; --json tells all"


def _change(change: Change) -> str:
    before, after = change.before, change.after
    if isinstance(before, str) and isinstance(after, str) and max(len(before), len(after)) > _WIDTH:
        before, after = _around(before, after)
    path = printable(change.path or "it", 160)
    return f"{path}: {_shown(before)} → {_shown(after)}"


def _around(before: str, after: str) -> tuple[str, str]:
    """Two long texts, from a little before the place where they part."""
    part = next(
        (n for n, (a, b) in enumerate(zip(before, after, strict=False)) if a != b),
        min(len(before), len(after)),
    )
    start = max(0, part - _LEAD)
    head = "…" if start else ""
    cut = [head + text[start : start + _WIDTH] for text in (before, after)]
    ends = [
        text + ("…" if start + _WIDTH < len(whole) else "")
        for text, whole in zip(cut, (before, after), strict=True)
    ]
    return ends[0], ends[1]


def _shown(value: object) -> str:
    if value is ABSENT:
        return "nothing"
    if isinstance(value, str):
        return f"“{printable(value, _WIDTH + 4)}”"
    return printable(json.dumps(value, ensure_ascii=False, default=str), _WIDTH)
