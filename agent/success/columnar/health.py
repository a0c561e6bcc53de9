"""A health model as column expressions: measures → components → score, coverage and tier."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from functools import reduce
from itertools import pairwise

import polars as pl

from agent.success.health.measure import Measure
from agent.success.health.model import HealthModel

SCORE_DIGITS = 9
"""Floats carry the exact score of the engine to this many decimals; edges of tiers and the floor
of coverage are compared after rounding to them, so that 80 is 80."""


def measures(model: HealthModel) -> list[pl.Expr]:
    """`m.<measure>`: its score, null when it does not count; `old.<measure>`: known, but stale.

    Needs the columns `fig.<figure>` and those of `derived`.
    """
    out = []
    for measure in model.measures:
        value = pl.coalesce(*(pl.col(f"fig.{id}") for id in measure.values))
        counts = value.is_not_null()
        if measure.range:
            low, high = measure.range
            counts &= value.is_between(low, high)
        if measure.needs_activity:
            counts &= (pl.col("latest.active_users") != 0).fill_null(True)
        if measure.not_due_in_onboarding and not measure.levels:
            counts &= ~(pl.col("onboarding") & (value == 0))
        old = _too_old(measure)
        out.append(pl.when(counts & ~old).then(_points(measure, value)).alias(f"m.{measure.id}"))
        out.append((counts & old).alias(f"old.{measure.id}"))
    return out


def components(model: HealthModel) -> list[pl.Expr]:
    """`c.<component>`: weighted mean of what counts; `k.<component>`: share of weight that does."""
    out = []
    for component in model.components:
        present = _sum(
            pl.when(pl.col(f"m.{m.id}").is_not_null()).then(float(m.weight)).otherwise(0.0)
            for m in component.measures
        )
        points = _sum(
            pl.col(f"m.{m.id}").fill_null(0) * float(m.weight) for m in component.measures
        )
        whole = sum(m.weight for m in component.measures)
        out.append((points / pl.when(present > 0).then(present)).alias(f"c.{component.id}"))
        out.append((present / whole).alias(f"k.{component.id}"))
    return out


def overall(model: HealthModel) -> list[list[pl.Expr]]:
    """Layers that end in `score`, `coverage`, `tier` ("" without a score) and `confidence`."""
    whole = sum(c.weight for c in model.components)
    known = _sum(
        pl.when(pl.col(f"c.{c.id}").is_not_null()).then(float(c.weight)).otherwise(0.0)
        for c in model.components
    )
    points = _sum(pl.col(f"c.{c.id}").fill_null(0) * float(c.weight) for c in model.components)
    covered = _sum(pl.col(f"k.{c.id}") * float(c.weight) for c in model.components) / whole
    coverage = pl.col("coverage").round(SCORE_DIGITS)
    enough = (pl.col("known") > 0) & (coverage >= model.coverage_floor)
    old = pl.any_horizontal(*(pl.col(f"old.{m.id}") for m in model.measures))
    low, medium, high = (pl.lit(word) for word in ("low", "medium", "high"))
    return [
        [covered.alias("coverage"), known.alias("known"), points.alias("points")],
        [pl.when(enough).then(pl.col("points") / pl.col("known")).alias("score")],
        [
            _tier(model).alias("tier"),
            pl.when(pl.col("score").is_null() | (coverage < model.confidence.medium))
            .then(low)
            .when(coverage >= model.confidence.high)
            .then(pl.when(old).then(medium).otherwise(high))
            .otherwise(pl.when(old).then(low).otherwise(medium))
            .alias("confidence"),
        ],
    ]


def _points(measure: Measure, value: pl.Expr) -> pl.Expr:
    if measure.levels:
        points: pl.Expr = value.replace_strict(
            dict(measure.levels), default=None, return_dtype=pl.Float64
        )
    else:
        points = _curve(measure, value)
    fade = measure.fades
    if fade is None:
        return points
    age = pl.col(f"fig.{fade.by}")
    part = ((age - fade.full_until) / (fade.low_from - fade.full_until)).clip(0, 1).fill_null(0)
    return points * (1 - (1 - fade.share) * part)


def _curve(measure: Measure, value: pl.Expr) -> pl.Expr:
    points = [(float(x), float(y)) for x, y in measure.curve]
    out: pl.Expr = pl.lit(points[-1][1])
    for (x0, y0), (x1, y1) in reversed(list(pairwise(points))):
        line = y0 + (y1 - y0) * (value - x0) / (x1 - x0)
        out = pl.when(value <= x1).then(line).otherwise(out)
    return pl.when(value <= points[0][0]).then(points[0][1]).otherwise(out)


def _too_old(measure: Measure) -> pl.Expr:
    if not measure.dated_by or measure.max_age_days is None:
        return pl.lit(False)
    old = (pl.col(f"fig.{measure.dated_by}") > measure.max_age_days).fill_null(False)
    return old | pl.col("stale") if measure.dated_by == "usage.age_days" else old


def _tier(model: HealthModel) -> pl.Expr:
    score = pl.col("score").round(SCORE_DIGITS)
    out: pl.Expr = pl.lit("")
    for tier in model.tiers:
        out = pl.when(score >= tier.start).then(pl.lit(tier.id)).otherwise(out)
    return out


def _sum(parts: Iterable[pl.Expr]) -> pl.Expr:
    return reduce(operator.add, parts)
