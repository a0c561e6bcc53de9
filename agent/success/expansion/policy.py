"""expansion.yaml, read strictly: signs of expansion, their points, and the gate."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from agent.success.assessment import Severity
from agent.success.expansion.measures import MEASURES
from agent.success.policy import Days, Settings, Title
from agent.success.signals.policy import Phrase, Phrases, SignId

Kind = Literal["seats", "tier", "add_on", "services", "cross_sell", "relationship", "timing"]


class _Sign(Settings):
    points: Annotated[int, Field(ge=0, le=10)]
    kind: Kind
    title: Title


class MeasuredOpening(_Sign):
    """A sign in figures; the comment in the file says what `threshold` is compared with."""

    threshold: Annotated[float, Field(ge=0, le=10_000)]


class ReadOpening(_Sign):
    """A sign in people's words, with the flags of signals.yaml."""

    words: Phrases
    unless: list[Phrase] = Field(default_factory=list)
    own_negation: bool = False
    company: bool = False


class Gate(Settings):
    """When to leave it alone. `most_use`: active users in % of seats; above it the two counts
    contradict each other, and no offer can rest on either."""

    tiers: list[Literal["green", "yellow", "red"]]
    severities: list[Severity]
    signs: list[SignId]
    ticket_severities: list[str]
    onboarding: bool
    most_use: Annotated[float, Field(ge=100, le=10_000)]


class ExpansionPolicy(Settings):
    version: str
    text_max_age_days: Days
    gate: Gate
    executive_titles: Annotated[list[Phrase], Field(min_length=1)]
    measured: dict[SignId, MeasuredOpening]
    read: dict[SignId, ReadOpening]

    @model_validator(mode="after")
    def _known(self) -> ExpansionPolicy:
        unknown = sorted(self.measured.keys() - MEASURES.keys())
        if unknown:
            raise ValueError(f"measured.{unknown[0]} is no sign this program can measure")
        return self
