"""Open plays across a memory: what is due, and what people record about them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from agent.case import INSIGHTS, read_insights
from agent.clock import stamp, utc_now
from agent.errors import BadInput, NeedsContext, printable
from agent.memory import timeline
from agent.memory.insights_file import InsightsFile
from agent.memory.locks import lock
from agent.memory.paths import MemoryRoot
from agent.portfolio import load_portfolio, resolve
from agent.success.events import event
from agent.success.former import former
from agent.success.insights.parsing import parse
from agent.success.plays.state import Ledger, OpenPlay, StepState, fold

MAX_SNOOZE_DAYS = 90
MAX_WORDS = 300
SOURCE = "csm playbook"


@dataclass(frozen=True)
class OpenLine:
    """An open play of an account and how it stands on a day."""

    account_id: str
    name: str
    play: OpenPlay
    as_of: date

    @property
    def snoozed(self) -> bool:
        return self.play.snoozed(self.as_of)

    @property
    def days_overdue(self) -> int:
        """Days since the next step was due; 0 when it is not, or while the play is snoozed."""
        following = self.play.next_step()
        if following is None or self.snoozed:
            return 0
        return max(0, (self.as_of - following[1].due).days)

    def as_dict(self) -> dict[str, Any]:
        following = self.play.next_step()
        number, step = following if following else (None, None)
        return {
            "account_id": self.account_id,
            "name": self.name,
            "playbook": self.play.id,
            "title": self.play.title,
            "severity": self.play.severity,
            "since": self.play.since,
            "signals": list(self.play.signals),
            "snoozed_until": self.play.snoozed_until if self.snoozed else None,
            "snooze_reason": self.play.snooze_reason if self.snoozed else "",
            "days_overdue": self.days_overdue,
            "next_step": _step(number, step) if step and number else None,
            "steps": [_step(n, s) for n, s in enumerate(self.play.steps, 1)],
        }


def open_plays(memory: Path, account: str = "", *, as_of: date) -> list[OpenLine]:
    """Open plays of one account or of all: the most overdue first, snoozed ones last.

    Those of customers who have left are among them only when the account is named.

    Raises:
        NeedsContext: the memory has no insights, or the account is not known.
    """
    root = MemoryRoot.open(memory)
    insights = _insights(root)
    known = [id for id in timeline.accounts(root) if id in insights.names]
    ids = [resolve(insights, account)] if account else known
    lines = [
        OpenLine(id, insights.names[id], play, as_of)
        for id in ids
        for play in _plays(root, insights, id, as_of, keep=bool(account))
    ]
    return sorted(lines, key=_urgency)


def _plays(
    root: MemoryRoot, insights: InsightsFile, account_id: str, as_of: date, *, keep: bool
) -> Iterable[OpenPlay]:
    """Open plays of an account; none of one who has left, unless they are to be kept."""
    events = timeline.read(root, account_id)
    plays = fold(events, as_of).plays.values()
    if not plays or keep:
        return plays
    account, _ = parse(
        insights.share(account_id),
        account_id=account_id,
        source=INSIGHTS,
        as_of=as_of,
        is_instruction=lambda _: True,  # no words are needed here
    )
    return () if former(account, events, as_of) else plays


def record_step(
    memory: Path, account: str, playbook: str, step: int, *, on: date, by: str, as_of: date,
    now: Callable[[], datetime] = utc_now,
) -> OpenLine:  # fmt: skip
    """Record that a step was done on a day.

    Raises BadInput for a play that is not open, a number that it does not have, a step that is
    done already, a day before the play or after `as_of`, or a missing author.
    """
    with _at_work(memory, account, playbook, as_of, now) as desk:
        if not 1 <= step <= len(desk.play.steps):
            raise BadInput(
                f"'{playbook}' has no step {step}; it has {len(desk.play.steps)}",
                where="STEP_NUMBER",
                fix=f"`csm playbook open {desk.account_id} --steps` shows them with their numbers.",
            )
        done = desk.play.steps[step - 1]
        if done.done_on is not None:
            raise BadInput(
                f"step {step} is recorded as done on {done.done_on}", where="STEP_NUMBER"
            )
        if not desk.play.since <= on <= as_of:
            raise BadInput(
                f"a step is done between {desk.play.since}, when the play began, and {as_of}; "
                f"{on} is not",
                where="--on",
                fix="Give the day on which it was done.",
            )
        data = {"step": step, "title": done.title, "by": _words(by, "--by", "an author")}
        return desk.record("step_done", data, on)


def record_snooze(
    memory: Path, account: str, playbook: str, *, until: date, reason: str, by: str, as_of: date,
    now: Callable[[], datetime] = utc_now,
) -> OpenLine:  # fmt: skip
    """Let a play rest until a day, at most 90 days ahead and not past the renewal.

    Raises BadInput for a play that is not open, an end that is too late or not ahead, or a missing
    reason or author.
    """
    with _at_work(memory, account, playbook, as_of, now) as desk:
        last = as_of + timedelta(days=MAX_SNOOZE_DAYS)
        if not as_of < until <= last:
            raise BadInput(
                f"a snooze ends after {as_of} and by {last}, {MAX_SNOOZE_DAYS} days on; "
                f"{until} does not",
                where="--until",
                fix="Give another day; a play can be snoozed again.",
            )
        renewal = _renewal_date(memory, desk.account_id, as_of)
        if renewal is not None and until > renewal:
            raise BadInput(
                f"a snooze does not reach past the renewal on {renewal}; {until} does",
                where="--until",
                fix="End it earlier, or close the play with a reason.",
            )
        data = {
            "until": until.isoformat(),
            "reason": _words(reason, "--reason", "a reason"),
            "by": _words(by, "--by", "an author"),
        }
        return desk.record("snoozed", data, as_of)


def record_close(
    memory: Path, account: str, playbook: str, *, reason: str, by: str, as_of: date,
    now: Callable[[], datetime] = utc_now,
) -> OpenLine:  # fmt: skip
    """End a play. It begins anew when a later run finds that its signs still call for it.

    Returns the play as it was. Raises BadInput for a play that is not open, or a missing reason or
    author.
    """
    with _at_work(memory, account, playbook, as_of, now) as desk:
        data = {
            "title": desk.play.title,
            "reason": _words(reason, "--reason", "a reason"),
            "by": _words(by, "--by", "an author"),
        }
        return desk.record("closed", data, as_of)


@dataclass
class _Desk:
    """One open play of one account, while the account is locked."""

    root: MemoryRoot
    account_id: str
    name: str
    play: OpenPlay
    ledger: Ledger
    as_of: date
    now: Callable[[], datetime] = field(repr=False)

    def record(self, state: str, more: Mapping[str, Any], on: date) -> OpenLine:
        number = self.ledger.next_number("playbook", self.play.id)
        data = {"playbook": self.play.id, "state": state, "number": number, **more}
        made = event(
            self.account_id, "playbook_started", "", on, stamp(self.now()), data, source=SOURCE
        )
        timeline.append(self.root, self.account_id, [made])
        after = fold(timeline.read(self.root, self.account_id), self.as_of)
        return OpenLine(
            self.account_id, self.name, after.plays.get(self.play.id, self.play), self.as_of
        )


@contextmanager
def _at_work(
    memory: Path, account: str, playbook: str, as_of: date, now: Callable[[], datetime]
) -> Iterator[_Desk]:
    root = MemoryRoot.open(memory)
    insights = _insights(root)
    account_id = resolve(insights, account)
    with lock(root, f"account-{account_id}", wait=60):
        ledger = fold(timeline.read(root, account_id), as_of)
        play = ledger.plays.get(playbook)
        if play is None:
            there = ", ".join(sorted(ledger.plays)) or "none"
            raise BadInput(
                f"{printable(playbook, 60)!r} is not open for {account_id} on {as_of}",
                where="PLAYBOOK",
                fix=f"Open there: {printable(there, 300)}.",
            )
        yield _Desk(root, account_id, insights.names[account_id], play, ledger, as_of, now)


def _insights(root: MemoryRoot) -> InsightsFile:
    insights = read_insights(root)
    if insights is None:
        raise NeedsContext("this memory holds no customer insights", fix="See docs/memory.md.")
    return insights


def _renewal_date(memory: Path, account_id: str, as_of: date) -> date | None:
    book = load_portfolio(memory, as_of=as_of, accounts=[account_id])
    if not book.assessments:
        raise BadInput(book.skipped[0][1], where=account_id)
    return book.assessments[0].account.renewal_date


def _words(text: str, where: str, what: str) -> str:
    cleaned = " ".join(text.split())
    if not cleaned or len(cleaned) > MAX_WORDS:
        raise BadInput(
            f"this needs {what} of at most {MAX_WORDS} characters", where=where, fix="Add it."
        )
    return cleaned


def _urgency(line: OpenLine) -> tuple[bool, bool, date, str, str]:
    following = line.play.next_step()
    due = following[1].due if following else date.max
    return (line.snoozed, following is None, due, line.account_id, line.play.id)


def _step(number: int, step: StepState) -> dict[str, Any]:
    return {
        "number": number,
        "title": step.title,
        "owner": step.owner,
        "due": step.due,
        "phase": step.phase,
        "done_on": step.done_on,
        "done_by": step.done_by,
    }
