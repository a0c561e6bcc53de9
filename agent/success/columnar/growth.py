"""Signs of expansion that a flat row can carry, their points, and the gate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import reduce

import polars as pl

from agent.success.columnar.derived import days
from agent.success.expansion.policy import ExpansionPolicy
from agent.success.signals.severity import SEVERITIES

_OFFERS = ("seats", "tier", "add_on", "services", "cross_sell")

col = pl.col


def openings(policy: ExpansionPolicy, as_of: date) -> dict[str, pl.Expr]:
    """Sign id → true where it holds. Compared as the comment in the policy file says."""
    tests = _tests(as_of)
    return {id: tests[id](sign.threshold).fill_null(False) for id, sign in policy.measured.items()}


def outcome(policy: ExpansionPolicy, signs: tuple[str, ...]) -> list[list[pl.Expr]]:
    """Layers that end in `expansion_points` and `expansion_gate` (none, gated, open).

    Needs the columns `x.<opening>`, `s.<sign>`, `tier` and those of `derived`.
    """
    never = pl.lit(False)
    points = [
        pl.when(f"x.{id}").then(sign.points).otherwise(0) for id, sign in policy.measured.items()
    ]
    offers = [col(f"x.{id}") for id, sign in policy.measured.items() if sign.kind in _OFFERS]
    gate = policy.gate
    grave = [SEVERITIES.index(name) for name in gate.severities]
    risks = [col(f"s.{id}").is_in(grave).fill_null(False) for id in signs]
    risks += [col(f"s.{id}").is_not_null() for id in signs if id in gate.signs]
    shut = ~col("tier").is_in(gate.tiers) | pl.any_horizontal(never, *risks)
    shut |= (_seat_use() > gate.most_use).fill_null(False)
    if gate.onboarding:
        shut |= ~col("settled")
    return [
        [
            reduce(lambda a, b: a + b, points, pl.lit(0)).cast(pl.Int32).alias("expansion_points"),
            pl.any_horizontal(never, *offers).alias("on_offer"),
            shut.alias("shut"),
        ],
        [
            pl.when(~col("on_offer"))
            .then(pl.lit("none"))
            .when("shut")
            .then(pl.lit("gated"))
            .otherwise(pl.lit("open"))
            .alias("expansion_gate"),
        ],
    ]


def _seat_use() -> pl.Expr:
    """Active users in % of seats, null where one of them is unknown, 0 or stale."""
    active = pl.coalesce(
        pl.when(col("has_now") & ~col("only_before")).then("active_users"), "active_users_3m_ago"
    )
    is_now = col("has_now") & ~col("only_before") & col("active_users").is_not_null()
    seats = pl.coalesce("seats", pl.when(is_now).then("licensed_users"))
    return pl.when(~col("stale") & (seats > 0)).then(100 * active / seats)


def _tests(as_of: date) -> Mapping[str, Callable[[float], pl.Expr]]:
    used = _seat_use()
    busy = pl.coalesce(
        pl.when(col("has_now") & ~col("only_before") & (col("active_users") > 0)).then(
            "active_users"
        ),
        pl.when(col("active_users_3m_ago") > 0).then("active_users_3m_ago"),
    )
    limit = pl.when(~col("stale") & (col("api_limit") > 0)).then("api_limit")
    met = (col("sponsor_status") == "active") & col("sponsor_last_contact").is_not_null()
    planned = pl.when((col("integrations_planned") > 0) & (col("goals_progress") >= 100)).then(
        "integrations_planned"
    )
    return {
        "high_adoption": lambda least: used >= least,
        "seat_limit": lambda least: used >= least,
        "api_limit": lambda least: 100 * col("whole.api_calls") / limit >= least,
        "power_users": lambda least: (
            pl.when(~col("stale")).then(100 * col("power_users") / busy) >= least
        ),
        "executive_engagement": lambda most: met & (days("sponsor_last_contact", as_of) <= most),
        "contract_renewal": lambda within: col("days_left").is_between(0, within),
        "implementation_done": lambda least: 100 * col("integrations_live") / planned >= least,
        "advocacy": lambda least: (col("advocacy") >= least) & (col("advocacy") > 0),
    }
