"""What the rules look at: the newest and the earlier month, ages, where onboarding stands."""

from __future__ import annotations

from datetime import date

import polars as pl

from agent.success.columnar.columns import EARLIER, FIGURES, MONTHS_AGO
from agent.success.signals.onboarding_phase import ONBOARDING_DAYS

_BOTH = ("active_users", "logins", "api_calls")


def days(since: str, until: date) -> pl.Expr:
    """Whole days from the date column `since` to `until`."""
    return (pl.lit(until) - pl.col(since)).dt.total_days().cast(pl.Float64)


def periods(as_of: date) -> list[list[pl.Expr]]:
    """Layers of columns about the two months of a row. A month that is not over counts only when
    there is no earlier one, as in a list of months."""
    dated = pl.col("usage_date").fill_null(pl.lit(as_of))
    first = dated.dt.month_start()
    return [
        [
            _any(FIGURES).alias("has_now"),
            _any(EARLIER).alias("has_before"),
            dated.dt.month_end().alias("now_end"),
            first.dt.offset_by(f"-{MONTHS_AGO}mo").dt.month_end().alias("before_end"),
            pl.min_horizontal(dated, pl.lit(as_of)).alias("known_to"),
            (pl.col("contacts").is_not_null() | pl.col("engaged_contacts").is_not_null()).alias(
                "counted"
            ),
            pl.max_horizontal("contacts", "engaged_contacts").fill_null(0).alias("people"),
        ],
        [
            (
                pl.col("has_before") & (~pl.col("has_now") | (pl.col("now_end") > pl.lit(as_of)))
            ).alias("only_before"),
            (pl.col("has_now") & (pl.col("now_end") <= pl.col("known_to"))).alias("now_over"),
        ],
        [
            *(_latest(name).alias(f"latest.{name}") for name in sorted(FIGURES)),
            *(_whole(name).alias(f"whole.{name}") for name in ("active_users", "api_calls")),
            pl.when("only_before").then("before_end").when("has_now").then("now_end").alias("end"),
        ],
        [
            pl.coalesce("usage_date", pl.min_horizontal(pl.col("end"), pl.lit(as_of))).alias(
                "usage_from"
            ),
        ],
    ]


def dates(as_of: date, limit: int) -> list[pl.Expr]:
    """`onboarding`: within `limit` days of the start, as `lifecycle.onboarding_start` has it;
    `days_left` to the renewal."""
    since = pl.coalesce("customer_since", "kickoff_held_on")
    near = [
        days(name, as_of).is_between(-limit, limit).fill_null(False)
        for name in ("contract_start", "customer_since", "kickoff_held_on")
    ]
    new = (pl.lit(as_of) - since).dt.total_days() <= limit
    return [
        (new.fill_null(False) & pl.any_horizontal(near)).alias("onboarding"),
        (-days("renewal_date", as_of)).alias("days_left"),
    ]


def standing(as_of: date, max_age: int) -> list[list[pl.Expr]]:
    """`onboarding_day`, for signs; `usage_age`, and `stale` beyond `max_age` days of it."""
    begun = pl.coalesce("customer_since", "contract_start", "kickoff_held_on")
    late = (pl.col("kickoff_held_on") - begun).dt.total_days() > ONBOARDING_DAYS
    recorded = pl.col("kickoff_held_on").is_not_null() | pl.col("users_activated").is_not_null()
    age = (pl.lit(as_of) - pl.col("usage_from")).dt.total_days().cast(pl.Float64)
    return [
        [
            pl.when(late.fill_null(False))
            .then("kickoff_held_on")
            .otherwise(begun)
            .alias("onboarding_from"),
            recorded.alias("onboarding_recorded"),
            age.alias("usage_age"),
        ],
        [
            pl.when(
                pl.col("onboarding_recorded")
                & days("onboarding_from", as_of).is_between(0, ONBOARDING_DAYS)
            )
            .then(days("onboarding_from", as_of))
            .alias("onboarding_day"),
            (pl.col("usage_age") > max_age).fill_null(False).alias("stale"),
        ],
        [
            pl.col("onboarding_day").is_null().alias("settled"),
            (pl.col("renewal_date") - pl.duration(days="notice_period_days") - pl.lit(as_of))
            .dt.total_days()
            .cast(pl.Float64)
            .alias("days_to_notice"),
        ],
    ]


def _any(names: frozenset[str]) -> pl.Expr:
    return pl.any_horizontal(
        *(pl.col(name).is_not_null() | pl.col(f"bad.{name}") for name in sorted(names))
    )


def _latest(name: str) -> pl.Expr:
    before = pl.col(f"{name}_3m_ago") if name in _BOTH else pl.lit(None, dtype=pl.Float64())
    return pl.when("only_before").then(before).otherwise(name)


def _whole(name: str) -> pl.Expr:
    """The figure of the newest month that is over."""
    now = pl.when("now_over").then(name)
    return pl.coalesce(now, f"{name}_3m_ago")
