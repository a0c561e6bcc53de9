"""The health result as facts, each with the way back to what it was worked out from."""

from __future__ import annotations

from agent.success.assessment import ComponentResult, HealthResult
from agent.success.facts import FactBook


def register(result: HealthResult, facts: FactBook) -> None:
    """Registers `health.m.<measure>`, `health.<component>`, `health.coverage` and, when there is
    one, `health.score` and `health.tier`. Points are rounded to one decimal."""
    at = result.as_of.isoformat()
    scored = [id for c in result.components if (id := _component(c, result.model, facts, at))]
    coverage = facts.computed(
        "health.coverage",
        round(result.coverage * 100),
        "share of the health model measured",
        inputs=(),
        formula="weight of measures taken / weight of all measures × 100",
        unit="%",
        at=at,
    )
    if result.score is None:
        return
    weights = ", ".join(f"{c.id} {c.weight * 100:g} %" for c in result.components)
    facts.computed(
        "health.score",
        _points(result.score),
        "health score",
        inputs=(*scored, coverage),
        formula=f"weighted mean of the components that could be computed ({weights})",
        at=at,
    )
    facts.computed(
        "health.tier",
        result.tier,
        "health tier",
        inputs=("health.score",),
        formula="tier of the unrounded score",
        at=at,
    )


def _component(component: ComponentResult, model: str, facts: FactBook, at: str) -> str:
    """Registers a component and its measures; "" when it is null."""
    if component.score is None:
        return ""
    ids = [
        facts.computed(
            f"health.m.{measure.id}",
            _points(measure.score),
            f"health points for: {measure.label}",
            inputs=tuple(id for id in measure.evidence if id in facts),
            formula=f"scale of {model} applied to the value",
            at=at,
        )
        for measure in component.measures
        if measure.score is not None
    ]
    return facts.computed(
        f"health.{component.id}",
        _points(component.score),
        f"health of {component.label}",
        inputs=ids,
        formula="weighted mean of the measures that could be taken",
        at=at,
    )


def _points(score: float) -> float:
    points = round(score, 1)
    return int(points) if points.is_integer() else points
