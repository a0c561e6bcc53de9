"""Score against score: from, to, and causes whose points sum to the change."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from agent.success.continuity.difference import Difference, Item, items, part
from agent.success.continuity.sentences import words
from agent.success.continuity.values import day, number, text
from agent.success.health.change import change
from agent.success.health.standing import Standing


def score(before: Item, after: Item) -> Iterator[Difference]:
    """The difference of two plans' health scores, if there is one."""
    old, new = part(before, "health"), part(after, "health")
    was, now = number(old.get("score")), number(new.get("score"))
    keep = {"score": was, "tier": old.get("tier")}, {"score": now, "tier": new.get("tier")}
    if was is None or now is None:
        if was != now:
            told = f"Health: {_standing(was, old)} before, {_standing(now, new)} now"
            yield Difference("health", "changed", "score", told, *keep)
        return
    if (was, old.get("tier")) == (now, new.get("tier")):
        return
    causes = _causes(old, new, was, now)
    told = f"Health from {_standing(was, old)} to {_standing(now, new)}, {now - was:+.2f} points"
    why = ", ".join(f"{cause} {points:+.2f}" for cause, points in causes)
    after_causes: dict[str, Any] = {**keep[1], "causes": [list(cause) for cause in causes]}
    yield Difference(
        "health", "changed", "score", f"{told}: {why}" if why else told, keep[0], after_causes
    )


def _standing(score: float | None, health: Item) -> str:
    return "no score" if score is None else f"{score:.1f} {text(health.get('tier'))}".strip()


def _causes(old: Item, new: Item, was: float, now: float) -> list[tuple[str, float]]:
    """Causes that sum to the change: the plan's own where it looked back at the same score."""
    own = part(new, "change")
    if own.get("since") == old.get("as_of") and own.get("from_score") == was:
        return [
            (text(c.get("cause")), number(c.get("points")) or 0.0) for c in items(own, "causes")
        ]
    found = change(_as_standing(old, was), _as_standing(new, now))
    return [(words(cause.cause), cause.points) for cause in found.causes]


def _as_standing(health: Item, score: float) -> Standing:
    parts = {
        text(c.get("component")): points
        for c in items(health, "components")
        if (points := number(c.get("contribution"))) is not None
    }
    model = f"{text(health.get('model'))} {text(health.get('model_version'))}".strip()
    on = day(health.get("as_of")) or date.min
    return Standing(on, score, text(health.get("tier")), model=model, contributions=parts)
