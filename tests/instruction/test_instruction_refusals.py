"""What stops a run before it starts, and what is only remarked upon."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from agent.errors import BadDocument, Blocked, NeedsContext
from agent.instruction import Instruction, parse

OK: dict[str, Any] = {"instruction_id": "inst_1", "objective": "Plan"}


def read(data: Any) -> Instruction:
    return parse(data, folder_id="inst_1", where="i.yaml", as_of=date(2026, 11, 20))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (None, "i.yaml: an instruction is a mapping; this is empty."),
        ([1], "i.yaml: an instruction is a mapping; this is a list."),
        (42, "i.yaml: an instruction is a mapping; this is a number."),
        (
            {},
            "i.yaml: instruction_id: the instruction has no id. Fix: add 'instruction_id: inst_1'",
        ),
        ({"id": "inst_1"}, "i.yaml: objective: the instruction says nothing to do."),
        (OK | {"instruction_id": "../evil"}, "the file says '../evil', its folder is 'inst_1'."),
        (OK | {"id": "inst_2"}, "the file says 'inst_2', its folder is 'inst_1'."),
        (OK | {"instruction_id": ["x"]}, "the file says a list, its folder is 'inst_1'."),
        (OK | {"objective": ""}, "i.yaml: objective: the request is blank."),
        (OK | {"objective": "   \n\t "}, "i.yaml: objective: the request is blank."),
        (OK | {"objective": {"a": 1}}, "i.yaml: objective: the request is a mapping, not text."),
        (OK | {"objective": 7}, "i.yaml: objective: the request is a number, not text."),
        ({"id": "inst_1", "request": {"parsed_at": "x"}}, "says nothing to do"),
        ({"id": "inst_1", "request": {"raw": [1]}}, "i.yaml: request.raw: the request is a list"),
        (OK | {"account": 1.5}, "i.yaml: account: the account is a number."),
        (OK | {"account": True}, "i.yaml: account: the account is a true/false value."),
    ],
)
def test_refused_with_file_key_and_remedy(data: Any, message: str) -> None:
    with pytest.raises(BadDocument) as caught:
        read(data)
    assert message in str(caught.value) and " Fix: " in str(caught.value)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    "assignee",
    ["support-agent", "account-manager", ["customer-success-manager", "sales"], {"role": "x"}, 7],
)
def test_addressed_to_somebody_else(assignee: Any) -> None:
    with pytest.raises(Blocked, match="not ours: the instruction is addressed to") as caught:
        read(OK | {"assigned_to": assignee})
    assert caught.value.exit_code == 4


@pytest.mark.parametrize(
    "assignee",
    ["customer-success-manager", "Customer Success Manager", "shared:customer-success-manager"],
)
def test_spellings_of_ourselves(assignee: str) -> None:
    assert read(OK | {"assigned_to": assignee}).assigned_to == "customer-success-manager"


def test_a_domain_is_no_assignee() -> None:
    found = read(OK | {"assigned_to": "customer-experience"})
    assert found.assigned_to == "customer-success-manager"
    assert found.warnings == ("assigned to the domain 'customer-experience'; taken as ours",)


@pytest.mark.parametrize("assignee", [None, "", "  "])
def test_without_an_assignee_it_is_ours(assignee: Any) -> None:
    assert read(OK | {"assigned_to": assignee}).assigned_to == ""


def test_another_persona_reads_its_own_instructions() -> None:
    data = OK | {"assigned_to": "support-analyst"}
    found = parse(data, folder_id="inst_1", where="i.yaml", persona="support-analyst")
    assert found.assigned_to == "support-analyst"


def test_several_accounts_are_a_question() -> None:
    with pytest.raises(NeedsContext, match="names 2 accounts") as caught:
        read(OK | {"account": ["fernhill", "gannet"]})
    assert caught.value.candidates == ("fernhill", "gannet")


@pytest.mark.parametrize(
    ("more", "warning"),
    [
        ({"deadline": "1999-01-01"}, "'deadline' (1999-01-01) is already past on 2026-11-20"),
        ({"deadline": "soon"}, "'deadline' ('soon') is not a date (YYYY-MM-DD); ignored"),
        ({"deadline": [1]}, "'deadline' (a list) is not a date (YYYY-MM-DD); ignored"),
        (
            {"priority": "!!!"},
            "'priority' ('!!!') is none of low, normal, medium, high, critical, urgent; "
            "taken as normal",
        ),
        ({"priority": 3}, "'priority' (a number) is none of"),
        ({"created_at": "yesterday"}, "'created_at' ('yesterday') is not a time; ignored"),
        (
            {"created_at": "2030-01-01T00:00:00Z"},
            "'created_at' (2030-01-01) lies after the business date 2026-11-20",
        ),
        ({"requested_by": ["x"]}, "'requested_by' is a list, not text; ignored"),
        ({"parent": {}}, "'parent' is a mapping, not text; ignored"),
        ({"account": "a", "client": "b"}, "'account' and 'client' differ; 'account' is used"),
    ],
)
def test_nonsense_beside_the_request_is_a_warning(more: dict[str, Any], warning: str) -> None:
    found = read(OK | more)
    assert len(found.warnings) == 1 and found.warnings[0].startswith(warning)


@pytest.mark.parametrize(
    ("word", "priority"),
    [("medium", "normal"), ("URGENT", "critical"), ("low", "low"), (None, "normal")],
)
def test_priorities(word: Any, priority: str) -> None:
    found = read(OK | {"priority": word})
    assert found.priority == priority and found.warnings == ()
