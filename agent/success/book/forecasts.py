"""Renewals as they were forecast and as they were decided: events of the timeline → both."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from agent.success.calendar import quarter_label


@dataclass(frozen=True)
class Forecasted:
    """What a plan said of the renewal. `on` is its business date, `recorded` the day (UTC) on which
    it was written down, None when that cannot be told."""

    on: date
    recorded: date | None
    plan_id: str = ""
    tier: str = ""
    category: str = "unknown"
    probability: float | None = None
    basis: str = ""
    renewal_date: str = ""
    arr: float | None = None
    currency: str = ""


@dataclass(frozen=True)
class Decision:
    """A renewal that was decided; ARR before and after it in `currency`."""

    account_id: str
    on: date
    renewed: bool
    arr_before: float | None = None
    arr_after: float | None = None
    currency: str = ""


@dataclass(frozen=True)
class Compared:
    """A decided renewal and the forecast that stood before it; `why` says why there is none."""

    decision: Decision
    forecast: Forecasted | None
    why: str = ""

    @property
    def is_forecast(self) -> bool:
        """Whether there is a probability to hold against the outcome."""
        return self.forecast is not None and self.forecast.probability is not None

    @property
    def quarter(self) -> str:
        return quarter_label(self.decision.on)


def as_forecast(
    event: Mapping[str, Any], document: Mapping[str, Any] | None = None
) -> Forecasted | None:
    """The forecast that a `plan_published` event tells.

    Args:
        document: the plan, for events of versions that did not tell the forecast.
    """
    data = event.get("data")
    told = data.get("forecast") if isinstance(data, Mapping) else None
    if not isinstance(told, Mapping):
        told = _from_plan(document or {})
    on, recorded = _day(event.get("at")), _day(str(event.get("recorded_at") or "")[:10])
    if on is None:
        return None
    probability = _number(told.get("probability"))
    return Forecasted(
        on=on,
        recorded=recorded,
        plan_id=_text(data.get("plan_id")) if isinstance(data, Mapping) else "",
        tier=_text(told.get("tier")),
        category=_text(told.get("category")) or "unknown",
        probability=probability if probability is not None and 0 <= probability <= 1 else None,
        basis=_text(told.get("basis")),
        renewal_date=_text(told.get("renewal_date")),
        arr=_number(told.get("arr")),
        currency=_text(told.get("currency")),
    )


def as_decision(event: Mapping[str, Any]) -> Decision | None:
    """The decision that a `renewal_decided` event tells; None when it cannot be used."""
    data, on = event.get("data"), _day(event.get("at"))
    outcome = data.get("outcome") if isinstance(data, Mapping) else None
    if not isinstance(data, Mapping) or on is None or outcome not in ("renewed", "churned"):
        return None
    return Decision(
        str(event.get("account_id") or ""), on, outcome == "renewed",
        _number(data.get("arr_before")), _number(data.get("arr_after")),
        _text(data.get("currency")),
    )  # fmt: skip


def _from_plan(document: Mapping[str, Any]) -> Mapping[str, Any]:
    renewal, health = document.get("renewal"), document.get("health")
    said = renewal if isinstance(renewal, Mapping) else {}
    return {
        **said,
        "tier": health.get("tier") if isinstance(health, Mapping) else None,
        "basis": said.get("probability_basis"),
        "renewal_date": said.get("date"),
    }


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if math.isfinite(value) else None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
