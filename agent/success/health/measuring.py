"""One measure of a health model: what its value is worth, or why it has none."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from agent.success.account import Account
from agent.success.assessment import MeasureState
from agent.success.health.figure_book import Figures
from agent.success.health.measure import Measure
from agent.success.insights.values import shown


@dataclass(frozen=True)
class Reading:
    """One measure before weighing: `score` 0-100 when `state` is present, else None."""

    state: MeasureState
    value: float | None = None
    score: Fraction | None = None
    note: str = ""
    evidence: tuple[str, ...] = ()


def read(measure: Measure, figures: Figures, *, onboarding: bool) -> Reading:
    """Takes a measure from the figures of an account."""
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


def rate(measure: Measure, value: Any) -> Reading:
    """Takes a measure from a rating given by a person."""
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
