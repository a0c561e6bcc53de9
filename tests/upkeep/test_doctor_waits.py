"""`csm memory doctor` on what is old, late or too long, and on what belongs to nobody."""

from __future__ import annotations

import pytest

from tests.upkeep.conftest import HERE, INSIGHTS, SCORES, A, Kept, account


def test_a_stale_measure_has_its_age_and_whom_to_ask(kept: Kept) -> None:
    account(kept, lambda a: a["relationship"]["nps"].update(collected_on="2025-10-01"))
    (found,) = kept.found(kind="stale")
    assert "412 days old" in found["what"] and "customer" in found["fix"]
    assert found["pointer"] == f"{HERE}/relationship/nps"


def test_stale_usage_is_named_once(kept: Kept) -> None:
    assert [f["pointer"] for f in kept.found(kind="stale", as_of="2027-02-01")].count(
        f"{HERE}/usage"
    ) == 1


def test_an_override_that_has_ended(kept: Kept) -> None:
    override = {"value": 60, "reason": "new CFO", "by": "A. Lead", "expires": "2026-11-16"}
    kept.write(SCORES, {"accounts": {A: {"score": 80, "override": override}}})
    assert kept.found(as_of="2026-11-16") == []
    (found,) = kept.found(kind="expired_override")
    assert "ended on 2026-11-16, 1 day ago" in found["what"]
    assert found["pointer"] == f"{HERE}/override"


def test_over_long_notes(kept: Kept) -> None:
    account(kept, lambda a: a["notes"].append({"date": "2026-11-01", "text": "word " * 401}))
    (found,) = kept.found(kind="too_long")
    assert found["pointer"] == f"{HERE}/notes/4" and "2,005 characters" in found["what"]


def test_a_pile_of_notes_and_a_huge_record(kept: Kept) -> None:
    notes = [{"date": "2026-11-01", "text": f"note {n}"} for n in range(60)]
    account(kept, lambda a: (a["notes"].extend(notes), a.update(dump=["x" * 90] * 3000)))
    told = " ".join(f["what"] for f in kept.found(kind="too_long"))
    assert "66 notes and mails" in told and "the record has" in told


def sent(kept: Kept, at: str, kind: str = "handoff_sent", id: str = "m1") -> None:
    kept.tell(A, kind, at, to="support-trainer", message_id=id, about="Sessions")


def test_a_hand_off_without_an_answer(kept: Kept) -> None:
    sent(kept, "2026-11-01")
    assert kept.found(kind="unanswered", as_of="2026-11-11") == []
    (found,) = kept.found(kind="unanswered")
    assert found["severity"] == "warning" and "was taken from the inbox" in found["what"]
    assert "csm record answer tarnholt-rail m1" in found["fix"]
    (found,) = kept.found(kind="unanswered", as_of="2026-12-20")
    assert found["severity"] == "error"


def test_an_escalation_waits_for_less_time(kept: Kept) -> None:
    sent(kept, "2026-11-14", "escalated")
    assert [f["kind"] for f in kept.found()] == ["unanswered"]


def test_a_message_that_lies_in_the_inbox_is_named_once(kept: Kept) -> None:
    file = kept.message("m1", to="support-trainer")
    sent(kept, "2026-11-01")
    (found,) = kept.found(kind="unanswered")
    assert found["file"] == file and "still lies in the inbox" in found["what"]


@pytest.mark.parametrize("answer", ["event", "reply", "status"])
def test_what_counts_as_an_answer(kept: Kept, answer: str) -> None:
    kept.message(
        "m1", to="support-trainer", status="completed" if answer == "status" else "pending"
    )
    sent(kept, "2026-11-01")
    if answer == "event":
        kept.tell(A, "handoff_answered", "2026-11-08", message_id="m1", outcome="done")
    if answer == "reply":
        kept.message(
            "r1", to="customer-success-manager", **{"from": "support-trainer"}, in_reply_to="m1",
            type="consultation_response", subject="Re: Sessions",
        )  # fmt: skip
    assert kept.found() == []


def test_overdue_promises_of_the_newest_plan(demo: Kept) -> None:
    found = demo.found("osterby-museums", kind="overdue_promise")
    assert [f["severity"] for f in found] == ["error"] * 4 + ["warning"]
    assert "action due 2026-10-30, 18 days ago: 'Ticket office connected'" in found[-1]["what"]
    assert demo.found("osterby-museums", kind="overdue_promise", as_of="2026-09-01") == []


def test_a_promise_that_was_settled_is_not_overdue(demo: Kept) -> None:
    demo.tell("osterby-museums", "promise_settled", "2026-11-01", title="Ticket office connected",
              outcome="done")  # fmt: skip
    assert len(demo.found("osterby-museums", kind="overdue_promise")) == 4


def test_an_instruction_for_nobody(kept: Kept) -> None:
    kept.ask("inst_20261110_001", "Write the plan.", account="Nobody & Co")
    kept.ask("inst_20261110_002", "Write the plan for Tarnholt Rail Services.", account="")
    (found,) = kept.found()
    assert (found["kind"], found["account_id"]) == ("unknown_account", "")
    assert found["file"] == "inst_20261110_001/instruction.yaml"


def test_an_instruction_that_cannot_be_read(kept: Kept) -> None:
    (kept.path / "inst_20261110_001").mkdir()
    (kept.path / "inst_20261110_001/instruction.yaml").write_text("a: 1\na: 2\n")
    (found,) = kept.found()
    assert (found["kind"], found["severity"]) == ("unreadable", "error")


def test_a_timeline_whose_customer_the_insights_do_not_know(kept: Kept) -> None:
    kept.tell("gone", "fact_noted", "2026-01-01", key="x", value=1)
    kept.tell("left", "renewal_decided", "2026-06-01", outcome="churned", arr_before=1, arr_after=0)
    found = {f["account_id"]: f for f in kept.found(kind="without_insights")}
    assert (found["gone"]["severity"], found["left"]["severity"]) == ("warning", "note")
    assert "former customer" in found["left"]["what"]
    assert [f["account_id"] for f in kept.found("left")] == ["left"]


def test_without_insights_everything_else_is_still_looked_at(kept: Kept) -> None:
    (kept.path / INSIGHTS).unlink()
    sent(kept, "2026-01-01")
    assert [f["kind"] for f in kept.found()] == ["unanswered", "without_insights"]


def test_insights_that_cannot_be_read_are_one_finding(kept: Kept) -> None:
    (kept.path / INSIGHTS).write_text("accounts: [\n")
    kept.ask("inst_20261110_001", "Write the plan for Tarnholt Rail Services.")
    assert [(f["kind"], f["file"]) for f in kept.found()] == [("unreadable", INSIGHTS)]
