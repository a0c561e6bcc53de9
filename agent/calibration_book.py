"""Forecasts against outcomes across a memory, from the timelines of all accounts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from agent.case import PLAN_LIMIT
from agent.errors import CsmError
from agent.household import DEFAULT_PERSONA, open_household
from agent.memory import strict_yaml, timeline, views
from agent.memory.paths import MemoryRoot
from agent.success.book.calibration import Calibration, calibrate
from agent.success.book.calibration_figures import CalibrationSettings
from agent.success.book.forecasts import Decision, Forecasted, as_decision, as_forecast
from agent.success.continuity.reading import standing
from agent.success.policy import load, need


def calibration_report(memory: Path, *, as_of: date, personas: Path | None = None) -> Calibration:
    """Compare what was forecast about renewals with what was decided up to `as_of`.

    Former customers count like all others: without them only those who stayed would be judged.

    Raises BadInput when the memory or the policy file `calibration.yaml` cannot be used.
    """
    root = MemoryRoot.open(memory)
    persona = open_household(DEFAULT_PERSONA, personas).persona
    settings = load(CalibrationSettings, need(persona.policies, "calibration"))
    decisions: list[Decision] = []
    forecasts: dict[str, Sequence[Forecasted]] = {}
    for account_id in timeline.accounts(root):
        events = standing(timeline.read(root, account_id))
        decided = [
            decision
            for e in events
            if e["kind"] == "renewal_decided" and (decision := as_decision(e)) is not None
        ]
        if decided:
            decisions += decided
            published = (e for e in events if e["kind"] == "plan_published")
            made = [as_forecast(e, _plan(e)) for e in published]
            forecasts[account_id] = [f for f in made if f is not None]
    return calibrate(decisions, forecasts, settings, as_of)


def _plan(event: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The plan that an event of an earlier version stands for, where its text is on record."""
    data, view = event.get("data"), event.get("view")
    if isinstance(data, Mapping) and "forecast" in data:
        return None
    text = view.get(views.TEXT) if isinstance(view, Mapping) else None
    if not isinstance(text, str):
        return None
    try:
        document = strict_yaml.load(text.encode(), where="a plan", max_bytes=PLAN_LIMIT)
    except CsmError:
        return None
    return document if isinstance(document, Mapping) else None
