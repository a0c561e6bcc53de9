"""What the tests of promises share: plans, goals, events, and the check of evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from agent.boundary.provenance import verify_evidence
from agent.household import DEFAULT_PERSONA, open_household
from agent.memory import timeline
from agent.success.account import Goal
from agent.success.assess import assess
from agent.success.assessment import Assessment, GoalView
from agent.success.carry import PriorPlan, carry
from agent.success.compose import evidence_item
from agent.success.continuity.reading import read
from agent.success.events import EventKind, event, timeline_source
from agent.success.facts import FactBook
from agent.success.plan import Carried
from agent.success.plays.settled import settled

SOURCE = "_knowledge/semantic/customer_insights.yaml"
ACCOUNT = "tarnholt-rail"
MAY, AUGUST, NOVEMBER = date(2026, 5, 19), date(2026, 8, 18), date(2026, 11, 17)
FEBRUARY = date(2027, 2, 16)


def told(event_kind: EventKind, at: str, /, recorded: str = "", iid: str = "", **data: Any) -> Any:
    """An event with its id, as a timeline gives it back."""
    made = event(
        ACCOUNT,
        event_kind,
        iid,
        date.fromisoformat(at),
        f"{recorded or at}T12:00:00Z",
        data,
        "test",
    )
    return {"event_id": timeline.event_id(made), **made}


def settle(outcome: str, title: str, at: str, **more: Any) -> Any:
    data = {"title": title, "outcome": outcome, "why": "as agreed", "by": "V. B.", **more}
    return told("promise_settled", at, **data)


def plan(document: Mapping[str, Any], on: date = AUGUST, id: str = "plan_a") -> PriorPlan:
    return PriorPlan(f"{id}/outputs/final/success_plan.yaml", id, id, on, document)


def ours(carried: Sequence[Carried] = (), **sections: Any) -> dict[str, Any]:
    """A document of ours with what an earlier one left."""
    return {
        "schema": "success_plan/1",
        "objectives": [], "milestones": [], "actions": [], **sections,
        "carried_forward": [c.model_dump(exclude_defaults=True) for c in carried],
    }  # fmt: skip


def goal(id: str, statement: str, due: date | None = None, status: str = "behind") -> GoalView:
    view = Goal(id, statement, due=due)
    return GoalView(view, 0.2, status, "up", ())  # type: ignore[arg-type]


def becomes(
    prior: PriorPlan,
    *events: Any,
    goals: Sequence[GoalView] = (),
    on: date = NOVEMBER,
    facts: FactBook | None = None,
) -> tuple[Carried, ...]:
    """What becomes of the plan's promises; every piece of evidence must stand in its source."""
    book = FactBook() if facts is None else facts
    known = settled(events, (), prior.as_of, on)
    carried = carry(prior, goals, book, on, known)
    documents = {
        prior.path: prior.document,
        timeline_source(ACCOUNT): {t.id: t.event for t in read(events).told},
    }
    ids = [id for item in carried for id in item.evidence]
    faults = verify_evidence([evidence_item(f) for f in book.closure(ids)], documents)
    assert not faults, faults
    return carried


def by_title(carried: Sequence[Carried]) -> dict[str, Carried]:
    assert len({item.title for item in carried}) == len(carried)
    return {item.title: item for item in carried}


POLICIES = open_household(DEFAULT_PERSONA).persona.policies


def assessed(share: Any, as_of: date = NOVEMBER) -> Assessment:
    return assess(
        share, account_id="alder", source=SOURCE, as_of=as_of, policies=POLICIES, history=None,
        is_instruction=lambda _text: False,
    )  # fmt: skip
