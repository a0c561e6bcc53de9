"""`csm memory doctor`: each rule finds what it is for, says where it stands, and keeps still
about what is in order."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from agent.memory import views
from tests.upkeep.conftest import INSIGHTS, SCORES, Kept

A = "tarnholt-rail"
HERE = f"/accounts/{A}"
LONG = "We had 191 of our 200 seats busy in October and I have fourteen new starters in January."


def account(kept: Kept, change: Any) -> None:
    kept.insights(lambda all_: change(all_[A]))


def test_nothing_is_found_where_nothing_is_wrong(kept: Kept) -> None:
    assert kept.found() == []
    assert kept.doctor().splitlines()[-1] == (
        "0 errors, 0 warnings, 0 notes; 1 account, as of 2026-11-17"
    )


# Duplicates


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


# Contradictions


def test_figures_of_the_insights_that_do_not_fit_each_other(kept: Kept) -> None:
    account(kept, lambda a: a["contract"]["plan_limits"].update(seats=180))
    (found,) = kept.found(kind="contradiction")
    assert found["pointer"] == f"{HERE}/contract/plan_limits/seats"
    assert "180 seats" in found["what"] and found["fix"] == "Ask account-manager."


SEATS = "contract.plan_limits.seats"
FACTS: dict[str, tuple[str, dict[str, Any]]] = {
    "noted": ("fact_noted", {"key": SEATS, "value": 220}),
    "noted by pointer": ("fact_noted", {"key": "/contract/plan_limits/seats", "value": 220}),
    "imported": (
        "facts_imported",
        {
            "file": "customers.csv",
            "changes": [
                {"pointer": "/contract/plan_limits/seats", "from": 180, "to": 220},
                {"pointer": "/usage/as_of", "from": None, "to": "2020-01-01"},
            ],
        },
    ),
}


@pytest.mark.parametrize(("kind", "data"), FACTS.values(), ids=[*FACTS])
def test_a_fact_on_the_timeline_that_the_insights_do_not_share(
    kept: Kept, kind: str, data: dict[str, Any]
) -> None:
    kept.tell(A, kind, "2026-10-01", **data)
    (found,) = kept.found(kind="contradiction")
    assert "is 200 in the insights, but 220 since 2026-10-01" in found["what"]
    assert found["pointer"] == f"{HERE}/contract/plan_limits/seats"
    assert kept.found(kind="contradiction", as_of="2026-09-30") == []


def noted(kept: Kept, at: str, value: Any, **more: Any) -> str:
    return kept.tell(A, "fact_noted", at, key=SEATS, value=value, **more)


def test_the_newest_fact_counts_and_what_was_withdrawn_does_not(kept: Kept) -> None:
    noted(kept, "2026-10-01", 220)
    noted(kept, "2026-10-20", 200.0)
    noted(kept, "2026-10-25", 150, valid_from="2026-01-01")
    assert kept.found(kind="contradiction") == []
    wrong = noted(kept, "2026-11-01", 999)
    assert len(kept.found(kind="contradiction")) == 1
    kept.tell(A, "corrected", "2026-11-02", corrects=wrong, withdrawn=True)
    assert kept.found(kind="contradiction") == []


def test_two_facts_of_one_day_that_differ(kept: Kept) -> None:
    for value in (200, 220):
        noted(kept, "2026-10-01", value)
    (found,) = kept.found(kind="contradiction")
    assert "is both 200 and 220 since 2026-10-01" in found["what"]
    assert found["file"].endswith("accounts/tarnholt-rail.jsonl")


def decided(kept: Kept, outcome: str, at: str, after: float) -> None:
    kept.tell(A, "renewal_decided", at, outcome=outcome, arr_before=148000, arr_after=after)


@pytest.mark.parametrize(
    ("planned_end", "ends", "wrong"),
    [("", "2027-03-15", False), ("", "2027-06-30", True), ("2026-12-31", "2027-03-15", True),
     ("2027-03-15", "2027-03-15", False)],
)  # fmt: skip
def test_a_customer_who_left_has_no_contract_after_the_term(
    kept: Kept, planned_end: str, ends: str, wrong: bool
) -> None:
    account(kept, lambda a: a["contract"].update(renewal_date=ends, term_months=None))
    if planned_end:
        told = {"renewal_date": planned_end, "probability": 0.9}
        kept.tell(A, "plan_published", "2026-08-01", plan_id="p", forecast=told)
    decided(kept, "churned", "2026-11-10", 0)
    found = kept.found(kind="contradiction")
    assert [f["severity"] for f in found] == ["error"] * wrong
    if wrong:
        assert "decision of 2026-11-10" in found[0]["what"] and ends in found[0]["what"]


def test_nobody_waits_for_a_customer_who_has_left(demo: Kept) -> None:
    who = "osterby-museums"
    demo.tell(who, "handoff_sent", "2026-09-01", to="x", message_id="m1", about="Sessions")
    assert {f["kind"] for f in demo.found(who)} >= {"overdue_promise", "unanswered"}
    demo.tell(who, "renewal_decided", "2026-10-01", outcome="churned", arr_before=1, arr_after=0)
    demo.insights(lambda all_: all_[who]["contract"].update(renewal_date="2026-10-31"))
    found = demo.found(who)
    assert [f["severity"] for f in found if f["kind"] == "unanswered"] == ["note"]
    assert [f for f in found if f["kind"] == "overdue_promise"] == []


def test_a_renewal_at_another_price(kept: Kept) -> None:
    decided(kept, "renewed", "2026-11-10", 150000)
    (found,) = kept.found(kind="contradiction")
    assert found["pointer"] == f"{HERE}/contract/arr" and "150,000" in found["what"]
    decided(kept, "renewed", "2026-11-11", 148000)
    assert kept.found(kind="contradiction") == []


def test_a_renewed_contract_with_the_old_date(kept: Kept) -> None:
    account(kept, lambda a: a["contract"].update(renewal_date="2026-11-15"))
    decided(kept, "renewed", "2026-11-10", 148000)
    assert any("has passed" in f["what"] for f in kept.found(kind="contradiction"))


def planned(kept: Kept, at: str, **renewal: Any) -> None:
    path = "inst_1/outputs/final/success_plan.yaml"
    said = {"date": "2027-03-15", "arr": 148000.0} | renewal
    text = f"schema: success_plan/1\nrenewal: {said}\n".replace("'", '"')
    view = views.plan_view(path, text, "inst_1/outputs/revisions/success_plan.r1.yaml")
    kept.tell(A, "plan_published", at, plan_id="plan_1", source=path, view=view)


@pytest.mark.parametrize(
    ("renewal", "said"), [({"date": "2027-06-30"}, "2027-06-30"), ({"arr": 90000}, "90,000")]
)
def test_a_plan_that_counts_to_another_renewal(
    kept: Kept, renewal: dict[str, Any], said: str
) -> None:
    planned(kept, "2026-11-01", **renewal)
    (found,) = kept.found(kind="contradiction")
    assert (found["severity"], found["file"]) == ("error", "inst_1/outputs/final/success_plan.yaml")
    assert said in found["what"]
    planned(kept, "2026-11-05")
    assert kept.found(kind="contradiction") == []


def test_a_plan_from_before_the_renewal_may_name_the_old_date(kept: Kept) -> None:
    planned(kept, "2026-11-01", date="2026-11-20", arr=1.0)
    decided(kept, "renewed", "2026-11-10", 148000)
    assert kept.found(kind="contradiction") == []


def scored(kept: Kept, score: float, **more: Any) -> dict[str, Any]:
    entry = {"score": score, "tier": "green", "as_of": "2026-11-10", "override": None} | more
    kept.tell(A, "health_scored", entry["as_of"], score=score, view=views.entry_view(entry))
    return entry


def test_a_scores_file_that_is_not_what_the_timeline_tells(kept: Kept) -> None:
    entry = scored(kept, 81.0)
    kept.write(SCORES, {"schema": "customer_health_scores/1", "accounts": {A: entry}})
    assert kept.found() == []
    scored(kept, 55.5, tier="yellow", as_of="2026-11-16")
    (found,) = kept.found(kind="contradiction")
    assert found["pointer"] == f"{HERE}/score"
    assert "81.0" in found["what"] and "55.5" in found["what"]
    (kept.path / SCORES).unlink()
    (found,) = kept.found(kind="contradiction")
    assert "the scores file has none" in found["what"]


# What is old, what is late, what is too long


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


# What belongs to nobody


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
