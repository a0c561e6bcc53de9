from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.errors import ModelError
from agent.models.base import Reply, Request, Usage
from agent.models.claude import ClaudeModel
from agent.models.recorded import RecordedModel, part_hashes, request_hash
from tests.support.messages_api import MessagesApi, reply, text, tool_use

Ask = Callable[..., Request]


def journal_of(request: Request, answer: Reply, *, turn: int = 1) -> list[dict[str, Any]]:
    """The two records of one turn, as they come back from a file of JSON lines."""
    sha = request_hash(request)
    records: list[dict[str, Any]] = [
        {
            "kind": "model_request",
            "turn": turn,
            "request_sha256": sha,
            "parts": part_hashes(request),
        },
        {
            "kind": "model_reply",
            "turn": turn,
            "request_sha256": sha,
            "content": answer.content,
            "stop_reason": answer.stop_reason,
            "usage": answer.usage.as_dict(),
            "model": answer.model,
            "cost": str(answer.cost),
        },
    ]
    return [json.loads(json.dumps(record)) for record in records]


ANSWER = Reply(
    content=[text("Now I know."), tool_use("read", {"path": "a"}, id="t1")],
    stop_reason="tool_use",
    usage=Usage(1, 2, 3, 4),
    model="claude-sonnet-5-5",
    cost=Decimal("0.0123"),
)


def test_a_recording_gives_back_what_was_paid_for(ask: Ask) -> None:
    model = RecordedModel(journal_of(ask(), ANSWER))
    seen: list[str] = []
    assert model.reply(ask(), on_text=seen.append) == ANSWER
    assert seen == ["Now I know."]
    assert (model.id, model.uses_language_model, model.left) == ("claude-sonnet-5-5", True, 0)
    assert model.price_ceiling(ask()) == 0


def test_a_call_over_the_wire_replays_byte_for_byte(
    ask: Ask, claude: Callable[..., ClaudeModel]
) -> None:
    with MessagesApi([reply([text("naïve ☂ \U0001f642"), tool_use("read", {"n": 1.0})])]) as api:
        paid = claude(api).reply(ask())
    again = RecordedModel(journal_of(ask(), paid)).reply(ask())
    assert json.dumps(again.content) == json.dumps(paid.content)
    assert (again.usage, again.cost) == (paid.usage, paid.cost)


@pytest.mark.parametrize(
    ("changed", "part"),
    [
        ({"system": [text("You are someone else.")]}, "system"),
        ({"tools": []}, "tools"),
        ({"max_tokens": 7}, "settings"),
        ({"tool_choice": {"type": "auto"}}, "settings"),
    ],
)
def test_a_changed_request_is_told_by_its_part(
    ask: Ask, changed: dict[str, Any], part: str
) -> None:
    model = RecordedModel(journal_of(ask(), ANSWER))
    with pytest.raises(ModelError, match=f"reply 1 .*differs from the recorded one in {part}\\."):
        model.reply(ask(**changed))


def test_a_changed_message_is_told_by_its_number(ask: Ask) -> None:
    said = [{"role": "user", "content": words} for words in ("one", "two", "three")]
    other = [said[0], {"role": "user", "content": "TWO"}]
    model = RecordedModel(journal_of(ask(*said), ANSWER))
    with pytest.raises(ModelError, match=r"in message 2, message 3 \(missing now\)"):
        model.reply(ask(*other))
    model = RecordedModel(journal_of(ask(*other), ANSWER))
    with pytest.raises(ModelError, match=r"in message 2, message 3 \(not in the recording\)"):
        model.reply(ask(*said))


def test_without_strictness_the_differences_are_noted_and_it_goes_on(ask: Ask) -> None:
    model = RecordedModel(journal_of(ask(), ANSWER), strict=False)
    assert model.reply(ask(tools=[])) == ANSWER
    assert len(model.drift) == 1
    assert "in tools" in model.drift[0]


def test_a_recording_without_part_hashes_says_so(ask: Ask) -> None:
    model = RecordedModel(journal_of(ask(), ANSWER)[1:])
    with pytest.raises(ModelError, match="unknown part"):
        model.reply(ask(tools=[]))


def test_one_call_too_many(ask: Ask) -> None:
    model = RecordedModel(journal_of(ask(), ANSWER))
    model.reply(ask())
    with pytest.raises(ModelError, match="the recording ends after 1 replies"):
        model.reply(ask())


@pytest.mark.parametrize(
    "damage", [{"content": None}, {"usage": {"inputs": 1}}, {"cost": "much"}, {"attempts": "x"}]
)
def test_a_damaged_record_is_named(ask: Ask, damage: dict[str, Any]) -> None:
    records = journal_of(ask(), ANSWER)
    records[1] |= {"seq": 17, **damage}
    with pytest.raises(ModelError, match=r"journal record 17.*damaged"):
        RecordedModel(records).reply(ask())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None, max_examples=50)
@given(content=st.lists(st.dictionaries(st.text(), JSON, max_size=3), max_size=3))
def test_the_hash_of_a_request_survives_a_trip_through_json(content: list[Any]) -> None:
    request = Request([text("s")], [], [{"role": "user", "content": content}])
    back = Request([text("s")], [], json.loads(json.dumps(request.messages)))
    assert request_hash(request) == request_hash(back)
    assert part_hashes(request) == part_hashes(back)
