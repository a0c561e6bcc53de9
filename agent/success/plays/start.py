"""Playbooks started by signs: one play per playbook, its steps with owners and real dates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from agent.errors import BadPersona
from agent.success.account import Account
from agent.success.assessment import Play, PlayStep, Signal
from agent.success.plays.policy import Combination, PlayRule, read_playbooks
from agent.success.plays.schedule import Schedule
from agent.success.policy import PolicyLike
from agent.success.signals.onboarding_phase import onboarding_day
from agent.success.signals.severity import highest, rank

_LEAVING = frozenset({"sponsor_leaving", "sponsor_departure_said", "contact_departure_said"})


def start(
    signals: Sequence[Signal], account: Account, policy: PolicyLike, as_of: date
) -> tuple[Play, ...]:
    """The plays that the signs call for, the gravest first, then in the order of the file.

    However many signs name a playbook it starts once, with all of them and the gravest severity.
    Steps are due on working days, none after the day before the renewal unless it is about the
    time after, and those that need a leaving person before that person's last day.

    Args:
        policy: playbooks.yaml.

    Raises:
        BadPersona: the policy is wrong, or a sign names a playbook that it does not have.
    """
    rules = read_playbooks(policy)
    for signal in signals:
        if signal.playbook not in rules.plays:
            raise BadPersona(
                f"sign {signal.id} names the playbook '{signal.playbook}', which is not there",
                where=policy.source,
                fix="add it under plays, or name another playbook in the signs file",
            )
    onboarding = onboarding_day(account, as_of) is not None
    departure = _last_day(signals, as_of)
    plays = []
    for id, rule in rules.plays.items():
        because = _because(id, rule, signals)
        if because or (rule.while_onboarding and onboarding):
            play = _play(id, rule, because, account, as_of, departure)
            if play.steps:
                plays.append(play)
    return tuple(sorted(plays, key=lambda play: -rank(play.severity)))


def _because(id: str, rule: PlayRule, signals: Sequence[Signal]) -> list[Signal]:
    """The signs the play rests on; none when they are too mild to start it."""
    own = [s for s in signals if s.playbook == id]
    joined = [s for c in rule.combinations for s in _combined(c, signals)]
    if not joined and all(rank(s.severity) < rank(rule.starts_at) for s in own):
        return []
    return list({s.id: s for s in (*own, *joined)}.values())


def _combined(combination: Combination, signals: Sequence[Signal]) -> list[Signal]:
    grave = [s for s in signals if rank(s.severity) >= rank(combination.at)]
    groups = [[s for s in grave if s.id in group] for group in combination.groups]
    return [s for group in groups for s in group] if all(groups) else []


def _last_day(signals: Sequence[Signal], as_of: date) -> date | None:
    """The first last day of a person who is still there."""
    return min((s.at for s in signals if s.id in _LEAVING and s.at and s.at > as_of), default=None)


def _play(
    id: str,
    rule: PlayRule,
    because: list[Signal],
    account: Account,
    as_of: date,
    departure: date | None,
) -> Play:
    schedule = Schedule(account, as_of, _last_day(because, as_of) or departure)
    return Play(
        id=id,
        title=rule.title,
        signals=tuple(s.id for s in because),
        severity=highest(s.severity for s in because),
        steps=tuple(
            PlayStep(step.do, step.owner, due, step.phase, schedule.limit(step))
            for step, due in schedule.dates(rule.steps)
        ),
        evidence=tuple(dict.fromkeys(id for s in because for id in s.evidence)),
    )
