"""Figures about engagement, value, relationship and onboarding."""

from __future__ import annotations

from fractions import Fraction

from agent.success.goals import progress
from agent.success.health.figure_book import Figures
from agent.success.insights.doubts import GOAL_MAX_AGE_DAYS


def engagement(book: Figures) -> None:
    a, prefix = book.account, "engagement"
    book.ratio(
        "engagement.reply_rate",
        a.outreach_replied,
        a.outreach_sent,
        "replies to outreach messages",
        ids=(f"{prefix}.outreach.replied", f"{prefix}.outreach.sent"),
    )
    book.ratio(
        "engagement.qbr_attendance",
        a.qbr_attended,
        a.qbr_scheduled,
        "business reviews attended",
        ids=(f"{prefix}.qbr.attended_by_customer", f"{prefix}.qbr.scheduled"),
    )
    book.ratio(
        "engagement.training_attendance",
        a.training_attended,
        a.training_offered,
        "training places taken",
        ids=(f"{prefix}.training.attended", f"{prefix}.training.places_offered"),
    )
    _sentiment(book)
    for id, day, label, stored in (
        (
            "engagement.days_since_reply",
            a.last_reply_on,
            "days since the customer last replied",
            f"{prefix}.outreach.last_reply_on",
        ),
        (
            "engagement.days_since_qbr",
            a.qbr_last_held,
            "days since the last business review",
            f"{prefix}.qbr.last_held_on",
        ),
    ):
        book.days(id, day, book.as_of, label, inputs=(stored,))
    for ticket in a.tickets:
        book.days(
            f"ticket.{ticket.id}.age_days",
            ticket.opened_on,
            book.as_of,
            f"days ticket {ticket.id} has been open",
            inputs=(f"ticket.{ticket.id}.opened_on",),
        )


def _sentiment(book: Figures) -> None:
    a, id = book.account, "engagement.ticket_sentiment"
    tones = (a.sentiment_positive, a.sentiment_neutral, a.sentiment_negative)
    if all(tone is None for tone in tones):
        book.blank(id, "no tone of support tickets")
        return
    positive, neutral, negative = (tone or 0 for tone in tones)
    total = positive + neutral + negative
    if total == 0:
        book.blank(id, "no ticket was rated; silence is not praise", "not_applicable")
        return
    mood = "engagement.support_tickets.sentiment"
    book.put(
        id,
        Fraction(100 * positive + 50 * neutral, total),
        f"tone of {total} rated tickets, 0 to 100",
        inputs=(f"{mood}.positive", f"{mood}.neutral", f"{mood}.negative"),
        formula=f"({positive} × 100 + {neutral} × 50 + {negative} × 0) / {total}",
    )


def value(book: Figures) -> None:
    a = book.account
    _goals(book)
    if a.roi_value is None or a.roi_cost is None:
        book.blank("roi.ratio", "annual value or annual cost is not known")
    elif a.roi_cost == 0:
        book.blank("roi.ratio", "annual cost is 0", "not_applicable")
    else:
        ids = ("value.roi.annual_value", "value.roi.annual_cost")
        worth, cost = Fraction(str(a.roi_value)), Fraction(str(a.roi_cost))
        book.put(
            "roi.ratio",
            worth / cost,
            "annual value divided by annual cost",
            inputs=ids,
            formula=f"{float(worth):.0f} / {float(cost):.0f}",
            places=2,
        )
        book.put(
            "roi.net_value",
            worth - cost,
            "annual value less annual cost",
            inputs=ids,
            places=2,
            formula=f"{float(worth):.0f} - {float(cost):.0f}",
            unit=a.currency,
        )
    book.ratio(
        "value.integrations_ratio",
        a.integrations_live,
        a.integrations_planned,
        "integrations live",
        ids=("value.integrations.live", "value.integrations.planned"),
    )
    book.ratio(
        "value.workflows_ratio",
        a.workflows_optimised,
        a.workflows_planned,
        "workflows optimised",
        ids=("value.workflows.optimised", "value.workflows.planned"),
    )


