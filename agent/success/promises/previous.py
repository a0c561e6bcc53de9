"""The value that each objective had at the last plan."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from agent.success.carry import PriorPlan
from agent.success.facts import FactBook
from agent.success.plan import Objective, ObjectiveSection, Previous
from agent.success.promises.found import is_ours, same_words


@dataclass(frozen=True)
class Before:
    """One objective of the last plan with its value then, and the id of the fact that holds it."""

    goal: str
    title: str
    value: Previous
    fact: str


@dataclass(frozen=True)
class LastValues:
    """The values of the last plan's objectives, found by goal or by title."""

    items: tuple[Before, ...] = field(default=())

    def of(self, goal: str, title: str) -> Before | None:
        """The value for an objective: of the same goal of the customer, else of the same title."""
        for item in self.items:
            if goal and item.goal:
                if goal == item.goal:
                    return item
            elif same_words(item.title, title):
                return item
        return None

    def beside(self, objective: Objective) -> ObjectiveSection:
        """The objective with its value at the last plan, which its evidence then holds too."""
        found = self.of(objective.goal, objective.title)
        told = objective.model_dump()
        if found is None:
            return ObjectiveSection(**told)
        evidence = list(dict.fromkeys([*objective.evidence, found.fact]))
        return ObjectiveSection(**{**told, "evidence": evidence}, previous=found.value)


def last_values(prior: PriorPlan | None, facts: FactBook) -> LastValues:
    """The values that a plan of ours had as current; each becomes a fact `previous.<goal or n>`."""
    if prior is None or not is_ours(prior.document):
        return LastValues()
    listed = prior.document.get("objectives")
    found: list[Before] = []
    for n, item in enumerate(listed if isinstance(listed, list) else ()):
        if not isinstance(item, Mapping) or not _is_figure(item.get("current")):
            continue
        goal, title = str(item.get("goal") or ""), str(item.get("title") or "")
        id = f"previous.{goal or n + 1}"
        if id in facts:
            continue
        fact = facts.stored(
            id,
            item["current"],
            f"value at the last plan: {title[:120]}",
            unit=str(item.get("unit") or "")[:60],
            source=prior.path,
            pointer=f"/objectives/{n}/current",
            at=prior.as_of.isoformat() if prior.as_of else "",
        )
        value = Previous(value=float(item["current"]), as_of=prior.as_of, plan=prior.plan_id)
        found.append(Before(goal, title, value, fact))
    return LastValues(tuple(found))


def _is_figure(value: object) -> bool:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return number and math.isfinite(value)  # type: ignore[arg-type]  # a number
