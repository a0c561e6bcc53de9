from __future__ import annotations

import copy
import json
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from agent.errors import ModelError, ModelRefusedRequest
from agent.models.base import Request, Usage
from agent.models.claude import ClaudeModel
from agent.models.wire import MALFORMED_INPUT
from tests.models.conftest import KEY
from tests.support.messages_api import (
    MessagesApi,
    raw_tool_use,
    reply,
    text,
    thinking,
    tool_use,
)

Make = Callable[..., ClaudeModel]
Ask = Callable[..., Request]

RICH = [
    thinking("The renewal is near."),
    {"type": "redacted_thinking", "data": "b3BhcXVl"},
    text("Adoption fell by a third; first I read what is known — naïve ☂."),
    tool_use("read", {"path": "a.yaml", "n": 1.0, "deep": {"x": [None, True, "é"]}}, id="toolu_a"),
    tool_use("read", {}, id="toolu_b"),
    {"type": "horoscope", "sign": {"name": "leo"}},
]


def test_a_plain_reply(claude: Make, ask: Ask) -> None:
    with MessagesApi([reply([text("Done.")], usage={"output_tokens": 5})]) as api:
        answer = claude(api).reply(ask())
    assert (answer.text, answer.stop_reason, answer.attempts) == ("Done.", "end_turn", 1)
    assert answer.model == "claude-sonnet-5-5"
    assert answer.request_id.startswith("req_")
    assert (len(api.requests), api.billed) == (1, 1)


def test_streaming_gives_the_same_content_as_not_streaming(claude: Make, ask: Ask) -> None:
    pieces: list[str] = []
    with MessagesApi([reply(RICH), reply(RICH)]) as api:
        plain = claude(api).reply(ask())
        streamed = claude(api).reply(ask(), on_text=pieces.append)
    assert plain.content == streamed.content == RICH
    assert plain.stop_reason == streamed.stop_reason == "tool_use"
    assert "".join(pieces) == plain.text
    assert len(pieces) > 1
    assert [call["id"] for call in streamed.tool_calls] == ["toolu_a", "toolu_b"]


def test_a_reply_can_be_sent_back_as_it_is(claude: Make, ask: Ask) -> None:
    with MessagesApi([reply(RICH), reply([text("Thanks.")])]) as api:
        model = claude(api)
        first = model.reply(ask())
        results = [
            {"type": "tool_result", "tool_use_id": call["id"], "content": "…"}
            for call in first.tool_calls
        ]
        turns = (
            {"role": "user", "content": "Write the plan."},
            {"role": "assistant", "content": first.content},
            {"role": "user", "content": results},
        )
        assert model.reply(ask(*turns)).text == "Thanks."
    assert api.requests[1].body["messages"][1]["content"] == RICH


def test_long_replies_are_streamed_even_when_nobody_watches(claude: Make, ask: Ask) -> None:
    with MessagesApi([reply([text("a")]), reply([text("b")])]) as api:
        model = claude(api)
        model.reply(ask(max_tokens=1_000))
        model.reply(ask(max_tokens=16_000))
    assert [request.body.get("stream", False) for request in api.requests] == [False, True]


@pytest.mark.parametrize("watched", [False, True])
@pytest.mark.parametrize(
    "stop_reason", ["refusal", "pause_turn", "max_tokens", "model_context_window_exceeded", "zeal"]
)
def test_the_stop_reason_passes_as_it_is(
    claude: Make, ask: Ask, stop_reason: str, watched: bool
) -> None:
    seen: list[str] = []
    with MessagesApi([reply([text("So far.")], stop_reason=stop_reason)]) as api:
        answer = claude(api).reply(ask(), on_text=seen.append if watched else None)
    assert answer.stop_reason == stop_reason
    assert answer.text == "So far."


@pytest.mark.parametrize("raw", ['{"path": "a.ya', '{"path": oops}', "[1,", '{"n": NaN}'])
def test_tool_input_that_is_no_json_is_kept_for_the_loop_to_refuse(
    claude: Make, ask: Ask, raw: str
) -> None:
    script = [reply([raw_tool_use("read", raw)], stop_reason="max_tokens")]
    with MessagesApi(script) as api:
        answer = claude(api).reply(ask(), on_text=lambda _: None)
    assert answer.tool_calls[0]["input"] == {MALFORMED_INPUT: raw}


