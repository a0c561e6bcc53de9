"""Five upstream shapes and our own become one Instruction."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.errors import CsmError
from agent.instruction import MAX_TEXT, Instruction, parse
from agent.memory import strict_yaml


def read(text: str, folder_id: str, as_of: date | None = None) -> Instruction:
    data = strict_yaml.load(text.encode(), where="instruction.yaml")
    return parse(data, folder_id=folder_id, where="instruction.yaml", as_of=as_of)


def of(**data: Any) -> Instruction:
    return parse(
        {"instruction_id": "inst_1", "objective": "Plan"} | data,
        folder_id="inst_1",
        where="i.yaml",
        as_of=date(2026, 11, 20),
    )


def test_our_own_shape() -> None:
    found = read(
        """
instruction_id: inst_1
assigned_to: customer-success-manager
requested_by: fleet-orchestrator
created_at: '2026-11-17T08:40:00Z'
account: fernhill
objective: Prepare the plan
  for the quarter.
context: Planning round.
deadline: '2026-11-24'
priority: high
deliverables: [qbr]
""",
        "inst_1",
        date(2026, 11, 20),
    )
    assert found == Instruction(
        id="inst_1",
        objective="Prepare the plan for the quarter.",
        account="fernhill",
        context="Planning round.",
        requested_by="fleet-orchestrator",
        assigned_to="customer-success-manager",
        created_at=datetime(2026, 11, 17, 8, 40, tzinfo=UTC),
        deadline=date(2026, 11, 24),
        priority="high",
        extra=found.extra,
        sha256=found.sha256,
    )
    assert found.extra == {"deliverables": ["qbr"]}


def test_shape_a_flat() -> None:
    found = read(
        """
id: inst_20260110_004
created_at: 2026-01-10T08:15:00Z
created_by: trigger
domain: support
raw_input: "Northwind renews on 31 March. Write the plan."
intent: analyze
entities: {account: northwind, quarter: 2026Q1}
confidence: 0.82
priority: high
parent_instruction: null
tags: [renewal]
""",
        "inst_20260110_004",
    )
    assert found.objective.startswith("Northwind renews")
    assert (found.account, found.domain, found.intent) == ("northwind", "support", "analyze")
    assert found.requested_by == "trigger" and found.parent == ""
    assert found.created_at == datetime(2026, 1, 10, 8, 15, tzinfo=UTC)
    assert found.extra["entities"] == {"account": "northwind", "quarter": "2026Q1"}
    assert found.extra["tags"] == ["renewal"] and found.warnings == ()


def test_shape_b_as_the_initialiser_leaves_it() -> None:
    found = read(
        """
instruction_id: "inst_20260119_101502"
created_at: "2026-01-19T10:15:02Z"
status: active
request: {raw: "Health check", parsed_at: "2026-01-19T10:15:02Z"}
detection: {domain: pending, confidence: null, method: pending, intent: pending}
recommendations: {tier: null, controller: null}
""",
        "inst_20260119_101502",
    )
    assert (found.objective, found.domain, found.intent) == ("Health check", "", "")
    assert found.extra["request"]["parsed_at"] == "2026-01-19T10:15:02Z"
    assert found.extra["status"] == "active"


def test_shape_c_nested() -> None:
    found = read(
        """
id: inst_20260125_011
created_at: 2026-01-25T14:02:10Z
raw_input: "QBR pack for Halden Freight"
detection:
  domain: serve
  intent: {primary: planning, confidence: 0.66, secondary: []}
recommendations: {tier: 2, controller: "shared:customer-success-manager"}
priority: normal
""",
        "inst_20260125_011",
    )
    assert (found.domain, found.intent) == ("serve", "planning")
    assert found.warnings == ()


def test_shapes_d_and_e_with_a_text_block_as_request() -> None:
    found = read(
        """
instruction_id: v3_consolidation_20260112_101500
created: "2026-01-12T10:15:00"
domain: grow
request: |
  Prepare the renewal
  of Halden.
