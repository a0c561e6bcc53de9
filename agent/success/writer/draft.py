"""The whole draft, section by section."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from agent.success.assessment import Assessment
from agent.success.plan import Carried
from agent.success.plays.handoffs import SuggestedHandoff
from agent.success.writer.people import stakeholder_plans
from agent.success.writer.prose import Prose
from agent.success.writer.work import (
    actions,
    business_review,
    decision_points,
    milestones,
    objectives,
)

CSM = "customer-success-manager"
_MATTER = {
    "vp-customer-support": "critical churn risk",
    "executive-team": "strategic partnership",
}
_RANK = {"critical": 0, "high": 1, "medium": 2, "low": 3}


@dataclass(frozen=True)
class OfflineHandoff:
    """A message the offline writer wants to send, in the input shape of the `handoff` tool."""

    to: str
    type: str
    about: str
    message: str
    evidence: list[str] = field(default_factory=list)


def write_draft(
    assessment: Assessment, *, objective: str, carried: Sequence[Carried] = ()
) -> dict[str, Any]:
    """A `PlanDraft` as plain data. `objective` is only searched for the words that ask for a
    business review; nothing else of it is interpreted here."""
    return {
        "summary": _summary(assessment),
        "diagnosis": _diagnosis(assessment),
        "objectives": objectives(assessment),
        "milestones": milestones(assessment),
        "stakeholders": stakeholder_plans(assessment),
        "risks": _risk_notes(assessment),
        "expansion": _expansion_notes(assessment),
        "actions": actions(assessment, carried),
        "decision_points": decision_points(assessment),
        "business_review": business_review(assessment, objective),
        "open_questions": _open_questions(assessment),
    }


def write_handoffs(
    assessment: Assessment, suggested: Sequence[SuggestedHandoff]
) -> list[OfflineHandoff]:
    """Hand-offs that the engine's rules call for, escalations last."""
    out = [
        OfflineHandoff(s.to, s.type, s.about, s.reason, _known(assessment, s.evidence))
        for s in suggested
    ]
    for role, why, evidence in assessment.escalate:
        about = f"{assessment.account.name}: {_MATTER.get(role, 'a decision is needed')}"
        out.append(
            OfflineHandoff(role, "escalation", about[:200], why, _known(assessment, evidence))
        )
    return out


def _known(assessment: Assessment, ids: Sequence[str]) -> list[str]:
    return [id for id in ids if id in assessment.facts][:40]


def _summary(a: Assessment) -> dict[str, Any]:
    p = Prose(a.facts, a.stage.evidence)
    stage = a.stage.id.replace("_", " ")
    out = [f"{a.account.name} is in {stage}: {a.stage.reason}."]
    out.append(_health_words(a, p))
    out.append(_renewal_words(a, p))
    if p.has("usage.active_ratio") and a.account.latest is not None:
        period = a.account.latest.period
        used, licensed = f"usage.{period}.active_users", f"usage.{period}.licensed_users"
        if p.has(used, licensed):
            share = p("usage.active_ratio")
            who = f"{p(used)} of {p(licensed)} licensed users"
            out.append(f"{who} were active in {period} ({share}).")
    worst = sorted(a.signals, key=lambda s: _RANK[s.severity])[:3]
    if worst:
        for signal in worst:
            p.cite(*signal.evidence)
        out.append("Foremost risks: " + "; ".join(s.title.rstrip(".") for s in worst) + ".")
    else:
        out.append("No early-warning sign fires.")
    out.append(_growth_words(a))
    return p.statement(" ".join(part for part in out if part)[:2000])


def _health_words(a: Assessment, p: Prose) -> str:
    if a.health.score is None:
        absent = ", ".join(c.label.lower() for c in a.health.components if c.score is None)
        named = f"; {absent} cannot be computed" if absent else ""
        why = f"too little could be measured{named}"
        return f"No health score can be given, {why}. The data gaps say whom to ask."
    words = f"Health is {p('health.score')} ({a.health.tier})"
    missing = [c.label.lower() for c in a.health.components if c.score is None]
    if missing:
        words += f", partial: {', '.join(missing)} cannot be computed for want of data"
    return words + "."


def _renewal_words(a: Assessment, p: Prose) -> str:
    if not p.has("contract.renewal_date"):
        return "The renewal date is not in the records."
    if not p.has("renewal.days_left"):
        return f"Renewal is on {p('contract.renewal_date')}."
    if a.renewal.status == "overdue":
        return f"The renewal date {p('contract.renewal_date')} has passed."
    return f"Renewal is on {p('contract.renewal_date')}, in {p('renewal.days_left')} days."


def _growth_words(a: Assessment) -> str:
    view = a.expansion
    if view.gate == "none" or not view.signals:
        return ""
    if view.gate == "gated":
        return (
            "There are signs of room to grow, held back for now: "
            + "; ".join(view.gate_reasons)
            + "."
        )
    return "There is room to grow; the qualified case goes to the account manager."


def _diagnosis(a: Assessment) -> list[dict[str, Any]]:
    confidence = {"critical": "high", "high": "high", "medium": "medium", "low": "low"}
    out = []
    for signal in sorted(a.signals, key=lambda s: _RANK[s.severity])[:10]:
        out.append(
            {
                "cause": signal.title,
                "kind": "fact" if signal.basis == "measured" else "hearsay",
                "confidence": confidence[signal.severity]
                if signal.basis == "measured"
                else "medium",
                "evidence": list(signal.evidence),
            }
        )
    p = Prose(a.facts)
    if p.has("value.roi.annual_value", "value.roi.annual_cost", "value.roi.source"):
        text = (
            f"Return: {p('value.roi.annual_value')} a year against a cost of "
            f"{p('value.roi.annual_cost')}; source: {p('value.roi.source')}"
        )
        p.cite("roi.ratio")
        out.append(
            {"cause": text, "kind": "hearsay", "confidence": "medium", "evidence": list(p.cited)}
        )
    return out[:12]


def _risk_notes(a: Assessment) -> list[dict[str, Any]]:
    """A comment where people's own words stand behind a signal: they are quoted, not retold."""
    out = []
    for signal in a.signals[:20]:
        p = Prose(a.facts)
        quotes = [id for id in signal.evidence if id in a.facts and a.facts[id].kind == "quote"][:2]
        if not quotes:
            continue
        words = " ".join(f"{a.facts[id].label}: {p.quote(id)}" for id in quotes)
        out.append({"signal": signal.id, "comment": f"Read, not measured. {words}"[:2000],
                    "evidence": list(p.cited)})  # fmt: skip
    return out


def _expansion_notes(a: Assessment) -> list[dict[str, Any]]:
    out = []
    for signal in a.expansion.signals[:12]:
        p = Prose(a.facts)
        quotes = [id for id in signal.evidence if id in a.facts and a.facts[id].kind == "quote"][:2]
        if quotes:
            words = " ".join(f"{a.facts[id].label}: {p.quote(id)}" for id in quotes)
            out.append({"signal": signal.id, "comment": words[:2000], "evidence": list(p.cited)})
    return out


def _open_questions(a: Assessment) -> list[dict[str, Any]]:
    out: list[dict[str, Any]] = []
    if a.account.withheld:
        out.append(
            {
                "question": "A note or e-mail holds text that addresses an assistant or gives "
                "commands (see the data gaps). It was kept out of this plan and not followed; "
                "please look at the original.",
                "ask": CSM,
                "evidence": [],
            }
        )
    return out


def after(a: Assessment, days: int) -> str:
    return (a.as_of + timedelta(days=days)).isoformat()
