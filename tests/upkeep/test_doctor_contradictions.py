"""`csm memory doctor` on figures, facts, plans and files that do not fit each other."""

from __future__ import annotations

from typing import Any

import pytest

from agent.memory import views
from tests.upkeep.conftest import HERE, SCORES, A, Kept, account


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
