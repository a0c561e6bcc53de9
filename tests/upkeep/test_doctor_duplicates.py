"""`csm memory doctor` on duplicates; each rule keeps still about what is in order."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.upkeep.conftest import HERE, A, Kept, account

LONG = "We had 191 of our 200 seats busy in October and I have fourteen new starters in January."


def test_nothing_is_found_where_nothing_is_wrong(kept: Kept) -> None:
    assert kept.found() == []
    assert kept.doctor().splitlines()[-1] == (
        "0 errors, 0 warnings, 0 notes; 1 account, as of 2026-11-17"
    )


@pytest.mark.parametrize(
    "name",
    ["Tarnholt Rail Services GmbH", "TARNHOLT  rail-services", "Tarnhölt Rail Services, Ltd."],
)
def test_one_customer_under_two_ids(kept: Kept, name: str) -> None:
    kept.insights(lambda all_: all_.update({"trs": {"name": name}}))
    (found,) = kept.found(kind="duplicate")
    assert (found["severity"], found["account_id"], found["pointer"]) == (
        "error", "trs", "/accounts/trs",
    )  # fmt: skip
    assert A in found["what"]


@pytest.mark.parametrize("name", ["Tarnholt Road Services", "Tarnholt", "Rail Services AG"])
def test_another_name_is_another_customer(kept: Kept, name: str) -> None:
    kept.insights(lambda all_: all_.update({"other": {"name": name}}))
    assert kept.found(kind="duplicate") == []


def test_a_shared_domain_of_site_and_mail(kept: Kept) -> None:
    other = {"name": "Another", "website": "https://www.tarnholt.example/about"}
    kept.insights(lambda all_: all_.update({"another": other}))
    (found,) = kept.found(kind="duplicate")
    assert found["account_id"] == A and found["pointer"] == f"{HERE}/emails/0/from"
    assert "tarnholt.example" in found["what"] and found["severity"] == "warning"


def test_a_public_mail_domain_and_that_of_a_colleague_tell_nothing(kept: Kept) -> None:
    def mails(all_: dict[str, Any]) -> None:
        for n in range(5):
            senders = ("someone@gmail.com", "csm@vendor.example")
            all_[f"c{n}"] = {
                "name": f"Customer {n}",
                "emails": [{"date": "2026-11-01", "from": s, "body": f"{s} {n}"} for s in senders],
            }

    kept.insights(mails)
    assert kept.found(kind="duplicate") == []


@pytest.mark.parametrize(
    ("name", "severity"),
    [
        ("Falkenrath, Ingeborg", "warning"),
        ("Dr. Ingeborg FALKENRATH", "warning"),
        ("I. Falkenrath", "note"),
        ("Ingeborg Solms", None),
        ("H. Falkenrath", None),
        ("Falkenrath", None),
    ],
)
def test_one_person_listed_twice(kept: Kept, name: str, severity: str | None) -> None:
    account(kept, lambda a: a["relationship"]["stakeholders"].append({"name": name}))
    found = kept.found(kind="duplicate")
    assert [f["severity"] for f in found] == ([severity] if severity else [])
    if found:
        assert found[0]["pointer"] == f"{HERE}/relationship/stakeholders/5"
        assert f"{HERE}/relationship/stakeholders/0" in found[0]["what"]


def test_two_people_with_one_mail_address(kept: Kept) -> None:
    def give(a: dict[str, Any]) -> None:
        for n in (1, 2):
            a["relationship"]["stakeholders"][n]["email"] = "office@tarnholt.example"

    account(kept, give)
    (found,) = kept.found(kind="duplicate")
    assert "share a mail address" in found["what"]


def test_the_same_mail_stored_twice(kept: Kept) -> None:
    def again(a: dict[str, Any]) -> None:
        mail = copy.deepcopy(a["emails"][1])
        mail["body"] = "  " + mail["body"].upper()
        a["emails"].append(mail)

    account(kept, again)
    (found,) = kept.found(kind="duplicate")
    assert found["pointer"] == f"{HERE}/emails/2" and f"{HERE}/emails/1" in found["what"]


def test_short_words_may_be_written_twice_but_not_on_one_day(kept: Kept) -> None:
    def call(a: dict[str, Any]) -> None:
        for day in ("2026-10-01", "2026-10-02", "2026-10-02"):
            a["notes"].append({"date": day, "author": "csm", "text": "No answer."})

    account(kept, call)
    (found,) = kept.found(kind="duplicate")
    assert found["pointer"] == f"{HERE}/notes/6"


def test_long_words_under_two_dates_are_noted(kept: Kept) -> None:
    account(
        kept,
        lambda a: a["notes"].extend(
            {"date": d, "text": LONG} for d in ("2026-10-01", "2026-10-09")
        ),
    )
    (found,) = kept.found(kind="duplicate")
    assert found["severity"] == "note" and "2026-10-01" in found["what"]


def test_a_note_of_one_customer_with_another(kept: Kept) -> None:
    note = {"date": "2026-11-01", "text": LONG}

    def both(all_: dict[str, Any]) -> None:
        all_[A]["notes"].append(note)
        all_["zet"] = {"name": "Zet", "notes": [{**note}]}

    kept.insights(both)
    (found,) = kept.found(kind="duplicate")
    assert (found["severity"], found["pointer"]) == ("error", "/accounts/zet/notes/0")


def test_the_same_message_sent_twice(kept: Kept) -> None:
    kept.message("m1", timestamp="2026-11-01T09:00:00Z")
    second = kept.message("m2", timestamp="2026-11-15T09:00:00Z", instruction_id="inst_2")
    kept.message("m3", to="account-executive")
    (found,) = kept.found(kind="duplicate")
    assert (found["file"], found["account_id"]) == (second, A)


def test_the_same_matter_a_quarter_later_is_another(kept: Kept) -> None:
    kept.message("m1", timestamp="2026-08-01T09:00:00Z")
    kept.message("m2", timestamp="2026-11-15T09:00:00Z")
    assert kept.found(kind="duplicate") == []


def test_two_instructions_in_the_same_words(kept: Kept) -> None:
    kept.ask("inst_20261110_001", "Write the success plan.")
    kept.ask("inst_20261112_001", "Write  the success PLAN")
    kept.ask("inst_20261112_002", "Write the renewal plan.")
    kept.ask("inst_20260812_001", "Write the success plan.")
    (found,) = kept.found(kind="duplicate")
    assert found["file"] == "inst_20261112_001/instruction.yaml"
    assert "inst_20261110_001 (not run yet)" in found["what"]
