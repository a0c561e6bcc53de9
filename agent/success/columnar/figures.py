"""The figures that health models name, as columns; the definitions are those of `figure_book`."""

from __future__ import annotations

from datetime import date

import polars as pl

from agent.success.columnar.derived import days


def ratio(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    """part / whole in percent, at most 100; null without both or with whole 0."""
    exact = part * 100 / pl.when(whole != 0).then(whole)
    return pl.min_horizontal(exact, pl.when(exact.is_not_null()).then(100.0))


def figures(as_of: date) -> dict[str, pl.Expr]:
    """Figure id → expression, null where the figure is not known."""
    col = pl.col
    active, logins = col("latest.active_users"), col("latest.logins")
    licensed = pl.coalesce("latest.licensed_users", pl.when(_has_month()).then("seats"))
    tones = [col(f"tickets_{tone}").fill_null(0) for tone in ("positive", "neutral", "negative")]
    rated = tones[0] + tones[1] + tones[2]
    return {
        "usage.active_ratio": ratio(active, licensed),
        "usage.features_ratio": ratio(
            col("latest.features_used"), col("latest.features_available")
        ),
        "usage.logins_per_active_user": logins / pl.when(active > 0).then(active),
        "usage.api_trend": _trend("api_calls"),
        "usage.active_trend": _trend("active_users"),
        "usage.api_ratio": col("latest.api_calls")
        * 100
        / pl.when(col("api_limit") != 0).then("api_limit"),
        "usage.age_days": col("usage_age"),
        "engagement.reply_rate": ratio(col("outreach_replied"), col("outreach_sent")),
        "engagement.qbr_attendance": ratio(col("qbr_attended"), col("qbr_scheduled")),
        "engagement.training_attendance": ratio(col("training_attended"), col("training_offered")),
        "engagement.ticket_sentiment": (100 * tones[0] + 50 * tones[1])
        / pl.when(rated > 0).then(rated),
        "value.goals_progress": col("goals_progress").clip(0, 100),
        "roi.ratio": col("roi_annual_value")
        / pl.when(col("roi_annual_cost") != 0).then("roi_annual_cost"),
        "value.integrations_ratio": ratio(col("integrations_live"), col("integrations_planned")),
        "value.workflows_ratio": ratio(col("workflows_optimised"), col("workflows_planned")),
        "sponsor.status": col("sponsor_status"),
        "sponsor.days_since_contact": days("sponsor_last_contact", as_of),
        "relationship.engaged_contacts": pl.when(col("people") > 0).then("engaged_contacts"),
        "relationship.advocacy_count": col("advocacy"),
        "relationship.nps.score": pl.when(~col("bad.nps_collected_on")).then("nps_company"),
        "relationship.nps.age_days": days("nps_collected_on", as_of),
        "relationship.renewal_confidence": col("renewal_confidence"),
        "onboarding.activation_rate": ratio(col("users_activated"), col("onboarding_licensed")),
        # a flat row holds no milestones and no check-ins
        "onboarding.milestones_ratio": pl.lit(None, dtype=pl.Float64()),
        "onboarding.checkins_ratio": pl.lit(None, dtype=pl.Float64()),
    }


def _has_month() -> pl.Expr:
    return pl.col("has_now") | pl.col("has_before")


def _trend(name: str) -> pl.Expr:
    """The newest month in percent of the earlier one; null unless both are there and over."""
    before = pl.col(f"{name}_3m_ago")
    both = pl.col("has_now") & ~pl.col("only_before") & (before != 0)
    return pl.when(both).then(pl.col(name) * 100 / before)
