"""`customer_health_scores/1`: one account's entry. The YAML file is a dump of this model."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import ConfigDict

from agent.success.parts import Part
from agent.success.plan import Change


class ScoreOverride(Part):
    value: float
    reason: str
    by: str
    expires: date


class HealthScoreEntry(Part):
    """One account's entry in `customer_health_scores.yaml`; unknown keys of others survive."""

    model_config = ConfigDict(extra="allow")

    score: float | None
    tier: Literal["green", "yellow", "red"] | None
    status: Literal["scored", "partial", "not_enough_data"]
    model: str
    model_version: str
    as_of: date
    coverage: float
    confidence: Literal["high", "medium", "low"]
    components: dict[str, Any]
    trend: Literal["improving", "stable", "declining", "unknown"]
    change: Change | None
    override: ScoreOverride | None = None
    history: list[dict[str, Any]]
    instruction_id: str
    note: str = ""
