"""What open peers make of exit codes: 1 means "a red account" and "failed" alike."""

from __future__ import annotations

import pytest

from tests.peers.conftest import Book, row

RED = {"active_users": 5, "logins": 20, "features_used": 1, "sponsor_status": "left",
       "nps_company": -80, "outreach_replied": 0, "qbr_attended": 0, "renewal_confidence": 5,
       "integrations_live": 0, "workflows_optimised": 0, "training_attended": 0,
       "tickets_negative": 30, "advocacy": None}  # fmt: skip


@pytest.mark.parametrize("command", ["health", "risk"])
def test_a_red_account_alone_is_no_failure(book: Book, command: str) -> None:
    book.take(row(**RED))
    assert book.health()["tier"] == "red"
    book(command, code=0)


@pytest.mark.parametrize("command", ["health", "risk"])
def test_a_red_account_where_it_was_asked_for_has_a_code_of_its_own(
    book: Book, command: str
) -> None:
    book.take(row(**RED))
    said = book(command, "--fail-on", "red", code=6)
    assert "wren" in said.stdout or "Wren" in said.stdout  # the table is printed all the same


def test_bad_input_and_a_failure_have_other_codes(book: Book) -> None:
    book.take(row(**RED))
    book("health", "--fail-on", "purple", code=2)
    book("health", "nobody", "--fail-on", "red", code=4)
    assert book.csm("health", "--memory", book.folder / "nowhere").exit_code == 2
    assert book.take(text="id,arr\n,5\n").said.exit_code == 1  # no account could be imported


def test_a_green_book_passes(book: Book) -> None:
    book.take(row())
    book("health", "--fail-on", "yellow", code=0)


def test_what_is_unknown_is_neither_red_nor_passed_off_as_good(book: Book) -> None:
    book.take({"id": "wren"})
    said = book("health", "--fail-on", "red", code=0)
    assert "no score" in said.stdout