def test_duplicate_call_ids_are_passed_on_for_the_loop_to_judge(claude: Make, ask: Ask) -> None:
    twins = [tool_use("read", {"path": "a"}, id="same"), tool_use("read", {"path": "b"}, id="same")]
    with MessagesApi([reply(twins)]) as api:
        assert claude(api).reply(ask()).tool_calls == twins


def test_text_that_could_not_be_sent_back_or_stored_is_mended(claude: Make, ask: Ask) -> None:
    with MessagesApi(
        [reply([text(""), text("lone \ud83d half"), text("whole \U0001f642")])]
    ) as api:
        answer = claude(api).reply(ask())
    assert answer.content == [text("lone \ufffd half"), text("whole \U0001f642")]


def test_the_prefix_is_cached_once_and_read_ever_after(claude: Make, ask: Ask) -> None:
    turns: list[dict[str, Any]] = [{"role": "user", "content": "Plan for Aurora. " * 30}]
    with MessagesApi(lambda body: reply([tool_use("read", {"path": "x"})])) as api:
        model = claude(api)
        usages = []
        for _ in range(4):
            request = ask(*turns)
            before = copy.deepcopy(request)
            answer = model.reply(request)
            assert request == before, "the request belongs to the caller"
            usages.append(answer.usage)
            results = [
                {"type": "tool_result", "tool_use_id": call["id"], "content": "notes " * 50}
                for call in answer.tool_calls
            ]
            turns += [
                {"role": "assistant", "content": answer.content},
                {"role": "user", "content": results},
            ]
    assert usages[0].cache_read == 0
    for earlier, later in pairwise(usages):
        assert later.cache_read == earlier.cache_read + earlier.cache_write
        assert later.input == 0
    prefixes = {json.dumps([r.body["tools"], r.body["system"]]) for r in api.requests}
    assert len(prefixes) == 1
    assert all(r.raw.count(b'"cache_control"') <= 4 for r in api.requests)


def test_a_long_turn_of_many_calls_still_finds_the_cache(claude: Make, ask: Ask) -> None:
    calls = [tool_use("read", {"path": f"{n}"}) for n in range(15)]
    opening = {"role": "user", "content": "Read all of it. " * 30}
    with MessagesApi([reply(calls), reply([text("Done.")])]) as api:
        model = claude(api)
        first = model.reply(ask(opening))
        results = [
            {"type": "tool_result", "tool_use_id": call["id"], "content": "…"} for call in calls
        ]
        second = model.reply(
            ask(
                opening,
                {"role": "assistant", "content": first.content},
                {"role": "user", "content": results},
            )
        )
    assert second.usage.cache_read == first.usage.cache_write


def test_the_prefix_is_the_same_for_other_accounts_of_the_persona(claude: Make, ask: Ask) -> None:
    with MessagesApi([reply([text("a")]), reply([text("b")])]) as api:
        claude(api).reply(ask({"role": "user", "content": "Plan for Aurora."}))
        other = claude(api).reply(ask({"role": "user", "content": "Plan for Borealis."}))
    assert other.usage.cache_read > 0
    first, second = (r.body for r in api.requests)
    assert json.dumps([first["tools"], first["system"]]) == json.dumps(
        [second["tools"], second["system"]]
    )


def test_breakpoints_the_caller_set_count_against_the_four(claude: Make, ask: Ask) -> None:
    mark = {"cache_control": {"type": "ephemeral"}}
    system = [{"type": "text", "text": f"part {n}", **mark} for n in range(3)]
    with MessagesApi([reply([text("ok")])]) as api:
        claude(api).reply(ask(system=system))
    assert api.requests[0].raw.count(b'"cache_control"') == 4


def test_the_bill_has_four_disjoint_buckets_and_an_exact_cost(claude: Make, ask: Ask) -> None:
    counted = {
        "input_tokens": 100,
        "output_tokens": 1_000,
        "cache_read_input_tokens": 20_000,
        "cache_creation_input_tokens": 3_000,
        "cache_creation": {"ephemeral_5m_input_tokens": 1_000, "ephemeral_1h_input_tokens": 2_000},
    }
    with MessagesApi([reply([text("ok")], usage=counted)] * 2) as api:
        plain = claude(api).reply(ask())
        streamed = claude(api).reply(ask(), on_text=lambda _: None)
    for answer in (plain, streamed):
        assert answer.usage == Usage(100, 1_000, 20_000, 3_000)
        # 100*2 + 1000*10 + 20000*0.10 + 1000*2.50 + 2000*4 = 22,700 millionths
        assert answer.cost == Decimal("0.0227")


