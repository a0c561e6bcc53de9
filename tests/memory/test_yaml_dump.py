"""What is written reads back the same, for readers of YAML 1.1 and 1.2 alike."""

from __future__ import annotations

import enum
import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.errors import BadDocument
from agent.memory.strict_yaml import dump, load
from agent.memory.yaml_dump import dump_flow

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**15), 10**15)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


def back(value: Any) -> Any:
    return load(dump(value).encode(), where="f.yaml")


@given(VALUES)
@settings(deadline=None, max_examples=300)
def test_values_come_back(value: Any) -> None:
    assert back({"v": value}) == {"v": value}
    assert load(dump_flow({"v": value}).encode(), where="f.yaml") == {"v": value}
    assert dump(value) == dump(json.loads(json.dumps(value)))


@given(VALUES)
@settings(deadline=None)
def test_yaml_1_1_readers_see_the_same(value: Any) -> None:
    assert yaml.safe_load(dump({"v": value})) == {"v": value}


@pytest.mark.parametrize(
    "text",
    ["no", "YES", "on", "y", "~", "null", "true", "1e3", "0o17", "017", "08", "0x1F", "1_000",
     "12:30", "12:30:45", "2026-11-17", "2026-11-17T09:00:00Z", "2026-11-17 9:00", ".5", "+1", "1.",
     "-.inf", ".nan", "=", "<<", "", " ", "- a", "? a", "a: b", "a #b", "&a", "*a", "!a", "%a",
     "@a", "`a", "{a", "]a", "'a", '"a', "|", ">", "---", "...", "a\n---\nb", "\ta", "a\t", "#a",
     "x\n- escalations: []\ntier: green\n# ",
     "🧪 מעבדות \u202eסיכום\u202c: \"Fern#hill\" & Söhne\u0301",
     "\x1b[2J", "\x85", "\u2028", "\ufeff", "=HYPERLINK(\"x\")", "inf", "nan", "word " * 60],
)  # fmt: skip
def test_text_stays_text_for_every_reader(text: str) -> None:
    document = {"k": text, "list": [text], text or "empty": 1}
    assert back(document) == document
    assert yaml.safe_load(dump(document)) == document
    assert load(dump_flow(document).encode(), where="f.yaml") == document


def test_a_document_as_people_see_it() -> None:
    assert dump(
        {
            "plan_id": "fernhill-2026Q4",
            "as_of": date(2026, 11, 17),
            "at": datetime(2026, 11, 17, 9, tzinfo=UTC),
            "score": 71.5,
            "tier": None,
            "items": [{"id": 1, "done": False}, ("a", "no")],
            "none": [],
            "map": {},
            "text": "two\nlines",
        }
    ).splitlines() == [
        "plan_id: fernhill-2026Q4",
        "as_of: '2026-11-17'",
        "at: '2026-11-17T09:00:00+00:00'",
        "score: 71.5",
        "tier: null",
        "items:",
        "- id: 1",
        "  done: false",
        "- - a",
        "  - 'no'",
        "none: []",
        "map: {}",
        'text: "two\\nlines"',
    ]


def test_shared_values_are_written_out() -> None:
    shared = {"a": [1]}
    assert back({"x": shared, "y": shared}) == {"x": shared, "y": shared}
    assert "&" not in dump({"x": shared, "y": shared})


def test_enumerations_are_their_text() -> None:
    class Tier(enum.StrEnum):
        GREEN = "green"

    assert back({"tier": Tier.GREEN}) == {"tier": "green"}


def test_what_yaml_cannot_carry_is_refused_with_its_place() -> None:
    for text in ("a\0b", "\ud83e"):
        with pytest.raises(BadDocument) as caught:
            dump({"risks": [{"signal": text}]})
        assert caught.value.where == "risks[0].signal"
    deep: list[Any] = []
    for _ in range(5000):
        deep = [deep]
    with pytest.raises(BadDocument, match="nested"):
        dump(deep)
    with pytest.raises(TypeError, match="a: object cannot"):
        dump({"a": object()})
    with pytest.raises(BadDocument, match="undefined"):
        dump_flow({"a": float("nan")})
