from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from agent.errors import BadDocument, ModelError
from agent.models.base import Usage
from agent.models.catalog import ALIASES, END_OF_LIFE, PRICES, resolve


@pytest.mark.parametrize(
    ("name", "model_id"),
    [
        ("sonnet", "claude-sonnet-5-5"),
        ("Opus", "claude-opus-5-5"),
        (" haiku ", "claude-haiku-5-5"),
        ("inherit", "claude-sonnet-5-5"),
        ("", "claude-sonnet-5-5"),
        ("claude-opus-5", "claude-opus-5"),
        ("claude-opus-5-5-20260922", "claude-opus-5-5-20260922"),
    ],
)
def test_names_resolve_through_one_table(name: str, model_id: str) -> None:
    assert resolve(name).id == model_id


def test_no_name_we_offer_is_withdrawn_by_the_sdk_we_ship_with() -> None:
    from anthropic.resources.messages.messages import DEPRECATED_MODELS

    offered = {*ALIASES.values(), *PRICES}
    assert not offered & DEPRECATED_MODELS.keys()
    assert not offered & END_OF_LIFE.keys()


def test_every_alias_has_a_price() -> None:
    assert all(resolve(alias).bands for alias in ALIASES)


def test_a_withdrawn_model_names_its_successor() -> None:
    with pytest.raises(ModelError, match=r"2026-11-30.*use sonnet .claude-sonnet-5-5"):
        resolve("claude-sonnet-4-5")


@pytest.mark.parametrize("name", ["claude-neptune-9", "gpt-7", "sonet"])
def test_a_model_without_a_price_is_refused_with_the_way_out(name: str) -> None:
    with pytest.raises(ModelError, match=f"no price is known for model '{name}'.*CSM_PRICES"):
        resolve(name)


def test_cost_adds_the_four_buckets_at_their_own_prices() -> None:
    usage = Usage(input=1_000, output=2_000, cache_read=100_000, cache_write=10_000)
    # 1000*4 + 2000*20 + 100000*0.20 + 10000*5 = 114,000 millionths
    assert resolve("opus").cost(usage) == Decimal("0.114")
    # 4,000 of the written tokens are kept for an hour: 4000 * (8 - 5) more
    assert resolve("opus").cost(usage, write_1h=4_000) == Decimal("0.126")
    assert resolve("sonnet").cost(usage) == Decimal("0.057")


def test_haiku_prices_the_whole_request_by_the_length_of_its_prompt() -> None:
    haiku = resolve("haiku")
    at_limit = Usage(input=10_000, output=1_000, cache_read=80_000, cache_write=10_000)
    above = Usage(input=10_001, output=1_000, cache_read=80_000, cache_write=10_000)
    assert haiku.cost(at_limit) == Decimal("0.00355")
    assert haiku.cost(above) == Decimal("0.0177505")


def test_cost_is_exact_to_the_last_token() -> None:
    one = resolve("haiku").cost(Usage(cache_write=1))
    assert one == Decimal("0.000000125")
    assert sum([one] * 8, Decimal(0)) == Decimal("0.000001")


def test_own_prices_serve_models_the_table_does_not_know(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prices = tmp_path / "prices.yaml"
    prices.write_text(
        "models:\n"
        "  house-model: {input: 0.5, output: 1, cache_write_5m: 0, cache_write_1h: 0, "
        "cache_read: 0}\n"
        "  claude-sonnet-5-5:\n"
        "    - {up_to: 1000, input: 1, output: 1, cache_write_5m: 1, cache_write_1h: 1, "
        "cache_read: 1}\n"
        "    - {input: 9, output: 9, cache_write_5m: 9, cache_write_1h: 9, cache_read: 9}\n"
    )
    monkeypatch.setenv("CSM_PRICES", str(prices))
    assert resolve("house-model").cost(Usage(input=2_000_000)) == Decimal(1)
    assert resolve("sonnet").cost(Usage(input=1_001)) == Decimal("0.009009")
    assert resolve("sonnet").price_source == str(prices)
    assert resolve("opus").cost(Usage(input=1_000_000)) == Decimal(4)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("models: [a]\n", "needs a mapping `models:`"),
        ("models: {m: {input: 1}}\n", "need exactly the keys"),
        (
            "models: {m: {input: -1, output: 1, cache_write_5m: 1, cache_write_1h: 1, "
            "cache_read: 1}}\n",
            r"models\.m\.input: '-1' is not a price",
        ),
        (
            "models: {m: {up_to: 5, input: 1, output: 1, cache_write_5m: 1, cache_write_1h: 1, "
            "cache_read: 1}}\n",
            "the last price band must have no `up_to`",
        ),
    ],
)
def test_a_price_file_that_cannot_be_used_says_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, complaint: str
) -> None:
    prices = tmp_path / "prices.yaml"
    prices.write_text(text)
    monkeypatch.setenv("CSM_PRICES", str(prices))
    with pytest.raises(BadDocument, match=complaint):
        resolve("m")


def test_a_missing_price_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CSM_PRICES", str(tmp_path / "gone.yaml"))
    with pytest.raises(BadDocument, match=r"gone\.yaml.*cannot be read"):
        resolve("sonnet")
