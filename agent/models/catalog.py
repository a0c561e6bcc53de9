"""Model names and what their tokens cost: one alias table, one dated price table.

A run always knows its cost, so a model without a price is refused. Prices of other models, or
negotiated ones, come from the YAML file that `CSM_PRICES` names, in the shape of `PRICES` below:

    models:
      my-local-model: {input: 0, output: 0, cache_write_5m: 0, cache_write_1h: 0, cache_read: 0}
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from agent.errors import BadDocument, ModelError
from agent.models.base import Usage

PRICES_ENV = "CSM_PRICES"
PRICES_AS_OF = date(2026, 10, 7)
PRICES_SOURCE = "platform.claude.com/docs/en/about-claude/pricing"

DEFAULT_ALIAS = "sonnet"
ALIASES: Mapping[str, str] = {
    "sonnet": "claude-sonnet-5-5",
    "opus": "claude-opus-5-5",
    "haiku": "claude-haiku-5-5",
}

# US dollars per million tokens. A list holds bands by prompt length; `up_to` counts all prompt
# tokens (uncached, cache reads and cache writes), inclusive.
_KEYS = ("input", "output", "cache_write_5m", "cache_write_1h", "cache_read")
PRICES: Mapping[str, Any] = {
    "claude-opus-5-5": dict(zip(_KEYS, ("4", "20", "5.00", "8.00", "0.20"), strict=True)),
    "claude-sonnet-5-5": dict(zip(_KEYS, ("2", "10", "2.50", "4.00", "0.10"), strict=True)),
    "claude-haiku-5-5": [
        {
            "up_to": 100_000,
            **dict(zip(_KEYS, ("0.10", "0.50", "0.125", "0.20", "0.01"), strict=True)),
        },
        dict(zip(_KEYS, ("0.50", "2.50", "0.625", "1.00", "0.05"), strict=True)),
    ],
    "claude-sonnet-5": dict(zip(_KEYS, ("2", "10", "2.50", "4", "0.20"), strict=True)),
    "claude-opus-5": dict(zip(_KEYS, ("5", "25", "6.25", "10", "0.50"), strict=True)),
    "claude-sonnet-4-6": dict(zip(_KEYS, ("3", "15", "3.75", "6", "0.30"), strict=True)),
    "claude-haiku-4-5": dict(zip(_KEYS, ("1", "5", "1.25", "2", "0.10"), strict=True)),
}

# Withdrawn or announced to be: (end of life, alias of the successor).
END_OF_LIFE: Mapping[str, tuple[date, str]] = {
    "claude-1.3": (date(2024, 11, 6), "sonnet"),
    "claude-1.3-100k": (date(2024, 11, 6), "sonnet"),
    "claude-instant-1.1": (date(2024, 11, 6), "haiku"),
    "claude-instant-1.1-100k": (date(2024, 11, 6), "haiku"),
    "claude-instant-1.2": (date(2024, 11, 6), "haiku"),
    "claude-2.0": (date(2025, 7, 21), "sonnet"),
    "claude-2.1": (date(2025, 7, 21), "sonnet"),
    "claude-3-sonnet-20240229": (date(2025, 7, 21), "sonnet"),
    "claude-3-opus-20240229": (date(2026, 1, 5), "opus"),
    "claude-3-7-sonnet-latest": (date(2026, 2, 19), "sonnet"),
    "claude-3-7-sonnet-20250219": (date(2026, 2, 19), "sonnet"),
    "claude-3-5-haiku-latest": (date(2026, 2, 19), "haiku"),
    "claude-3-5-haiku-20241022": (date(2026, 2, 19), "haiku"),
    "claude-opus-4-0": (date(2026, 6, 15), "opus"),
    "claude-opus-4-20250514": (date(2026, 6, 15), "opus"),
    "claude-sonnet-4-0": (date(2026, 6, 15), "sonnet"),
    "claude-sonnet-4-20250514": (date(2026, 6, 15), "sonnet"),
    "claude-mythos-preview": (date(2026, 6, 30), "opus"),
    "claude-opus-4-5": (date(2027, 1, 22), "opus"),
    "claude-opus-4-5-20251101": (date(2027, 1, 22), "opus"),
    "claude-sonnet-4-5": (date(2026, 11, 30), "sonnet"),
    "claude-sonnet-4-5-20250929": (date(2026, 11, 30), "sonnet"),
}

# These answer a forced tool choice with 400; they have to be asked in words.
NO_FORCED_TOOL = frozenset({"claude-opus-5-5", "claude-sonnet-5-5"})

_SNAPSHOT_DATE = re.compile(r"-20\d{6}$")
_PER_TOKENS = Decimal(1_000_000)
_MAX_PRICE_FILE = 1_000_000


@dataclass(frozen=True)
class Band:
    """Prices in US dollars per million tokens for prompts of at most `up_to` tokens."""

    input: Decimal
    output: Decimal
    cache_write_5m: Decimal
    cache_write_1h: Decimal
    cache_read: Decimal
    up_to: int | None = None


@dataclass(frozen=True)
class ModelInfo:
    """One model: the full id that goes over the wire and its price bands, shortest first."""

    id: str
    bands: tuple[Band, ...]
    price_source: str = PRICES_SOURCE

    @property
    def forced_tool_choice(self) -> bool:
        """Whether `tool_choice` of type `tool` or `any` is accepted."""
        return _SNAPSHOT_DATE.sub("", self.id) not in NO_FORCED_TOOL

    def band(self, prompt_tokens: int) -> Band:
        """Band of a request whose prompt has `prompt_tokens` tokens, cached ones included."""
        for band in self.bands:
            if band.up_to is None or prompt_tokens <= band.up_to:
                return band
        return self.bands[-1]

    def cost(self, usage: Usage, *, write_1h: int = 0) -> Decimal:
        """Exact dollars of one call; `write_1h` of `usage.cache_write` was kept for an hour."""
        band = self.band(usage.input + usage.cache_read + usage.cache_write)
        write_1h = min(write_1h, usage.cache_write)
        total = (
            usage.input * band.input
            + usage.output * band.output
            + usage.cache_read * band.cache_read
            + (usage.cache_write - write_1h) * band.cache_write_5m
            + write_1h * band.cache_write_1h
        )
        return total / _PER_TOKENS

    def ceiling(self, prompt_tokens: int, max_tokens: int, *, one_hour: bool = False) -> Decimal:
        """Dollars at most: the whole prompt at its dearest rate and every output token."""
        band = self.band(prompt_tokens)
        write = band.cache_write_1h if one_hour else band.cache_write_5m
        return (prompt_tokens * max(write, band.input) + max_tokens * band.output) / _PER_TOKENS


def resolve(name: str) -> ModelInfo:
    """The model behind an alias or a full id.

    `inherit` and an empty name mean the default (sonnet). A dated snapshot of a known model
    (`claude-opus-5-5-20260901`) has the price of that model.

    Raises:
        ModelError: the model has reached its end of life, or its price is not known.
        BadDocument: the file that `CSM_PRICES` names cannot be used.
    """
    given = name.strip()
    alias = given.lower()
    model_id = ALIASES.get(DEFAULT_ALIAS if alias in ("", "inherit") else alias, given)
    own = _own_prices()
    for key in (model_id, _SNAPSHOT_DATE.sub("", model_id)):
        if key in own:
            return ModelInfo(model_id, own[key], price_source=os.environ[PRICES_ENV])
    if model_id in END_OF_LIFE:
        ends, successor = END_OF_LIFE[model_id]
        raise ModelError(
            f"model {model_id} reaches its end of life on {ends.isoformat()}.",
            fix=f"use {successor} ({ALIASES[successor]}).",
        )
    for key in (model_id, _SNAPSHOT_DATE.sub("", model_id)):
        if key in PRICES:
            return ModelInfo(model_id, _bands(PRICES[key], where=key))
    raise ModelError(
        f"no price is known for model {model_id[:120]!r}, and a run must know its cost.",
        fix=f"use one of {', '.join(ALIASES)}, or name a YAML price file in {PRICES_ENV} that "
        "has this id under `models:`.",
    )


def _own_prices() -> dict[str, tuple[Band, ...]]:
    """Price bands from the file in `CSM_PRICES`; empty when it is not set."""
    path = os.environ.get(PRICES_ENV, "").strip()
    if not path:
        return {}
    from agent.memory.strict_yaml import load

    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise BadDocument(
            f"the price file cannot be read: {error.strerror}.",
            where=path,
            fix=f"correct {PRICES_ENV} or unset it.",
        ) from None
    document = load(data, where=path, max_bytes=_MAX_PRICE_FILE)
    models = document.get("models") if isinstance(document, dict) else None
    if not isinstance(models, dict):
        raise BadDocument(
            "a price file needs a mapping `models:` from model id to prices.",
            where=path,
            fix=f"give each id the keys {', '.join(_KEYS)}.",
        )
    return {str(key): _bands(value, where=f"{path}: models.{key}") for key, value in models.items()}


def _bands(value: Any, *, where: str) -> tuple[Band, ...]:
    rows = value if isinstance(value, list) else [value]
    bands = tuple(_band(row, where=where) for row in rows)
    limits = [band.up_to for band in bands]
    closed = [limit for limit in limits[:-1] if limit is not None]
    if not bands or limits[-1] is not None or len(closed) != len(bands) - 1:
        raise BadDocument(
            "the last price band must have no `up_to`, all others must have one.", where=where
        )
    if sorted(set(closed)) != closed:
        raise BadDocument("price bands must be in rising order of `up_to`.", where=where)
    return bands


def _band(row: Any, *, where: str) -> Band:
    if not isinstance(row, dict) or not set(_KEYS) <= set(row) <= {*_KEYS, "up_to"}:
        raise BadDocument(
            f"prices need exactly the keys {', '.join(_KEYS)} (and `up_to` in a band).",
            where=where,
            fix="prices are US dollars per million tokens.",
        )
    up_to = row.get("up_to")
    if up_to is not None and (type(up_to) is not int or up_to < 1):
        raise BadDocument("`up_to` must be a whole number of tokens, at least 1.", where=where)
    return Band(**{key: _price(row[key], where=f"{where}.{key}") for key in _KEYS}, up_to=up_to)


def _price(value: Any, *, where: str) -> Decimal:
    try:
        price = Decimal("NaN") if isinstance(value, bool) else Decimal(str(value))
    except InvalidOperation:
        price = Decimal("NaN")
    if not (price.is_finite() and 0 <= price <= 100_000):
        raise BadDocument(
            f"{str(value)[:60]!r} is not a price.",
            where=where,
            fix="write US dollars per million tokens, 0 or more.",
        )
    return price
