"""Expansion: would more bring the customer more, and is this the time to say so?

Signs rank by points; points are no money. Options are alternatives or add-ons, so nothing is ever
summed and no price is worked out. Taking an option to a close is the account manager's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from agent.success.account import Account
from agent.success.assessment import ExpansionSignal, ExpansionView, HealthResult, Signal
from agent.success.expansion.measures import MEASURES, Look, seat_use
from agent.success.expansion.policy import ExpansionPolicy, Gate
from agent.success.facts import FactBook
from agent.success.policy import PolicyLike, load
from agent.success.signals.finder import listed
from agent.success.signals.lexicon import named, plain
from agent.success.signals.moods import Manner, mood
from agent.success.signals.onboarding_phase import onboarding_day
from agent.success.signals.policy import word_list
from agent.success.signals.said import familiar

_OFFERS = ("seats", "tier", "add_on", "services", "cross_sell")
_MOST_QUOTES = 6


def view(
    account: Account,
    facts: FactBook,
    health: HealthResult,
    signals: Sequence[Signal],
    policy: PolicyLike,
    as_of: date,
) -> ExpansionView:
    """Signs of expansion, their points, and whether the gate is open.

    The gate is "none" when nothing could be offered, "gated" with its reasons when the account has
    other needs first, and "open" otherwise; only then is there a recommendation.

    Args:
        policy: expansion.yaml.

    Raises:
        BadPersona: the policy file is wrong; names file and key.
    """
    settings = load(ExpansionPolicy, policy)
    found = [*_measured(account, facts, settings, as_of), *_read(account, facts, settings, as_of)]
    found.sort(key=lambda s: (-s.points, s.id))
    points = sum(s.points for s in found)
    offers = [s for s in found if s.kind in _OFFERS]
    if not offers:
        return ExpansionView(tuple(found), points, "none", ("nothing points to a need for more",))
    reasons = _gate(account, health, signals, settings.gate, as_of)
    if reasons:
        return ExpansionView(tuple(found), points, "gated", tuple(reasons))
    return ExpansionView(tuple(found), points, "open", (), _recommendation(offers))


def _recommendation(offers: Sequence[ExpansionSignal]) -> str:
    options = listed(dict.fromkeys(s.title for s in offers))
    return (
        f"Hand over to the account manager with a business case. What speaks for it: {options}. "
        "The options are alternatives or add-ons to weigh against each other, not a sum. Price, "
        "offer, order and closing are the account manager's."
    )


def _gate(
    account: Account, health: HealthResult, signals: Sequence[Signal], gate: Gate, as_of: date
) -> list[str]:
    reasons = []
    if not health.tier:
        reasons.append("there is no health score to stand on")
    elif health.tier not in gate.tiers:
        reasons.append(f"health is {health.tier}, not {' or '.join(gate.tiers)}")
    risks = [s for s in signals if s.severity in gate.severities or s.id in gate.signs]
    if risks:
        reasons.append(f"open risk: {listed(s.title for s in risks[:3])}")
    urgent = {plain(word) for word in gate.ticket_severities}
    tickets = [t.id for t in account.tickets if plain(t.severity) in urgent]
    if tickets:
        reasons.append(f"critical tickets are open: {listed(tickets[:5])}")
    use = seat_use(account)
    if use is not None and use.percent > gate.most_use:
        reasons.append(
            f"{use.active} active users on {use.seats} seats cannot be: settle the counts first"
        )
    if gate.onboarding and onboarding_day(account, as_of) is not None:
        reasons.append("the account is in onboarding")
    return reasons


def _measured(
    a: Account, facts: FactBook, settings: ExpansionPolicy, as_of: date
) -> list[ExpansionSignal]:
    out = []
    look = Look(a, as_of, tuple(settings.executive_titles))
    for id, sign in settings.measured.items():
        evidence = MEASURES[id](look, sign.threshold)
        cited = tuple(dict.fromkeys(i for i in evidence if i in facts))
        if cited:
            out.append(ExpansionSignal(id, sign.points, sign.title, sign.kind, cited))
    return out


def _read(
    a: Account, facts: FactBook, settings: ExpansionPolicy, as_of: date
) -> Iterable[ExpansionSignal]:
    sentences = sorted(
        (
            s
            for s in a.sentences
            if s.fact_id in facts
            and (s.at is None or 0 <= (as_of - s.at).days <= settings.text_max_age_days)
        ),
        key=lambda s: (s.at or date.min, s.fact_id),
    )
    own = familiar(a)
    for id, sign in settings.read.items():
        words = word_list(sign.words, sign.unless)
        quotes = [
            s.fact_id
            for s in sentences
            if mood(
                named(s.text, own),
                words,
                Manner(sign.own_negation, sign.company, s.channel == "email"),
            )
        ]
        if quotes:
            cited = tuple(dict.fromkeys(quotes[-_MOST_QUOTES:]))
            yield ExpansionSignal(id, sign.points, sign.title, sign.kind, cited)
