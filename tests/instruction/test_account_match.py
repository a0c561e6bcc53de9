"""Which account is meant: exactly one, or a question with candidates. Never a guess."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.errors import NeedsContext
from agent.instruction import Instruction, resolve_account

NAMES = {
    "fernhill-diagnostics": "Fernhill Diagnostics",
    "northwind": "Northwind",
    "northwind-traders": "Northwind Traders",
    "target": "Target",
    "cafe-a": "Café Müller",
    "heng-xin": "恒信物流",
    "twin-1": "Twin AS",
    "twin-2": "Twin AS",
}


def ask(objective: str = "Plan", account: str = "") -> str:
    return resolve_account(Instruction("inst_1", objective, account), NAMES)


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        ("fernhill-diagnostics", "fernhill-diagnostics"),
        ("Fernhill Diagnostics", "fernhill-diagnostics"),
        ("FERNHILL  diagnostics", "fernhill-diagnostics"),
        (unicodedata.normalize("NFD", "café müller"), "cafe-a"),
        ("twin-1", "twin-1"),
    ],
)
def test_the_account_field_names_id_or_name(account: str, expected: str) -> None:
    assert ask("Compare with Northwind", account) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Plan for Fernhill Diagnostics.", "fernhill-diagnostics"),
        ("plan for fernhill diagnostics please", "fernhill-diagnostics"),
        ("plan for northwind: renewal", "northwind"),
        ("Northwind's renewal", "northwind"),
        ("QBR for Northwind Traders", "northwind-traders"),
        ("review northwind-traders", "northwind-traders"),
        ("Northwind-Plan für Q1", "northwind"),
        (unicodedata.normalize("NFD", "Besuch bei Café Müller"), "cafe-a"),
        ("请为恒信物流准备成功计划", "heng-xin"),
        ("Review twin-2", "twin-2"),
    ],
)
def test_exactly_one_account_in_the_text(text: str, expected: str) -> None:
    assert ask(text) == expected


@pytest.mark.parametrize(
    ("text", "message", "first"),
    [
        ("Prepare the plan", "names no known account", None),
        (
            "Prepare the plan of Fernhil Diagnostic",
            "names no known account",
            "fernhill-diagnostics",
        ),
        ("Agree the TARGET group", "names no known account", "target"),
        ("The Northwinds are coming", "names no known account", None),
        ("northwind-eu only", "names no known account", None),
        ("northwind.example.com", "names no known account", None),
        ("Northwind and Fernhill Diagnostics", "names 2 accounts", "fernhill-diagnostics"),
        ("Northwind Traders, not Northwind", "names 2 accounts", "northwind"),
        ("Plan for Twin AS", "names 2 accounts: twin-1 (Twin AS), twin-2 (Twin AS)", "twin-1"),
    ],
)
def test_none_or_several_in_the_text_is_a_question(
    text: str, message: str, first: str | None
) -> None:
    with pytest.raises(NeedsContext) as caught:
        ask(text)
    assert message in str(caught.value)
    assert caught.value.candidates
    if first is not None:
        assert caught.value.candidates[0] == first


def test_an_unknown_account_field_lists_the_nearest_and_chooses_none() -> None:
    with pytest.raises(NeedsContext) as caught:
        ask("Plan for Northwind", "Fernhill Diagnostic")
    assert "there is no account 'Fernhill Diagnostic' in memory" in str(caught.value)
    assert caught.value.candidates[0] == "fernhill-diagnostics"


@pytest.mark.parametrize("account", ["../../../etc/passwd", "fernhill-diagnostics/../northwind"])
def test_a_path_is_just_an_unknown_name(account: str) -> None:
    with pytest.raises(NeedsContext, match="there is no account"):
        ask(account=account)


def test_two_accounts_of_one_name_are_listed() -> None:
    with pytest.raises(NeedsContext, match="2 accounts are called 'twin as'") as caught:
        ask(account="twin as")
    assert caught.value.candidates == ("twin-1", "twin-2")


def test_an_empty_memory_says_so() -> None:
    with pytest.raises(NeedsContext, match="Memory holds no accounts") as caught:
        resolve_account(Instruction("inst_1", "Plan"), {})
    assert caught.value.candidates == ()


def test_candidates_are_bounded() -> None:
    many = {f"account-{i:05}": f"Customer {i}" for i in range(5_000)}
    with pytest.raises(NeedsContext) as caught:
        resolve_account(Instruction("inst_1", "Plan", "account-99999"), many)
    assert len(caught.value.candidates) == 10
    assert "(4990 more)" in str(caught.value)
    assert resolve_account(Instruction("i", "Plan account-04711 now"), many) == "account-04711"


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=30), st.text(max_size=30))
def test_whatever_is_written_gives_a_known_id_or_a_question(text: str, account: str) -> None:
    try:
        assert resolve_account(Instruction("i", text, account), NAMES) in NAMES
    except NeedsContext as error:
        assert set(error.candidates) <= set(NAMES)
