"""The plan's health section: score, components, measures, and what changed since the last score."""

from __future__ import annotations

from datetime import date
from typing import Literal

from agent.success.parts import Part


class MeasureView(Part):
    measure: str
    label: str
    state: Literal["present", "missing", "stale", "invalid", "not_applicable"]
    value: float | None = None
    score: float | None = None
    weight: float
    contribution: float | None = None
    note: str = ""
    evidence: list[str] = []


class ComponentView(Part):
    component: str
    score: float | None
    weight: float
    contribution: float | None
    coverage: float
    measures: list[MeasureView] = []


class Cause(Part):
    cause: str
    points: float


class Change(Part):
    """Change of the score since an earlier one; the points of `causes` sum to `points` exactly."""

    since: date
    from_score: float
    from_tier: str
    to_score: float
    points: float
    instruction_id: str = ""
    causes: list[Cause] = []


class HealthSection(Part):
    score: float | None
    tier: Literal["green", "yellow", "red"] | None
    status: Literal["scored", "partial", "not_enough_data"]
    reason: str = ""
    model: str
    model_version: str
    as_of: date
    coverage: float
    confidence: Literal["high", "medium", "low"]
    components: list[ComponentView]
    change: Change | None = None
    visibility: Literal["internal"] = "internal"
