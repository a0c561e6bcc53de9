"""Figures of a flat row that cannot both be right; the rules of `agent.success.insights.doubts`."""

from __future__ import annotations

from datetime import date

import polars as pl

_PARTS = (
    ("outreach_replied", "outreach_sent"),
    ("qbr_attended", "qbr_scheduled"),
    ("training_attended", "training_offered"),
    ("integrations_live", "integrations_planned"),
    ("workflows_optimised", "workflows_planned"),
    ("users_activated", "onboarding_licensed"),
)
_OF_THE_MONTH = (("active_users", "licensed_users"), ("features_used", "features_available"))
_CONFIDENT = 70
_TOLERANCE = 0.01
_OLDEST_GAP = 62


def contradictory(as_of: date) -> pl.Expr:
    """True where any two figures of the row contradict each other."""
    found = [*_counts(), *_dates(as_of), *_opinions(), *_terms()]
    return pl.any_horizontal(*(pair.fill_null(False) for pair in found))


def _counts() -> list[pl.Expr]:
    col = pl.col
    out = [col(part) > col(whole) for part, whole in _PARTS]
    # a whole of 0 in a month is named as such, not as a contradiction
    out += [(col(have) > col(limit)) & (col(limit) > 0) for have, limit in _OF_THE_MONTH]
    return out


def _dates(as_of: date) -> list[pl.Expr]:
    start, end = pl.col("contract_start"), pl.col("renewal_date")
    leaves, status = pl.col("sponsor_leaves_on"), pl.col("sponsor_status")
    gap = (pl.col("usage_date") - pl.col("end")).dt.total_days()
    return [
        start >= end,
        leaves.is_not_null() & (status == "active"),
        (leaves < pl.lit(as_of)) & (status == "leaving"),
        gap > _OLDEST_GAP,
    ]


def _opinions() -> list[pl.Expr]:
    col = pl.col
    tones = [col(f"tickets_{tone}").fill_null(0) for tone in ("positive", "neutral", "negative")]
    rated = tones[0] + tones[1] + tones[2]
    confident = col("renewal_confidence") >= _CONFIDENT
    return [
        confident & (rated >= 3) & (2 * tones[2] > rated),
        confident & (col("nps_company") < 0),
        col("sponsor").is_not_null()
        & (col("people") > 0)
        & (col("sponsor_status") == "active")
        & (col("engaged_contacts") == 0),
    ]


def _terms() -> list[pl.Expr]:
    col = pl.col
    seats, cost, arr = col("seats"), col("roi_annual_cost"), col("arr")
    some = seats > 0
    return [
        some & (col("latest.licensed_users") > 0) & (col("latest.licensed_users") != seats),
        some & (col("onboarding_licensed") > 0) & (col("onboarding_licensed") != seats),
        (cost > 0) & (arr > 0) & ((cost - arr).abs() > _TOLERANCE * arr),
    ]
