"""`csm triage`: one request, or many as JSON lines."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cli.conftest import Csm

PASSWORD = "Reset the password of their project lead"


def rows(text: str) -> list[Any]:
    return [json.loads(line) for line in text.splitlines()]


def test_one_request_is_answered_in_words(csm: Csm) -> None:
    said = csm("triage", PASSWORD)
    assert said.exit_code == 0
    head, part, *_ = said.stdout.splitlines()
    assert head == "support — decided by policy"
    assert part.startswith(f"  customer-support-rep: “{PASSWORD}”")


def test_one_request_as_json(csm: Csm) -> None:
    (row,) = rows(csm("triage", PASSWORD, "--json").stdout)
    assert (row["label"], row["sure"], row["by"]) == ("support", True, "policy")
    assert row["handoffs"][0] | {"why": ""} == {
        "target": "customer-support-rep", "lane": "support", "span": PASSWORD, "why": "",
    }  # fmt: skip


def test_what_the_policy_cannot_place_is_said_to_be_unsure(csm: Csm) -> None:
    said = csm("triage", "zzz qqq")
    assert said.exit_code == 0
    assert said.stdout.startswith("unsure (not sure)")


def test_many_requests_keep_their_ids_and_their_order(csm: Csm) -> None:
    given = [
        {"id": "b", "text": "Write the success plan for the first quarter"},
        {"id": 7, "text": PASSWORD},
        {"text": "Prepare the business review", "context": "They renew in March"},
        {"id": "a", "text": "Write the success plan and reset the password of their lead"},
    ]
    lines = "\n\n".join(json.dumps(row) for row in given) + "\n"
    said = csm("triage", "-", stdin=lines)
    assert said.exit_code == 0 and said.stderr == ""
    found = rows(said.stdout)
    assert [row["id"] for row in found] == ["b", 7, "", "a"]
    assert [row["label"] for row in found] == ["in_lane", "support", "in_lane", "mixed"]


def test_the_same_request_gets_the_same_answer_alone_and_among_many(csm: Csm) -> None:
    (alone,) = rows(csm("triage", PASSWORD, "--json").stdout)
    (among,) = rows(csm("triage", "-", stdin=json.dumps({"id": "", "text": PASSWORD})).stdout)
    assert alone == among


@pytest.mark.parametrize("bad", ["nope", "[]", '{"id": "x"}', '{"text": 5}', "[" * 2000])
def test_a_bad_line_is_named_and_ends_it(bad: str, csm: Csm) -> None:
    good = json.dumps({"id": "first", "text": PASSWORD})
    said = csm("triage", "-", stdin=f"{good}\n{bad}\n{good}\n")
    assert said.exit_code == 2
    assert [row["id"] for row in rows(said.stdout)] == ["first"]
    assert said.stderr.startswith("csm: stdin:2: ")


def test_no_lines_are_no_decisions(csm: Csm) -> None:
    said = csm("triage", "-", stdin="")
    assert (said.exit_code, said.stdout) == (0, "")


def test_an_unknown_model_is_refused_before_anything_is_decided(csm: Csm) -> None:
    said = csm("triage", PASSWORD, "--model", "gpt-0")
    assert said.exit_code == 2 and said.stdout == "" and "gpt-0" in said.stderr
