"""Signs in engagement and support: silence, missed meetings, empty places, unhappy tickets."""

from __future__ import annotations

from datetime import date

from agent.success.account import Ticket
from agent.success.signals.finder import Finder, listed, percent

_SENTIMENT = "engagement.support_tickets.sentiment"


def engagement(f: Finder) -> None:
    _replies(f)
    _reviews(f)
    _training(f)


def _replies(f: Finder) -> None:
    a = f.account
    sent, replied = a.outreach_sent, a.outreach_replied
    ids = ("engagement.outreach.sent", "engagement.outreach.replied", "engagement.reply_rate")
    enough = f.policy.setting("low_reply_rate", "messages")
    if sent is not None and replied is not None and sent >= enough and replied <= sent:
        title = f"Only {replied} of {sent} messages were answered"
        f.graded("low_reply_rate", percent(replied, sent), title, ids, at=a.last_reply_on)
    if a.last_reply_on is not None:
        silent = f.policy.measured["no_reply"].grade((f.as_of - a.last_reply_on).days)
        if silent is not None and (sent or 0) > (replied or 0):
            days = f.days(
                "engagement.days_since_reply",
                a.last_reply_on,
                f.as_of,
                "days since the last reply",
                "engagement.outreach.last_reply_on",
            )
            title = f"No reply since {a.last_reply_on}"
            f.raised(
                "no_reply",
                silent,
                title,
                (days, "engagement.outreach.last_reply_on"),
                at=a.last_reply_on,
            )


def _reviews(f: Finder) -> None:
    a = f.account
    if f.onboarding_day is None and a.qbr_scheduled and a.qbr_attended is not None:
        missed = a.qbr_scheduled - a.qbr_attended
        if missed > 0:
            ids = ("engagement.qbr.scheduled", "engagement.qbr.attended_by_customer")
            figure = f.figure(
                "engagement.qbr_missed",
                missed,
                "business reviews without the customer",
                inputs=ids,
                formula=f"{a.qbr_scheduled} - {a.qbr_attended}",
                unit="meetings",
            )
            f.graded(
                "qbr_missed",
                percent(missed, a.qbr_scheduled),
                f"The customer missed {missed} of {a.qbr_scheduled} business reviews",
                (*ids, figure),
                at=a.qbr_last_held,
            )
    if f.onboarding_day is None and a.qbr_last_held is not None:
        age = (f.as_of - a.qbr_last_held).days
        if f.policy.measured["qbr_overdue"].grade(age) is not None:
            days = f.days(
                "engagement.days_since_qbr",
                a.qbr_last_held,
                f.as_of,
                "days since the last business review",
                "engagement.qbr.last_held_on",
            )
            title = f"No business review since {a.qbr_last_held}"
            f.graded(
                "qbr_overdue", age, title, (days, "engagement.qbr.last_held_on"), at=a.qbr_last_held
            )


def _training(f: Finder) -> None:
    a = f.account
    offered, taken = a.training_offered, a.training_attended
    if not offered or taken is None or offered < f.policy.setting("training_unattended", "places"):
        return
    ids = ("engagement.training.places_offered", "engagement.training.attended")
    title = f"{taken} of {offered} training places were taken up"
    f.graded("training_unattended", percent(taken, offered), title, ids)


def support(f: Finder) -> None:
    a = f.account
    tones = (a.sentiment_positive, a.sentiment_neutral, a.sentiment_negative)
    rated = sum(tone or 0 for tone in tones)
    if a.sentiment_negative and rated >= f.policy.setting("tickets_negative", "tickets"):
        ids = tuple(f"{_SENTIMENT}.{tone}" for tone in ("negative", "neutral", "positive"))
        total = f.figure(
            "engagement.tickets_rated",
            rated,
            "tickets with a known tone",
            inputs=ids,
            formula="sum of the tones",
            unit="tickets",
        )
        title = f"{a.sentiment_negative} of {rated} rated tickets are negative"
        f.graded("tickets_negative", percent(a.sentiment_negative, rated), title, (*ids, total))
    opened = a.tickets_open_now if a.tickets_open_now is not None else len(a.tickets)
    cited = ["engagement.support_tickets.open_now", *(f"ticket.{t.id}.subject" for t in a.tickets)]
    f.graded("tickets_many_open", opened, f"{opened} support tickets are open", cited)
    _old_tickets(f)


def _old_tickets(f: Finder) -> None:
    dated = [(t, t.opened_on) for t in f.account.tickets if t.opened_on is not None]
    old = [
        (t, day)
        for t, day in dated
        if (f.as_of - day).days >= f.policy.measured["tickets_old"].first()
    ]
    if not old:
        return
    old.sort(key=lambda pair: (pair[1], pair[0].id))
    evidence = [id for ticket, day in old for id in _ticket_ids(f, ticket, day)]
    oldest = old[0][1]
    title = f"Old open tickets: {listed(t.id for t, _ in old[:5])}, the oldest since {oldest}"
    f.graded("tickets_old", (f.as_of - oldest).days, title, evidence, at=oldest)


def _ticket_ids(f: Finder, ticket: Ticket, opened: date) -> tuple[str, ...]:
    source = f"ticket.{ticket.id}.opened_on"
    age = f.days(
        f"ticket.{ticket.id}.age_days", opened, f.as_of, f"age of ticket {ticket.id}", source
    )
    return (age, source, f"ticket.{ticket.id}.subject")
