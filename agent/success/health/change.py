"""Why the score changed: causes per component whose points add up to the change exactly."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from agent.success.assessment import HealthResult
from agent.success.health.entry import own_standing
from agent.success.health.standing import Standing, latest_standing
from agent.success.plan import Cause, Change


def change_since(
    health: HealthResult,
    entry: Mapping[str, Any] | None,
    instruction_id: str = "",
    *,
    until: date | None = None,
    under: Mapping[str, HealthResult] | None = None,
) -> Change | None:
    """The change since the newest earlier score in an entry of `customer_health_scores.yaml`; None
    without a score now or before. A later score than today's is no earlier one.

    Args:
        until: the last day an earlier score may be of; the day of `health` when left out.
        under: today's data scored with other models, by "id version".
    """
    last = min(until or health.as_of, health.as_of)
    earlier = latest_standing(entry, until=last, instruction_id=instruction_id)
    now = own_standing(health, instruction_id)
    if earlier is None or now is None:
        return None
    same_data = (under or {}).get(earlier.model)
    return change(earlier, now, own_standing(same_data, instruction_id) if same_data else None)


def change(earlier: Standing, now: Standing, under_earlier_model: Standing | None = None) -> Change:
    """The change since `earlier`.

    With the same model, one cause per component that moved. With another model, the difference
    that the model alone makes is its own cause when today's data were also scored with the earlier
    model (`under_earlier_model`); otherwise the change is not broken down, and says so.
    """
    causes: list[Cause] = []
    compared = now
    if earlier.model and now.model and earlier.model != now.model:
        if under_earlier_model is None:
            title = f"not broken down: model changed from {earlier.model} to {now.model}"
            return _change(
                earlier, now, [Cause(cause=title, points=_minus(now.score, earlier.score))]
            )
        compared = under_earlier_model
        causes.append(
            Cause(
                cause=f"model changed from {earlier.model} to {now.model}",
                points=_minus(now.score, compared.score),
            )
        )
    if not earlier.contributions or not compared.contributions:
        causes.append(Cause(cause="not broken down", points=_minus(compared.score, earlier.score)))
        return _change(earlier, now, [c for c in causes if c.points or len(causes) == 1])
    causes += _by_component(earlier, compared)
    rest = _minus(_minus(now.score, earlier.score), _total(causes))
    if rest:
        causes.append(Cause(cause="not broken down", points=rest))
    return _change(earlier, now, causes)


def _by_component(earlier: Standing, now: Standing) -> list[Cause]:
    before, after = dict(earlier.contributions or {}), dict(now.contributions or {})
    labels = {**(earlier.labels or {}), **(now.labels or {})}
    out = []
    for id in dict.fromkeys([*after, *before]):
        points = _minus(after.get(id, 0.0), before.get(id, 0.0))
        if not points:
            continue
        name = labels.get(id, id)
        if id not in before:
            name += " (was not computable before)"
        elif id not in after:
            name += " (not computable now)"
        out.append(Cause(cause=name, points=points))
    return sorted(out, key=lambda c: -abs(c.points))


def _change(earlier: Standing, now: Standing, causes: list[Cause]) -> Change:
    return Change(
        since=earlier.on,
        from_score=earlier.score,
        from_tier=earlier.tier,
        to_score=now.score,
        points=_minus(now.score, earlier.score),
        instruction_id=earlier.instruction_id,
        causes=causes,
    )


def _minus(a: float, b: float) -> float:
    return float(Decimal(repr(a)) - Decimal(repr(b)))


def _total(causes: list[Cause]) -> float:
    return float(sum((Decimal(repr(c.points)) for c in causes), Decimal(0)))
