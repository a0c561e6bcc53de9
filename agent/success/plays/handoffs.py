"""Hand-offs that the record itself calls for: work of other roles, with reason and evidence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from agent.success.assessment import Assessment
from agent.success.goals import is_done
from agent.success.plays.policy import HandoffRule, PlaybookPolicy, read_playbooks
from agent.success.policy import PolicyLike
from agent.success.signals.finder import listed
from agent.success.signals.lexicon import WordList, plain
from agent.success.signals.moods import Manner, mood
from agent.success.signals.policy import word_list
from agent.success.signals.severity import rank

_MAX_AGE_DAYS = 180
_MOST = 6


@dataclass(frozen=True)
class SuggestedHandoff:
    """`about` names the work in a line, `reason` says why it is that role's and why now."""

    to: str
    type: Literal["delegation", "consultation", "handoff"]
    about: str
    reason: str
    evidence: tuple[str, ...]


def suggested_handoffs(assessment: Assessment, policy: PolicyLike) -> tuple[SuggestedHandoff, ...]:
    """Hand-offs in the order of the rules. Each rests on facts; none is made of nothing.

    Args:
        policy: playbooks.yaml.

    Raises:
        BadPersona: the policy file is wrong; names file and key.
    """
    rules = read_playbooks(policy)
    found = []
    for rule in rules.handoffs:
        match = _MATCHERS[rule.source](assessment, rule, rules)
        if match is None:
            continue
        detail, evidence = match
        cited = tuple(dict.fromkeys(id for id in evidence if id in assessment.facts))
        if cited:
            reason = f"{rule.reason} {detail}".strip()
            about = f"{rule.about} ({assessment.account.name})"
            found.append(SuggestedHandoff(rule.to, rule.type, about[:200], reason[:1000], cited))
    return tuple(found)


_Match = tuple[str, list[str]] | None


def _signals(a: Assessment, rule: HandoffRule, _: PlaybookPolicy) -> _Match:
    named = [s for s in a.signals if s.id in rule.signals and rank(s.severity) >= rank(rule.at)]
    if not named:
        return None
    evidence = [id for s in named for id in s.evidence]
    if any(s.id == "activation_below_target" for s in named):
        evidence.append("onboarding.not_activated")
    return "; ".join(s.title for s in named) + ".", evidence


def _expansion(a: Assessment, rule: HandoffRule, _: PlaybookPolicy) -> _Match:
    view = a.expansion
    if view.gate != "open" or view.points < rule.min_points:
        return None
    return view.recommendation, [id for s in view.signals for id in s.evidence]


def _milestones(a: Assessment, rule: HandoffRule, _: PlaybookPolicy) -> _Match:
    """A blocked milestone of the rule's kind; sentences that ask about it are quoted with it."""
    words = word_list(rule.words)
    blocked = [
        m
        for m in a.account.milestones
        if not is_done(m.status)
        and (m.blocked_by or plain(m.status) == "blocked")
        and words.spans(plain(f"{m.name} {m.blocked_by}"))
    ]
    if not blocked:
        return None
    parts = ("name", "blocked_by", "due", "owner")
    evidence = [f"milestone.{m.n}.{part}" for m in blocked for part in parts]
    return f"Blocked: {listed(m.name for m in blocked[:3])}.", evidence + _quotes(a, words)


def _tickets(a: Assessment, rule: HandoffRule, rules: PlaybookPolicy) -> _Match:
    words = word_list(rule.words) if rule.words else None
    other = next((r for r in rules.handoffs if r.id == rule.except_of), None)
    barred = word_list(other.words) if other else None
    taken = [
        t
        for t in a.account.tickets
        if (words is None or words.spans(plain(t.subject)))
        and not (barred is not None and barred.spans(plain(t.subject)))
        and ((a.as_of - t.opened_on).days if t.opened_on else 0) >= rule.min_age_days
    ]
    if not taken:
        return None
    evidence = [
        f"ticket.{t.id}.{part}" for t in taken for part in ("subject", "opened_on", "age_days")
    ]
    return f"Open: {listed(t.id for t in taken[:_MOST])}.", evidence


def _sentences(a: Assessment, rule: HandoffRule, _: PlaybookPolicy) -> _Match:
    quotes = _quotes(a, word_list(rule.words))
    return ("The customer's words are quoted in the evidence.", quotes) if quotes else None


def _quotes(a: Assessment, words: WordList) -> list[str]:
    said: Iterable[str] = (
        s.fact_id
        for s in a.account.sentences
        if (s.at is None or 0 <= (a.as_of - s.at).days <= _MAX_AGE_DAYS)
        and mood(plain(s.text), words, Manner(mail=s.channel == "email", own_negation=True))
    )
    return list(said)[-_MOST:]


_MATCHERS = {
    "signals": _signals,
    "expansion": _expansion,
    "milestones": _milestones,
    "tickets": _tickets,
    "sentences": _sentences,
}
