"""The health score: measures → components → score, by a health model that is data.

Exact arithmetic throughout: a component is the weighted mean of its measures that could be taken,
the score the weighted mean of the components that could be computed, so contributions add up to
the score and the tier is decided on the unrounded value. What is missing, stale or invalid leaves
the mean and lowers `coverage`, the share of the model's weight that was measured.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, Literal

from agent.success.account import Account
from agent.success.assessment import ComponentResult, HealthResult, MeasureResult, MeasureState
from agent.success.facts import FactBook
from agent.success.figures import Figures
from agent.success.health_model import Component, HealthModel, Measure
from agent.success.values import shown

PARTIAL_BELOW = 0.75
HUNDRED = Fraction(100)


@dataclass(frozen=True)
class Reading:
    """One measure before weighing: `score` 0-100 when `state` is present, else None."""

    state: MeasureState
    value: float | None = None
    score: Fraction | None = None
    note: str = ""
    evidence: tuple[str, ...] = ()


def score(model: HealthModel, figures: Figures, *, onboarding: bool = False) -> HealthResult:
    """Health of an account; registers `health.score`, `health.<component>`, `health.m.<measure>`.

    Args:
        onboarding: the customer is being onboarded; what cannot exist yet does not apply.
    """
    result = _result(model, figures.as_of, lambda m: _read(m, figures, onboarding))
    _register(result, figures.facts)
    return result


def score_ratings(model: HealthModel, ratings: Mapping[str, Any], as_of: date) -> HealthResult:
    """Health from ratings given by people, measure id → number within the measure's range."""
    return _result(model, as_of, lambda m: _rating(m, ratings.get(m.id)))


def health_status(result: HealthResult) -> Literal["scored", "partial", "not_enough_data"]:
    """`partial` when a component is null or less than three quarters of the model was measured."""
    if result.score is None:
        return "not_enough_data"
    null = any(c.score is None and c.weight > 0 for c in result.components)
    return "partial" if null or result.coverage < PARTIAL_BELOW else "scored"


# ---- one measure ------------------------------------------------------------------------------


def _read(measure: Measure, figures: Figures, onboarding: bool) -> Reading:
    if measure.needs_activity and _nobody_active(figures.account):
        return Reading("not_applicable", note="nobody uses the product; calm is not satisfaction")
    for position, id in enumerate(measure.values):
        value = figures.values.get(id)
        if value is None:
            continue
        evidence = figures.evidence.get(id, ())
        if onboarding and measure.not_due_in_onboarding and value == 0:
            return Reading("not_applicable", 0.0, note="not due during onboarding")
        old = _too_old(measure, figures)
        if old:
            return Reading("stale", _number(value), note=old, evidence=evidence)
        instead = "" if position == 0 else f"taken from {id}, as {measure.values[0]} is not known"
        return _scored(measure, value, figures, evidence, instead)
    return _absent(measure, figures, onboarding)


def _absent(measure: Measure, figures: Figures, onboarding: bool) -> Reading:
    blank = next((figures.blanks[id] for id in measure.values if id in figures.blanks), None)
    note = blank.note if blank else "not known"
    invalid = [
        p
        for p in figures.account.problems
        if p.state in ("invalid", "contradictory")
        and any(_under(p.field, f) for f in measure.fields)
    ]
    if blank and blank.state != "missing":
        return Reading(blank.state, note=note)
    if invalid:
        return Reading("invalid", note=f"{note}: {invalid[0].field} {invalid[0].message}"[:300])
    if onboarding and measure.not_due_in_onboarding:
        return Reading("not_applicable", note=f"{note}; not due during onboarding")
    return Reading("missing", note=note + (f"; ask {measure.ask}" if measure.ask else ""))


def _under(field: str, pattern: str) -> bool:
    """`usage.monthly.3.logins` lies under `usage.*.logins`."""
    head, star, tail = pattern.partition("*")
    if star:
        return field.startswith(head) and field.endswith(tail)
    return field == pattern or field.startswith(f"{pattern}.")


