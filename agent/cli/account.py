"""`csm account`: what stands with an account, folded from its timeline."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent.cli.common import (
    DEFAULT_MEMORY,
    JsonOption,
    MemoryOption,
    console,
    print_json,
    safe,
)
from agent.cli.timeline import Account, KnownAt, clocks, limits, row, warn

if TYPE_CHECKING:
    from rich.console import Console

    from agent.chronicle import Chronicle
    from agent.success.continuity.facts import Fact
    from agent.success.continuity.goals import GoalState
    from agent.success.continuity.sent import Sent
    from agent.success.continuity.state import AccountState, Score

_FACTS = 40
_BY_PERIOD = ("usage.monthly.", "usage.weekly.")


def account(
    account: Account,
    as_of: Annotated[
        str, typer.Option("--as-of", metavar="DATE", help="Business date; today if left out.")
    ] = "",
    known_at: KnownAt = "",
    memory: MemoryOption = DEFAULT_MEMORY,
    as_json: JsonOption = False,
) -> None:
    """Show what stands with an account: score, plan, goals, risks, plays, messages, facts.

    Everything is folded from the timeline, so any day of the past can be asked for; --known-at
    leaves out what was recorded later.

    \b
    csm account tarnholt-rail
    csm account tarnholt-rail --as-of 2026-09-30 --known-at 2026-09-30
    csm account tarnholt-rail --json | jq '.facts["contract.arr"]'
    """
    from agent.chronicle import open_chronicle, state_dict, state_of
    from agent.clock import utc_now

    day, moment = clocks(as_of, known_at)
    chronicle = open_chronicle(memory, account)
    state, unusable = state_of(chronicle, day or utc_now().date(), moment)
    if as_json:
        print_json(
            {"name": chronicle.name, **state_dict(state), "faults": [*chronicle.faults, *unusable]}
        )
    else:
        _print(console(), chronicle, state)
    warn((*chronicle.faults, *unusable))


def _print(out: Console, chronicle: Chronicle, state: AccountState) -> None:
    gone = ", not in the insights any more" if chronicle.former else ""
    heading = f"[bold]{safe(chronicle.name)}[/]  {safe(chronicle.account_id)}{gone}"
    out.print(heading + limits(state.as_of, state.known_at))
    if not state.events:
        out.print("  nothing is recorded about it by then")
        return
    for left, right in _head(state):
        row(out, f"[dim]{left:<8}[/]", right)
    _section(out, "Goals", [_goal(state, goal) for goal in state.goals.values()])
    _section(out, "Open risks", [
        (str(risk.since), f"{safe(risk.signal.replace('_', ' '))}  [dim]{safe(risk.severity)}[/]")
        for risk in state.plays.risks.values()
    ])  # fmt: skip
    _section(out, "Open plays", _plays(state))
    _section(out, "Sent, not answered", [_sent(sent, state) for sent in state.unanswered])
    _section(out, "Answered", [_sent(sent, state) for sent in state.sent if sent.answer])
    _section(out, "Promises settled", [
        (str(s.on), f"{safe(s.outcome)}: {safe(s.title, 200)}  [dim]{safe(s.why, 200)}[/]")
        for s in state.settled
    ])  # fmt: skip
    _facts(out, list(state.facts.values()))


def _facts(out: Console, facts: Sequence[Fact]) -> None:
    """Contradictions first; figures by month are many, and left to --json."""
    shown = [fact for fact in facts if not fact.key.startswith(_BY_PERIOD) or fact.contradictory]
    ordered = sorted(shown, key=lambda fact: not fact.contradictory)
    _section(out, "Facts", [line for fact in ordered[:_FACTS] for line in _fact(fact)])
    left = len(facts) - len(ordered[:_FACTS])
    if left:
        out.print(f"  and {left} more, figures by month among them; --json has them all")


def _head(state: AccountState) -> Iterable[tuple[str, str]]:
    from agent.success.continuity.sentences import figure

    if state.scores:
        by_day = {score.on: score for score in state.scores}  # the last of each day
        now, *before = [_score(score) for score in list(by_day.values())[::-1][:4]]
        earlier = f"  [dim]before: {'; '.join(before)}[/]" if before else ""
        yield "Health", now + earlier
    if state.override:
        own = state.override
        told = f"set by hand to {figure(own.value)} by {safe(own.by)} until {own.expires}"
        yield "", f"{told}: {safe(own.reason, 300)}"
    if state.stage:
        yield "Stage", safe(state.stage.replace("_", " "))
    if state.plans:
        plan = state.plans[-1]
        count = f", the newest of {len(state.plans)}" if len(state.plans) > 1 else ""
        yield "Plan", f"{safe(plan.plan_id)} as of {plan.as_of}{count}"
        if plan.review:
            told = {"approved": "approved", "sent_back": "sent back"}.get(plan.review.decision, "")
            word = told or safe(plan.review.decision)
            why = f": {safe(plan.review.why, 300)}" if plan.review.why else ""
            yield "", f"{word} by {safe(plan.review.by)} on {plan.review.on}{why}"
        else:
            yield "", "not reviewed"
    for renewal in state.renewals:
        amount = f", {safe(renewal.currency)} {figure(renewal.arr_after)} a year"
        told = "" if renewal.arr_after is None else amount
        yield "Renewal", f"{safe(renewal.outcome)} on {renewal.on}{told}"


def _score(score: Score) -> str:
    told = "no score" if score.value is None else f"{score.value:.1f} {safe(score.tier)}"
    colour = score.tier if score.tier in ("green", "yellow", "red") else "dim"
    return f"[{colour}]{told}[/] on {score.on}"


def _goal(state: AccountState, goal: GoalState) -> tuple[str, str]:
    from agent.success.continuity.sentences import figure

    unit = f" {safe(goal.unit)}" if goal.unit else ""
    way = [] if goal.baseline is None else [figure(goal.baseline)]
    way += [figure(m.value) for m in goal.measured if figure(m.value) not in way[-1:]]
    told = f"{' → '.join(way[-6:]) or 'not measured'}, target {figure(goal.target)}{unit}"
    due = str(goal.due or "no date")
    moved = [f"{m.what} moved from {_value(m.before)} on {m.on}" for m in goal.moved]
    told += f"  [yellow]{safe('; '.join(moved), 200)}[/]" if moved else ""
    told += "" if state.is_current(goal) else "  [dim]not in the newest plan[/]"
    return due, f"{safe(goal.title, 120)}: {told}"


def _plays(state: AccountState) -> list[tuple[str, str]]:
    rows = []
    for play in state.plays.plays.values():
        following, rest = play.next_step(), ""
        if play.snoozed(state.as_of):
            rest = f"rests until {play.snoozed_until}"
        elif following:
            number, step = following
            late = (state.as_of - step.due).days
            overdue = f", [red]{late} days late[/]" if late > 0 else ""
            rest = f"step {number} by {step.due}{overdue}: {safe(step.title, 200)}"
        else:
            rest = "all steps done"
        rows.append((str(play.since), f"{safe(play.title)} ({play.severity}): {rest}"))
    return rows


def _sent(sent: Sent, state: AccountState) -> tuple[str, str]:
    told = f"{safe(sent.to)}: {safe(sent.about, 200)}  [dim]{safe(sent.message_id)}[/]"
    if sent.answer is None:
        days = sent.days_open(state.as_of)
        return str(sent.sent_on), f"{told}, {days} day{'' if days == 1 else 's'} ago"
    answer = sent.answer
    said = f": {safe(answer.text, 300)}" if answer.text else ""
    where = "" if answer.recorded else f"  [dim]by the message {safe(answer.source)}[/]"
    return str(sent.sent_on), f"{told}\n{answer.on} {safe(answer.by)}{said}{where}"


def _fact(fact: Fact) -> list[tuple[str, str]]:
    if not fact.valid:
        first = fact.history[0]
        return [("to come", f"{safe(fact.key)} = {_value(first.value)} from {first.valid_from} on")]
    mark = "[red]contradictory[/] " if fact.contradictory else ""
    rows = []
    for noted in fact.valid:
        who = ", ".join(filter(None, (noted.by, noted.source)))
        told = f"{mark}{safe(fact.key)} = {_value(noted.value)}"
        rows.append((str(noted.valid_from), f"{told}  [dim]{safe(who, 200)}[/]"))
    return rows


def _value(value: Any) -> str:
    from agent.success.continuity.sentences import value as in_words

    return safe(str(value) if hasattr(value, "isoformat") else in_words(value), 160)


def _section(out: Console, title: str, rows: list[tuple[str, str]]) -> None:
    if rows:
        out.print()
        out.print(f"[bold]{title}[/]")
        for left, right in rows:
            row(out, left, right)
