"""The plan as the YAML document that people read.

Identity and sections are always there, an empty one as an empty list. Inside list items, keys that
say nothing (empty text, empty list) are left out, and in evidence also nulls; the schema gives them
back on reading. Nulls elsewhere are kept: "not computable" is something a reader must see.
"""

from __future__ import annotations

from typing import Any

from agent.success.plan import SuccessPlan


def plan_document(plan: SuccessPlan) -> dict[str, Any]:
    """Plain data for the dump; `SuccessPlan.model_validate` reads it back to an equal plan."""
    document = plan.model_dump(mode="json", by_alias=True)
    return {
        key: _items(value, nulls=key == "evidence") if isinstance(value, list) else _section(value)
        for key, value in document.items()
    }


def _section(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {
        k: _items(v, nulls=False) if isinstance(v, list) else _section(v) for k, v in value.items()
    }


def _items(items: list[Any], *, nulls: bool) -> list[Any]:
    return [_tidy(item, nulls) if isinstance(item, dict) else item for item in items]


def _tidy(item: dict[str, Any], nulls: bool) -> dict[str, Any]:
    out = {}
    for key, value in item.items():
        if (value in ("", []) and key != "visibility") or (nulls and value is None):
            continue
        out[key] = _items(value, nulls=nulls) if isinstance(value, list) else _section(value)
    return out
