"""A health model file: what is measured, how it is scored, what it weighs, where tiers begin."""

from __future__ import annotations

from collections.abc import Collection
from fractions import Fraction
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, model_validator

from agent.errors import BadPersona
from agent.success.insights.parsing import USAGE_MAX_AGE_DAYS
from agent.success.policy import Days, Percent, PolicyLike, Settings, Title, load

Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,60}$")]
Weight = Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)]
Number = Annotated[float, Field(allow_inf_nan=False)]


class Fade(Settings):
    """A score that loses force with age: full up to `full_until`, `share` of it from `low_from`,
    in a straight line between. Days, counted by the figure `by`."""

    by: str
    full_until: Days
    low_from: Days
    share: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]

    @model_validator(mode="after")
    def _order(self) -> Fade:
        if self.low_from <= self.full_until:
            raise ValueError("low_from must be later than full_until")
        return self


class Window(Settings):
    """Over how many days a measure's trend is taken, and what is no move: less than `stable_within`
    percent of the measure's scale, which goes from the first to the last value of its curve."""

    window_days: Annotated[int, Field(ge=1, le=1830)]
    stable_within: Percent


class OwnWindow(Settings):
    """What a measure sets differently from its model."""

    window_days: Annotated[int, Field(ge=1, le=1830)] | None = None
    stable_within: Percent | None = None


class Measure(Settings):
    """One measure.

    Attributes:
        values: figures it can be taken from, the first that is known counts. Empty in a model of
            ratings, where the measure's own id is looked up.
        curve: points (value, score 0-100), joined by straight lines, flat outside.
        levels: score by word, instead of a curve.
        direction: must agree with the curve; stated so that a reader need not work it out.
        range: values outside are invalid, not extreme.
        dated_by: figure that tells the age in days; older than `max_age_days` is stale.
        needs_activity: without any active user the measure does not apply.
        not_due_in_onboarding: absent during onboarding, it does not apply instead of missing.
    """

    id: Slug
    label: Title
    unit: str = ""
    direction: Literal["higher_is_better", "lower_is_better", "levels"]
    weight: Weight
    values: list[str] = Field(default_factory=list)
    curve: list[Annotated[list[Number], Field(min_length=2, max_length=2)]] = Field(
        default_factory=list
    )
    levels: dict[str, Percent] = Field(default_factory=dict)
    range: Annotated[list[Number], Field(min_length=2, max_length=2)] | None = None
    fades: Fade | None = None
    dated_by: str = ""
    max_age_days: Days | None = None
    needs_activity: bool = False
    not_due_in_onboarding: bool = False
    fields: list[str] = Field(default_factory=list)
    ask: str = ""
    trend: OwnWindow | None = None

    @model_validator(mode="after")
    def _scale(self) -> Measure:
        if bool(self.curve) == bool(self.levels):
            raise ValueError("give either a curve or levels")
        if (self.direction == "levels") != bool(self.levels):
            raise ValueError(f"direction {self.direction} does not fit the scale")
        if self.curve:
            xs, ys = [p[0] for p in self.curve], [p[1] for p in self.curve]
            if len(xs) < 2 or xs != sorted(set(xs)):
                raise ValueError("a curve needs at least two points with rising values")
            if not all(0 <= y <= 100 for y in ys):
                raise ValueError("scores of a curve must lie between 0 and 100")
            if ys != sorted(ys, reverse=self.direction == "lower_is_better"):
                raise ValueError(f"the curve is not {self.direction}")
        if self.range and self.range[0] >= self.range[1]:
            raise ValueError("range must go from low to high")
        if (self.max_age_days is None) != (not self.dated_by):
            raise ValueError("dated_by and max_age_days go together")
        return self

    def score(self, value: Fraction) -> Fraction:
        """0-100 for a value on the curve, exact."""
        points = [(Fraction(str(x)), Fraction(str(y))) for x, y in self.curve]
        if value <= points[0][0]:
            return points[0][1]
        for (x0, y0), (x1, y1) in pairwise(points):
            if value <= x1:
                return y0 + (y1 - y0) * (value - x0) / (x1 - x0)
        return points[-1][1]


class Component(Settings):
    id: Slug
    label: Title
    weight: Weight
    measures: Annotated[list[Measure], Field(min_length=1)]

    @model_validator(mode="after")
    def _weights(self) -> Component:
        if not any(m.weight for m in self.measures):
            raise ValueError(f"the measures of {self.id} all weigh nothing")
        return self


class Tier(Settings):
    """Half-open: from `from` up to, not including, `below`; the last tier includes 100."""

    id: Literal["green", "yellow", "red"]
    start: Percent = Field(alias="from")
    below: Percent | None = None


class Confidence(Settings):
    """Least coverage (0-1) for high and for medium confidence."""

    high: Annotated[float, Field(gt=0, le=1)]
    medium: Annotated[float, Field(gt=0, le=1)]


class HealthModel(Settings):
    id: str
    version: str
    title: Title
    input: Literal["insights", "ratings"]
    coverage_floor: Annotated[float, Field(ge=0, le=1)]
    trend: Window | None = None
    confidence: Confidence
    tiers: Annotated[list[Tier], Field(min_length=1)]
    components: Annotated[list[Component], Field(min_length=1)]

    @model_validator(mode="after")
    def _whole(self) -> HealthModel:
        _check_tiers(self.tiers)
        if not any(c.weight for c in self.components):
            raise ValueError("the components all weigh nothing")
        for ids in ([c.id for c in self.components], [m.id for m in self.measures]):
            twice = sorted({i for i in ids if ids.count(i) > 1})
            if twice:
                raise ValueError(f"{', '.join(twice)} is listed twice")
        if self.confidence.medium > self.confidence.high:
            raise ValueError("confidence.medium is above confidence.high")
        return self

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


def _check_tiers(tiers: list[Tier]) -> None:
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


def load_model(policy: PolicyLike, known_figures: Collection[str]) -> HealthModel:
    """Validates a health model file.

    Raises:
        BadPersona: gaps or overlaps of tiers, bad weights, unknown keys, or a measure taken from a
            figure that the engine does not know.
    """
    model = load(HealthModel, policy)
    for component in model.components:
        for measure in component.measures:
            _check_figures(policy, model, measure, known_figures)
    return model


def _check_figures(
    policy: PolicyLike, model: HealthModel, measure: Measure, known: Collection[str]
) -> None:
    used = [*measure.values, *([measure.dated_by] if measure.dated_by else [])]
    used += [measure.fades.by] if measure.fades else []
    unknown = [figure for figure in used if figure not in known]
    where = f"{policy.source}: measure {measure.id}"
    if model.input == "ratings" and used:
        raise BadPersona("a model of ratings takes no figures from the insights", where=where)
    if model.input == "insights" and not measure.values:
        raise BadPersona("values is empty", where=where, fix="name the figure to score")
    if unknown:
        raise BadPersona(
            f"unknown figure {unknown[0]!r}",
            where=where,
            fix=f"use one of {', '.join(sorted(known))}",
        )
