"""One measure of a health model file: where it comes from, and what a value is worth."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from agent.success.policy import Days, Percent, Settings, Title

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

    @field_validator("curve")
    @classmethod
    def _rises(cls, curve: list[list[float]], info: ValidationInfo) -> list[list[float]]:
        xs, ys = [p[0] for p in curve], [p[1] for p in curve]
        if curve and (len(xs) < 2 or xs != sorted(set(xs))):
            raise ValueError("a curve needs at least two points with rising values")
        if not all(0 <= y <= 100 for y in ys):
            raise ValueError("scores of a curve must lie between 0 and 100")
        direction = info.data.get("direction")
        if direction and ys != sorted(ys, reverse=direction == "lower_is_better"):
            raise ValueError(f"the curve is not {direction}")
        return curve

    @field_validator("range")
    @classmethod
    def _low_to_high(cls, range: list[float] | None) -> list[float] | None:
        if range and range[0] >= range[1]:
            raise ValueError("range must go from low to high")
        return range

    @model_validator(mode="after")
    def _scale(self) -> Measure:
        if bool(self.curve) == bool(self.levels):
            raise ValueError("give either a curve or levels")
        if (self.direction == "levels") != bool(self.levels):
            raise ValueError(f"direction {self.direction} does not fit the scale")
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

    @property
    def figures(self) -> Iterator[tuple[str, str]]:
        """(key, figure) of every figure the measure is taken from."""
        yield from ((f"values.{n}", id) for n, id in enumerate(self.values))
        if self.dated_by:
            yield "dated_by", self.dated_by
        if self.fades:
            yield "fades.by", self.fades.by
