"""Plan against plan: every change is told, nothing else is, and causes add up."""

from __future__ import annotations

import copy
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.success.continuity.compare import also_differs, compare
from agent.success.continuity.compare_promises import compare_promises
from agent.success.plan import SuccessPlan
from tests.continuity.conftest import AUGUST, NOVEMBER

Plan = dict[str, Any]


def load(memory: Path, iid: str) -> Plan:
    text = (memory / iid / "outputs/final/success_plan.yaml").read_text("utf-8")
    found: Plan = yaml.load(text, Loader=yaml.CSafeLoader)
    return found


@pytest.fixture(scope="module")
def plan(played: Path) -> Plan:
    return load(played, NOVEMBER)


def said(before: Plan, after: Plan) -> list[str]:
    return [found.says for found in compare(before, after)]


def changed(plan: Plan, change: Any) -> list[str]:
    """What is said about a plan with one change, which stays a valid plan."""
    after = copy.deepcopy(plan)
    change(after)
    SuccessPlan.model_validate(after)
    return said(plan, after)


def test_a_plan_does_not_differ_from_itself(plan: Plan) -> None:
    assert said(plan, copy.deepcopy(plan)) == []
    assert also_differs(plan, plan, []) == []


def put(section: str, n: int, **values: Any) -> Any:
    return lambda plan: plan[section][n].update(values)


def drop(section: str, n: int = 0) -> Any:
    return lambda plan: plan[section].pop(n)


CHANGES: list[tuple[str, Any, str]] = [
    ("target", put("objectives", 0, target=8.0, due="2027-01-31"),
     "Objective “Fewer unplanned track possessions”: target from 9 to 8; due from 2026-12-31 to "
     "2027-01-31, 31 days later"),
    ("value", put("objectives", 0, current=10.0),
     "Objective “Fewer unplanned track possessions”: value from 11 to 10"),
    ("renamed", put("objectives", 0, title="Fewer stops"),
     "Objective “Fewer stops”: title from Fewer unplanned track possessions to Fewer stops"),
    ("dropped", drop("objectives"), "Objective dropped: “Fewer unplanned track possessions”"),
    ("closed", drop("risks"), "Risk closed: New leadership at the customer (was medium)"),
    ("graver", put("risks", 0, severity="critical"),
     "Risk New leadership at the customer: severity from medium to critical"),
    ("ended", drop("playbooks"), "Play ended: Change of executive, 0 of 5 steps done"),
    ("step", lambda plan: plan["playbooks"][0]["steps"][0].update(done_on="2026-11-20"),
     "Play Change of executive: step 1 of 5 done 2026-11-20: Request an introduction to the "
     "successor and to the executive above"),
    ("rests", put("playbooks", 0, snoozed_until="2026-12-01"),
     "Play Change of executive: rests until from none to 2026-12-01"),
    ("owner", put("actions", 0, owner="V. Brandt"),
     "Action “Request an introduction to the successor and to the executive above”: owner from "
     "customer-success-manager to V. Brandt"),
    ("earlier", put("actions", 0, due="2026-11-17"),
     "Action “Request an introduction to the successor and to the executive above”: date from "
     "2026-11-18 to 2026-11-17, 1 day earlier"),
    ("gone", drop("actions"),
     "Action gone: Request an introduction to the successor and to the executive above"),
    ("renewal", lambda plan: plan["renewal"].update(category="at_risk", probability=0.4),
     "Renewal: category from commit to at risk; probability from 90% to 40%"),
    ("stance", put("stakeholders", 0, stance="sceptic"),
     "Contact Ingeborg Falkenrath: stance from sponsor to sceptic"),
    ("stage", lambda plan: plan.update(lifecycle_stage="adoption"),
     "Account: stage from renewal to adoption"),
    ("summary", lambda plan: plan["summary"].update(text="New."), "The summary was rewritten"),
    ("gate", lambda plan: plan["expansion"].update(gate="gated"),
     "Room to grow: gate from open to gated"),
    ("score", lambda plan: plan["health"].update(score=None, tier=None, change=None),
     "Health: 86.5 green before, no score now"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "told"), [c[1:] for c in CHANGES], ids=[c[0] for c in CHANGES])