def _scored(
    measure: Measure, value: Fraction | str, figures: Figures, evidence: tuple[str, ...], note: str
) -> Reading:
    if isinstance(value, str):
        level = measure.levels.get(value)
        if level is None:
            return Reading("invalid", note=f"{shown(value)} is no level of this measure")
        points, number, note = Fraction(str(level)), None, f"{value}{'; ' + note if note else ''}"
    else:
        if measure.range and not measure.range[0] <= value <= measure.range[1]:
            return Reading(
                "invalid",
                float(value),
                note=f"outside {measure.range[0]:g} to {measure.range[1]:g}",
            )
        points, number = measure.score(value), float(value)
    factor, faded, ids = _fade(measure, figures)
    note = "; ".join(part for part in (note, faded) if part)
    return Reading("present", number, points * factor, note, (*evidence, *ids))


def _fade(measure: Measure, figures: Figures) -> tuple[Fraction, str, tuple[str, ...]]:
    fade = measure.fades
    age = figures.values.get(fade.by) if fade else None
    if fade is None or not isinstance(age, Fraction) or age <= fade.full_until:
        return Fraction(1), "", ()
    low = Fraction(str(fade.share))
    part = min(Fraction(1), (age - fade.full_until) / (fade.low_from - fade.full_until))
    factor = 1 - (1 - low) * part
    return factor, f"counts {float(factor) * 100:.0f} %: {fade.by} is {int(age)}", (fade.by,)


def _too_old(measure: Measure, figures: Figures) -> str:
    if not measure.dated_by or measure.max_age_days is None:
        return ""
    usage = measure.dated_by == "usage.age_days"
    if usage and figures.account.usage_stale:
        age = figures.values.get(measure.dated_by)
        return (
            f"usage is stale ({int(age)} days old)"
            if isinstance(age, Fraction)
            else "usage is stale"
        )
    age = figures.values.get(measure.dated_by)
    if isinstance(age, Fraction) and age > measure.max_age_days:
        return f"{int(age)} days old, at most {measure.max_age_days} count"
    return ""


def _nobody_active(account: Account) -> bool:
    latest = account.latest
    return latest is not None and latest.active_users == 0


def _rating(measure: Measure, value: Any) -> Reading:
    if value is None:
        return Reading("missing", note="not rated")
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return Reading("invalid", note=f"{shown(value)} is not a number")
    if measure.range and not measure.range[0] <= value <= measure.range[1]:
        return Reading(
            "invalid",
            note=f"{shown(value)} is outside {measure.range[0]:g} to {measure.range[1]:g}",
        )
    return Reading("present", float(value), measure.score(Fraction(str(value))))


def _number(value: Fraction | str) -> float | None:
    return None if isinstance(value, str) else float(value)


# ---- weighing ---------------------------------------------------------------------------------


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


def _register(result: HealthResult, facts: FactBook) -> None:
    at = result.as_of.isoformat()
    scored = []
    for component in result.components:
        ids = []
        for measure in component.measures:
            if measure.score is None:
                continue
            known = tuple(e for e in measure.evidence if e in facts)
            ids.append(
                facts.computed(
                    f"health.m.{measure.id}",
                    round(measure.score, 1),
                    f"health points for: {measure.label}",
                    inputs=known,
                    formula=f"scale of {result.model} applied to the value",
                    at=at,
                )
            )
        if component.score is not None:
            scored.append(
                facts.computed(
                    f"health.{component.id}",
                    round(component.score, 1),
                    f"health of {component.label}",
                    inputs=ids,
                    formula="weighted mean of the measures that could be taken",
                    at=at,
                )
            )
    coverage = facts.computed(
        "health.coverage",
        round(result.coverage * 100),
        "share of the health model measured",
        inputs=(),
        formula="weight of measures taken / weight of all measures × 100",
        unit="%",
        at=at,
    )
    if result.score is not None:
        weights = ", ".join(f"{c.id} {c.weight * 100:g} %" for c in result.components)
        facts.computed(
            "health.score",
            round(result.score, 1),
            "health score",
            inputs=(*scored, coverage),
            at=at,
            formula=f"weighted mean of the components that could be computed ({weights})",
        )
        facts.computed(
            "health.tier",
            result.tier,
            "health tier",
            inputs=("health.score",),
            formula="tier of the unrounded score",
            at=at,
        )
