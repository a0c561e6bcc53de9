"""The renewal of every row: status, category, probability and what it would bring."""

from __future__ import annotations

import polars as pl

from agent.success.policy import Renewal

col = pl.col


def renewal(settings: Renewal) -> list[list[pl.Expr]]:
    """Layers that end in `renewal_status`, `renewal_category`, `renewal_probability` and
    `expected_arr` (ARR times probability; null where either is unknown)."""
    left = col("days_left")
    category: pl.Expr = pl.lit("unknown")
    chance: pl.Expr = pl.lit(None, dtype=pl.Float64)
    for tier, outlook in settings.by_tier.items():
        known = left.is_not_null() & (col("tier") == tier)
        category = pl.when(known).then(pl.lit(outlook.category)).otherwise(category)
        chance = pl.when(known).then(outlook.probability).otherwise(chance)
    return [
        [
            pl.when(left.is_null())
            .then(pl.lit("unknown"))
            .when(left < 0)
            .then(pl.lit("overdue"))
            .when(left <= settings.due_within_days)
            .then(pl.lit("due"))
            .otherwise(pl.lit("open"))
            .alias("renewal_status"),
            category.alias("renewal_category"),
            chance.alias("renewal_probability"),
        ],
        [(col("arr") * col("renewal_probability")).alias("expected_arr")],
    ]
