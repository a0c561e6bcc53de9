"""What the last plan promised, and what has become of it.

Every objective, action and milestone of the earlier plan comes out once, and so does what that
plan itself had taken over without a final outcome: a promise leaves the plans when it is done or
dropped, never by being forgotten. Where nothing in the data tells, the outcome is `unknown` or
`overdue`, never "done".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from agent.success.assessment import GoalView
from agent.success.events import timeline_source
from agent.success.facts import FactBook
from agent.success.plan import Carried
from agent.success.plays.settled import Settled
from agent.success.promises.found import (
    RENEWAL_DATE,
    SETTLE,
    Leaf,
    Promise,
    accountable,
    matter,
    promises,
    unrecognised,
)
from agent.success.promises.outcome import Records, Standing, standing
from agent.success.promises.settlements import Settlement
from agent.success.promises.vocabulary import is_verdict

__all__ = [
    "NOTHING", "RENEWAL_DATE", "SETTLE", "PriorPlan", "Promise", "carry", "carry_all", "matter",
    "promises",
]  # fmt: skip

MAX_ITEMS = 400
MAX_QUOTED, QUOTED_CHARS = 8, 160
NOTHING = Settled()
KEPT_OUT = "(words that are kept out)"
NOT_READ = "not recognised as promises: quoted, so that a reader can tell"


@dataclass(frozen=True)
class PriorPlan:
    """An earlier plan of the same account. `path` is relative to the memory root."""

    path: str
    instruction_id: str
    plan_id: str
    as_of: date | None
    document: Mapping[str, Any]


def carry(
    prior: PriorPlan,
    goals: Sequence[GoalView],
    facts: FactBook,
    as_of: date,
    known: Settled = NOTHING,
    *,
    prefix: str = "prior",
    keeps_out: Callable[[str], bool] = lambda _words: False,
) -> tuple[Carried, ...]:
    """One `Carried` per promise of `prior`; registers a quote fact for each promise's own words.

    The first `MAX_ITEMS` are told one by one, and how many more there are in one item, which stays
    until somebody settles it. Of another tool's plan, the words that were not recognised as
    promises are quoted in one item of the kind `other`.

    Args:
        known: what the timeline records about promises, steps and renewal since.
        prefix: of the ids: `prior.3` is the third promise, also for the writer of the next plan.
        keeps_out: words that no plan repeats: orders to a reader, names of other accounts.
    """
    desk = _Desk(prior, facts, keeps_out)
    found = accountable(prior.document)
    records = Records(prior.plan_id, prior.as_of, prior.document, goals, facts, known, as_of)
    out = [
        _carried(f"{prefix}.{n}", promise, standing(promise, records), desk)
        for n, promise in enumerate(found[:MAX_ITEMS], 1)
    ]
    if len(found) > MAX_ITEMS:
        out.append(_more(f"{prefix}.{MAX_ITEMS + 1}", found[MAX_ITEMS:], desk))
    words = unrecognised(prior.document)
    if words:
        out.append(_other(f"{prefix}.other", words, desk))
    return tuple(out)


def carry_all(
    priors: Iterable[PriorPlan],
    goals: Sequence[GoalView],
    facts: FactBook,
    as_of: date,
    known: Mapping[str, Settled],
    *,
    keeps_out: Callable[[str], bool] = lambda _words: False,
) -> tuple[Carried, ...]:
    """The promises of several plans, such as last quarter's and an earlier revision of this one's,
    each once.

    Args:
        priors: the plan whose word counts where two hold the same promise comes first.
        known: by plan id.
    """
    out: list[Carried] = []
    for n, prior in enumerate(priors):
        prefix = "prior" if n == 0 else f"prior{n + 1}"
        said = known.get(prior.plan_id, NOTHING)
        items = carry(prior, goals, facts, as_of, said, prefix=prefix, keeps_out=keeps_out)
        out += [item for item in items if not any(_same(item, other) for other in out)]
    return tuple(out)


def _same(a: Carried, b: Carried) -> bool:
    if a.goal and b.goal:
        return a.goal == b.goal
    return a.from_plan != b.from_plan and a.kind == b.kind and a.title == b.title


@dataclass(frozen=True)
class _Desk:
    prior: PriorPlan
    facts: FactBook
    keeps_out: Callable[[str], bool]

    def quote(self, id: str, words: str, label: str, pointer: str, at: str = "") -> list[str]:
        """A quote of the plan, unless its words are kept out."""
        if self.keeps_out(words):
            return []
        return [self.facts.quote(id, words, label, source=self.prior.path, pointer=pointer, at=at)]

    def shown(self, words: str, otherwise: str = "") -> str:
        return otherwise if self.keeps_out(words) else words


def _carried(id: str, promise: Promise, stands: Standing, desk: _Desk) -> Carried:
    prior, facts = desk.prior, desk.facts
    at = prior.as_of.isoformat() if prior.as_of else ""
    label = f"{promise.kind} of the plan {prior.plan_id}"
    goal, first = stands.goal, promise.origin
    renewal = [RENEWAL_DATE] if promise.about_renewal and RENEWAL_DATE in facts else []
    return Carried(
        id=id,
        kind=promise.kind,
        title=desk.shown(promise.title, f"{KEPT_OUT} at {promise.pointer}"),
        owner=desk.shown(promise.owner),
        was_due=desk.shown(promise.due),
        outcome=stands.outcome,
        moved_to=str(stands.due) if stands.due and stands.due != promise.day else "",
        why=desk.shown(stands.why, KEPT_OUT),
        basis=stands.basis,
        goal=promise.goal_id if promise.kind == "objective" else "",
        from_plan=prior.plan_id,
        first_plan=first.plan if first else "",
        first_due=first.due if first else "",
        evidence=[
            *desk.quote(id, promise.title, label, promise.pointer, at),
            *_settlement(f"{id}.settled", stands.settled, desk),
            *(goal.evidence if goal else ()),
            *stands.cites,
            *renewal,  # keeps a promise about it known as one in the plans to come
        ],
    )


def _settlement(id: str, settled: Settlement | None, desk: _Desk) -> list[str]:
    """A fact for what was recorded: its reason in the recorder's words, else the outcome."""
    if settled is None:
        return []
    where = {"source": timeline_source(settled.account_id), "at": settled.on.isoformat()}
    label = f"recorded about a promise on {settled.on}: {settled.outcome}"
    entry = f"/{settled.event_id}/data"
    if settled.why and not desk.keeps_out(settled.why):
        return [desk.facts.quote(id, settled.why, label, pointer=f"{entry}/why", **where)]
    stored = desk.facts.stored(id, settled.outcome, label, pointer=f"{entry}/outcome", **where)
    return [stored]