recommendations: {primary_controller: "shared:account-manager"}
""",
        "v3_consolidation_20260112_101500",
    )
    assert found.objective == "Prepare the renewal\nof Halden."
    assert found.created_at == datetime(2026, 1, 12, 10, 15, tzinfo=UTC)
    assert found.warnings == (
        "upstream recommends 'shared:account-manager' as controller; a hint only",
    )


def test_child_of_another_instruction() -> None:
    found = of(parent_instruction="inst_0", workflow_depth=1, ancestor_chain=["inst_0"])
    assert found.parent == "inst_0"
    assert found.extra == {"workflow_depth": 1, "ancestor_chain": ["inst_0"]}


@pytest.mark.parametrize("key", ["objective", "raw_input", "request", "raw_request"])
def test_every_name_of_the_text(key: str) -> None:
    data = {"id": "i", key: "Do it"}
    assert parse(data, folder_id="i", where="i.yaml").objective == "Do it"


@pytest.mark.parametrize(
    "more",
    [
        {"account": "a"},
        {"account_id": "a"},
        {"client": "a"},
        {"customer": "a"},
        {"entities": {"account": "a"}},
        {"entities": {"customer": "a"}},
        {"account": ["a"]},
        {"account": {"id": "a", "name": "A"}},
        {"account": {"name": "a"}},
    ],
)
def test_every_place_of_the_account(more: dict[str, Any]) -> None:
    assert of(**more).account == "a"


def test_dates_may_be_objects() -> None:
    found = of(
        created_at=datetime(2026, 11, 1, 9, tzinfo=UTC),
        deadline=date(2026, 12, 1),
    )
    assert found.created_at == datetime(2026, 11, 1, 9, tzinfo=UTC)
    assert found.deadline == date(2026, 12, 1)


def test_the_first_name_of_a_field_wins_and_the_other_is_kept() -> None:
    found = of(raw_input="Something else", created_by="trigger", requested_by="lead")
    assert found.objective == "Plan"
    assert found.warnings == ("'objective' and 'raw_input' differ; 'objective' is used",)
    assert found.extra == {"raw_input": "Something else", "created_by": "trigger"}
    assert found.requested_by == "lead"


def test_context_may_be_structured() -> None:
    assert "owner: Lotte" in of(context={"owner": "Lotte"}).context


def test_sha256_follows_what_the_document_says() -> None:
    assert of(tags=[1]).sha256 == of(tags=[1]).sha256 != of(tags=[2]).sha256
    assert len(of().sha256) == 64


def test_long_text_is_bounded() -> None:
    found = of(objective="renewal " * 14_000, context="x" * (MAX_TEXT + 1))
    assert len(found.objective) == len(found.context) == MAX_TEXT
    assert found.warnings == (
        "'objective' has 111,999 characters; only the first 20,000 are read",
        "'context' has 20,001 characters; only the first 20,000 are read",
    )


_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.dates()
    | st.sampled_from(["inst_1", "2026-01-01", "pending", "high", "customer-success-manager"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["raw", "id", "account", "intent"]), inner, max_size=3)
    ),
    max_leaves=5,
)
_KEYS = st.sampled_from(
    ["id", "instruction_id", "objective", "request", "raw_input", "account", "entities", "context",
     "detection", "recommendations", "deadline", "priority", "created_at", "assigned_to", "tags",
     "requested_by", "parent", "domain", "intent"]
)  # fmt: skip


@settings(deadline=None, max_examples=200)
@given(st.dictionaries(_KEYS, _VALUES, max_size=8))
def test_any_mapping_parses_or_raises_one_of_ours(data: dict[str, Any]) -> None:
    for base in ({}, {"id": "inst_1", "objective": "Plan"}):
        try:
            found = parse(base | data, folder_id="inst_1", where="i.yaml", as_of=date(2026, 1, 1))
        except CsmError as error:
            assert "\n" not in str(error)
        else:
            assert found.id == "inst_1" and found.objective.strip()