def _goals(book: Figures) -> None:
    """Progress per goal, and the mean of those that are measured and not too old; a goal that went
    backwards counts as 0."""
    scores: list[Fraction] = []
    inputs: list[str] = []
    stale = 0
    for goal in book.account.goals:
        exact = progress(goal)
        if exact is None:
            continue
        ids = tuple(f"goal.{goal.id}.{name}" for name in ("baseline", "target", "actual"))
        book.put(
            f"goal.{goal.id}.progress",
            exact * 100,
            f"progress of goal {goal.id} from baseline to target",
            inputs=ids,
            unit="%",
            at=goal.as_of.isoformat() if goal.as_of else "",
            formula=f"({goal.actual:g} - {goal.baseline:g}) / "
            f"({goal.target:g} - {goal.baseline:g}) × 100",
        )
        if goal.as_of and (book.as_of - goal.as_of).days > GOAL_MAX_AGE_DAYS:
            stale += 1
            continue
        scores.append(min(Fraction(1), max(Fraction(0), exact)))
        inputs.append(f"goal.{goal.id}.progress")
    id = "value.goals_progress"
    if scores:
        book.put(
            id,
            sum(scores, Fraction(0)) * 100 / len(scores),
            f"mean progress of {len(scores)} measured goals",
            inputs=tuple(inputs),
            formula="mean of the progress of each goal, each between 0 and 100",
            unit="%",
        )
    elif stale:
        book.blank(id, "goals were last measured more than a year ago", "stale")
    else:
        why = (
            "no goals on record"
            if not book.account.goals
            else "no goal has baseline, target and actual"
        )
        book.blank(id, why)


def relationship(book: Figures) -> None:
    a, as_of = book.account, book.as_of
    sponsor = a.sponsor
    book.take(
        "sponsor.status", sponsor.status if sponsor else None, "no status of the executive sponsor"
    )
    last = sponsor.last_contact if sponsor else None
    book.days(
        "sponsor.days_since_contact",
        last,
        as_of,
        "days since last contact with the sponsor",
        inputs=("sponsor.last_contact",),
    )
    if sponsor and sponsor.leaves_on:
        book.days(
            "sponsor.days_to_departure",
            as_of,
            sponsor.leaves_on,
            "days until the sponsor leaves",
            inputs=("sponsor.leaves_on",),
        )
    _contacts(book)
    if any(p.field == "relationship.advocacy" for p in a.problems):
        book.blank("relationship.advocacy_count", "no record of advocacy")
    else:
        book.put(
            "relationship.advocacy_count",
            Fraction(len(a.advocacy)),
            "acts of advocacy on record",
            inputs=tuple(f"relationship.advocacy.{n + 1}" for n in range(len(a.advocacy))),
            formula="count",
        )
    _nps(book)
    book.days(
        "relationship.nps.age_days",
        a.nps_collected_on,
        as_of,
        "age of the NPS",
        inputs=("relationship.nps.collected_on",),
    )
    book.take(
        "relationship.renewal_confidence", a.renewal_confidence, "no renewal confidence stated"
    )


def _nps(book: Figures) -> None:
    """The score, unless its date cannot be: what is dated tomorrow is not fresh, it is wrong."""
    id, dated = "relationship.nps.score", "relationship.nps.collected_on"
    wrong = next((p for p in book.account.problems if p.field == dated), None)
    if wrong is not None and wrong.state == "invalid":
        book.blank(id, f"{dated} {wrong.message}"[:300], "invalid")
    else:
        book.take(id, book.account.nps, "NPS was not collected")


def _contacts(book: Figures) -> None:
    a, id = book.account, "relationship.engaged_contacts"
    if not a.stakeholders or all(not s.engagement for s in a.stakeholders):
        book.blank(id, "no stakeholder has an engagement on record")
        return
    gone = a.sponsor.name if a.sponsor and a.sponsor.status == "left" else None
    engaged = [s for s in a.stakeholders if s.engagement in ("high", "medium") and s.name != gone]
    book.put(
        id,
        Fraction(len(engaged)),
        "stakeholders with high or medium engagement",
        inputs=tuple(f"stakeholder.{s.n}.engagement" for s in a.stakeholders),
        formula=f"{len(engaged)} of {len(a.stakeholders)} listed",
        unit="people",
    )
