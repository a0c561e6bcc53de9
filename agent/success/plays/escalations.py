"""Escalations: which account needs somebody above the customer success manager, and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from agent.success.account import Account
from agent.success.assessment import HealthResult, RenewalView, Signal
from agent.success.facts import FactBook
from agent.success.plays.policy import EscalationRule, read_playbooks
from agent.success.policy import PolicyLike
from agent.success.signals.lexicon import plain
from agent.success.signals.moods import Manner, mood
from agent.success.signals.policy import word_list
from agent.success.signals.severity import rank

_MOST_EVIDENCE = 12
_MAX_AGE_DAYS = 180


def escalations(
    account: Account,
    facts: FactBook,
    health: HealthResult,
    renewal: RenewalView,
    signals: Sequence[Signal],
    policy: PolicyLike,
    as_of: date,
) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """(role, why, evidence) once per role, all rules that call for it in one reason.

    A health score that is not there is no red score, and a renewal that is overdue counts as near.
    ARR is compared in the account's own currency.

    Args:
        policy: playbooks.yaml.

    Raises:
        BadPersona: the policy file is wrong; names file and key.
    """
    found: dict[str, tuple[list[str], list[str]]] = {}
    for rule in read_playbooks(policy).escalations:
        grounds = _grounds(rule, account, facts, signals, as_of)
        if grounds is None or not _holds(rule, account, health, renewal):
            continue
        reasons, evidence = found.setdefault(rule.to, ([], []))
        if rule.because not in reasons:
            reasons.append(rule.because)
        evidence.extend(grounds)
        evidence.extend(_circumstances(rule, facts))
    return tuple(
        (role, "; ".join(reasons), tuple(dict.fromkeys(evidence))[:_MOST_EVIDENCE])
        for role, (reasons, evidence) in found.items()
    )


def _grounds(
    rule: EscalationRule, account: Account, facts: FactBook, signals: Sequence[Signal], as_of: date
) -> list[str] | None:
    """Evidence of the signs and words the rule asks for; None when they are not there."""
    evidence: list[str] = []
    if rule.at is not None:
        grave = [s for s in signals if rank(s.severity) >= rank(rule.at)]
        named = [s for s in grave if not rule.any_of or s.id in rule.any_of]
        if len(named) < rule.count:
            return None
        evidence += [id for s in named for id in s.evidence[:3]]
    if rule.and_any_of:
        also = [
            s for s in signals if s.id in rule.and_any_of and rank(s.severity) >= rank(rule.and_at)
        ]
        if not also:
            return None
        evidence += [id for s in also for id in s.evidence[:3]]
    if rule.said:
        words = word_list(rule.said)
        quotes = [
            s.fact_id
            for s in account.sentences
            if s.fact_id in facts
            and (s.at is None or 0 <= (as_of - s.at).days <= _MAX_AGE_DAYS)
            and mood(plain(s.text), words, Manner(mail=s.channel == "email"))
        ]
        if not quotes:
            return None
        evidence += sorted(quotes)
    return evidence


def _holds(
    rule: EscalationRule, account: Account, health: HealthResult, renewal: RenewalView
) -> bool:
    near = rule.renewal_within_days is None or (
        renewal.days_left is not None and renewal.days_left <= rule.renewal_within_days
    )
    large = rule.arr_from is None or (account.arr is not None and account.arr >= rule.arr_from)
    return (
        near
        and large
        and (not rule.tier or health.tier in rule.tier)
        and (not rule.category or renewal.category in rule.category)
        and (not rule.segment or account.segment in rule.segment)
    )


def _circumstances(rule: EscalationRule, facts: FactBook) -> list[str]:
    ids = []
    if rule.renewal_within_days is not None:
        ids += ["renewal.days_left", "contract.renewal_date"]
    if rule.arr_from is not None:
        ids.append("contract.arr")
    if rule.tier:
        ids.append("health.score")
    if rule.segment:
        ids.append("account.segment")
    return [id for id in ids if id in facts]
