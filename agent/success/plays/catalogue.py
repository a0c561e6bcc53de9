"""The playbooks as a person looks them up: what starts each, and its steps."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from agent.success.plays.policy import PlayRule, StepRule, read_playbooks
from agent.success.policy import PolicyLike, load
from agent.success.signals.policy import SignalPolicy


@dataclass(frozen=True)
class CatalogueStep:
    number: int
    when: str
    owner: str
    do: str
    phase: str


@dataclass(frozen=True)
class CatalogueEntry:
    """`started_by` are the ids of the signs that name it; `starts` says the same in words."""

    id: str
    title: str
    starts_at: str
    started_by: tuple[str, ...]
    while_onboarding: bool
    starts: str
    steps: tuple[CatalogueStep, ...]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def catalogue(playbooks: PolicyLike, signals: PolicyLike) -> list[CatalogueEntry]:
    """All playbooks in the order of the file.

    Raises:
        BadPersona: a policy file is wrong; names file and key.
    """
    signs = load(SignalPolicy, signals)
    every = {**signs.measured, **signs.read}
    return [
        _entry(id, rule, tuple(s for s, x in every.items() if x.enabled and x.playbook == id))
        for id, rule in read_playbooks(playbooks).plays.items()
    ]


def _entry(id: str, rule: PlayRule, started_by: tuple[str, ...]) -> CatalogueEntry:
    return CatalogueEntry(
        id=id,
        title=rule.title,
        starts_at=rule.starts_at,
        started_by=started_by,
        while_onboarding=rule.while_onboarding,
        starts=_starts(rule, started_by),
        steps=tuple(
            CatalogueStep(n, _when(step), step.owner, step.do, step.phase)
            for n, step in enumerate(rule.steps, 1)
        ),
    )


def _starts(rule: PlayRule, started_by: tuple[str, ...]) -> str:
    ways = []
    if started_by:
        ways.append(f"from {rule.starts_at} on: {', '.join(started_by)}")
    for combination in rule.combinations:
        groups = " and ".join(f"one of {', '.join(group)}" for group in combination.groups)
        ways.append(f"together, each at least {combination.at}: {groups}")
    if rule.while_onboarding:
        ways.append("during onboarding")
    return "; ".join(ways) or "no sign starts it"


def _when(step: StepRule) -> str:
    if step.before_renewal is not None:
        return f"{step.before_renewal} days before renewal"
    if step.onboarding_day is not None:
        return f"onboarding day {step.onboarding_day}"
    return f"day {step.day}"
