"""Hand-off targets under the names everybody calls them by."""

from __future__ import annotations

from typing import Any

import pytest

from agent.errors import BadInput, BadPersona
from agent.persona import Roster, load_library
from agent.resources import shipped

ROLE: dict[str, Any] = {
    "id": "account-manager",
    "title": "Account Manager",
    "domain": "sales",
    "lane": "sales",
    "remit": "prices",
    "accepts": ["handoff", "consultation"],
}


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("account-manager", "account-manager"),
        ("Account Manager", "account-manager"),
        ("grow:account_manager", "account-manager"),
        ("AM", "account-manager"),
    ],
)
def test_a_role_answers_to_its_spellings(name: str, target: str) -> None:
    roster = Roster.load({"roles": [ROLE], "aliases": {"am": "account-manager"}}, "r.yaml")
    assert roster.resolve(name).id == target


def test_an_unknown_role_lists_the_targets() -> None:
    roster = Roster.load({"roles": [ROLE]}, "r.yaml")
    with pytest.raises(BadInput) as caught:
        roster.resolve("acount-manager")
    assert str(caught.value) == (
        "r.yaml: 'acount-manager' is not a role of this fleet. Did you mean 'account-manager'? "
        "Fix: use one of: account-manager."
    )


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], "the roster must be a mapping"),
        ({}, "'roles' must be a list with at least one entry"),
        ({"roles": ["x"]}, "roles[0]: a role must be a mapping"),
        ({"roles": [ROLE, ROLE]}, "role 'account-manager' appears twice"),
        ({"roles": [ROLE | {"lane": "legal"}]}, "unknown lane 'legal'"),
        ({"roles": [ROLE | {"accepts": ["fax"]}]}, "unknown message type 'fax'"),
        ({"roles": [ROLE | {"accepts": [["x"]]}]}, "unknown message type"),
        ({"roles": [ROLE | {"phone": 1}]}, "unknown key 'phone'"),
        ({"roles": [ROLE], "alias": {}}, "unknown key 'alias'"),
        ({"roles": [ROLE | {"remit": " "}]}, "'remit' must be text"),
        ({"roles": [ROLE | {"id": "Account Manager"}]}, "write 'account-manager'"),
        ({"roles": [ROLE], "aliases": {"x": "nobody"}}, "alias 'x' leads to 'nobody'"),
        ({"roles": [ROLE], "aliases": {"x": ["a"]}}, "alias 'x' leads to"),
        ({"roles": [ROLE], "aliases": {"account_manager": "account-manager"}}, "is a role itself"),
        ({"roles": [ROLE], "aliases": ["x"]}, "aliases must be a mapping"),
    ],
)
def test_a_bad_roster_is_refused(data: Any, message: str) -> None:
    with pytest.raises(BadPersona) as caught:
        Roster.load(data, "r.yaml")
    assert message in str(caught.value) and "r.yaml" in str(caught.value)


def test_the_shipped_roster_knows_every_address_we_write_to() -> None:
    roster = load_library(shipped("personas")).roster
    assert set(roster.roles) == {
        "customer-support-rep",
        "technical-support-engineer",
        "support-trainer",
        "support-analyst",
        "account-manager",
        "account-executive",
        "sales-leadership",
        "product-owner",
        "vp-customer-support",
        "executive-team",
        "escalation-manager",
    }
    assert roster.resolve("support-agent").id == "customer-support-rep"
    assert roster.resolve("sales").id == "account-executive"
    assert roster.resolve("product-team").id == "product-owner"
    assert roster.resolve("sales-leadership").fleet_agent == "cro"
    assert roster.resolve("executive-team").fleet_agent == "ceo"
    assert roster.resolve("cro").id == "sales-leadership"
    assert {role.id for role in roster.lane("product")} == {"product-owner"}
