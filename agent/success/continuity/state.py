"""What stands with an account on a day: its timeline, folded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from agent.success.continuity.facts import Fact, facts
from agent.success.continuity.goals import GoalState, goals
from agent.success.continuity.reading import Event, Told, read
from agent.success.continuity.sent import Reply, Sent, sent_messages
from agent.success.continuity.values import day, number, text
from agent.success.plays.state import Ledger, fold


@dataclass(frozen=True)
class Score:
    """A published health score. `value` is null where there was not enough data."""

    on: date
    value: float | None
    tier: str
    model: str
    event_id: str


@dataclass(frozen=True)
class Override:
    """A person's own score, in force from `since` up to and including `expires`."""

    value: float
    reason: str
    by: str
    since: date
    expires: date
    event_id: str


@dataclass(frozen=True)
class Review:
    """What a person decided about a plan: approved or sent_back."""

    on: date
    decision: str
    plan_id: str
    by: str
    why: str
    event_id: str


@dataclass(frozen=True)
class Plan:
    """A published plan; `review` is the last decision about it."""

    plan_id: str
    as_of: date
    revision: int
    supersedes: str
    instruction_id: str
    stage: str
    event_id: str
    review: Review | None = None


@dataclass(frozen=True)
class Renewal:
    """A decided renewal. Amounts are yearly revenue in `currency`."""

    on: date
    outcome: str
    arr_before: float | None
    arr_after: float | None
    currency: str
    by: str
    event_id: str


@dataclass(frozen=True)
class Settled:
    """A promise of an earlier plan and what became of it."""

    on: date
    title: str
    outcome: str
    why: str
    event_id: str


@dataclass(frozen=True)
class AccountState:
    """Everything is oldest first. `scores` ends with the newest; `events` counts what was read."""

    account_id: str
    as_of: date
    known_at: datetime | None = None
    events: int = 0
    scores: tuple[Score, ...] = ()
    override: Override | None = None
    plans: tuple[Plan, ...] = ()
    goals: Mapping[str, GoalState] = field(default_factory=dict)
    plays: Ledger = field(default_factory=Ledger)
    sent: tuple[Sent, ...] = ()
    reviews: tuple[Review, ...] = ()
    renewals: tuple[Renewal, ...] = ()
    settled: tuple[Settled, ...] = ()
    facts: Mapping[str, Fact] = field(default_factory=dict)
    unusable: tuple[tuple[str, str], ...] = ()

    @property
    def stage(self) -> str:
        """Lifecycle stage by the newest plan that tells it; "" when none does."""
        return next((p.stage for p in reversed(self.plans) if p.stage), "")

    @property
    def unanswered(self) -> tuple[Sent, ...]:
        return tuple(s for s in self.sent if s.answer is None)

    @property
    def contradictions(self) -> tuple[Fact, ...]:
        return tuple(f for f in self.facts.values() if f.contradictory)

    def is_current(self, goal: GoalState) -> bool:
        """Whether the newest plan holds the goal. Goals from before plans were named in events
        count as current: nothing says otherwise."""
        return not goal.plan_id or not self.plans or goal.plan_id == self.plans[-1].plan_id


def account_state(
    account_id: str,
    events: Sequence[Event],
    as_of: date,
    *,
    known_at: datetime | None = None,
    replies: Sequence[Reply] = (),
) -> AccountState:
    """The account as of a day, as it was known at a moment; see `reading` for the rules.

    Args:
        events: the timeline in the order of its lines.
        replies: messages in our inbox that answer ours.
    """
    reading = read(events, as_of=as_of, known_at=known_at)
    told = reading.standing
    reviews = tuple(_review(t) for t in told if t.kind == "review_decided")
    return AccountState(
        account_id=account_id,
        as_of=as_of,
        known_at=known_at,
        events=len(reading.told),
        scores=tuple(_score(t) for t in told if t.kind == "health_scored"),
        override=_override(told, as_of),
        plans=_plans(told, reviews),
        goals=goals(told),
        plays=fold((t.event for t in told), as_of),
        sent=sent_messages(told, replies, as_of=as_of, known_at=known_at),
        reviews=reviews,
        renewals=tuple(_renewal(t) for t in told if t.kind == "renewal_decided"),
        settled=tuple(_settled(t) for t in told if t.kind == "promise_settled"),
        facts=facts(told, as_of),
        unusable=reading.unusable,
    )


def _score(t: Told) -> Score:
    model = f"{text(t.data.get('model'))} {text(t.data.get('model_version'))}".strip()
    return Score(t.on, number(t.data.get("score")), text(t.data.get("tier")), model, t.id)


def _override(told: Sequence[Told], as_of: date) -> Override | None:
    """The last one that was set, unless it has ended. One that cannot be read sets nothing."""
    found = None
    for t in told:
        value, expires = number(t.data.get("value")), day(t.data.get("expires"))
        if t.kind == "override_set" and value is not None and expires is not None:
            reason, by = text(t.data.get("reason")), text(t.data.get("by"))
            found = Override(value, reason, by, t.on, expires, t.id)
    return found if found and as_of <= found.expires else None


def _plans(told: Sequence[Told], reviews: Sequence[Review]) -> tuple[Plan, ...]:
    decided = {review.plan_id: review for review in reviews}
    out = []
    for t in told:
        if t.kind != "plan_published":
            continue
        id, revision = text(t.data.get("plan_id")), t.data.get("revision")
        out.append(
            Plan(
                plan_id=id,
                as_of=t.on,
                revision=revision if type(revision) is int else 1,
                supersedes=text(t.data.get("supersedes")),
                instruction_id=str(t.event.get("instruction_id") or ""),
                stage=text(t.data.get("stage")),
                event_id=t.id,
                review=decided.get(id),
            )
        )
    return tuple(out)


def _review(t: Told) -> Review:
    told = {key: text(t.data.get(key)) for key in ("decision", "plan_id", "by", "why")}
    return Review(t.on, **told, event_id=t.id)


def _renewal(t: Told) -> Renewal:
    return Renewal(
        t.on,
        text(t.data.get("outcome")),
        number(t.data.get("arr_before")),
        number(t.data.get("arr_after")),
        text(t.data.get("currency")),
        text(t.data.get("by")),
        t.id,
    )


def _settled(t: Told) -> Settled:
    title, outcome, why = (text(t.data.get(key)) for key in ("title", "outcome", "why"))
    return Settled(t.on, title, outcome, why, t.id)
