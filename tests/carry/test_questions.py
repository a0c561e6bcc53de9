"""Sources that disagree, are old or came late are asked about, and nothing decides between them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from agent.boundary.provenance import verify_evidence
from agent.success.compose import evidence_item
from agent.success.continuity.reading import read
from agent.success.events import timeline_source
from agent.success.plan import Question
from agent.success.remembered.history import history
from agent.success.remembered.questions import MOST, questions
from agent.success.upkeep.policy import AnswerWithin
from tests.carry.plans import ACCOUNT, AUGUST, NOVEMBER, SOURCE, assessed, told
from tests.success.accounts import healthy, put

WITHIN = AnswerWithin(escalation=2, consultation=5, delegation=10, handoff=10)


def asked(*events: Any, share: Any = None, since: date | None = AUGUST) -> list[Question]:
    """The questions; every fact they cite must stand in its source."""
    share = healthy() if share is None else share
    made = assessed(share, NOVEMBER)
    past = history(ACCOUNT, events, NOVEMBER, since=since)
    found = questions(made, past, share, source=SOURCE, within=WITHIN)
    ids = [id for question in found for id in question.evidence]
    assert all(id in made.facts for id in ids)
    documents = {
        timeline_source(ACCOUNT): {t.id: t.event for t in read(events).told},
        SOURCE: {"accounts": {made.account.id: share}},
    }
    evidence = [evidence_item(f) for f in made.facts.closure(ids) if f.kind != "policy"]
    assert not verify_evidence(evidence, documents)
    return found


def words(*events: Any, **options: Any) -> str:
    return "\n".join(question.question for question in asked(*events, **options))


def test_an_account_in_order_raises_no_question() -> None:
    assert asked() == []


def test_figures_that_clash_and_measures_that_are_old() -> None:
    text = words(share=put(healthy(), "contract.plan_limits.seats", 90))
    assert "90 seats in the contract but 120 licensed users" in text and "Which holds?" in text
    text = words(share=put(healthy(), "usage.as_of", "2026-06-30"))
    assert "usage is 140 days old" in text and "Is there anything newer?" in text


def noted(value: Any, key: str = "contract.arr", at: str = "2026-09-01", **more: Any) -> Any:
    return told("fact_noted", at, key=key, value=value, by="V. Brandt", **more)


def test_a_fact_on_the_timeline_that_the_insights_contradict() -> None:
    (question,) = asked(noted(150000, source="order form"))
    assert question.question == (
        "contract.arr: noted by V. Brandt as 150,000, valid from 2026-09-01 (order form); the "
        "insights say 96,000. Which holds?"
    )
    assert question.evidence == ["noted.contract.arr", "contract.arr"]


@pytest.mark.parametrize("event", [noted(96000), noted(96000.0), noted("x", "contract.unheard_of")])
def test_what_agrees_or_is_said_in_one_place_only_is_no_question(event: Any) -> None:
    assert asked(event) == []


def test_two_values_of_one_day_contradict_each_other_until_one_is_withdrawn() -> None:
    one, other = noted(96000), noted(150000)
    (question,) = asked(one, other)
    assert "recorded as valid from 2026-09-01 are 96,000" in question.question
    assert len(question.evidence) == 2
    gone = told("corrected", "2026-09-02", corrects=other["event_id"], withdrawn=True)
    assert asked(one, other, gone) == []


def test_an_import_that_newer_insights_replaced_is_no_contradiction() -> None:
    changes = [{"pointer": "/contract/arr", "from": 90000, "to": 95000}]
    assert asked(told("facts_imported", "2026-09-01", file="crm.csv", changes=changes)) == []


def test_a_back_dated_entry_is_named_with_both_its_days() -> None:
    late = told("renewal_decided", "2026-08-01", "2026-09-03", outcome="renewed", arr_after=96000)
    (question,) = asked(late)
    assert "Recorded on 2026-09-03 for 2026-08-01, 33 days late" in question.question
    assert "Renew" in question.question


@pytest.mark.parametrize(
    "event",
    [
        told("renewal_decided", "2026-09-01", "2026-11-03", outcome="renewed"),  # after the plan
        told("renewal_decided", "2026-08-01", "2026-08-05", outcome="renewed"),  # within the week
        told("renewal_decided", "2026-06-01", "2026-07-30", outcome="renewed"),  # the plan knew
        told("risk_opened", "2026-08-01", "2026-09-03", "inst_x", signal="s"),  # a run's own
    ],
    ids=["after", "in time", "known", "by a run"],
)
def test_other_entries_are_not(event: Any) -> None:
    assert asked(event) == []


def test_a_message_without_an_answer_is_asked_about_with_its_receiver() -> None:
    sent = told("escalated", "2026-11-14", to="executive-team", message_id="m", about="Churn risk")
    (question,) = asked(sent)
    assert question.ask == "executive-team"
    assert "escalation to executive-team of 2026-11-14 (“Churn risk”)" in question.question
    assert "no answer for 3 days" in question.question
    assert asked(told("escalated", "2026-11-15", to="e", message_id="m", about="Churn")) == []
    assert asked(told("handoff_sent", "2026-11-07", to="e", message_id="m", about="Churn")) == []
    answer = told(
        "handoff_answered", "2026-11-16", message_id="m", by="executive-team", answer="ok"
    )
    assert asked(sent, answer) == []


def test_many_of_one_sort_are_cut_and_counted() -> None:
    sent = [told("handoff_sent", f"2026-01-{n:02}", to="e", message_id=f"m{n}", about=f"A {n}")
            for n in range(1, 20)]  # fmt: skip
    found = asked(*sent)
    assert len(found) == MOST + 1
    assert found[-1].question.startswith(f"{19 - MOST} more messages without an answer")
