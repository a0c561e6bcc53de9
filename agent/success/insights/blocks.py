"""The blocks about people and outcomes: engagement, value, relationship, onboarding."""

from __future__ import annotations

from datetime import date
from typing import Any

from agent.success.account import Dated, Goal, Milestone, Sponsor, Stakeholder, Ticket
from agent.success.insights.reading import Node, natural_key
from agent.success.insights.values import read_date, shown

SPONSOR_STATUS = ("active", "passive", "changed", "leaving", "left")
ENGAGEMENT = ("high", "medium", "low", "none")


def engagement(node: Node) -> dict[str, Any]:
    outreach = node.block("outreach", "engagement.outreach")
    qbr = node.block("qbr", "engagement.qbr")
    training = node.block("training", "engagement.training")
    tickets = node.block("support_tickets", "engagement.support_tickets")
    mood = tickets.block("sentiment", "engagement.support_tickets.sentiment")
    fields: dict[str, Any] = {
        "outreach_sent": outreach.count("sent", "outreach messages sent", unit="messages"),
        "outreach_replied": outreach.count(
            "replied", "outreach messages replied to", unit="messages"
        ),
        "last_reply_on": outreach.day("last_reply_on", "customer's last reply", past=True),
        "qbr_scheduled": qbr.count("scheduled", "business reviews scheduled", unit="meetings"),
        "qbr_attended": qbr.count(
            "attended_by_customer", "business reviews attended by the customer", unit="meetings"
        ),
        "qbr_last_held": qbr.day("last_held_on", "last business review", past=True),
        "qbr_declined": qbr.count("declined", "business reviews declined", unit="meetings"),
        "training_offered": training.count(
            "places_offered", "training places offered", unit="places"
        ),
        "training_attended": training.count("attended", "training places taken", unit="places"),
        "tickets_opened_90d": tickets.count(
            "opened_last_90d", "tickets opened in the last 90 days", unit="tickets"
        ),
        "tickets_open_now": tickets.count("open_now", "tickets open now", unit="tickets"),
        "ticket_themes": tickets.texts("themes", "ticket theme"),
        "tickets": _tickets(tickets),
    }
    for tone in ("positive", "neutral", "negative"):
        fields[f"sentiment_{tone}"] = mood.count(tone, f"tickets with {tone} tone", unit="tickets")
    for part in (mood, outreach, qbr, training, tickets, node):
        part.close()
    return fields


def _tickets(node: Node) -> tuple[Ticket, ...]:
    taken: set[str] = set()
    out = []
    for n, row in enumerate(node.rows("open", lambda _: ""), 1):
        key = _row_key(row, n, taken)
        row.prefix = f"ticket.{key}"
        out.append(
            Ticket(
                id=key,
                subject=row.text("subject", f"subject of ticket {key}"),
                opened_on=row.day("opened_on", f"ticket {key} opened on", past=True),
                severity=row.text("severity", f"severity of ticket {key}"),
            )
        )
        row.close()
    return tuple(out)


def _row_key(row: Node, n: int, taken: set[str]) -> str:
    stored = row.raw("id")
    key = natural_key(stored, n, taken)
    if stored is None:
        row.reader.problem(f"{row.path}.id", "missing", f"has no id; called {key} here")
    elif key != str(stored)[:60]:
        row.reader.problem(
            f"{row.path}.id",
            "contradictory",
            f"{shown(stored)} is unusable or used twice; called {key} here",
        )
    return key


