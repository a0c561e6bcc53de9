"""`csm record`: facts, answers and corrections, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agent.memory import timeline
from agent.memory.paths import MemoryRoot
from agent.renewal_book import decisions
from tests.cli.conftest import Csm
from tests.continuity.makers import ACCOUNT, event, fact, memory_of, stored

BY = ("--by", "V. Brandt")
DAY = ("--as-of", "2026-11-30")
SENT = event("handoff_sent", "2026-11-17", to="support", message_id="a1b2c3d4e5f60718", about="x")
ALSO = event("escalated", "2026-11-18", to="vp", message_id="a1b2ffffffffffff", about="y")
GOAL = event("goal_set", "2026-11-17", title="Fewer stops", goal="G-1", target=9, due="2026-12-31")
SCORED = event("health_scored", "2026-11-17", score=85.0, tier="green")
RENEWED = event("renewal_decided", "2026-11-19", outcome="renewed", arr_before=100, arr_after=120,
                currency="EUR", by="A", tier="green")  # fmt: skip
PLAY = event("playbook_started", "2026-11-17", playbook="p", state="started", title="P",
             because=["a"], steps=[])  # fmt: skip
EVENTS = [SENT, ALSO, GOAL, SCORED, RENEWED, PLAY]


@pytest.fixture
def memory(tmp_path: Path) -> Path:
    return memory_of(tmp_path, EVENTS)


def record(csm: Csm, memory: Path, *words: str) -> dict[str, Any]:
    said = csm("record", words[0], "-m", memory, *DAY, "--json", ACCOUNT, *words[1:])
    assert said.exit_code == 0, said.stderr
    found: dict[str, Any] = said.json
    return found


def account(csm: Csm, memory: Path, *args: str) -> dict[str, Any]:
    found: dict[str, Any] = csm("account", ACCOUNT, "-m", memory, *DAY, "--json", *args).json
    return found


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("148000", 148000), ("-0.5", -0.5), ("true", True), ("007", "007"), ("1e9", "1e9"),
     ("+49 30 1234", "+49 30 1234"), ("12,5", "12,5"), ("  Ines   Falk ", "Ines Falk")],
)  # fmt: skip
def test_a_value_is_kept_as_it_was_meant(memory: Path, csm: Csm, typed: str, kept: object) -> None:
    record(csm, memory, "fact", "k", *BY, "--", typed)
    value = account(csm, memory)["facts"]["k"]["valid"][0]["value"]
    assert (value, type(value)) == (kept, type(kept))


def test_a_fact_has_a_day_from_which_it_holds(memory: Path, csm: Csm) -> None:
    made = record(csm, memory, "fact", "/contract/arr", "1", *BY, "--valid-from", "2026-10-01",
                  "--source", "order form")  # fmt: skip
    assert made["data"] == {"key": "contract.arr", "value": 1, "valid_from": "2026-10-01",
                            "by": "V. Brandt", "source": "order form"}  # fmt: skip
    assert made["at"] == "2026-10-01", "it held then, whenever it was noted"
    ahead = record(csm, memory, "fact", "contract.arr", "2", *BY, "--valid-from", "2027-01-01")
    assert ahead["at"] == "2026-11-30"
    assert "contract.arr" in account(csm, memory)["facts"]
    assert (
        account(csm, memory, "--as-of", "2027-01-01")["facts"]["contract.arr"]["valid"][0]["value"]
        == 2
    )


def test_the_same_fact_is_recorded_once_and_again_after_it_was_withdrawn(
    memory: Path, csm: Csm
) -> None:
    words = ("fact", "k", "1", *BY)
    first = record(csm, memory, *words)
    assert first["new"] and not record(csm, memory, *words)["new"]
    record(csm, memory, "correction", first["event_id"], "--withdraw", "--why", "no", *BY)
    again = record(csm, memory, *words)
    assert again["new"] and again["event_id"] != first["event_id"]
    assert [n["value"] for n in account(csm, memory)["facts"]["k"]["valid"]] == [1]


def test_an_answer_closes_a_hand_off(memory: Path, csm: Csm) -> None:
    record(
        csm, memory, "answer", "a1b2c", "--by", "support", "--answer", "4.2", "--on", "2026-11-20"
    )
    sent = {s["message_id"]: s["answer"] for s in account(csm, memory)["sent"]}
    assert sent["a1b2c3d4e5f60718"]["on"] == "2026-11-20" and sent["a1b2ffffffffffff"] is None
    before = account(csm, memory, "--as-of", "2026-11-19")["sent"]
    assert [s["answer"] for s in before] == [None, None]


def test_a_correction_replaces_values_or_withdraws_and_can_be_taken_back(
    memory: Path, csm: Csm
) -> None:
    made = record(csm, memory, "correction", GOAL["event_id"][:6], "--set", "target=8", "--set",
                  "at=2026-11-16", "--why", "typing", *BY)  # fmt: skip
    assert (made["data"]["data"], made["data"]["at"]) == ({"target": 8}, "2026-11-16")
    goal = account(csm, memory)["goals"][0]
    assert (goal["target"], goal["first_on"]) == (8, "2026-11-16")
    assert stored(memory)[2] | {"chain": ""} == GOAL | {"chain": ""}, "the line stays as it was"
    record(csm, memory, "correction", made["event_id"], "--withdraw", "--why", "no", *BY)
    assert account(csm, memory)["goals"][0]["target"] == 9
    same = record(csm, memory, "correction", GOAL["event_id"], "--set", "target=8", "--why",
                  "typing", *BY)  # fmt: skip
    assert same["new"] and account(csm, memory)["goals"][0]["target"] == 8


def test_a_corrected_renewal_is_what_the_renewals_count(memory: Path, csm: Csm) -> None:
    from datetime import date

    def kept() -> list[Any]:
        found = decisions(memory, date(2026, 12, 31))
        return [e["data"]["arr_after"] for e in found]

    assert kept() == [120]
    record(
        csm, memory, "correction", RENEWED["event_id"], "--set", "arr_after=110", "--why", "x", *BY
    )
    assert kept() == [110]
    record(csm, memory, "correction", RENEWED["event_id"], "--withdraw", "--why", "x", *BY)
    assert kept() == []


WRONG = [
    (("fact", "a key", "1", *BY), 2, "cannot be the key"),
    (("fact", "../k", "1", *BY), 2, "cannot be the key"),
    (("fact", "k" * 121, "1", *BY), 2, "cannot be the key"),
    (("fact", "k", " ", *BY), 2, "needs a value"),
    (("fact", "k", "x" * 2001, *BY), 2, "at most 2000"),
    (("fact", "k", "1"), 2, "needs an author"),
    (("fact", "k", "1", *BY, "--valid-from", "01.10.2026"), 2, "--valid-from"),
    (("answer", "ffff", "--by", "s"), 2, "Not answered: a1b2c3d4e5f60718 to support, 2026-11-17"),
    (("answer", "a1b2", "--by", "s"), 2, "2 messages begin with"),
    (("answer", "a1", "--by", "s"), 2, "was sent no message"),
    (("answer", "a1b2c3d4e5f60718"), 2, "needs who answered"),
    (("answer", "a1b2c", "--by", "s", "--on", "2026-11-16"), 2, "between 2026-11-17"),
    (("answer", "a1b2c", "--by", "s", "--on", "2026-12-01"), 2, "2026-12-01 is not"),
    (("correction", "0000", "--withdraw", "--why", "x", *BY), 2, "has no event '0000'"),
    (("correction", GOAL["event_id"][:3], "--withdraw", "--why", "x", *BY), 2, "has no event"),
    (("correction", GOAL["event_id"], "--why", "x", *BY), 2, "Give one of the two"),
    (("correction", GOAL["event_id"], "--withdraw", "--set", "target=8", "--why", "x", *BY), 2,
     "Give one of the two"),
    (("correction", GOAL["event_id"], "--withdraw", *BY), 2, "needs a reason"),
    (("correction", GOAL["event_id"], "--withdraw", "--why", "x"), 2, "needs an author"),
    (("correction", GOAL["event_id"], "--set", "target", "--why", "x", *BY), 2, "key=value"),
    (("correction", GOAL["event_id"], "--set", "target=", "--why", "x", *BY), 2, "key=value"),
    (("correction", GOAL["event_id"], "--set", "tagret=8", "--why", "x", *BY), 2,
     "It has title, goal, target, due"),
    (("correction", GOAL["event_id"], "--set", "target=x", "--why", "x", *BY), 2, "is a number"),
    (("correction", GOAL["event_id"], "--set", "due=soon", "--why", "x", *BY), 2, "is a day"),
    (("correction", GOAL["event_id"], "--set", "at=soon", "--why", "x", *BY), 2, "--set at"),
    (("correction", GOAL["event_id"], "--set", "target=9", "--why", "x", *BY), 2, "says already"),
    (("correction", PLAY["event_id"], "--set", "steps=1", "--why", "x", *BY), 2, "is a list"),
    (("correction", SCORED["event_id"], "--set", "score=99", "--why", "x", *BY), 2, "--override"),
    (("correction", RENEWED["event_id"], "--set", "outcome=lost", "--why", "x", *BY), 2,
     "renewed or churned"),
    (("correction", RENEWED["event_id"], "--set", "arr_after=-1", "--why", "x", *BY), 2,
     "not negative"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "code", "told"), WRONG, ids=[f"{n}-{w[0]}" for n, (w, _, _) in enumerate(WRONG)]
)
def test_what_cannot_be_recorded_is_refused_and_leaves_no_trace(
    memory: Path, csm: Csm, words: tuple[str, ...], code: int, told: str
) -> None:
    said = csm("record", words[0], ACCOUNT, *words[1:], "-m", memory, *DAY)
    assert (said.exit_code, said.stdout) == (code, "")
    assert told in said.stderr
    assert len(stored(memory)) == len(EVENTS)


def test_nothing_is_withdrawn_or_answered_twice(memory: Path, csm: Csm) -> None:
    words = ("correction", GOAL["event_id"], "--withdraw", "--why", "x", *BY)
    made = record(csm, memory, *words)
    for again, told in [
        (words, "is withdrawn already"),
        (("correction", made["event_id"], "--set", "why=y", "--why", "x", *BY), "not changed"),
    ]:
        assert told in csm("record", again[0], ACCOUNT, *again[1:], "-m", memory, *DAY).stderr
    record(csm, memory, "answer", "a1b2c", "--by", "support")
    said = csm("record", "answer", ACCOUNT, "a1b2c", "--by", "support", "-m", memory, *DAY)
    assert "on record as answered by support on 2026-11-30" in said.stderr


def test_two_events_with_one_beginning_are_told_apart(tmp_path: Path, csm: Csm) -> None:
    """Ids are made; two of them that begin alike are found by trying."""
    first = fact("k", 0)
    twin = next(
        other
        for n in range(1, 2_000_000)
        if (other := fact("k", n))["event_id"][:4] == first["event_id"][:4]
    )
    memory = memory_of(tmp_path, [first, twin])
    wanted = first["event_id"][:4]
    words = ("record", "correction", ACCOUNT, wanted, "--withdraw", "--why", "x", *BY)
    said = csm(*words, "-m", memory, *DAY)
    assert (
        said.exit_code == 2 and first["event_id"] in said.stderr and twin["event_id"] in said.stderr
    )


def test_a_former_customer_can_still_be_recorded_about(tmp_path: Path, csm: Csm) -> None:
    memory = memory_of(tmp_path, [RENEWED], known=False)
    record(csm, memory, "fact", "left_to", "a rival", *BY)
    assert account(csm, memory)["facts"]["left_to"]["valid"][0]["value"] == "a rival"
    unknown = csm("record", "fact", "nobody", "k", "1", *BY, "-m", memory)
    assert unknown.exit_code == 4
    assert timeline.accounts(MemoryRoot.open(memory)) == [ACCOUNT]
