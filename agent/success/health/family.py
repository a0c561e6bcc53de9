"""Which accounts lie below which, by the `parent` of each, and parents that cannot be followed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from agent.success.health.model import HealthModel

MAX_DEPTH = 20
"""Levels below a parent that are followed; groups have three or four."""


@dataclass(frozen=True)
class Member:
    """An account as the roll-up sees it. `parent` is an account id, "" without one; `score` is the
    unrounded 0-100 or None; `arr` per year in `currency`."""

    id: str
    name: str
    parent: str
    score: float | None
    tier: str
    arr: float | None
    currency: str
    model: HealthModel


@dataclass(frozen=True)
class FamilyFault:
    """A `parent` that cannot be followed; the account then counts as having none."""

    account_id: str
    kind: Literal["own_parent", "unknown_parent", "unread_parent", "former_parent", "cycle"]
    message: str


Children = Mapping[str, Sequence[Member]]
"""The children of each parent, by id; both sorted by id."""


def family(
    members: Sequence[Member], known: Collection[str], former: Collection[str] = ()
) -> tuple[Children, tuple[FamilyFault, ...]]:
    """The children of every account that has some, and the faults, both by account.

    Args:
        members: the accounts, in any order.
        known: ids of all accounts there are, those among them that could not be read.
        former: ids of customers who have left; they are no members.
    """
    by_id = {m.id: m for m in sorted(members, key=lambda m: m.id)}
    circles = _circles(by_id)
    faults = sorted(_faults(by_id, known, former, circles), key=lambda f: (f.account_id, f.kind))
    cut = {fault.account_id for fault in faults} | {id for circle in circles for id in circle}
    children: dict[str, list[Member]] = {}
    for id, member in by_id.items():
        if member.parent and id not in cut:
            children.setdefault(member.parent, []).append(member)
    return {id: children[id] for id in sorted(children)}, tuple(faults)


def below(id: str, children: Children) -> Iterator[tuple[int, Member]]:
    """(depth, account) of everything below, each child followed by its own; no deeper than
    `MAX_DEPTH` + 1."""
    todo = [(1, child) for child in reversed(children.get(id, ()))]
    while todo:
        depth, child = todo.pop()
        yield depth, child
        if depth <= MAX_DEPTH:
            todo += [(depth + 1, c) for c in reversed(children.get(child.id, ()))]


def _faults(
    by_id: Mapping[str, Member],
    known: Collection[str],
    former: Collection[str],
    circles: Sequence[Sequence[str]],
) -> Iterator[FamilyFault]:
    for id, member in by_id.items():
        if member.parent == id:
            yield FamilyFault(id, "own_parent", f"{id} is named as its own parent")
        elif member.parent and member.parent not in by_id:
            if member.parent in former:
                what = f"the parent of {id}, {member.parent}, is a former customer"
                yield FamilyFault(id, "former_parent", what)
            elif member.parent in known:
                what = f"the parent of {id}, {member.parent}, could not be read"
                yield FamilyFault(id, "unread_parent", what)
            else:
                what = f"the parent of {id} is no account here: {member.parent!r}"
                yield FamilyFault(id, "unknown_parent", what)
    for chain in circles:
        what = (
            f"a circle of parents: {' → '.join([*chain, chain[0]])}; these links are not followed"
        )
        yield FamilyFault(chain[0], "cycle", what)


def _circles(by_id: Mapping[str, Member]) -> list[list[str]]:
    """Every circle of two or more, child before parent, from its first id; in order of that."""
    found: dict[str, list[str]] = {}
    done: set[str] = set()
    for start in by_id:
        path: list[str] = []
        id = start
        while id in by_id and id not in done and id not in path:
            path.append(id)
            id = by_id[id].parent
        if id in path and len(circle := path[path.index(id) :]) > 1:
            first = circle.index(min(circle))
            found[min(circle)] = circle[first:] + circle[:first]
        done.update(path)
    return [found[id] for id in sorted(found)]