def test_one_change_is_one_line_in_words(plan: Plan, change: Any, told: str) -> None:
    assert changed(plan, change) == [told]


def test_what_is_not_put_into_words_is_named(plan: Plan) -> None:
    after = copy.deepcopy(plan)
    after["cadence"] = []
    after["risks"][0]["comment"] = "another word"
    found = compare(plan, after)
    assert (found, also_differs(plan, after, found)) == ([], ["risks", "cadence"])


def test_causes_add_up_to_the_change_of_the_score(played: Path) -> None:
    before, after = load(played, AUGUST), load(played, NOVEMBER)
    for change in (after["health"]["change"], None):  # the plan's own causes, and ours
        after["health"]["change"] = change
        found = next(d for d in compare(before, after) if d.section == "health")
        points = sum(Decimal(repr(points)) for _, points in found.after["causes"])
        assert points == Decimal(repr(after["health"]["score"])) - Decimal(
            repr(before["health"]["score"])
        )


def test_what_became_of_a_promise_is_told_where_it_is_gone(plan: Plan) -> None:
    after = copy.deepcopy(plan)
    gone = after["actions"].pop(0)
    after["carried_forward"] = [
        {"kind": "action", "title": gone["title"], "outcome": "done", "why": "held on 2026-11-20",
         "from_plan": plan["plan_id"]}
    ]  # fmt: skip
    assert said(plan, after) == [f"Action gone: {gone['title']} (done: held on 2026-11-20)"]


def test_two_items_of_one_title_are_two(plan: Plan) -> None:
    twice = copy.deepcopy(plan)
    twice["actions"].append(copy.deepcopy(twice["actions"][0]))
    assert len(said(plan, twice)) == 1 and said(plan, twice)[0].startswith("New action by")
    assert len(said(twice, plan)) == 1 and said(twice, plan)[0].startswith("Action gone")


def test_plans_of_other_tools_are_compared_by_their_promises() -> None:
    before = {"goals": [{"name": "Faster loans", "by": "2027-02-28"}], "next_steps": ["Call Jens"]}
    after = {"goals": [{"name": "Faster loans", "by": "2027-04-30"}], "todo": ["Call Mette"]}
    assert [d.says for d in compare_promises(before, after, "p1")] == [
        "Objective “Faster loans”: date from 2027-02-28 to 2027-04-30, 61 days later",
        "New action: Call Mette",
        "Action gone: Call Jens",
    ]


SECTIONS = ("objectives", "risks", "playbooks", "actions", "milestones", "stakeholders",
            "decision_points", "diagnosis", "open_questions")  # fmt: skip


@settings(deadline=None)
@given(data=st.data())
def test_whatever_is_dropped_is_told_in_both_directions(plan: Plan, data: st.DataObject) -> None:
    after = copy.deepcopy(plan)
    dropped = 0
    for section in SECTIONS:
        keep = data.draw(st.lists(st.booleans(), min_size=len(plan[section]),
                                  max_size=len(plan[section])))  # fmt: skip
        after[section] = [item for item, kept in zip(plan[section], keep, strict=True) if kept]
        dropped += keep.count(False)
    assert [d.change for d in compare(plan, after)] == ["gone"] * dropped
    assert [d.change for d in compare(after, plan)] == ["added"] * dropped


@settings(deadline=None)
@given(
    st.dictionaries(
        st.sampled_from([*SECTIONS, "health", "renewal", "summary", "expansion", "data_gaps"]),
        st.none() | st.text(max_size=3) | st.lists(st.none() | st.dictionaries(
            st.sampled_from(["title", "due", "steps", "goal", "signal"]),
            st.none() | st.integers() | st.text(max_size=4), max_size=3), max_size=3),
    )
)  # fmt: skip
def test_any_document_can_be_compared(plan: Plan, odd: Plan) -> None:
    assert compare(odd, odd) == []
    for before, after in ((plan, odd), (odd, plan)):
        assert all(found.says for found in compare(before, after))
