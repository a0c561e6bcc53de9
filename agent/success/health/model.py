"""A health model file: what is measured, how it is scored, what it weighs, where tiers begin."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from fractions import Fraction
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from agent.errors import BadPersona
from agent.success.health.measure import Measure, Slug, Weight, Window
from agent.success.insights.parsing import USAGE_MAX_AGE_DAYS
from agent.success.policy import Percent, PolicyLike, Settings, Title, load

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$")]
WORDS = frozenset({"sponsor.status"})
"""Figures that are words and need levels; all others are numbers and need a curve."""


def _some_weight(measures: list[Measure]) -> list[Measure]:
    if not any(m.weight for m in measures):
        raise ValueError("the measures all weigh nothing")
    return measures


class Component(Settings):
    id: Slug
    label: Title
    weight: Weight
    measures: Annotated[list[Measure], Field(min_length=1), AfterValidator(_some_weight)]


def _components(components: list[Component]) -> list[Component]:
    if not any(c.weight for c in components):
        raise ValueError("the components all weigh nothing")
    _each_once(c.id for c in components)
    _each_once(m.id for c in components for m in c.measures)
    return components


def _each_once(ids: Iterable[str]) -> None:
    listed = list(ids)
    twice = sorted({i for i in listed if listed.count(i) > 1})
    if twice:
        raise ValueError(f"{', '.join(twice)} is listed twice")


class Tier(Settings):
    """Half-open: from `from` up to, not including, `below`; the last tier includes 100."""

    id: Literal["green", "yellow", "red"]
    start: Percent = Field(alias="from")
    below: Percent | None = None


class Confidence(Settings):
    """Least coverage (0-1) for high and for medium confidence."""

    high: Annotated[float, Field(gt=0, le=1)]
    medium: Annotated[float, Field(gt=0, le=1)]

    @model_validator(mode="after")
    def _order(self) -> Confidence:
        if self.medium > self.high:
            raise ValueError("medium is above high")
        return self


def whole_scale(tiers: list[Tier]) -> list[Tier]:
    """The tiers, rising from red to green and covering 0 to 100 once; ValueError otherwise."""
    if len({t.id for t in tiers}) != len(tiers):
        raise ValueError("a tier is listed twice")
    if tiers[0].start != 0:
        raise ValueError(f"tiers leave a gap: nothing covers 0 to {tiers[0].start:g}")
    for lower, upper in pairwise(tiers):
        if lower.below is None or lower.below <= lower.start:
            raise ValueError(f"tier {lower.id} has no upper edge above {lower.start:g}")
        if lower.below < upper.start:
            raise ValueError(
                f"tiers leave a gap: nothing covers {lower.below:g} to {upper.start:g}"
            )
        if lower.below > upper.start:
            raise ValueError(f"tiers {lower.id} and {upper.id} overlap or are out of order")
    if tiers[-1].below is not None:
        raise ValueError(f"the last tier, {tiers[-1].id}, must be open to 100 (no `below`)")
    if [t.id for t in tiers] != sorted((t.id for t in tiers), key=["red", "yellow", "green"].index):
        raise ValueError("tiers must rise from red over yellow to green")
    return tiers


class HealthModel(Settings):
    """A model: weights are relative to each other, tiers cover 0 to 100 without gap or overlap."""

    id: Name
    version: Name
    title: Title
    input: Literal["insights", "ratings"]
    coverage_floor: Annotated[float, Field(ge=0, le=1)]
    trend: Window | None = None
    confidence: Confidence
    tiers: Annotated[list[Tier], Field(min_length=1), AfterValidator(whole_scale)]
    components: Annotated[list[Component], Field(min_length=1), AfterValidator(_components)]

    @property
    def measures(self) -> list[Measure]:
        return [m for c in self.components for m in c.measures]

    def window_of(self, measure: Measure) -> Window | None:
        """The window of a measure's trend, None when the model takes no trends."""
        own = measure.trend
        if self.trend is None or own is None:
            return self.trend
        return self.trend.model_copy(update=own.model_dump(exclude_none=True))

    @property
    def named(self) -> str:
        """ "id version", as it stands beside every score of the model."""
        return f"{self.id} {self.version}"

    @property
    def usage_max_age_days(self) -> int:
        """Days after which usage is stale: the strictest limit of the measures taken from it."""
        ages = [m.max_age_days for m in self.measures if m.dated_by == "usage.age_days"]
        return min((age for age in ages if age is not None), default=USAGE_MAX_AGE_DAYS)

    def tier_of(self, score: Fraction) -> Literal["green", "yellow", "red"]:
        """The tier of an unrounded score; a score on an edge belongs to the upper tier."""
        return next(t.id for t in reversed(self.tiers) if score >= Fraction(str(t.start)))


def load_model(policy: PolicyLike, known_figures: Collection[str]) -> HealthModel:
    """Validates a health model file.

    Raises:
        BadPersona: gaps or overlaps of tiers, bad weights, unknown keys, or a measure taken from a
            figure that the engine does not know.
    """
    model = load(HealthModel, policy)
    for c, component in enumerate(model.components):
        for m, measure in enumerate(component.measures):
            key = f"components.{c}.measures.{m}"
            fault, fix = _fault(model, measure, known_figures)
            if fault:
                what = f"{key}{fault} (measure {measure.id})"
                raise BadPersona(what, where=policy.source, fix=fix)
    return model


def _fault(model: HealthModel, measure: Measure, known: Collection[str]) -> tuple[str, str]:
    """(key below the measure and what is wrong, what to do); empty when all is well."""
    used = list(measure.figures)
    if model.input == "ratings":
        if used:
            what = f".{used[0][0]}: a model of ratings takes no figures from the insights"
            return what, "remove it, or set input to insights"
        if measure.levels:
            return ".levels: a rating is a number and needs a curve", "give a curve"
        return "", ""
    if not measure.values:
        return ".values: values is empty", "name the figure to score"
    for key, figure in used:
        if figure not in known:
            return f".{key}: unknown figure {figure!r}", f"use one of {', '.join(sorted(known))}"
        if (figure in WORDS) != (measure.direction == "levels" and key.startswith("values")):
            what = "is a word and needs levels" if figure in WORDS else "is a number, no word"
            return f".{key}: {figure!r} {what}", "use another figure or another scale"
    return "", ""