def test_an_endpoint_that_counts_nothing_is_billed_by_a_high_guess(claude: Make, ask: Ask) -> None:
    silent = {
        "input_tokens": 0,
        "output_tokens": 0,
        "cache_creation_input_tokens": 0,
        "cache_creation": None,
    }
    with MessagesApi([reply([text("ok")], usage=silent)]) as api:
        model = claude(api)
        answer = model.reply(ask())
    assert 0 < answer.cost <= model.price_ceiling(ask())


def test_the_price_ceiling_covers_what_is_billed(claude: Make, ask: Ask) -> None:
    with MessagesApi([reply([text("word " * 700)])]) as api:
        model = claude(api)
        request = ask({"role": "user", "content": "客户成功 " * 2_000})
        assert model.reply(request).cost <= model.price_ceiling(request)
        assert not api.requests[0].body.keys() & {"temperature", "top_p", "top_k"}


def test_an_hour_of_cache_is_asked_for_and_paid_for(claude: Make, ask: Ask) -> None:
    with MessagesApi([reply([text("ok")])] * 2) as api:
        hour = claude(api, cache_ttl="1h").reply(ask())
    assert api.requests[0].body["system"][-1]["cache_control"] == {"type": "ephemeral", "ttl": "1h"}
    assert hour.cost > ClaudeModel("sonnet").info.cost(hour.usage)


def test_a_forced_tool_is_passed_to_a_model_that_takes_it(claude: Make, ask: Ask) -> None:
    choice = {"type": "tool", "name": "read"}
    with MessagesApi([reply([tool_use("read", {})])]) as api:
        claude(api, "haiku").reply(ask(tool_choice=choice))
    assert api.requests[0].body["tool_choice"] == choice


def test_a_forced_tool_is_softened_for_a_model_that_refuses_it(claude: Make, ask: Ask) -> None:
    choice = {"type": "tool", "name": "read", "disable_parallel_tool_use": True}
    with MessagesApi([reply([text("No need.")])]) as api:
        claude(api, "sonnet").reply(ask(tool_choice=choice))
    assert api.requests[0].body["tool_choice"] == {
        "type": "auto",
        "disable_parallel_tool_use": True,
    }


def test_effort_is_passed_on(claude: Make, ask: Ask) -> None:
    with MessagesApi([reply([text("ok")])]) as api:
        claude(api, effort="low").reply(ask())
    assert api.requests[0].body["output_config"] == {"effort": "low"}


@pytest.mark.parametrize("variable", ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"])
def test_key_and_endpoint_come_from_the_environment(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    with MessagesApi([reply([text("ok")])]) as api:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", api.url)
        monkeypatch.setenv(variable, f"{KEY}\n")
        model = ClaudeModel("haiku")
        assert model.reply(ask()).text == "ok"
        model.close()
    assert KEY in str(api.requests[0].headers)


def test_the_sdk_is_loaded_when_it_is_needed_and_not_before() -> None:
    heavy = "{'anthropic', 'httpx2', 'tenacity'} & sys.modules.keys()"
    code = f"import sys, agent.models.claude, agent.models.recorded as r; print({heavy} or 'none')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "none"


def test_without_a_key_nothing_goes_over_the_network(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with MessagesApi([reply([text("ok")])]) as api:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", api.url)
        with pytest.raises(ModelError, match=r"ANTHROPIC_API_KEY.*no key.*--model playbook"):
            ClaudeModel("sonnet").reply(ask())
    assert api.requests == []


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"api_key": "sk-ant-\u201cquoted\u201d"}, "no HTTP header can carry"),
        ({"api_key": "sk-ant-two\nlines"}, "no HTTP header can carry"),
        ({"api_key": KEY, "base_url": "localhost:8080"}, "not an http.s. address"),
    ],
)
def test_settings_that_cannot_work_are_refused_before_any_call(
    ask: Ask, options: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(ModelError, match=complaint) as caught:
        ClaudeModel("sonnet", **options).reply(ask())
    assert options["api_key"] not in str(caught.value)


def test_text_that_is_no_unicode_is_refused_not_retried(claude: Make, ask: Ask) -> None:
    with MessagesApi() as api, pytest.raises(ModelRefusedRequest, match="valid Unicode"):
        claude(api).reply(ask({"role": "user", "content": "half \ud83d"}))
