"""Objectives, milestones, actions, decisions and the next business review."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from agent.success.assessment import Assessment, GoalView, PlayStep
from agent.success.calendar import on_or_after
from agent.success.carry import SETTLE, matter
from agent.success.plan import Carried
from agent.success.writer.prose import Prose

CSM = "customer-success-manager"
GOOD_SHARE = 80  # % of licensed users active: the activation target of seed 001
_ASKS_REVIEW = re.compile(
    r"\bqbr\b|business review|quarterly review|agenda|quartalsgespr|revue trimestrielle|"
    r"revisión trimestral|四半期レビュー",
    re.I,
)
_GOAL_STATUS = {"met": "met", "on_track": "on_track", "behind": "behind", "regressed": "regressed",
                "overdue": "behind", "not_measured": "not_measured"}  # fmt: skip
_DEEDS = ("action", "milestone")
_RANK = {"critical": 0, "high": 1, "medium": 2, "low": 3}


def objectives(a: Assessment) -> list[dict[str, Any]]:
    out = [_goal(view) for view in a.goals[:8]]
    if not a.goals:
        out.append(
            {
                "title": "Agree written success goals with the customer",
                "metric": "goals agreed in writing, each with baseline, target and date",
                "unit": "goals",
                "target": 3,
                "due": _day(a, 14),
                "owner": CSM,
                "status": "proposed",
            }
        )
    if a.stage.id == "onboarding" and "onboarding.activation_rate" in a.facts:
        target = a.facts.get("policy.onboarding.activation_target")
        out.append(
            {
                "title": "Activate the licensed users",
                "metric": "activated share of licensed users",
                "unit": "%",
                "current": a.facts["onboarding.activation_rate"].value,
                "target": target.value if target else None,
                "due": _day(a, 30),
                "owner": CSM,
                "status": "behind" if _fires(a, "activation") else "on_track",
                "evidence": ["onboarding.activation_rate"],
            }
        )
    elif _few_active(a):
        out.append(
            {
                "title": "Bring licensed users back to regular use",
                "metric": "active share of licensed users",
                "unit": "%",
                "current": a.facts["usage.active_ratio"].value,
                "target": GOOD_SHARE,
                "due": _day(a, 90),
                "owner": CSM,
                "status": "proposed",
                "evidence": ["usage.active_ratio"],
            }
        )
    return out[:12]


def _few_active(a: Assessment) -> bool:
    share = a.facts.get("usage.active_ratio")
    return share is not None and isinstance(share.value, (int, float)) and share.value < GOOD_SHARE


def _fires(a: Assessment, word: str) -> bool:
    return any(word in signal.id or word in signal.playbook for signal in a.signals)


def _goal(view: GoalView) -> dict[str, Any]:
    goal = view.goal
    return {
        "title": (goal.statement or goal.id)[:300],
        "metric": (goal.metric or goal.statement or goal.id)[:300],
        "unit": goal.metric[:60],
        "baseline": goal.baseline,
        "current": goal.actual,
        "target": goal.target,
        "due": goal.due.isoformat() if goal.due else None,
        "owner": CSM,
        "status": _GOAL_STATUS[view.status],
        "goal": goal.id,
        "evidence": list(view.evidence),
    }


def milestones(a: Assessment) -> list[dict[str, Any]]:
    out = []
    for m in a.account.milestones:
        if m.status.lower() in ("done", "complete", "completed") or m.due is None:
            continue
        status = "blocked" if m.blocked_by or m.status == "blocked" else "planned"
        if status == "planned" and m.due < a.as_of:
            status = "overdue"
        base = f"milestone.{m.n}"
        cited = [f"{base}.{f}" for f in ("name", "due", "status", "blocked_by", "owner")]
        out.append(
            {
                "title": m.name[:300],
                "due": m.due.isoformat(),
                "owner": m.owner or CSM,
                "status": status,
                "evidence": [id for id in cited if id in a.facts],
            }
        )
    out += [
        {"title": what, "due": on.isoformat(), "owner": CSM, "visibility": "internal",
         "evidence": list(a.renewal.evidence)}
        for on, what in a.renewal.checkpoints
    ]  # fmt: skip
    return out[:20]


def actions(a: Assessment, carried: Sequence[Carried]) -> list[dict[str, Any]]:
    """What the CSM does next: the first own open steps of each play that is not snoozed, then what
    the last plan left. A step that is overdue is due today."""
    out: list[dict[str, Any]] = []
    awake = [play for play in a.plays if play.snoozed_until is None]
    for play in sorted(awake, key=lambda play: _RANK[play.severity]):
        own = [step for step in play.steps if step.owner == CSM and step.done_on is None][:3]
        out += [
            {
                "title": step.title,
                "owner": CSM,
                "due": max(step.due, a.as_of).isoformat(),
                "why": f"{play.title}: {_place(step, a.as_of)}",
                "evidence": list(play.evidence),
            }
            for step in own
        ]
    steps = {step.title for play in a.plays for step in play.steps}  # their playbook sees to them
    asked: set[str] = set()
    for item in carried:
        what = matter(item.title)
        unsettled = item.outcome in ("overdue", "unknown") and item.kind in _DEEDS
        if unsettled and what not in steps and what not in asked:
            asked.add(what)
            out.append(
                {
                    "title": f"{SETTLE}{what}"[:300],
                    "owner": CSM,
                    "due": _day(a, 7),
                    "why": f"Promised in the last plan; {item.why}",
                    "evidence": [*item.evidence],
                }
            )
    if not out:
        first = a.cadence[0] if a.cadence else None
        out.append(
            {
                "title": first.title if first else "Hold the next regular touchpoint",
                "owner": CSM,
                "due": first.on.isoformat() if first else _day(a, 14),
                "why": "Regular cadence; nothing calls for more.",
            }
        )
    return out[:25]


def _place(step: PlayStep, as_of: date) -> str:
    return "an overdue step of the playbook" if step.due < as_of else "next steps of the playbook"


def decision_points(a: Assessment) -> list[dict[str, Any]]:
    out: list[dict[str, Any]] = []
    sponsor = a.account.sponsor
    if sponsor is not None and sponsor.status in ("leaving", "left", "changed"):
        out.append(
            {
                "date": _day(a, 14),
                "question": "Who is our executive contact from here on?",
                "options": [
                    "A successor named by the customer",
                    "Another stakeholder we already know",
                    "Ask the customer's management for a contact",
                ],
                "decides": CSM,
                "evidence": [i for i in ("sponsor.name", "sponsor.status") if i in a.facts],
            }
        )
    ahead = [(on, what) for on, what in a.renewal.checkpoints if on >= a.as_of]
    if ahead:
        on, _what = ahead[0]
        out.append(
            {
                "date": on.isoformat(),
                "question": "Is the renewal on course, or does it need a save plan?",
                "options": [
                    "On course: go on as planned",
                    "In doubt: start the save strategy",
                    "Critical: escalate",
                ],
                "decides": CSM,
                "evidence": list(a.renewal.evidence),
            }
        )
    if a.expansion.gate == "open" and a.expansion.signals:
        out.append(
            {
                "date": _day(a, 21),
                "question": "Which of the growth options does the account manager take forward?",
                "options": [s.title[:300] for s in a.expansion.signals[:5]] + ["None for now"],
                "decides": "account-manager",
                "evidence": [i for s in a.expansion.signals[:5] for i in s.evidence],
            }
        )
    return out[:10]


def business_review(a: Assessment, objective: str) -> dict[str, Any] | None:
    """The five-part agenda of seed 001 (75 minutes) when one is asked for or due within 60 days."""
    touch = next((t for t in a.cadence if "review" in t.kind or "qbr" in t.kind), None)
    asked = _ASKS_REVIEW.search(objective) is not None
    if not asked and (touch is None or touch.on > a.as_of + timedelta(days=60)):
        return None
    when = touch.on if touch else date.fromisoformat(_day(a, 45))
    p = Prose(a.facts)
    goals = "; ".join(v.goal.statement for v in a.goals[:5] if v.goal.statement)
    for view in a.goals[:5]:
        p.cite(*view.evidence)
    review = "Progress against the goals of the last quarter" + (f": {goals}" if goals else "")
    return {
        "title": f"Business review with {a.account.name}",
        "month_or_date": when.isoformat(),
        "agenda": [
            {"minutes": 10, "topic": "How things are: changes in the business and the team"},
            {"minutes": 20, "topic": review[:300], "evidence": p.cited},
            {"minutes": 15, "topic": "Product news that matters for these goals, and training"},
            {"minutes": 20, "topic": "Goals for the next quarter, obstacles, actions and owners"},
            {"minutes": 10, "topic": "Feedback, wishes, and telling the story to others"},
        ],
    }


def _day(a: Assessment, days: int) -> str:
    wall = a.renewal.renewal_date
    on = on_or_after(a.as_of + timedelta(days=days))
    if wall is not None and a.as_of < wall < on:
        on = wall
    return on.isoformat()
