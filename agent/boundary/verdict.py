"""What triage answers: whose job an instruction is, and which of its parts go to whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Lane = Literal["in_lane", "support", "sales", "product"]
Label = Literal["in_lane", "support", "sales", "product", "mixed", "unsure"]
LANES: tuple[Lane, ...] = get_args(Lane)
LABELS: tuple[Label, ...] = get_args(Label)


@dataclass(frozen=True)
class Part:
    """Something to pass on: an ask of another lane, or (lane `in_lane`) a hand-over that is the
    success manager's own step, such as an escalation. `span` is copied exactly from the text or
    its context; `target` is a role id."""

    span: str
    lane: Lane
    target: str
    why: str
    sure: bool = True


@dataclass(frozen=True)
class Triage:
    """The decision. `label` is `unsure` and `sure` False where the policy does not decide; the
    best guess then stands in `reasons`. `own` are the spans the success manager does himself.
    `recognised` is False for text without any word of any lane, account talk or question: the
    policy then has nothing to say about it, as with "asdf qwer". `unplaced` are asks that no rule
    knows and that could not have changed the decision."""

    label: Label
    sure: bool
    parts: tuple[Part, ...]
    reasons: tuple[str, ...]
    by: Literal["policy", "model"] = "policy"
    own: tuple[str, ...] = ()
    recognised: bool = True
    unplaced: tuple[str, ...] = ()


def label_of(lanes: set[str]) -> Label:
    """The label for a set of lanes that something is asked of; `unsure` for two foreign lanes
    without a part of our own, because no single role could take such a redirect."""
    foreign = sorted(lanes - {"in_lane"})
    if "in_lane" in lanes:
        return "mixed" if foreign else "in_lane"
    for label in LABELS:
        if foreign == [label]:
            return label
    return "unsure"
