"""Policy data of the persona → typed settings; a wrong file is refused with its name and key.

The classes here say what each key means and in which unit; the YAML files hold the figures.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from agent.errors import BadPersona, printable


class PolicyLike(Protocol):
    """A loaded policy file: its data, and the path to name in errors and facts."""

    @property
    def data(self) -> Mapping[str, Any]: ...

    @property
    def source(self) -> str: ...


Policies = Mapping[str, PolicyLike]
Days = Annotated[int, Field(ge=0, le=3660)]
Percent = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]
Title = Annotated[str, Field(min_length=1, max_length=300)]


class Settings(BaseModel):
    """Base of all policy settings: unknown keys and text in place of numbers are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


S = TypeVar("S", bound=Settings)


def load(kind: type[S], policy: PolicyLike) -> S:
    """Validates a policy file.

    Raises:
        BadPersona: naming the file, the key and what is wrong with it.
    """
    try:
        return kind.model_validate(dict(policy.data))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(step) for step in first["loc"]) or "the file"
        more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
        what = str(first["msg"]).removeprefix("Value error, ")
        given = first.get("input")
        shown = f", not {given!r}" if isinstance(given, (str, int, float, bool)) else ""
        raise BadPersona(
            printable(f"{key}: {what}{shown}{more}"),
            where=policy.source,
            fix="correct this key in the policy file",
        ) from None


def need(policies: Policies, key: str) -> PolicyLike:
    """The policy file `key`; BadPersona naming it when the persona has none."""
    policy = policies.get(key)
    if policy is None:
        raise BadPersona(
            f"the persona has no policy file {key}.yaml",
            fix=f"add {key}.yaml beside the persona, or remove the override that hides it",
        )
    return policy


# ---- lifecycle --------------------------------------------------------------------------------


Phase = Literal["onboarding", "adoption", "established", "renewal", "unknown"]
"""Where a customer stands by dates alone, see `lifecycle.phase`."""


class StageRules(Settings):
    """Day ranges of one reading of the customer lifecycle.

    `goals_before_growth`: agreed goals that a healthy, mature customer must have reached before
    growth counts; until then the stage is value realization. 0 asks for none.
    """

    onboarding_days: Days
    adoption_months: Annotated[int, Field(ge=1, le=60)]
    renewal_window_days: Days
    after_adoption: Literal["value_realization", "expansion"]
    goals_before_growth: Annotated[int, Field(ge=0, le=20)] = 0


class OnboardingTargets(Settings):
    activation_target: Percent
    first_value_days: Days
    health_check_day: Days


class Lifecycle(Settings):
    """`profile` names the reading in force."""

    version: str
    profile: str
    profiles: Annotated[dict[str, StageRules], Field(min_length=1)]
    onboarding: OnboardingTargets

    @model_validator(mode="after")
    def _profile_exists(self) -> Lifecycle:
        if self.profile not in self.profiles:
            raise ValueError(f"profile {self.profile!r} is not among {', '.join(self.profiles)}")
        return self

    @property
    def rules(self) -> StageRules:
        return self.profiles[self.profile]


# ---- renewal ----------------------------------------------------------------------------------


class Outlook(Settings):
    category: Literal["commit", "best_case", "at_risk"]
    probability: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class Step(Settings):
    days_before: Days
    what: Title


class Renewal(Settings):
    """`basis` says where the probabilities come from, in the words the plan will use."""

    version: str
    basis: Title
    due_within_days: Days
    by_tier: dict[Literal["green", "yellow", "red"], Outlook]
    path: list[Step]

    @model_validator(mode="after")
    def _complete(self) -> Renewal:
        missing = {"green", "yellow", "red"} - set(self.by_tier)
        if missing:
            raise ValueError(f"by_tier lacks {', '.join(sorted(missing))}")
        days = [step.days_before for step in self.path]
        if days != sorted(set(days), reverse=True):
            raise ValueError("path must go from many days before the renewal to few, each once")
        return self


# ---- cadence ----------------------------------------------------------------------------------


class Touch(Settings):
    """A repeated touchpoint. Exactly one of the three says when: every so many days, every so many
    months, or on one day of the relationship."""

    kind: Annotated[str, Field(pattern=r"^[a-z0-9_]{2,40}$")]
    title: Title
    every_days: Annotated[int, Field(ge=1, le=366)] | None = None
    every_months: Annotated[int, Field(ge=1, le=24)] | None = None
    on_day: Days | None = None
    first_month: int = 0
    last_month: int | None = None
    segments: list[str] = Field(default_factory=list)

    @model_validator(mode="after")
    def _one_rhythm(self) -> Touch:
        given = [x for x in (self.every_days, self.every_months, self.on_day) if x is not None]
        if len(given) != 1:
            raise ValueError("give exactly one of every_days, every_months, on_day")
        return self


class Cadence(Settings):
    version: str
    horizon_days: Annotated[int, Field(ge=7, le=366)]
    review: Touch
    phases: dict[str, list[Touch]]


# ---- segments ---------------------------------------------------------------------------------


class Segment(Settings):
    """`arr_from` in the stated currency; None where a segment is given by choice, not by size."""

    id: Literal["smb", "mid_market", "enterprise", "strategic"]
    label: Title
    engagement: Title
    accounts_per_csm: Annotated[list[int], Field(min_length=2, max_length=2)]
    arr_from: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None


class Segments(Settings):
    version: str
    currency: str
    segments: Annotated[list[Segment], Field(min_length=1)]

    @model_validator(mode="after")
    def _bands(self) -> Segments:
        ids = [s.id for s in self.segments]
        if len(set(ids)) != len(ids):
            raise ValueError("a segment is listed twice")
        bands = [s.arr_from for s in self.segments if s.arr_from is not None]
        if bands != sorted(set(bands)) or (bands and bands[0] != 0):
            raise ValueError("arr_from must start at 0 and rise from segment to segment")
        return self
