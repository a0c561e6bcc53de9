"""Early-warning signs that a flat row can carry, as columns of severities.

Not here, because a row has no place for it: what people wrote, single tickets and their age,
milestones, check-ins, administrators, job titles, where a return on investment comes from.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from agent.success.columnar.derived import days
from agent.success.columnar.doubts import contradictory
from agent.success.columnar.grading import fixed, graded
from agent.success.signals.policy import SignalPolicy
from agent.success.signals.severity import SEVERITIES

COVERED = (
    "usage_missing", "usage_stale", "data_contradictory", "active_users_declining",
    "logins_declining", "api_calls_falling", "low_adoption", "features_unused", "over_licence",
    "seats_at_limit", "low_reply_rate", "no_reply", "qbr_missed", "qbr_overdue",
    "training_unattended", "tickets_negative", "tickets_many_open", "no_sponsor",
    "sponsor_passive", "sponsor_changed", "sponsor_leaving", "sponsor_left",
    "sponsor_not_contacted", "single_threaded", "low_renewal_confidence", "nps_low",
    "roi_below_cost", "no_goals", "goals_behind", "goals_regressed", "activation_below_target",
    "integrations_not_live", "renewal_overdue", "renewal_at_risk", "notice_deadline_near",
)  # fmt: skip

_NO_RISK = ("data_contradictory", "usage_missing", "usage_stale")
"""Doubts about data: a reason to ask, not a reason to fear for the renewal."""
_GOAL_GRACE_DAYS = 30

col = pl.col


def signs(policy: SignalPolicy, as_of: date, activation_target: float) -> dict[str, pl.Expr]:
    """Sign id → severity, for every sign of `COVERED` but those of the renewal."""
    found = _usage(policy, as_of) | _decline(policy) | _engagement(policy, as_of)
    found |= _sponsor(policy, as_of) | _threads(policy) | _outcomes(policy)
    found |= _onboarding(policy, as_of, activation_target)
    return {
        id: severity if policy.measured[id].enabled else pl.lit(None, dtype=pl.Int8)
        for id, severity in found.items()
    }


def renewal_signs(policy: SignalPolicy) -> dict[str, pl.Expr]:
    """The signs that look at the others (columns `s.<sign>`) and at the date of the renewal."""
    risky = [
        id for id in COVERED if not id.startswith(("renewal", "notice")) and id not in _NO_RISK
    ]
    high = SEVERITIES.index("high")
    open_risk = pl.any_horizontal(*((col(f"s.{id}") >= high).fill_null(False) for id in risky))
    left = col("days_left")
    ahead = left >= 0
    notice = ahead & (col("notice_period_days") > 0) & (col("days_to_notice") >= 0)
    found = {
        "renewal_overdue": fixed(policy.measured["renewal_overdue"], left < 0),
        "renewal_at_risk": graded(
            policy.measured["renewal_at_risk"], pl.when(ahead & open_risk).then(left)
        ),
        "notice_deadline_near": graded(
            policy.measured["notice_deadline_near"], pl.when(notice).then("days_to_notice")
        ),
    }
    return {
        id: severity if policy.measured[id].enabled else pl.lit(None, dtype=pl.Int8)
        for id, severity in found.items()
    }


def _sponsor_known() -> pl.Expr:
    parts = ("sponsor", "sponsor_status", "sponsor_last_contact", "sponsor_leaves_on")
    return pl.any_horizontal(*(col(name).is_not_null() for name in parts))


def _usage(p: SignalPolicy, as_of: date) -> dict[str, pl.Expr]:
    m = p.measured
    none = ~col("has_now") & ~col("has_before") & col("usage_date").is_null()
    on_record = _sponsor_known() | col("renewal_date").is_not_null()
    age = graded(m["usage_stale"], col("usage_age"))
    active = col("whole.active_users")
    month_seats = pl.when(col("now_over") & col("active_users").is_not_null()).then(
        "licensed_users"
    )
    adopted = pl.coalesce(month_seats, "seats")
    seats = pl.coalesce(col("seats"), month_seats)
    fresh = ~col("stale") & (seats > 0)
    share = 100 * active / pl.when(adopted > 0).then(adopted)
    available = col("latest.features_available")
    unused = pl.when(col("settled") & (col("features_unused") > 0) & (available > 0)).then(
        100 * col("features_unused") / available
    )
    full = pl.when(fresh & (active <= seats)).then(100 * active / seats)
    stale = pl.when("stale").then(pl.lit(SEVERITIES.index("medium"), dtype=pl.Int8))
    return {
        "usage_missing": fixed(m["usage_missing"], none & on_record),
        "usage_stale": pl.coalesce(age, stale),
        "data_contradictory": fixed(m["data_contradictory"], contradictory(as_of) & ~none),
        "low_adoption": graded(m["low_adoption"], pl.when("settled").then(share)),
        "features_unused": graded(m["features_unused"], unused),
        "over_licence": fixed(m["over_licence"], fresh & (active > seats)),
        "seats_at_limit": graded(m["seats_at_limit"], full),
    }


def _decline(p: SignalPolicy) -> dict[str, pl.Expr]:
    """The newest month that is over against the earlier one."""
    out = {}
    for sign, name in (
        ("active_users_declining", "active_users"),
        ("logins_declining", "logins"),
        ("api_calls_falling", "api_calls"),
    ):
        settings = p.measured[sign].settings
        before, now = col(f"{name}_3m_ago"), pl.when("now_over").then(name)
        lost = before - now
        real = (lost >= settings.get("least", 0)) & (now <= before) & (before > 0)
        drop = pl.when(real).then(100 * lost / before)
        in_a_row = settings.get("falls_in_a_row")
        steady = (lost > 0) if in_a_row is not None and in_a_row <= 1 else pl.lit(False)
        out[sign] = graded(p.measured[sign], drop, steady)
    return out


def _engagement(p: SignalPolicy, as_of: date) -> dict[str, pl.Expr]:
    m = p.measured
    sent, replied = col("outreach_sent"), col("outreach_replied")
    asked = (sent >= p.setting("low_reply_rate", "messages")) & (replied <= sent)
    waiting = sent.fill_null(0) > replied.fill_null(0)
    scheduled = col("qbr_scheduled")
    missed = scheduled - col("qbr_attended")
    places = col("training_offered")
    enough = (places > 0) & (places >= p.setting("training_unattended", "places"))
    negative = col("tickets_negative")
    rated = pl.sum_horizontal("tickets_positive", "tickets_neutral", "tickets_negative")
    told = (negative > 0) & (rated >= p.setting("tickets_negative", "tickets"))
    return {
        "low_reply_rate": graded(m["low_reply_rate"], pl.when(asked).then(100 * replied / sent)),
        "no_reply": graded(m["no_reply"], pl.when(waiting).then(days("last_reply_on", as_of))),
        "qbr_missed": graded(
            m["qbr_missed"],
            pl.when(col("settled") & (missed > 0)).then(
                100 * missed / pl.when(scheduled > 0).then(scheduled)
            ),
        ),
        "qbr_overdue": graded(
            m["qbr_overdue"], pl.when("settled").then(days("qbr_last_held_on", as_of))
        ),
        "training_unattended": graded(
            m["training_unattended"], pl.when(enough).then(100 * col("training_attended") / places)
        ),
        "tickets_negative": graded(
            m["tickets_negative"], pl.when(told).then(100 * negative / rated)
        ),
        "tickets_many_open": graded(m["tickets_many_open"], col("open_tickets")),
    }


def _sponsor(p: SignalPolicy, as_of: date) -> dict[str, pl.Expr]:
    m = p.measured
    named = col("sponsor").is_not_null() | col("sponsor_status").is_not_null()
    stated, leaves = col("sponsor_status").fill_null(""), col("sponsor_leaves_on")
    by_date = leaves.is_not_null() & ~stated.is_in(("left", "changed"))
    dated = pl.when(leaves >= pl.lit(as_of)).then(pl.lit("leaving")).otherwise(pl.lit("left"))
    status = pl.when(by_date).then(dated).otherwise(stated)
    here = named & ~status.is_in(("left", "changed"))
    silent = days("sponsor_last_contact", as_of)
    early = (col("onboarding_day").is_not_null()) & (
        silent >= p.setting("sponsor_not_contacted", "onboarding_days")
    )
    quiet = pl.coalesce(
        graded(m["sponsor_not_contacted"], silent),
        pl.when(early).then(pl.lit(SEVERITIES.index("low"), dtype=pl.Int8)),
    )
    out = {
        f"sponsor_{word}": fixed(m[f"sponsor_{word}"], named & (status == word))
        for word in ("passive", "changed", "leaving", "left")
    }
    out["no_sponsor"] = fixed(m["no_sponsor"], ~named & (col("people") > 0))
    out["sponsor_not_contacted"] = pl.when(here).then(quiet)
    return out


def _threads(p: SignalPolicy) -> dict[str, pl.Expr]:
    """How many people know us; the sponsor is one of the contacts unless gone."""
    named = col("sponsor").is_not_null()
    stated = col("sponsor_status").fill_null("")
    gone = stated == "left"
    alone = named & ~gone & (col("people") == 0)
    total = col("people") + alone.cast(pl.Float64)
    talking = (
        pl.when(col("people") > 0)
        .then(pl.col("engaged_contacts").fill_null(col("people")))
        .otherwise(0.0)
    )
    engaged = talking + alone.cast(pl.Float64)
    few = (total > 0) & ((total == 1) | (engaged <= 1))
    nobody = gone & (total == 0) & named
    leaving = (stated == "leaving") | col("sponsor_leaves_on").is_not_null()
    only_sponsor = (talking == 0) | ((talking == 1) & named & ~gone)
    worse = nobody | (leaving & only_sponsor)
    return {"single_threaded": fixed(p.measured["single_threaded"], few | nobody, worse)}


def _outcomes(p: SignalPolicy) -> dict[str, pl.Expr]:
    m = p.measured
    goal = col("goals_progress")
    unwritten = goal.is_null() & ~col("bad.goals_progress")
    due = col("settled") | (col("onboarding_day") > _GOAL_GRACE_DAYS).fill_null(False)
    gone = pl.when((goal >= 0) & (goal < 50)).then(100 * (goal / 100))
    cost = col("roi_annual_cost")
    age_ok = (
        col("fig.relationship.nps.age_days") <= p.setting("nps_low", "max_age_days")
    ).fill_null(True)
    return {
        "low_renewal_confidence": graded(m["low_renewal_confidence"], col("renewal_confidence")),
        "nps_low": graded(m["nps_low"], pl.when(age_ok).then("nps_company")),
        "roi_below_cost": graded(
            m["roi_below_cost"], 100 * col("roi_annual_value") / pl.when(cost > 0).then(cost)
        ),
        "no_goals": fixed(m["no_goals"], unwritten & due),
        "goals_behind": graded(m["goals_behind"], gone),
        "goals_regressed": fixed(m["goals_regressed"], goal < 0),
    }


def _onboarding(p: SignalPolicy, as_of: date, target: float) -> dict[str, pl.Expr]:
    m = p.measured
    licensed = pl.coalesce(
        pl.when(col("onboarding_licensed") > 0).then("onboarding_licensed"),
        pl.when(col("seats") > 0).then("seats"),
    )
    day = col("onboarding_day")
    full = p.setting("activation_below_target", "target_day")
    due = target * (day / full).clip(upper_bound=1)
    start = pl.coalesce("kickoff_held_on", "contract_start")
    idle = (col("integrations_planned") > 0) & (col("integrations_live") == 0)
    since = (pl.lit(as_of) - start).dt.total_days().cast(pl.Float64)
    return {
        "activation_below_target": graded(
            m["activation_below_target"], due - 100 * col("users_activated") / licensed
        ),
        "integrations_not_live": graded(m["integrations_not_live"], pl.when(idle).then(since)),
    }
