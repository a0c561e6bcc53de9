from __future__ import annotations

import traceback
from collections.abc import Callable
from decimal import Decimal
from email.utils import formatdate
from time import time

import pytest

from agent.errors import ModelError, ModelRefusedRequest, ModelUnavailable
from agent.models.base import Request
from agent.models.claude import ClaudeModel
from agent.models.retry import RetryPolicy
from tests.models.conftest import KEY
from tests.support.messages_api import MessagesApi, fault, reply, text

Make = Callable[..., ClaudeModel]
Ask = Callable[..., Request]

DONE = reply([text("Done.")])


@pytest.mark.parametrize("watched", [False, True])
@pytest.mark.parametrize(
    "name",
    [
        *("rate_limit", "overloaded", "server_error", "reset", "malformed_json"),
        *("truncated_stream", "reset_mid_stream"),
    ],
)
def test_a_passing_fault_is_recovered_from(
    claude: Make, ask: Ask, name: str, watched: bool, naps: list[float]
) -> None:
    script = [fault(name), DONE]
    with MessagesApi(script) as api:
        answer = claude(api).reply(ask(), on_text=(lambda _: None) if watched else None)
    assert (answer.text, answer.attempts) == ("Done.", 2)
    assert len(api.requests) == 2
    assert naps == [0.5]


def test_an_overload_in_mid_stream_is_recovered_from_and_its_bill_is_kept(
    claude: Make, ask: Ask
) -> None:
    seen: list[str] = []
    with MessagesApi([fault("error_mid_stream"), DONE]) as api:
        model = claude(api)
        answer = model.reply(ask(), on_text=seen.append)
    assert answer.content == [text("Done.")]
    assert api.billed == 2
    assert answer.usage.cache_write > 0, "written by the attempt that failed"
    assert answer.usage.cache_read == answer.usage.cache_write
    alone = model.info.cost(answer.usage)
    assert answer.cost == alone
    assert "[the stream broke off; asking again]" in "".join(seen)
    assert "".join(seen).endswith("Done.")


def test_a_stream_that_only_loses_its_farewell_is_not_paid_twice(claude: Make, ask: Ask) -> None:
    with MessagesApi([fault("no_message_stop", blocks=[text("All of it.")])]) as api:
        answer = claude(api).reply(ask(), on_text=lambda _: None)
    assert (answer.text, answer.attempts, api.billed) == ("All of it.", 1, 1)


@pytest.mark.parametrize(
    ("headers", "waited"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after-ms": "250"}, 0.25),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": "soon"}, 0.5),
        ({"retry-after": "-3"}, 0.5),
    ],
)
@pytest.mark.parametrize("name", ["rate_limit", "overloaded", "server_error"])
def test_retry_after_is_honoured(
    claude: Make, ask: Ask, naps: list[float], name: str, headers: dict[str, str], waited: float
) -> None:
    with MessagesApi([fault(name, headers=headers), DONE]) as api:
        claude(api).reply(ask())
    assert naps == [waited]


def test_retry_after_may_be_a_date(claude: Make, ask: Ask, naps: list[float]) -> None:
    when = formatdate(time() + 60, usegmt=True)
    with MessagesApi([fault("rate_limit", headers={"retry-after": when}), DONE]) as api:
        claude(api).reply(ask())
    assert 50 < naps[0] <= 60


def test_a_wait_longer_than_the_bound_ends_it_at_once(
    claude: Make, ask: Ask, naps: list[float]
) -> None:
    with (
        MessagesApi([fault("rate_limit", headers={"retry-after": "3600"})]) as api,
        pytest.raises(ModelUnavailable, match="asks to wait 3600 s"),
    ):
        claude(api).reply(ask())
    assert naps == []


def test_backoff_doubles_and_attempts_are_bounded(
    claude: Make, ask: Ask, naps: list[float]
) -> None:
    with (
        MessagesApi(lambda body: fault("overloaded")) as api,
        pytest.raises(ModelUnavailable, match="no answer after 5 attempts: 529") as caught,
    ):
        claude(api, jitter=lambda: 1.0).reply(ask())
    assert naps == [1.0, 2.0, 4.0, 8.0]
    assert len(api.requests) == caught.value.attempts == 5
    assert (caught.value.cost, api.billed) == (Decimal(0), 0)


def test_attempts_that_fail_to_the_end_still_tell_what_they_cost(claude: Make, ask: Ask) -> None:
    with (
        MessagesApi(lambda body: fault("reset_mid_stream")) as api,
        pytest.raises(ModelUnavailable) as caught,
    ):
        claude(api, retry=RetryPolicy(attempts=3)).reply(ask(), on_text=lambda _: None)
    assert (caught.value.attempts, api.billed) == (3, 3)
    assert caught.value.cost > 0
    assert caught.value.usage["cache_write"] > 0


