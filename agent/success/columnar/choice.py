"""Which health model a row is scored with; the rules are those of `health.profiles`."""

from __future__ import annotations

from datetime import date

import polars as pl

from agent.success.health.profiles import ModelMap
from agent.success.policy import Segments, StageRules


def segment(settings: Segments) -> pl.Expr:
    """The segment of the row, else the one of its ARR, else "unknown"."""
    band: pl.Expr = pl.lit("unknown")
    for one in settings.segments:
        if one.arr_from is not None:
            band = pl.when(pl.col("arr") >= one.arr_from).then(pl.lit(one.id)).otherwise(band)
    return pl.coalesce("segment", band)


def phase(rules: StageRules, as_of: date) -> pl.Expr:
    """The phase by dates, as `lifecycle.phase` has it; needs the columns of `derived.dates`."""
    since = pl.coalesce("customer_since", "contract_start")
    renewing = (pl.col("days_left") <= rules.renewal_window_days).fill_null(False)
    young = since.dt.offset_by(f"{rules.adoption_months}mo") > pl.lit(as_of)
    return (
        pl.when("onboarding")
        .then(pl.lit("onboarding"))
        .when(renewing)
        .then(pl.lit("renewal"))
        .when(since.is_null())
        .then(pl.lit("unknown"))
        .when(young)
        .then(pl.lit("adoption"))
        .otherwise(pl.lit("established"))
    )


def chosen(models: ModelMap) -> pl.Expr:
    """The file name of the model: of the first rule that matches, else the default's."""
    out: pl.Expr = pl.lit(models.rules.default)
    for rule in reversed(models.rules.rules):
        fits = pl.lit(True)
        if rule.segments:
            fits &= pl.col("seg").is_in(rule.segments)
        if rule.phases:
            fits &= pl.col("phase").is_in(rule.phases)
        out = pl.when(fits).then(pl.lit(rule.model)).otherwise(out)
    return out
