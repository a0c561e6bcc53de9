"""playbooks.yaml, read strictly: plays, escalation rules and hand-off rules."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from agent.success.assessment import Severity
from agent.success.policy import Days, PolicyLike, Settings, Title, load
from agent.success.signals.lexicon import compiled, plain
from agent.success.signals.policy import Phrase, Phrases, SignId

CSM = "customer-success-manager"
Role = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,60}$")]


class StepRule(Settings):
    """One step; exactly one of day, before_renewal and onboarding_day says when."""

    do: Title
    owner: Role
    day: Days | None = None
    before_renewal: Days | None = None
    onboarding_day: Days | None = None
    phase: str = ""
    needs_leaver: bool = False
    after_renewal: bool = False

    @model_validator(mode="after")
    def _one_date(self) -> StepRule:
        given = [x for x in (self.day, self.before_renewal, self.onboarding_day) if x is not None]
        if len(given) != 1:
            raise ValueError("give exactly one of day, before_renewal, onboarding_day")
        return self


class Combination(Settings):
    """Signs that start a play together: of every group at least one, at this severity."""

    at: Severity
    groups: Annotated[list[list[SignId]], Field(min_length=2)]


class PlayRule(Settings):
    title: Title
    starts_at: Severity
    while_onboarding: bool = False
    combinations: list[Combination] = Field(default_factory=list)
    steps: Annotated[list[StepRule], Field(min_length=1, max_length=30)]


class EscalationRule(Settings):
    """All conditions given must hold; those left out do not matter."""

    id: SignId
    to: Role
    because: Title
    any_of: list[SignId] = Field(default_factory=list)
    at: Severity | None = None
    count: Annotated[int, Field(ge=1, le=20)] = 1
    and_any_of: list[SignId] = Field(default_factory=list)
    and_at: Severity = "low"
    tier: list[Literal["green", "yellow", "red"]] = Field(default_factory=list)
    category: list[Literal["commit", "best_case", "at_risk", "unknown"]] = Field(
        default_factory=list
    )
    renewal_within_days: Days | None = None
    arr_from: Annotated[float, Field(ge=0)] | None = None
    segment: list[Literal["smb", "mid_market", "enterprise", "strategic"]] = Field(
        default_factory=list
    )
    said: Phrases = Field(default_factory=dict)

    @model_validator(mode="after")
    def _rests_on_something(self) -> EscalationRule:
        if self.at is None and not self.said:
            raise ValueError("needs signs (at, any_of) or said; a tier alone is no reason")
        if self.any_of and self.at is None:
            raise ValueError("any_of needs at: from which severity")
        return self


class HandoffRule(Settings):
    """Work of another role; `source` says where the rule looks for it."""

    id: SignId
    source: Literal["signals", "expansion", "milestones", "tickets", "sentences"]
    to: Role
    type: Literal["delegation", "consultation", "handoff"]
    about: Title
    reason: Title
    signals: list[SignId] = Field(default_factory=list)
    at: Severity = "low"
    min_points: Annotated[int, Field(ge=0, le=100)] = 0
    min_age_days: Days = 0
    words: Phrases = Field(default_factory=dict)
    except_of: str = ""


class PlaybookPolicy(Settings):
    version: str
    owners: Annotated[list[Role], Field(min_length=1)]
    csm_never: list[Phrase]
    plays: dict[SignId, PlayRule]
    escalations: list[EscalationRule]
    handoffs: list[HandoffRule]

    @model_validator(mode="after")
    def _in_lane(self) -> PlaybookPolicy:
        never = compiled(tuple(self.csm_never))
        for id, play in self.plays.items():
            for n, step in enumerate(play.steps, 1):
                if step.owner not in self.owners:
                    raise ValueError(f"plays.{id}.steps.{n}: owner {step.owner!r} is not in owners")
                if step.owner == CSM and never.search(plain(step.do)):
                    raise ValueError(
                        f"plays.{id}.steps.{n}: not the work of the {CSM}; give another owner"
                    )
        rules = {rule.id for rule in self.handoffs}
        for rule in self.handoffs:
            if rule.except_of and rule.except_of not in rules:
                raise ValueError(f"handoffs: except_of {rule.except_of!r} is no rule")
        return self


def read_playbooks(policy: PolicyLike) -> PlaybookPolicy:
    """The typed policy.

    Raises:
        BadPersona: a key is missing, unknown or of the wrong kind, a step has an owner outside the
            list or does another lane's work; names file and key.
    """
    return load(PlaybookPolicy, policy)