def value(node: Node) -> dict[str, Any]:
    roi = node.block("roi", "value.roi")
    integrations = node.block("integrations", "value.integrations")
    workflows = node.block("workflows", "value.workflows")
    fields: dict[str, Any] = {
        "goals": _goals(node),
        "roi_value": roi.number("annual_value", "annual value for the customer", "amount"),
        "roi_cost": roi.number("annual_cost", "annual cost for the customer", "amount"),
        "roi_source": roi.text("source", "where the value figure comes from"),
        "integrations_planned": integrations.count("planned", "integrations planned"),
        "integrations_live": integrations.count("live", "integrations live"),
        "workflows_planned": workflows.count("planned", "workflows planned"),
        "workflows_optimised": workflows.count("optimised", "workflows optimised"),
    }
    integrations.texts("names", "integration")
    integrations.texts("names_missing", "integration not yet live")
    for part in (roi, integrations, workflows, node):
        part.close()
    return fields


def _goals(node: Node) -> tuple[Goal, ...]:
    taken: set[str] = set()
    out = []
    for n, row in enumerate(node.rows("goals", lambda _: ""), 1):
        key = _row_key(row, n, taken)
        row.prefix = f"goal.{key}"
        metric = row.text("metric", f"metric of goal {key}")
        measured = row.day("as_of", f"goal {key} measured on", past=True)
        at = measured.isoformat() if measured else ""
        figures = {
            name: row.number(
                name,
                f"{name} of goal {key}",
                "measure",
                unit=metric,
                low=None,
                at=at if name == "actual" else "",
            )
            for name in ("baseline", "target", "actual")
            if not (name == "actual" and _still_to_come(row))
        }
        out.append(
            Goal(
                id=key,
                statement=row.text("statement", f"goal {key}"),
                metric=metric,
                due=row.day("due", f"goal {key} due"),
                as_of=measured,
                history=_history(row, "actual", "as_of", f"actual of goal {key}"),
                **{"actual": None, **figures},
            )
        )
        row.close()
    return tuple(out)


def _history(
    node: Node,
    value: str,
    day: str,
    label: str,
    low: float | None = None,
    high: float | None = None,
) -> tuple[Dated, ...]:
    """Earlier values, oldest first; a row without a usable day or value is named and left out."""
    out = []
    for row in node.rows("history", lambda n: f"{node.prefix}.history.{n + 1}"):
        on = row.day(day, f"{label}, day of an earlier value", past=True)
        at = on.isoformat() if on else ""
        number = row.number(value, f"{label}, earlier", "measure", low=low, high=high, at=at)
        if on is not None and number is not None:
            out.append(Dated(on, number))
        elif row.data.get(day) is None or row.data.get(value) is None:
            row.reader.problem(row.path, "missing", f"needs {day} and {value}; not used")
        row.close()
    return tuple(sorted(out, key=lambda d: d.on))


def _still_to_come(row: Node) -> bool:
    """Whether the goal's actual value is dated after today, and so has not been measured."""
    day, _ = read_date(row.data.get("as_of"))
    if day is None or day <= row.reader.as_of or row.raw("actual") is None:
        return False
    row.wrong("actual", row.raw("actual"), f"is of {day}, which lies in the future")
    return True


def relationship(node: Node) -> dict[str, Any]:
    nps = node.block("nps", "relationship.nps")
    fields: dict[str, Any] = {
        "sponsor": _sponsor(node.block("executive_sponsor", "sponsor")),
        "stakeholders": _stakeholders(node),
        "nps": nps.number("score", "net promoter score", "measure", low=-100, high=100),
        "nps_respondents": nps.count("respondents", "answers to the NPS survey", unit="people"),
        "nps_collected_on": nps.day("collected_on", "NPS collected on", past=True),
        "nps_history": _history(
            nps, "score", "collected_on", "net promoter score", low=-100, high=100
        ),
        "advocacy": node.texts("advocacy", "advocacy"),
        "renewal_confidence": node.number(
            "renewal_confidence",
            "renewal confidence stated by the CSM",
            "percent",
            unit="%",
            high=100,
        ),
    }
    if not isinstance(
        node.data.get("advocacy"), list
    ):  # an empty list is an answer, no list is none
        node.reader.problem("relationship.advocacy", "missing", "advocacy: no record", "")
    for part in (nps, node):
        part.close()
    return fields


