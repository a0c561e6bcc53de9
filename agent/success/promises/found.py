"""Promises in the document of a plan: our own sections, or what can be recognised of another's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from agent.success.insights.sentences import folded
from agent.success.promises.foreign import Leaf, Piece, pieces, pointer_step, rest
from agent.success.promises.vocabulary import Kind, day_of

SCHEMA = "success_plan/1"
SETTLE = "Settle what became of: "
"""How the next plan opens an action about a promise that nobody knows the outcome of."""
RENEWAL_DATE = "contract.renewal_date"
UNSETTLED = frozenset({"open", "overdue", "unknown", "moved"})

_SECTIONS: tuple[tuple[str, Kind], ...] = (
    ("objectives", "objective"), ("milestones", "milestone"), ("actions", "action"),
)  # fmt: skip


@dataclass(frozen=True)
class Origin:
    """Where a promise was made first: the plan, and the day it was to be kept by."""

    plan: str
    due: str


@dataclass(frozen=True)
class Promise:
    """One promise of a plan. `pointer` leads to its words; `due` and `status` are as written.

    `number` tells promises with the same words at the same pointer apart, from 1.
    """

    kind: Kind
    title: str
    goal_id: str = ""
    due: str = ""
    status: str = ""
    pointer: str = ""
    about_renewal: bool = False  # a step on the path to the renewal, or a question about one
    owner: str = ""
    origin: Origin | None = None
    number: int = 1

    @property
    def matter(self) -> str:
        """What is promised: the title, without the words that only ask what became of it."""
        return matter(self.title)

    @property
    def day(self) -> date | None:
        return day_of(self.due)


def matter(title: str) -> str:
    while title.startswith(SETTLE):
        title = title.removeprefix(SETTLE)
    return title


def same_words(a: str, b: str) -> bool:
    """Whether two titles are about the same matter, whatever their case and blanks."""
    return _words(a) == _words(b)


def is_ours(document: Mapping[str, Any]) -> bool:
    return document.get("schema") == SCHEMA


def promises(document: Mapping[str, Any]) -> list[Promise]:
    """Objectives, actions and milestones found in a plan, in document order."""
    if is_ours(document):
        return _own(document)
    return [_of(piece) for piece in pieces(document)]


def accountable(document: Mapping[str, Any]) -> list[Promise]:
    """What the next plan has to account for: the promises of a plan, and those that it took over
    from the plan before without a final outcome. What it took over and promised again is one."""
    own = promises(document)
    older = _taken_over(document) if is_ours(document) else []
    out = [_with_origin(promise, older) for promise in own]
    for promise in older:
        if not any(_one(promise, other) for other in out):
            out.append(promise)
    return _numbered(out)


def unrecognised(document: Mapping[str, Any]) -> list[Leaf]:
    """Words of another tool's plan that are neither promises nor say which plan it is."""
    return [] if is_ours(document) else rest(document)


def _own(document: Mapping[str, Any]) -> list[Promise]:
    out = []
    for section, kind in _SECTIONS:
        listed = document.get(section)
        for n, item in enumerate(listed if isinstance(listed, list) else ()):
            title = item.get("title") if isinstance(item, Mapping) else item
            if not isinstance(title, str) or not title.strip():
                continue
            known: Mapping[str, Any] = item if isinstance(item, Mapping) else {}
            step = "/title" if known else ""
            renewal = _about_renewal(kind, title, known.get("evidence"))
            out.append(
                Promise(
                    kind,
                    title.strip()[:300],
                    _said(known.get("goal")) if kind == "objective" else "",
                    _said(known.get("due")),
                    _said(known.get("status")),
                    f"/{section}/{n}{step}",
                    renewal,
                    _said(known.get("owner")),
                )
            )
    return out


def _taken_over(document: Mapping[str, Any]) -> list[Promise]:
    """Promises that the plan carried forward without a final outcome, under the day that holds."""
    listed = document.get("carried_forward")
    out: list[Promise] = []
    for n, item in enumerate(listed if isinstance(listed, list) else ()):
        if not isinstance(item, Mapping) or item.get("outcome") not in UNSETTLED:
            continue
        kind, title = item.get("kind"), _said(item.get("title"), 300)
        cited = item.get("evidence")
        if kind not in ("objective", "milestone", "action") or not title:
            continue
        first = Origin(
            _said(item.get("first_plan")) or _said(item.get("from_plan")),
            _said(item.get("first_due")) or _said(item.get("was_due")),
        )
        promise = Promise(
            kind,
            title,
            _said(item.get("goal")),
            _said(item.get("moved_to")) or _said(item.get("was_due")),
            "",
            f"/carried_forward/{n}/title",
            RENEWAL_DATE in (cited if isinstance(cited, list) else ()),
            _said(item.get("owner")),
            first,
        )
        if not any(_one(promise, other) for other in out):
            out.append(promise)
    return out


def _with_origin(promise: Promise, older: Sequence[Promise]) -> Promise:
    first = next((o for o in older if _one(promise, o)), None)
    return replace(promise, origin=first.origin) if first else promise


def _one(a: Promise, b: Promise) -> bool:
    """Whether two promises of one plan are the same matter."""
    if a.goal_id and b.goal_id and a.kind == b.kind == "objective":
        return a.goal_id == b.goal_id
    return _words(a.matter) == _words(b.matter)


def _numbered(found: Iterable[Promise]) -> list[Promise]:
    seen: dict[tuple[str, str], int] = {}
    out = []
    for promise in found:
        key = (promise.pointer, promise.title)
        seen[key] = seen.get(key, 0) + 1
        out.append(replace(promise, number=seen[key]) if seen[key] > 1 else promise)
    return out


def _of(piece: Piece) -> Promise:
    return Promise(
        piece.kind, piece.title, piece.goal, piece.due, piece.status, piece.pointer,
        _about_renewal(piece.kind, piece.title, list(piece.cites)), piece.owner,
    )  # fmt: skip


def _about_renewal(kind: Kind, title: str, cited: Any) -> bool:
    """A step on the path to the renewal is a milestone that rests on its date."""
    path = kind == "milestone" or title.startswith(SETTLE)
    return path and isinstance(cited, list) and RENEWAL_DATE in cited


def _said(value: Any, most: int = 200) -> str:
    return value.strip()[:most] if isinstance(value, str) else value.isoformat() if isinstance(
        value, date) else ""  # fmt: skip


def _words(text: str) -> str:
    return " ".join(folded(matter(text)).split())


__all__ = ["Leaf", "Origin", "Promise", "accountable", "matter", "pointer_step", "promises"]
