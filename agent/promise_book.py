"""Promises of an account's newest plan: how each stands, and what people record about them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from agent.case import find_priors, prior_plan
from agent.clock import stamp, utc_now
from agent.errors import BadInput, printable
from agent.memory import timeline
from agent.memory.locks import lock
from agent.memory.paths import MemoryRoot
from agent.portfolio import load_portfolio
from agent.recording import needed, put
from agent.success.carry import MAX_ITEMS, PriorPlan, carry
from agent.success.events import event
from agent.success.plan import Carried
from agent.success.plays.carried import carried_on
from agent.success.plays.settled import settled
from agent.success.plays.state import fold
from agent.success.promises.found import accountable
from agent.success.promises.settlements import Verdict

SOURCE = "csm promise"
MIN_PREFIX = 3
FINAL = ("done", "dropped")


@dataclass(frozen=True)
class Line:
    """A promise with its number in the list of its plan, and how it stands on a day."""

    number: int
    promise: Carried

    @property
    def due(self) -> str:
        """The day that holds now, as it is written; "" where none is."""
        return self.promise.moved_to or self.promise.was_due

    def as_dict(self) -> dict[str, Any]:
        told = self.promise.model_dump(exclude={"id", "visibility"})
        return {"number": self.number, **told, "due": self.due}


@dataclass(frozen=True)
class Promises:
    """What an account's newest plan of `as_of` promises. `plan` is None where there is no plan."""

    account_id: str
    name: str
    plan: PriorPlan | None
    lines: Sequence[Line]


def promises_of(memory: Path, account: str, *, as_of: date) -> Promises:
    """The promises of the newest plan by a day, in its order, each with what became of it.

    Raises:
        NeedsContext: the memory has no insights, or the account is not known.
    """
    return _read(MemoryRoot.open(memory), memory, account, as_of)


def settle(
    memory: Path, account: str, which: str, outcome: Verdict, *, by: str, why: str = "",
    to: date | None = None, on: date | None = None, as_of: date,
    now: Callable[[], datetime] = utc_now,
) -> Line:  # fmt: skip
    """Record what became of a promise: done, moved to another day, or dropped.

    Args:
        which: the number that the list shows, or the beginning of the title.
        why: the reason; only a promise that was done needs none.
        on: the day it was done or decided, `as_of` if left out.

    Returns the promise as it stands then. Raises BadInput for a promise that is not there or fits
    several, one that is done or dropped already, a day to come or before the promise was made, a
    new day that is not ahead, or a missing reason or author.
    """
    root = MemoryRoot.open(memory)
    account_id = _read(root, memory, account, as_of).account_id
    with lock(root, f"account-{account_id}", wait=60):
        book = _read(root, memory, account_id, as_of)
        line = _one(book, which)
        day = on or as_of
        _check(book, line, day, as_of)
        terms = _terms(outcome, why, to, by, as_of, line.due)
        data = {**_which(book, line), "outcome": outcome, **terms}
        made = event(
            account_id, "promise_settled", "", day, stamp(now()), data, source=SOURCE
        )  # fmt: skip
        put(root, account_id, made, timeline.read(root, account_id))
        return _read(root, memory, account_id, as_of).lines[line.number - 1]


def _read(root: MemoryRoot, memory: Path, account: str, as_of: date) -> Promises:
    book = load_portfolio(memory, as_of=as_of, accounts=[account])
    if not book.assessments:
        raise BadInput(book.skipped[0][1], where=account)
    a = book.assessments[0]
    priors = find_priors(root, a.account.id, a.account.name, "", as_of)
    if not priors:
        return Promises(a.account.id, a.account.name, None, ())
    plan = prior_plan(priors[-1])
    events = timeline.read(root, a.account.id)
    plays = carried_on(a, fold(events, as_of))
    known = settled(events, plays, plan.as_of, as_of)
    carried = [c for c in carry(plan, a.goals, a.facts, as_of, known) if c.kind != "other"]
    lines = tuple(Line(n, promise) for n, promise in enumerate(carried, 1))
    return Promises(a.account.id, a.account.name, plan, lines)


def _one(book: Promises, which: str) -> Line:
    wanted = " ".join(which.split()).casefold()
    listed = f"`csm promise list {book.account_id}` shows them with their numbers."
    if not book.lines:
        raise BadInput(
            f"{book.account_id} has no plan that promises anything", where="PROMISE",
            fix="Run an instruction for this account first.",
        )  # fmt: skip
    if wanted.isdecimal() and len(wanted) < 6:
        n = int(wanted)
        if not 1 <= n <= len(book.lines):
            raise BadInput(
                f"there is no promise {n}; there are {len(book.lines)}", where="PROMISE", fix=listed
            )
        return book.lines[n - 1]
    found = [
        line
        for line in book.lines
        if len(wanted) >= MIN_PREFIX
        and " ".join(line.promise.title.split()).casefold().startswith(wanted)
    ]
    if len(found) == 1:
        return found[0]
    if found:
        some = "; ".join(f"{line.number}. {line.promise.title}" for line in found[:5])
        raise BadInput(
            f"{len(found)} promises begin with {printable(which, 60)!r}", where="PROMISE",
            fix=f"Give a number or more of the title: {printable(some, 500)}.",
        )  # fmt: skip
    raise BadInput(
        f"no promise of {book.account_id} begins with {printable(which, 60)!r}",
        where="PROMISE",
        fix=listed,
    )


def _which(book: Promises, line: Line) -> dict[str, Any]:
    """The keys of an event by which the promise is known again."""
    assert book.plan is not None
    if line.number > MAX_ITEMS:
        raise BadInput(f"{line.number} stands for several promises", where="PROMISE")
    promise = accountable(book.plan.document)[line.number - 1]
    return {
        "plan_id": book.plan.plan_id,
        "pointer": promise.pointer,
        **({"nth": promise.number} if promise.number > 1 else {}),
        "title": promise.title,
        "kind": promise.kind,
        **({"goal": promise.goal_id} if promise.goal_id else {}),
        "was_due": line.due,
    }


def _terms(
    outcome: Verdict, why: str, to: date | None, by: str, as_of: date, due: str
) -> dict[str, Any]:
    if outcome == "moved" and to is None:
        raise BadInput(
            "a promise that is moved needs a new day", where="--to", fix="Add --to DATE."
        )
    if to is not None and to <= as_of:
        raise BadInput(
            f"a promise is moved to a day after {as_of}; {to} is not", where="--to",
            fix="Give a day ahead.",
        )  # fmt: skip
    if to is not None and to.isoformat() == due:
        raise BadInput(f"it is due on {due} already", where="--to", fix="Give another day.")
    reason = needed(why, "--why", "a reason") if why.strip() or outcome != "done" else ""
    author = needed(by, "--by", "an author")
    return {"why": reason, **({"to": to.isoformat()} if to else {}), "by": author}


def _check(book: Promises, line: Line, day: date, as_of: date) -> None:
    promise = line.promise
    if promise.outcome in FINAL:
        raise BadInput(
            f"“{printable(promise.title, 80)}” is {promise.outcome} already: "
            f"{printable(promise.why, 200)}",
            where="PROMISE",
            fix=f"If that was recorded wrongly, `csm timeline {book.account_id}` shows the event "
            "and `csm record correction` takes it back.",
        )
    made = book.plan.as_of if book.plan and not promise.first_plan else None
    if day > as_of or (made is not None and day < made):
        between = f"between {made}, when it was made, and {as_of}" if made else f"by {as_of}"
        raise BadInput(
            f"a promise is settled {between}; {day} is not", where="--on",
            fix="Give the day on which it happened.",
        )  # fmt: skip