def _sponsor(node: Node) -> Sponsor | None:
    name = node.text("name", "executive sponsor")
    sponsor = Sponsor(
        name=name,
        title=node.text("title", "title of the executive sponsor"),
        status=node.choice("status", "status of the executive sponsor", SPONSOR_STATUS),
        last_contact=node.day("last_contact", "last contact with the executive sponsor", past=True),
        leaves_on=node.day("leaves_on", "executive sponsor leaves on"),
    )
    node.close()
    known = name or sponsor.status or sponsor.last_contact or sponsor.leaves_on
    return sponsor if known else None


def _stakeholders(node: Node) -> tuple[Stakeholder, ...]:
    out = []
    rows = node.rows("stakeholders", lambda index: f"stakeholder.{index + 1}")
    for row in rows:
        n = int(row.prefix.rpartition(".")[2])
        name = row.text("name", f"stakeholder {n}")
        out.append(
            Stakeholder(
                n=n,
                name=name,
                role=row.text("role", f"role of {name or f'stakeholder {n}'}"),
                engagement=row.choice(
                    "engagement", f"engagement of {name or f'stakeholder {n}'}", ENGAGEMENT
                ),
                champion=bool(row.flag("champion", f"{name or f'stakeholder {n}'} is a champion")),
            )
        )
        row.close()
    return tuple(out)


def onboarding(node: Node) -> dict[str, Any]:
    checkins = node.block("weekly_checkins", "onboarding.weekly_checkins")
    users = node.block("users", "onboarding.users")
    admins = node.block("admins", "onboarding.admins")
    fields: dict[str, Any] = {
        "kickoff_on": node.day("kickoff_held_on", "kickoff held on", past=True),
        "checkins_planned": checkins.count("planned", "weekly check-ins planned", unit="meetings"),
        "checkins_held": checkins.count("held", "weekly check-ins held", unit="meetings"),
        "checkins_missed": _days(checkins, "missed", "weekly check-in missed"),
        "users_licensed": users.count("licensed", "users licensed", unit="users"),
        "users_invited": users.count("invited", "users invited", unit="users"),
        "users_activated": users.count("activated", "users activated", unit="users"),
        "admins_planned": admins.count("planned", "administrators planned", unit="people"),
        "admins_trained": admins.count("trained", "administrators trained", unit="people"),
        "admins_untrained": admins.texts("untrained", "administrator not yet trained"),
        "milestones": _milestones(node),
    }
    for part in (checkins, users, admins, node):
        part.close()
    return fields


def _days(node: Node, key: str, label: str) -> tuple[date, ...]:
    out = []
    for index, value in node.items(key):
        day, fault = read_date(value)
        if day is None:
            node.reader.problem(
                f"{node.at(key)}.{index + 1}", "invalid", f"{shown(value)} {fault}; not used"
            )
            continue
        node.reader.facts.stored(
            f"{node.prefix}.{key}.{index + 1}",
            day.isoformat(),
            label,
            source=node.reader.source,
            pointer=f"{node.pointer}/{key}/{index}",
            at=day.isoformat(),
        )
        out.append(day)
    return tuple(out)


def _milestones(node: Node) -> tuple[Milestone, ...]:
    out = []
    for row in node.rows("milestones", lambda index: f"milestone.{index + 1}"):
        n = int(row.prefix.rpartition(".")[2])
        name = row.text("name", f"milestone {n}")
        called = name or f"milestone {n}"
        out.append(
            Milestone(
                n=n,
                name=called,
                due=row.day("due", f"{called} due"),
                status=row.text("status", f"status of {called}"),
                blocked_by=row.text("blocked_by", f"what blocks {called}"),
                owner=row.text("owner", f"owner of {called}"),
                depends_on=row.text("depends_on", f"what {called} depends on"),
            )
        )
        row.close()
    return tuple(out)
