"""Messages: the fleet's envelope and its file."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from agent.errors import BadInput
from agent.memory import inbox


def message(**changes: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "type": "delegation",
        "sender": "customer-success-manager",
        "to": "customer-support-rep",
        "timestamp": "2026-11-17T09:00:00Z",
        "instruction_id": "inst_1",
        "account_id": "acme",
        "key": "ticket ZD-1",
        "body": {"subject": "Ticket ZD-1", "message": "Please take over."},
    }
    return inbox.message(**{**fields, **changes})


def test_the_envelope_comes_first() -> None:
    made = message(priority="high", in_reply_to="msg-7")
    assert list(made) == [
        "id", "type", "from", "to", "timestamp", "instruction_id", "account_id", "priority",
        "status", "in_reply_to", "subject", "message",
    ]  # fmt: skip
    assert (made["from"], made["status"], made["in_reply_to"]) == (
        "customer-success-manager", "pending", "msg-7",
    )  # fmt: skip
    assert message(account_id="")["account_id"] is None


def test_the_same_matter_is_the_same_message() -> None:
    assert message()["id"] == message(timestamp="2027-01-01T00:00:00Z", body={})["id"]
    others = [{"key": "other"}, {"to": "cro"}, {"type": "escalation"}, {"instruction_id": "inst_2"}]
    assert len({message()["id"], *(message(**other)["id"] for other in others)}) == 5


def test_the_path_names_time_type_and_id() -> None:
    made = message()
    assert inbox.message_path(made["to"], made["timestamp"], made["type"], made["id"]) == (
        f"_communication/inbox/customer-support-rep/msg_20261117T090000Z_delegation_{made['id']}.yaml"
    )
    nepal = timezone(timedelta(hours=5, minutes=45))
    for same in ("20261117T090000Z", "2026-11-17T14:45:00+05:45", "2026-11-17T09:00:00.000Z",
                 datetime(2026, 11, 17, 9, tzinfo=UTC),
                 datetime(2026, 11, 17, 14, 45, tzinfo=nepal)):  # fmt: skip
        assert "msg_20261117T090000Z_" in inbox.message_path("cro", same, "handoff", "a1")


@pytest.mark.parametrize(
    "changes",
    [{"type": "love-letter"}, {"priority": "!!!"}, {"to": "../x"}, {"to": ""}, {"to": "a/b"},
     {"sender": "x\ny"}],
)  # fmt: skip
def test_what_the_fleet_does_not_know_is_refused(changes: dict[str, str]) -> None:
    with pytest.raises(BadInput):
        message(**changes)


@pytest.mark.parametrize(
    "parts",
    [("..", "20261117T090000Z", "handoff", "a1"), ("cro", "soon", "handoff", "a1"),
     ("cro", "20261117T090000Z", "a/b", "a1"), ("cro", "20261117T090000Z", "handoff", "../a")],
)  # fmt: skip
def test_paths_are_made_of_checked_parts(parts: tuple[str, str, str, str]) -> None:
    with pytest.raises(BadInput):
        inbox.message_path(*parts)


def test_a_body_cannot_forge_the_envelope() -> None:
    with pytest.raises(ValueError, match="from"):
        message(body={"from": "executive-team"})