def _more(id: str, left: Sequence[Promise], desk: _Desk) -> Carried:
    first, prior = left[0], desk.prior
    label = f"the first of {len(left)} more promises of the plan {prior.plan_id}"
    return Carried(
        id=id,
        kind=first.kind,
        title=f"{len(left)} more promises of {prior.plan_id}, from {first.pointer} on",
        outcome="unknown",
        why=f"too many to be told one by one; they stand in {prior.path}",
        from_plan=prior.plan_id,
        evidence=desk.quote(id, first.title, label, first.pointer),
    )


def _other(id: str, words: Sequence[Leaf], desk: _Desk) -> Carried:
    """What else another tool's plan says, in its own words, as far as there is room. Scores and
    tiers that others have given are counted and not repeated: they are no scores of ours."""
    shown = [leaf for leaf in words if not is_verdict(leaf.path)][:MAX_QUOTED]
    cites = [
        cited for n, leaf in enumerate(shown, 1) for cited in _words_of(f"{id}.{n}", leaf, desk)
    ]
    told = [_said(leaf, desk) for leaf in shown]
    if more := len(words) - len(shown):
        told.append(f"{'and ' if told else ''}{more} more in {desk.prior.path}")
    return Carried(
        id=id,
        kind="other",
        title=f"The plan also says: {'; '.join(told)}",
        outcome="unknown",
        why=NOT_READ,
        from_plan=desk.prior.plan_id,
        evidence=cites,
    )


def _words_of(id: str, leaf: Leaf, desk: _Desk) -> list[str]:
    label = f"{desk.shown(leaf.path[-80:], 'words')} of the plan {desk.prior.plan_id}"
    if isinstance(leaf.value, str):
        return desk.quote(id, _cut(leaf.value), label, leaf.pointer)
    if leaf.value is None:
        return []
    source = desk.prior.path
    return [desk.facts.stored(id, leaf.value, label, source=source, pointer=leaf.pointer)]


def _said(leaf: Leaf, desk: _Desk) -> str:
    path = desk.shown(leaf.path[-60:], "…")
    if isinstance(leaf.value, str):
        return f"{path}: {desk.shown(f'“{_cut(leaf.value)}”', KEPT_OUT)}"
    return f"{path}: {'nested too deep to be read' if leaf.value is None else leaf.value}"


def _cut(text: str) -> str:
    """Verbatim and short: whole words from the beginning."""
    if len(text) <= QUOTED_CHARS:
        return text
    return text[:QUOTED_CHARS].rsplit(None, 1)[0]
