"""The account's entry in `customer_health_scores.yaml`: today's score, its history, its trend."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

from agent.success.assessment import HealthResult
from agent.success.compose import component_views
from agent.success.health.schema import HealthScoreEntry, ScoreOverride
from agent.success.health.scoring import health_status
from agent.success.health.standing import Standing, read_standing
from agent.success.insights.values import read_date, read_number
from agent.success.plan import Change
from agent.success.rounding import shown

Trend = Literal["improving", "stable", "declining", "unknown"]

TREND_SCORES = 4
TREND_POINTS = 3.0
_OWN_KEYS = frozenset({*HealthScoreEntry.model_fields, "date"})  # `date` is another tool's `as_of`


def score_entry(
    health: HealthResult,
    earlier: Mapping[str, Any] | None,
    *,
    instruction_id: str,
    change: Change | None = None,
    note: str = "",
) -> dict[str, Any]:
    """The new entry as plain data.

    The history has one item per instruction and date, sorted by date; a rerun replaces its own.
    Items of another shape are kept as they are, in front, and take no part in the trend. An active
    override is carried over and never hides the computed score; an expired one is dropped and the
    note says so. Unknown keys of the earlier entry survive.
    """
    old = dict(earlier) if isinstance(earlier, Mapping) else {}
    override, override_note = _override(old.get("override"), health.as_of)
    history = _history(health, old, instruction_id)
    entry = HealthScoreEntry(
        score=shown(health.score),
        tier=health.tier or None,
        status=health_status(health),
        model=health.model,
        model_version=health.model_version,
        as_of=health.as_of,
        coverage=round(health.coverage, 3),
        confidence=health.confidence,
        components={
            view.component: view.model_dump(mode="json", exclude={"component"})
            for view in component_views(health)
        },
        trend=_trend(history, health),
        change=change,
        override=override,
        history=history,
        instruction_id=instruction_id,
        note="; ".join(part for part in (note, override_note, health.reason) if part),
    )
    data = entry.model_dump(mode="json")
    return data | {str(k): v for k, v in old.items() if k not in _OWN_KEYS}


def with_since(entry: dict[str, Any], current: Mapping[str, Any] | None) -> dict[str, Any]:
    """`entry` with what the file's entry has come to hold since the run looked at it: scores of
    other runs in the history, an override in force, keys of other tools.

    A run that was stopped for long, or that goes on from an earlier one's snapshot, takes nothing
    out of the file that it had not seen. Without such news the entry comes back as it is.
    """
    if not isinstance(current, Mapping):
        return entry
    known = [_place(item) for item in entry["history"]]
    since = [item for item in _items(current) if _dated(item) and _place(item) not in known]
    out = dict(entry)
    if since:
        own = (entry["as_of"], entry["instruction_id"])
        dated = sorted(
            [*filter(_dated, entry["history"]), *since],
            key=lambda item: (_dated(item) or date.min, _place(item) == own),
        )
        out["history"] = [*(item for item in entry["history"] if not _dated(item)), *dated]
    if entry.get("override") is None:
        override, _ = _override(current.get("override"), date.fromisoformat(entry["as_of"]))
        out["override"] = override.model_dump(mode="json") if override else None
    return out | {str(k): v for k, v in current.items() if k not in _OWN_KEYS and k not in out}


def _place(item: Any) -> tuple[str, str]:
    """What makes an item of the history the same as another."""
    if not isinstance(item, Mapping):
        return "", ""
    day = _dated(item)
    return str(day or ""), str(item.get("instruction_id") or "")


def own_standing(health: HealthResult, instruction_id: str) -> Standing | None:
    """Today's score as it is published, or None without one."""
    score = shown(health.score)
    if score is None:
        return None
    views = component_views(health)
    return Standing(
        on=health.as_of,
        score=score,
        tier=health.tier,
        instruction_id=instruction_id,
        model=f"{health.model} {health.model_version}".strip(),
        contributions={v.component: v.contribution for v in views if v.contribution is not None},
        labels={c.id: c.label for c in health.components},
    )


def _history(
    health: HealthResult, old: Mapping[str, Any], instruction_id: str
) -> list[dict[str, Any]]:
    foreign: list[dict[str, Any]] = []
    dated: list[tuple[date, dict[str, Any]]] = []
    for item in _items(old):
        standing_on = _dated(item)
        if standing_on is None:
            foreign.append(item if isinstance(item, dict) else {"unreadable": item})
        elif not (item.get("instruction_id") == instruction_id and standing_on == health.as_of):
            dated.append((standing_on, dict(item)))
    dated.append((health.as_of, _own_item(health, instruction_id)))
    return [*foreign, *(item for _, item in sorted(dated, key=lambda pair: pair[0]))]


def _items(old: Mapping[str, Any]) -> list[Any]:
    """Items of the stored history; a score that another tool keeps outside it is added."""
    history = old.get("history")
    if history is not None and not isinstance(history, list):
        history = [{"unreadable": history}]
    items = list(history or [])
    top = {key: old[key] for key in ("score", "tier", "instruction_id") if key in old}
    top["date"] = old.get("as_of", old.get("date"))
    standing = read_standing(top)
    if standing and not any(
        (s := read_standing(item)) and s.on == standing.on and s.score == standing.score
        for item in items
    ):
        items.append({**top, "date": standing.on.isoformat()})
    return items


def _dated(item: Any) -> date | None:
    """The date of an item we can place: a day, and a score that is a number or null."""
    if not isinstance(item, Mapping) or "score" not in item:
        return None
    day, _ = read_date(item.get("date"))
    if day is None:
        return None
    return day if item["score"] is None or read_standing(item) else None


def _own_item(health: HealthResult, instruction_id: str) -> dict[str, Any]:
    own = own_standing(health, instruction_id)
    return {
        "date": health.as_of.isoformat(),
        "score": shown(health.score),
        "tier": health.tier or None,
        "instruction_id": instruction_id,
        "model": health.model,
        "model_version": health.model_version,
        "coverage": round(health.coverage, 3),
        "contributions": dict(own.contributions or {}) if own else {},
    }


def _trend(history: list[dict[str, Any]], health: HealthResult) -> Trend:
    """First against last of the newest scores of the same model: three points or more count.

    Unknown with fewer than two scores, without a score today, or when the history already holds a
    later date: a trend is never computed backwards in time.
    """
    if health.score is None:
        return "unknown"
    model = f"{health.model} {health.model_version}".strip()
    standings = [s for s in map(read_standing, history) if s and s.model in ("", model)]
    if any(s.on > health.as_of for s in standings) or len(standings) < 2:
        return "unknown"
    newest = standings[-TREND_SCORES:]
    points = newest[-1].score - newest[0].score
    if abs(points) < TREND_POINTS:
        return "stable"
    return "improving" if points > 0 else "declining"


def _override(value: Any, as_of: date) -> tuple[ScoreOverride | None, str]:
    """(the override still in force, what became of one that is not)."""
    if value is None:
        return None, ""
    fields = value if isinstance(value, Mapping) else {}
    expires, _ = read_date(fields.get("expires"))
    number, _, _ = read_number(fields.get("value"), "measure")
    reason, by = fields.get("reason"), fields.get("by")
    if expires is None or number is None or not isinstance(reason, str) or not isinstance(by, str):
        return None, "an override without value, reason, author or expiry date was dropped"
    if expires < as_of:
        return None, f"the override to {number:g} by {by[:80]} expired on {expires}"
    return ScoreOverride(value=number, reason=reason, by=by, expires=expires), ""
