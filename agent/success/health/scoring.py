"""The health score: measures → components → score, by a health model that is data.

Exact arithmetic throughout: a component is the weighted mean of its measures that could be taken,
the score the weighted mean of the components that could be computed, so contributions add up to
the score and the tier is decided on the unrounded value. What is missing, stale or invalid leaves
the mean and lowers `coverage`, the share of the model's weight that was measured.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Literal

from agent.success.assessment import ComponentResult, HealthResult, MeasureResult
from agent.success.health.facts import register
from agent.success.health.figure_book import Figures
from agent.success.health.measure import Measure
from agent.success.health.measuring import Reading, rate, read
from agent.success.health.model import Component, HealthModel

PARTIAL_BELOW = 0.75


def score(
    model: HealthModel, figures: Figures, *, onboarding: bool = False, prefix: str = "health"
) -> HealthResult:
    """Health of an account; registers `health.score`, `health.<component>`, `health.m.<measure>`.

    Args:
        onboarding: the customer is being onboarded; what cannot exist yet does not apply.
        prefix: what the ids of these facts begin with.
    """
    result = _result(model, figures.as_of, lambda m: read(m, figures, onboarding=onboarding))
    register(result, figures.facts, prefix)
    return result


def score_ratings(
    model: HealthModel,
    ratings: Mapping[str, Any],
    as_of: date,
    cited: Mapping[str, str] = MappingProxyType({}),
) -> HealthResult:
    """Health from ratings given by people, measure id → number within the measure's range.

    Args:
        cited: the fact id of a rating, by measure.
    """

    def given(m: Measure) -> Reading:
        evidence = (cited[m.id],) if m.id in cited else ()
        return replace(rate(m, ratings.get(m.id)), evidence=evidence)

    return _result(model, as_of, given)


def health_status(result: HealthResult) -> Literal["scored", "partial", "not_enough_data"]:
    """`partial` when a component is null or less than three quarters of the model was measured."""
    if result.score is None:
        return "not_enough_data"
    null = any(c.score is None and c.weight > 0 for c in result.components)
    return "partial" if null or result.coverage < PARTIAL_BELOW else "scored"


def _result(model: HealthModel, as_of: date, read: Callable[[Measure], Reading]) -> HealthResult:
    readings = {m.id: read(m) for m in model.measures}
    whole = sum((Fraction(str(c.weight)) for c in model.components), Fraction(0))
    means = {c.id: _mean(c, readings) for c in model.components}
    known = sum(
        (Fraction(str(c.weight)) for c in model.components if means[c.id] is not None), Fraction(0)
    )
    coverage = sum(
        (Fraction(str(c.weight)) / whole * _coverage(c, readings) for c in model.components),
        Fraction(0),
    )
    enough = known > 0 and coverage >= Fraction(str(model.coverage_floor))
    total = sum(
        (Fraction(str(c.weight)) / known * (means[c.id] or 0) for c in model.components if known),
        Fraction(0),
    )
    components = tuple(
        _component(c, readings, means[c.id], whole, known if enough else Fraction(0))
        for c in model.components
    )
    return HealthResult(
        score=float(total) if enough else None,
        tier=model.tier_of(total) if enough else "",
        model=model.id,
        model_version=model.version,
        as_of=as_of,
        coverage=float(coverage),
        components=components,
        reason=_reason(components, coverage, enough, model),
        confidence=_confidence(model, coverage, components, enough),
    )


def _mean(component: Component, readings: Mapping[str, Reading]) -> Fraction | None:
    weight = Fraction(0)
    total = Fraction(0)
    for measure in component.measures:
        points = readings[measure.id].score
        if points is not None:
            weight += Fraction(str(measure.weight))
            total += Fraction(str(measure.weight)) * points
    return total / weight if weight else None


def _coverage(component: Component, readings: Mapping[str, Reading]) -> Fraction:
    weights = {m.id: Fraction(str(m.weight)) for m in component.measures}
    present = (w for id, w in weights.items() if readings[id].score is not None)
    return sum(present, Fraction(0)) / sum(weights.values(), Fraction(0))


def _component(
    component: Component,
    readings: Mapping[str, Reading],
    mean: Fraction | None,
    whole: Fraction,
    known: Fraction,
) -> ComponentResult:
    weight = Fraction(str(component.weight))
    inside = sum((Fraction(str(m.weight)) for m in component.measures), Fraction(0))
    present = sum(
        (Fraction(str(m.weight)) for m in component.measures if readings[m.id].score is not None),
        Fraction(0),
    )
    measures = []
    for m in component.measures:
        reading, own = readings[m.id], Fraction(str(m.weight))
        counts = reading.score is not None and known > 0 and present > 0
        points = weight / known * own / present * (reading.score or 0) if counts else None
        measures.append(
            MeasureResult(
                id=m.id,
                component=component.id,
                label=m.label,
                state=reading.state,
                value=reading.value,
                score=None if reading.score is None else float(reading.score),
                weight=float(weight / whole * own / inside),
                contribution=None if points is None else float(points),
                note=reading.note,
                evidence=reading.evidence,
            )
        )
    contribution = weight / known * mean if mean is not None and known > 0 else None
    return ComponentResult(
        id=component.id,
        label=component.label,
        weight=float(weight / whole),
        score=None if mean is None else float(mean),
        contribution=None if contribution is None else float(contribution),
        coverage=float(_coverage(component, readings)),
        measures=tuple(measures),
    )


def _reason(
    components: tuple[ComponentResult, ...], coverage: Fraction, enough: bool, model: HealthModel
) -> str:
    null = [c.label for c in components if c.score is None]
    parts = []
    if not enough:
        parts.append(
            f"not enough data: {float(coverage) * 100:.0f} % of the model could be measured, "
            f"{model.coverage_floor * 100:.0f} % are needed; partial results below are no score"
        )
    elif null or coverage < Fraction(str(PARTIAL_BELOW)):
        parts.append(f"partial: {float(coverage) * 100:.0f} % of the model could be measured")
    if null:
        parts.append(f"not computable: {', '.join(null)}")
    if not enough:
        asked = {m.id: m.ask for m in model.measures}
        wanted = [
            f"{m.label} ({m.state}{', ask ' + asked[m.id] if asked[m.id] else ''})"
            for c in components
            for m in c.measures
            if m.score is None and m.state != "not_applicable"
        ]
        parts.append(f"to ask for: {', '.join(wanted)}")
    return "; ".join(parts)


def _confidence(
    model: HealthModel, coverage: Fraction, components: tuple[ComponentResult, ...], enough: bool
) -> Literal["high", "medium", "low"]:
    """By coverage; stale measures cost one step."""
    stale = any(m.state == "stale" for c in components for m in c.measures)
    if not enough or coverage < Fraction(str(model.confidence.medium)):
        return "low"
    if coverage >= Fraction(str(model.confidence.high)):
        return "medium" if stale else "high"
    return "low" if stale else "medium"
