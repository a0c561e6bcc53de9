"""Signs in the relationship: the sponsor, how many people know us, what they say of us."""

from __future__ import annotations

from agent.success.account import Sponsor, Stakeholder
from agent.success.insights.sentences import folded
from agent.success.signals.finder import Finder
from agent.success.signals.lexicon import compiled, plain

_STATUS = {
    "passive": ("sponsor_passive", "is passive"),
    "changed": ("sponsor_changed", "has changed"),
    "leaving": ("sponsor_leaving", "is leaving"),
    "left": ("sponsor_left", "has left"),
}


def relationship(f: Finder) -> None:
    _sponsor(f)
    _threads(f)
    _opinion(f)


def is_executive(title: str, titles: list[str]) -> bool:
    """Whether a title or role is one with a say over the budget, by the policy's list."""
    return compiled(tuple(titles)).search(plain(title)) is not None


def same_person(one: str, other: str) -> bool:
    """Same name, apart from accents, case and academic titles."""
    return _name(one) == _name(other) != ""


def _name(text: str) -> str:
    words = [
        w
        for w in folded(text).replace(".", " ").split()
        if w not in ("dr", "prof", "mr", "ms", "mrs")
    ]
    return " ".join(words)


def _sponsor(f: Finder) -> None:
    sponsor = f.account.sponsor
    if sponsor is None or not (sponsor.name or sponsor.status):
        if f.account.stakeholders:
            count = f.figure(
                "sponsor.count",
                0,
                "executive sponsors on record",
                inputs=(),
                formula="count",
                unit="people",
            )
            f.fixed("no_sponsor", "No executive sponsor is named", (count,))
        return
    status = sponsor.status
    if sponsor.leaves_on and status not in ("left", "changed"):
        status = "leaving" if sponsor.leaves_on >= f.as_of else "left"
    if status in _STATUS:
        sign, words = _STATUS[status]
        ids = ("sponsor.status", "sponsor.name", "sponsor.leaves_on", "sponsor.days_to_departure")
        gone_on = sponsor.leaves_on if status in ("leaving", "left") else None
        who = f"The executive sponsor, {sponsor.name}," if sponsor.name else "The executive sponsor"
        title = f"{who} {words}" + (f" on {gone_on}" if gone_on else "")
        f.fixed(sign, title, ids, at=gone_on or sponsor.last_contact)
    if status not in ("left", "changed"):
        _contact(f, sponsor)


def _contact(f: Finder, sponsor: Sponsor) -> None:
    last = sponsor.last_contact
    if last is None:
        return
    days = (f.as_of - last).days
    severity = f.policy.measured["sponsor_not_contacted"].grade(days)
    early = f.policy.setting("sponsor_not_contacted", "onboarding_days")
    if severity is None and f.onboarding_day is not None and days >= early:
        severity = "low"
    if severity is not None:
        id = f.days(
            "sponsor.days_since_contact",
            last,
            f.as_of,
            "days since contact with the sponsor",
            "sponsor.last_contact",
        )
        title = f"The executive sponsor was last spoken to on {last}"
        f.raised(
            "sponsor_not_contacted",
            severity,
            title,
            (id, "sponsor.last_contact", "sponsor.name"),
            at=last,
        )


def _threads(f: Finder) -> None:
    a = f.account
    gone = a.sponsor is not None and a.sponsor.status == "left"
    people = [
        s
        for s in a.stakeholders
        if not (gone and a.sponsor and same_person(s.name, a.sponsor.name))
    ]
    names = {_name(s.name): s for s in people}
    alone = (
        a.sponsor is not None
        and a.sponsor.name
        and not gone
        and not any(same_person(a.sponsor.name, s.name) for s in people)
    )
    total = len(names) + bool(alone)
    evidence = [
        f"stakeholder.{s.n}.{part}" for s in a.stakeholders for part in ("name", "engagement")
    ]
    if alone:
        evidence.append("sponsor.name")
    quiet = [s for s in people if s.engagement in ("low", "none")]
    engaged = total - len(quiet)
    if total and (total == 1 or engaged <= 1):
        leaving = a.sponsor is not None and (
            a.sponsor.status == "leaving" or a.sponsor.leaves_on is not None
        )
        worst = leaving and _depends_on_sponsor(f, [s for s in people if s not in quiet])
        title = (
            "Only one contact is known at the customer"
            if total == 1
            else "Only one contact at the customer is engaged"
        )
        f.fixed(
            "single_threaded",
            title if engaged else "No contact at the customer is engaged",
            evidence,
            worse=int(worst),
        )
    elif gone and not total:
        f.fixed(
            "single_threaded",
            "Nobody is known at the customer since the sponsor left",
            [*evidence, "sponsor.name"],
            worse=1,
        )
    _executives(f, people, gone)


def _depends_on_sponsor(f: Finder, engaged: list[Stakeholder]) -> bool:
    sponsor = f.account.sponsor
    return sponsor is not None and all(same_person(s.name, sponsor.name) for s in engaged)


def _executives(f: Finder, people: list[Stakeholder], gone: bool) -> None:
    sponsor, titles = f.account.sponsor, f.policy.executive_titles
    roles = [(s.role, f"stakeholder.{s.n}.role") for s in people]
    if sponsor is not None and not gone:
        roles.append((sponsor.title, "sponsor.title"))
    stated = [(role, id) for role, id in roles if role]
    if stated and not any(is_executive(role, titles) for role, _ in stated):
        title = "No executive is known at the customer above the contacts on record"
        f.fixed("no_executive_contact", title, [id for _, id in stated])


def _opinion(f: Finder) -> None:
    a = f.account
    if a.renewal_confidence is not None:
        f.graded(
            "low_renewal_confidence",
            a.renewal_confidence,
            f"Renewal confidence is {a.renewal_confidence:g}%",
            ("relationship.renewal_confidence",),
        )
    age = (f.as_of - a.nps_collected_on).days if a.nps_collected_on else 0
    if a.nps is not None and age <= f.policy.setting("nps_low", "max_age_days"):
        f.graded(
            "nps_low",
            a.nps,
            f"Net promoter score is {a.nps:g}",
            (
                "relationship.nps.score",
                "relationship.nps.respondents",
                "relationship.nps.collected_on",
            ),
            at=a.nps_collected_on,
        )
