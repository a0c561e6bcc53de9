"""Health of a group of accounts: the score of a parent's accounts, weighted by their ARR.

A parent's roll-up is the mean over every account below it, its children and theirs, each once. The
parent's own score stands beside it and takes no part. ARR in different currencies is never added.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from agent.success.health.family import (
    MAX_DEPTH,
    Children,
    FamilyFault,
    Member,
    below,
    family,
)
from agent.success.rounding import apportion, shown


@dataclass(frozen=True)
class Below:
    """An account below the parent, `depth` 1 for a child. `share` is the part of the weight (0-1)
    and `points` what it adds to the roll-up; both None where it takes no part, and `note` why."""

    id: str
    name: str
    parent: str
    depth: int
    score: float | None
    tier: str
    arr: float | None
    currency: str
    share: float | None
    points: float | None
    note: str = ""


@dataclass(frozen=True)
class CurrencyPart:
    """The accounts whose ARR is in one currency: its sum, the mean weighted by it, and the share of
    it that has a score (0-1); no mean under the floor of coverage."""

    currency: str
    arr: float
    accounts: int
    score: float | None
    coverage: float


@dataclass(frozen=True)
class RollUp:
    """`score` is None when nothing below has one, too little of the weight has, or the ARR is in
    several currencies (then see `by_currency`); `notes` say which. Tier and floor of coverage are
    those of the parent's model. The points of `below` sum to `score`."""

    id: str
    name: str
    own_score: float | None
    own_tier: str
    score: float | None
    tier: str
    coverage: float | None
    weights: Literal["arr", "equal", "currencies"]
    worst: str
    below: tuple[Below, ...]
    by_currency: tuple[CurrencyPart, ...]
    notes: tuple[str, ...]


def roll_up(
    members: Sequence[Member], known: Collection[str], former: Collection[str] = ()
) -> tuple[tuple[RollUp, ...], tuple[FamilyFault, ...]]:
    """The roll-up of every account that has others below it, by id, and the faults, by account.

    Args:
        members: the accounts, in any order.
        known: ids of all accounts there are, those among them that could not be read.
        former: ids of customers who have left; they are no members.
    """
    by_id = {m.id: m for m in members}
    children, faults = family(members, known, former)
    return tuple(_of(by_id[id], children) for id in children), faults


def _of(parent: Member, children: Children) -> RollUp:
    reached = list(below(parent.id, children))
    kept = [(depth, m) for depth, m in reached if depth <= MAX_DEPTH]
    members = [m for _, m in kept]
    floor = Fraction(str(parent.model.coverage_floor))
    parts = _by_currency(members, floor)
    weights: dict[str, Fraction] = {m.id: _arr(m) for m in members if _arr(m)}
    kind: Literal["arr", "equal", "currencies"] = "arr" if weights else "equal"
    notes = _notes(members, kind)
    if len(reached) > len(kept):
        notes.append(f"accounts more than {MAX_DEPTH} levels below are left out")
    if len(parts) > 1:
        kind, weights = "currencies", {}
        listed = ", ".join(p.currency or "no currency" for p in parts)
        notes.append(f"ARR in several currencies ({listed}) is not added: no score over all")
    elif not weights:
        weights = {m.id: Fraction(1) for m in members}
    score, coverage = _mean(members, weights)
    if score is not None and coverage is not None and coverage < floor:
        what = "ARR" if kind == "arr" else "accounts"
        least = f"{float(floor):.0%} is needed"
        notes.append(f"no score: {float(coverage):.0%} of the {what} below has one, {least}")
        score = None
    scored = [m for m in members if m.score is not None]
    return RollUp(
        id=parent.id,
        name=parent.name,
        own_score=shown(parent.score),
        own_tier=parent.tier,
        score=None if score is None else shown(float(score)),
        tier="" if score is None else parent.model.tier_of(score),
        coverage=None if coverage is None else round(float(coverage), 3),
        weights=kind,
        worst=min(scored, key=lambda m: (m.score or 0.0, m.id)).id if scored else "",
        below=tuple(_rows(kept, weights, score)),
        by_currency=parts if kind != "equal" else (),
        notes=tuple(notes),
    )


def _notes(members: Sequence[Member], kind: str) -> list[str]:
    unscored = [m.id for m in members if m.score is None]
    weightless = [m.id for m in members if not _arr(m)]
    notes = []
    if unscored:
        notes.append(f"without a score, which lowers the coverage: {', '.join(unscored)}")
    if kind == "equal":
        notes.append("no account below has an ARR: each counts the same")
    elif weightless:
        notes.append(f"without an ARR and so without weight: {', '.join(weightless)}")
    return notes


def _by_currency(members: Sequence[Member], floor: Fraction) -> tuple[CurrencyPart, ...]:
    out = []
    for currency in sorted({m.currency for m in members if _arr(m)}):
        own = [m for m in members if _arr(m) and m.currency == currency]
        weights = {m.id: _arr(m) for m in own}
        score, coverage = _mean(own, weights)
        enough = score is not None and coverage is not None and coverage >= floor
        out.append(
            CurrencyPart(
                currency=currency,
                arr=float(sum(weights.values(), Fraction(0))),
                accounts=len(own),
                score=shown(float(score)) if enough and score is not None else None,
                coverage=round(float(coverage or 0), 3),
            )
        )
    return tuple(out)


def _mean(
    members: Sequence[Member], weights: Mapping[str, Fraction]
) -> tuple[Fraction | None, Fraction | None]:
    """(mean of the scores, share of the weight that has one); None where nothing weighs."""
    whole = sum(weights.values(), Fraction(0))
    scored = [(weights[m.id], Fraction(m.score)) for m in members
              if m.score is not None and m.id in weights]  # fmt: skip
    known = sum((weight for weight, _ in scored), Fraction(0))
    if not whole:
        return None, None
    if not known:
        return None, Fraction(0)
    return sum((w * s for w, s in scored), Fraction(0)) / known, known / whole


def _rows(
    kept: Sequence[tuple[int, Member]], weights: Mapping[str, Fraction], score: Fraction | None
) -> Iterator[Below]:
    known = sum(
        (weights[m.id] for _, m in kept if m.id in weights and m.score is not None), Fraction(0)
    )
    counts = [m.score is not None and m.id in weights and score is not None for _, m in kept]
    parts = [
        float(weights[m.id] / known * Fraction(m.score or 0)) if count else None
        for (_, m), count in zip(kept, counts, strict=True)
    ]
    points = apportion(parts, None if score is None else float(score))
    for (depth, m), count, own in zip(kept, counts, points, strict=True):
        note = "no score" if m.score is None else "" if m.id in weights or not weights else "no ARR"
        yield Below(
            id=m.id,
            name=m.name,
            parent=m.parent,
            depth=depth,
            score=shown(m.score),
            tier=m.tier,
            arr=m.arr,
            currency=m.currency,
            share=round(float(weights[m.id] / known), 4) if count else None,
            points=own,
            note=note,
        )


def _arr(member: Member) -> Fraction:
    """The weight of a member; 0 without an ARR."""
    return Fraction(str(member.arr)) if member.arr else Fraction(0)
