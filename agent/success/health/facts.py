"""The health result as facts, each with the way back to what it was worked out from."""

from __future__ import annotations

from agent.success.assessment import ComponentResult, HealthResult
from agent.success.facts import FactBook


def register(result: HealthResult, facts: FactBook, prefix: str = "health") -> None:
    """Registers `health.m.<measure>`, `health.<component>`, `health.coverage` and, when there is
    one, `health.score` and `health.tier`. Points are rounded to one decimal.

    Args:
        prefix: what the ids begin with; another than "health" for a score beside the account's own.
    """
    at = result.as_of.isoformat()
    by = "" if prefix == "health" else f" by the model {result.model}"
    scored = [id for c in result.components if (id := _component(c, result, facts, prefix, by))]
    coverage = facts.computed(
        f"{prefix}.coverage",
        round(result.coverage * 100),
        f"share of the health model measured{by}",
        inputs=(),
        formula="weight of measures taken / weight of all measures × 100",
        unit="%",
        at=at,
    )
    if result.score is None:
        return
    weights = ", ".join(f"{c.id} {c.weight * 100:g} %" for c in result.components)
    facts.computed(
        f"{prefix}.score",
        _points(result.score),
        f"health score{by}",
        inputs=(*scored, coverage),
        formula=f"weighted mean of the components that could be computed ({weights})",
        at=at,
    )
    facts.computed(
        f"{prefix}.tier",
        result.tier,
        f"health tier{by}",
        inputs=(f"{prefix}.score",),
        formula="tier of the unrounded score",
        at=at,
    )


def _component(
    component: ComponentResult, result: HealthResult, facts: FactBook, prefix: str, by: str
) -> str:
    """Registers a component and its measures; "" when it is null."""
    if component.score is None:
        return ""
    at = result.as_of.isoformat()
    ids = [
        facts.computed(
            f"{prefix}.m.{measure.id}",
            _points(measure.score),
            f"health points for: {measure.label}{by}",
            inputs=tuple(id for id in measure.evidence if id in facts),
            formula=f"scale of {result.model} applied to the value",
            at=at,
        )
        for measure in component.measures
        if measure.score is not None
    ]
    return facts.computed(
        f"{prefix}.{component.id}",
        _points(component.score),
        f"health of {component.label}{by}",
        inputs=ids,
        formula="weighted mean of the measures that could be taken",
        at=at,
    )


def _points(score: float) -> float:
    points = round(score, 1)
    return int(points) if points.is_integer() else points
