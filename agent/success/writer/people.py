"""Stakeholders: who they are to us and the next step with each."""

from __future__ import annotations

from typing import Any

from agent.success.account import Sponsor, Stakeholder
from agent.success.assessment import Assessment
from agent.success.writer.prose import Prose

_SPONSOR_STANCE = {"active": "sponsor", "passive": "neutral", "changed": "unknown",
                   "leaving": "leaving", "left": "leaving"}  # fmt: skip


def stakeholder_plans(a: Assessment) -> list[dict[str, Any]]:
    sponsor = a.account.sponsor
    out = [_sponsor(a, sponsor)] if sponsor and sponsor.name.strip() else []
    for person in a.account.stakeholders:
        if person.name.strip() and (sponsor is None or person.name != sponsor.name):
            out.append(_stakeholder(a, person))
    return out[:30]


def _sponsor(a: Assessment, sponsor: Sponsor) -> dict[str, Any]:
    p = Prose(a.facts)
    p.cite("sponsor.name", "sponsor.title", "sponsor.status")
    known = next((s for s in a.account.stakeholders if s.name == sponsor.name), None)
    return {
        "name": sponsor.name,
        "role": sponsor.title,
        "stance": _SPONSOR_STANCE.get(sponsor.status, "unknown"),
        "engagement": (known.engagement if known else "") or "unknown",
        "next_step": _sponsor_step(sponsor, p),
        "evidence": p.cited,
    }


def _sponsor_step(sponsor: Sponsor, p: Prose) -> str:
    if sponsor.status == "left":
        return "Executive sponsor has left: find out who decides now and ask to be introduced."
    if sponsor.status == "leaving":
        when = f" on {p('sponsor.leaves_on')}" if p.has("sponsor.leaves_on") else ""
        days = (
            f", in {p('sponsor.days_to_departure')} days"
            if p.has("sponsor.days_to_departure")
            else ""
        )
        return (
            f"Executive sponsor leaves{when}{days}: while still there, ask for introductions, a "
            "joint handover meeting and a written record of the goals."
        )
    last = ""
    if p.has("sponsor.last_contact"):
        last = f" Last contact {p('sponsor.last_contact')}"
        last += (
            f", {p('sponsor.days_since_contact')} days ago."
            if p.has("sponsor.days_since_contact")
            else "."
        )
    if sponsor.status == "changed":
        return f"New sponsor: agree goals and expectations anew.{last}"
    if sponsor.status == "passive":
        return f"Win back attention with the value shown so far.{last}"
    return f"Keep the executive touchpoint.{last}"


def _stakeholder(a: Assessment, person: Stakeholder) -> dict[str, Any]:
    p = Prose(a.facts)
    p.cite(*(f"stakeholder.{person.n}.{f}" for f in ("name", "role", "engagement")))
    stance = (
        "champion"
        if person.champion
        else {"high": "supporter", "medium": "neutral"}.get(person.engagement, "unknown")
    )
    step = {
        "high": "Keep close; ask for a view on progress before the next review.",
        "medium": "Include in the next touchpoint and find out what would help.",
        "low": "Ask for a short conversation; find out what stands in the way.",
        "none": "Make contact through somebody who knows them.",
    }.get(person.engagement, "Find out how involved this person is.")
    return {
        "name": person.name,
        "role": person.role,
        "stance": stance,
        "engagement": person.engagement or "unknown",
        "next_step": step,
        "evidence": p.cited,
    }
