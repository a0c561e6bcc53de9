"""The loopback server refuses what the service refuses; else green tests would prove nothing."""

from __future__ import annotations

import http.client
import json
from typing import Any

import pytest

from tests.models.conftest import READ
from tests.support.messages_api import MessagesApi, reply, text

HELLO = {"role": "user", "content": "Hello"}
CALL = {"type": "tool_use", "id": "t1", "name": "read", "input": {}}
RESULT = {"type": "tool_result", "tool_use_id": "t1", "content": "…"}
MARK = {"cache_control": {"type": "ephemeral"}}
HEADERS = {"x-api-key": "k", "anthropic-version": "2023-06-01", "content-type": "application/json"}


def post(
    api: MessagesApi, body: dict[str, Any], headers: dict[str, str] | None = None
) -> tuple[int, dict[str, Any]]:
    connection = http.client.HTTPConnection(api.url.removeprefix("http://"), timeout=5)
    try:
        connection.request(
            "POST", "/v1/messages", json.dumps(body), HEADERS if headers is None else headers
        )
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def body(**fields: Any) -> dict[str, Any]:
    return {"model": "claude-haiku-5-5", "max_tokens": 10, "messages": [HELLO]} | fields


def turns(*rest: tuple[str, list[dict[str, Any]]]) -> dict[str, Any]:
    return body(messages=[HELLO, *({"role": role, "content": blocks} for role, blocks in rest)])


@pytest.mark.parametrize(
    "request_body",
    [
        body(),
        body(system="s", tools=[READ], tool_choice={"type": "tool", "name": "read"}),
        body(messages=[HELLO, HELLO]),
        turns(("assistant", [text("a"), CALL]), ("user", [RESULT, text("b")])),
    ],
)
def test_sound_requests_are_answered(request_body: dict[str, Any]) -> None:
    with MessagesApi([reply([text("Hi")])]) as api:
        status, answer = post(api, request_body)
    assert (status, answer["content"], api.billed) == (200, [text("Hi")], 1)


@pytest.mark.parametrize(
    ("request_body", "complaint"),
    [
        (body(max_tokens=0), "max_tokens"),
        (body(messages=[]), "at least one message"),
        (body(messages=[{"role": "assistant", "content": "x"}]), "first message"),
        (body(messages=[{"role": "user", "content": ""}]), "non-empty"),
        (body(messages=[{"role": "user", "content": [text("")]}]), "non-empty"),
        (body(temperature=0), "Extra inputs"),
        (body(tools=[READ, READ]), "unique"),
        (body(tools=[{"name": "read"}]), "input_schema"),
        (body(tools=[READ], tool_choice={"type": "tool", "name": "fly"}), "not found"),
        (body(tools=[READ], tool_choice={"type": "must"}), "unknown type"),
        (
            body(model="claude-sonnet-5-5", tools=[READ], tool_choice={"type": "any"}),
            "forced tool use",
        ),
        (turns(("assistant", [CALL])), "without tool_result"),
        (turns(("assistant", [CALL]), ("user", [text("b")])), "without tool_result"),
        (turns(("assistant", [CALL]), ("user", [text("b"), RESULT])), "must come first"),
        (turns(("assistant", [CALL]), ("user", [RESULT, RESULT])), "unexpected tool_use_id"),
        (turns(("assistant", [text("a")]), ("user", [RESULT])), "unexpected tool_use_id"),
        (turns(("assistant", [CALL, CALL]), ("user", [RESULT])), "unique"),
        (turns(("assistant", [{**CALL, "input": "x"}]), ("user", [RESULT])), "an object"),
        (turns(("assistant", [text("prefill")])), "end with a user message"),
        (turns(("user", [{**text(str(n)), **MARK} for n in range(5)])), "maximum of 4"),
    ],
)
def test_unsound_requests_are_refused_and_not_billed(
    request_body: dict[str, Any], complaint: str
) -> None:
    with MessagesApi([reply([text("Hi")])]) as api:
        status, answer = post(api, request_body)
    assert (status, answer["error"]["type"]) == (400, "invalid_request_error")
    assert complaint in answer["error"]["message"]
    assert api.billed == 0


@pytest.mark.parametrize(("missing", "status"), [("x-api-key", 401), ("anthropic-version", 400)])
def test_headers_are_demanded(missing: str, status: int) -> None:
    with MessagesApi([reply([text("Hi")])]) as api:
        headers = {key: value for key, value in HEADERS.items() if key != missing}
        assert post(api, body(), headers)[0] == status


def test_a_paused_turn_may_be_continued_as_it_is() -> None:
    with MessagesApi([reply([text("Wait.")], "pause_turn"), reply([text("Done.")])]) as api:
        _, paused = post(api, body())
        status, _ = post(api, turns(("assistant", paused["content"])))
    assert status == 200


def test_it_says_when_the_script_is_at_its_end() -> None:
    with MessagesApi([]) as api:
        status, answer = post(api, body())
    assert status == 500
    assert "script" in answer["error"]["message"]