@pytest.mark.parametrize("watched", [False, True])
@pytest.mark.parametrize("name", ["hang", "drip"])
def test_the_deadline_ends_what_would_never_end(
    claude: Make, ask: Ask, name: str, watched: bool
) -> None:
    with (
        MessagesApi([fault(name)]) as api,
        pytest.raises(ModelUnavailable, match=r"no complete answer within 0\.3 s after 1 attempt:"),
    ):
        claude(api, retry=RetryPolicy(deadline=0.3)).reply(
            ask(), on_text=(lambda _: None) if watched else None
        )


def test_silence_is_given_up_before_the_deadline_and_tried_again(claude: Make, ask: Ask) -> None:
    with MessagesApi([fault("hang"), DONE]) as api:
        assert claude(api, idle_timeout=0.2).reply(ask()).attempts == 2


def test_a_server_that_is_not_there(claude: Make, ask: Ask, naps: list[float]) -> None:
    with MessagesApi() as api:
        pass
    with pytest.raises(ModelUnavailable, match="the connection failed"):
        claude(api).reply(ask())
    assert len(naps) == 4


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("bad_request", "does not accept this request"),
        ("prompt_too_long", "shorten the notes"),
        ("no_credit", "check the billing"),
        ("unauthorized", "check ANTHROPIC_API_KEY"),
        ("forbidden", "may not use this model"),
        ("not_found", "does not know the model, or ANTHROPIC_BASE_URL"),
        ("too_large", "too large"),
        ("unprocessable", "does not accept this request"),
        ("not_json", "check ANTHROPIC_BASE_URL"),
    ],
)
@pytest.mark.parametrize("watched", [False, True])
def test_what_no_repetition_mends_is_said_at_once_with_advice(
    claude: Make, ask: Ask, naps: list[float], name: str, advice: str, watched: bool
) -> None:
    with MessagesApi([fault(name)]) as api, pytest.raises(ModelRefusedRequest) as caught:
        claude(api).reply(ask(), on_text=(lambda _: None) if watched else None)
    assert advice in str(caught.value)
    assert "127.0.0.1 (claude-sonnet-5-5)" in str(caught.value)
    assert (naps, caught.value.attempts) == ([], 1)


def test_a_spending_limit_is_not_a_rate_limit(claude: Make, ask: Ask, naps: list[float]) -> None:
    details = {"error_code": "enforced_spend_limit_reached"}
    with (
        MessagesApi([fault("spend_limit", details=details)]) as api,
        pytest.raises(ModelRefusedRequest, match="a spending limit is reached"),
    ):
        claude(api).reply(ask())
    assert naps == []


def test_the_server_may_forbid_to_try_again(claude: Make, ask: Ask) -> None:
    with (
        MessagesApi([fault("server_error", headers={"x-should-retry": "false"})]) as api,
        pytest.raises(ModelRefusedRequest),
    ):
        claude(api).reply(ask())
    assert len(api.requests) == 1


def test_an_orphaned_tool_call_is_refused_by_the_server(claude: Make, ask: Ask) -> None:
    call = {"type": "tool_use", "id": "toolu_1", "name": "read", "input": {}}
    turns = (
        {"role": "user", "content": "Go."},
        {"role": "assistant", "content": [call]},
        {"role": "user", "content": "And?"},
    )
    with (
        MessagesApi([DONE]) as api,
        pytest.raises(ModelRefusedRequest, match="without tool_result blocks"),
    ):
        claude(api).reply(ask(*turns))
    assert api.billed == 0


@pytest.mark.parametrize("name", ["unauthorized", "overloaded", "error_mid_stream"])
def test_the_key_never_shows(
    claude: Make, ask: Ask, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    echo = f"the key {KEY} was not accepted (Bearer {KEY}) nor sk-ant-another-one-0123"
    with (
        MessagesApi(lambda body: fault(name, message=echo)) as api,
        pytest.raises(ModelError) as caught,
    ):
        model = claude(api)
        model.reply(ask(), on_text=lambda _: None)
    shown = str(caught.value) + repr(caught.value) + repr(model)
    shown += "".join(traceback.format_exception(caught.value)) + "".join(capfd.readouterr())
    assert "[key]" in shown
    assert KEY not in shown
    assert "sk-ant-another-one" not in shown


def test_an_interruption_passes_through(claude: Make, ask: Ask) -> None:
    def interrupt(_: str) -> None:
        raise KeyboardInterrupt

    with MessagesApi([DONE]) as api, pytest.raises(KeyboardInterrupt):
        claude(api).reply(ask(), on_text=interrupt)
