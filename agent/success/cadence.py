"""The next touchpoints: rhythm by phase and segment, dated, on working days, up to the renewal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from agent.success.account import Account
from agent.success.assessment import Stage, Touchpoint
from agent.success.calendar import add_business_days, add_months, full_months, on_or_after
from agent.success.policy import Cadence, Touch

MAX_TOUCHPOINTS = 30
MAKE_UP_DAYS = 14


def touchpoints(
    account: Account, stage: Stage, settings: Cadence, as_of: date
) -> tuple[Touchpoint, ...]:
    """Touchpoints after `as_of` within the horizon, by date; none after a renewal date that
    is still ahead: beyond it nothing is agreed."""
    end = as_of + timedelta(days=settings.horizon_days)
    if account.renewal_date and account.renewal_date > as_of:
        end = min(end, account.renewal_date)
    found = [t for t in _missed(account, as_of) if t.on <= end]
    taken = {t.on for t in found}
    for touch in settings.phases.get(stage.id, []):
        if touch.segments and account.segment and account.segment not in touch.segments:
            continue
        for day in _days(touch, account, stage, as_of, end):
            if not (touch.every_days and day in taken):
                found.append(Touchpoint(day, touch.kind, touch.title))
    found += [
        Touchpoint(day, settings.review.kind, settings.review.title)
        for day in _reviews(settings.review, account, stage, as_of, end)
    ]
    return tuple(sorted(found, key=lambda t: (t.on, t.kind))[:MAX_TOUCHPOINTS])


def _missed(account: Account, as_of: date) -> Iterator[Touchpoint]:
    """A weekly check-in missed lately is made up on the next working day."""
    recent = [d for d in account.checkins_missed if 0 <= (as_of - d).days <= MAKE_UP_DAYS]
    if recent:
        title = f"Make up the weekly check-in missed on {max(recent)}"
        yield Touchpoint(add_business_days(as_of, 1), "weekly_check_in", title)


def _days(touch: Touch, account: Account, stage: Stage, as_of: date, end: date) -> Iterator[date]:
    since = account.customer_since or account.start_date
    if touch.on_day is not None:
        if stage.day is not None:
            day = on_or_after(as_of + timedelta(days=touch.on_day - stage.day))
            if as_of < day <= end and touch.on_day >= stage.day:
                yield day
        return
    for n in range(1, MAX_TOUCHPOINTS + 1):
        raw = (
            as_of + timedelta(days=n * touch.every_days)
            if touch.every_days
            else add_months(as_of, n * (touch.every_months or 1))
        )
        day = on_or_after(raw)
        if day > end:
            return
        month = full_months(since, day) + 1 if since else None
        if month is not None and month < touch.first_month:
            continue
        if month is not None and touch.last_month is not None and month > touch.last_month:
            return
        yield day


def _reviews(
    touch: Touch, account: Account, stage: Stage, as_of: date, end: date
) -> Iterator[date]:
    """Business reviews every so many months after the last one; an overdue one is due within two
    weeks; the first of a new customer falls after onboarding."""
    months = touch.every_months or 3
    last = account.qbr_last_held
    if last is None and stage.id == "onboarding":
        start = account.start_date or account.customer_since or as_of
        due = add_months(start, months)
    else:
        due = add_months(last, months) if last else as_of
    if due <= as_of:
        due = as_of + timedelta(days=14)
    while (day := on_or_after(due)) <= end:
        yield day
        due = add_months(due, months)
