"""The remembered account: its timeline found, read, and put into lines and state.

An account is found by id or name. One that has left the insights is still found by its timeline.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from agent.case import read_insights
from agent.errors import BadInput, BadPath, CsmError, NeedsContext, printable
from agent.memory import strict_yaml, timeline
from agent.memory.insights_file import InsightsFile
from agent.memory.paths import MemoryRoot, check_account_id
from agent.portfolio import resolve
from agent.replies import replies_in
from agent.success.continuity.reading import Event, Told, read
from agent.success.continuity.sentences import sentence
from agent.success.continuity.state import AccountState, account_state
from agent.success.continuity.values import text

MAX_FORMER = 5000
_NAME = re.compile(r"^account_name: .*$", re.M)


@dataclass(frozen=True)
class Chronicle:
    """An account and its events in the order of their lines, without the documents they hold.

    `former`: it is in no insights any more. `faults` say in words what is wrong with the file.
    """

    root: MemoryRoot
    account_id: str
    name: str
    former: bool
    events: list[dict[str, Any]] = field(default_factory=list, repr=False)
    faults: tuple[str, ...] = ()


@dataclass(frozen=True)
class Line:
    """An event in words. `said` is what was recorded at first, where it has been corrected."""

    told: Told
    says: str
    said: str = ""

    def as_dict(self) -> dict[str, Any]:
        event = self.told.event
        return {
            **{key: event.get(key) for key in ("event_id", "at", "recorded_at", "kind")},
            "instruction_id": event.get("instruction_id") or "",
            "source": event.get("source") or "",
            "says": self.says,
            "said": self.said,
            "days_late": self.told.days_late,
            "withdrawn": self.told.withdrawn,
            "corrected_by": [c["event_id"] for c in self.told.corrections],
            "data": self.told.data,
        }


def open_chronicle(memory: Path, account: str) -> Chronicle:
    """The timeline of an account given by id or name; empty when nothing has been recorded yet.

    Raises:
        NeedsContext: neither the insights nor any timeline knows the account; carries candidates.
    """
    root = MemoryRoot.open(memory)
    insights, trouble = _insights(root)
    account_id = _found(root, insights, account, trouble)
    found = timeline.scan(root, account_id)
    former = insights is None or account_id not in insights.names
    known = _name(found.events) if insights is None or former else insights.names[account_id]
    path = timeline.path_of(account_id)
    faults = [f"{path}:{n}: this line {reason}; it is passed over" for n, reason in found.problems]
    for n, reason in found.tampering(account_id):
        faults.append(f"{path}:{n}: this event {reason}" if n else f"{path}: {reason}")
    return Chronicle(
        root, account_id, known or account_id, former and trouble is None,
        [timeline.told(event) for event in found.events], tuple(faults),
    )  # fmt: skip


def lines(
    chronicle: Chronicle,
    *,
    as_of: date | None = None,
    known_at: datetime | None = None,
    kinds: Sequence[str] = (),
) -> tuple[list[Line], list[str]]:
    """The events in words, oldest first, and what could not be used of them.

    Raises BadInput for a kind that neither we nor this timeline have.
    """
    _check_kinds(chronicle, kinds)
    reading = read(chronicle.events, as_of=as_of, known_at=known_at)
    listed = [_line(told) for told in reading.told if not kinds or told.kind in kinds]
    path = timeline.path_of(chronicle.account_id)
    return listed, [f"{path}: event {id}: {reason}" for id, reason in reading.unusable]


def state_of(
    chronicle: Chronicle, as_of: date, known_at: datetime | None = None
) -> tuple[AccountState, list[str]]:
    """The account as of a day, and what could not be used on the way."""
    replies, troubles = replies_in(chronicle.root)
    state = account_state(
        chronicle.account_id, chronicle.events, as_of, known_at=known_at, replies=replies
    )
    path = timeline.path_of(chronicle.account_id)
    unusable = [f"{path}: event {id}: {reason}" for id, reason in state.unusable]
    asked = {sent.message_id for sent in state.sent}
    about = [why for why, answers in troubles if not answers or answers in asked]
    return state, [*unusable, *about]


def _insights(root: MemoryRoot) -> tuple[InsightsFile | None, CsmError | None]:
    """The insights, or why they cannot be read: a timeline is readable without them."""
    try:
        return read_insights(root), None
    except CsmError as error:
        return None, error


def _found(
    root: MemoryRoot, insights: InsightsFile | None, account: str, trouble: CsmError | None
) -> str:
    recorded = _is_recorded(root, account)
    if recorded:
        return account
    try:
        if insights is not None:
            return resolve(insights, account)
    except NeedsContext as error:
        trouble = error
    former = dict(_former(root, insights))
    wanted = " ".join(account.split()).casefold()
    same = [id for id, name in former.items() if name.casefold() == wanted]
    if len(same) == 1:
        return same[0]
    if same:
        raise NeedsContext(
            f"{len(same)} former accounts are called '{printable(account, 80)}': {', '.join(same)}",
            fix="name one by its id.",
            candidates=tuple(same[:10]),
        )
    near = difflib.get_close_matches(wanted, list(former), n=3, cutoff=0.6)
    if isinstance(trouble, NeedsContext):
        also = f" Former accounts like it: {', '.join(near)}." if near else ""
        raise NeedsContext(
            f"{trouble.what}{also}",
            fix=trouble.fix,
            candidates=(*near, *trouble.candidates)[:10],
        )
    if trouble is not None:
        raise trouble
    some = list(former)[:10]
    raise NeedsContext(
        f"there is no account '{printable(account, 80)}' in this memory",
        fix=f"Timelines are there for {', '.join(some)}." if some else "See docs/memory.md.",
        candidates=tuple(some),
    )


def _is_recorded(root: MemoryRoot, account: str) -> bool:
    try:
        return root.exists(timeline.path_of(check_account_id(account)))
    except BadPath:
        return False


def _former(root: MemoryRoot, insights: InsightsFile | None) -> Iterator[tuple[str, str]]:
    """(id, name) of accounts that have a timeline and are in the insights no more."""
    known = insights.names if insights is not None else {}
    gone = [id for id in timeline.accounts(root) if id not in known]
    for id in gone[:MAX_FORMER]:
        yield id, _name(timeline.read(root, id)) or id


def _name(events: Sequence[Event]) -> str:
    """What the newest plan calls the account; "" without one."""
    for event in reversed(events):
        view = event.get("view")
        kept = view.get("text") if isinstance(view, dict) else None
        found = _NAME.search(kept) if isinstance(kept, str) else None
        if found:
            line = strict_yaml.load(found.group().encode(), where="account_name")
            return text(line.get("account_name")) if isinstance(line, dict) else ""
    return ""


def _check_kinds(chronicle: Chronicle, kinds: Sequence[str]) -> None:
    there = {str(event["kind"]) for event in chronicle.events}
    for kind in kinds:
        if kind not in timeline.KINDS and kind not in there:
            raise BadInput(
                f"there is no kind of event {printable(kind, 60)!r}",
                where="--kind",
                fix=f"Use one of {', '.join(sorted({*timeline.KINDS, *there}))}.",
            )


def _line(told: Told) -> Line:
    original = told.original.get("data")
    before = sentence(told.kind, original if isinstance(original, dict) else {})
    now = sentence(told.kind, told.data)
    changed = before != now or told.original.get("at") != told.event.get("at")
    dated = f"{before} (on {told.original.get('at')})" if before == now else before
    return Line(told, now, dated if changed else "")


def state_dict(state: AccountState) -> dict[str, Any]:
    """The state as plain data, for programs."""
    return {
        "account_id": state.account_id,
        "as_of": state.as_of,
        "known_at": state.known_at.isoformat() if state.known_at else None,
        "events": state.events,
        "stage": state.stage,
        "scores": [score.__dict__ for score in state.scores],
        "override": state.override.__dict__ if state.override else None,
        "plans": [
            {**plan.__dict__, "review": plan.review.__dict__ if plan.review else None}
            for plan in state.plans
        ],
        "goals": [
            {**goal.as_dict(), "in_newest_plan": state.is_current(goal)}
            for goal in state.goals.values()
        ],
        "risks": [risk.__dict__ for risk in state.plays.risks.values()],
        "plays": [asdict(play) for play in state.plays.plays.values()],
        "sent": [
            {**sent.as_dict(), "days_open": sent.days_open(state.as_of)} for sent in state.sent
        ],
        "reviews": [review.__dict__ for review in state.reviews],
        "renewals": [renewal.__dict__ for renewal in state.renewals],
        "promises_settled": [settled.__dict__ for settled in state.settled],
        "facts": {key: fact.as_dict() for key, fact in state.facts.items()},
        "contradictions": [fact.key for fact in state.contradictions],
    }
