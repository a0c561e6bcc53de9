"""`qbr_generator`: the outline of a business review with this run's account.

Also a script, under the name that the role's skill document gives it:
`python -m tools.qbr_generator --customer "Name" --quarter Q4`, the same as `csm qbr`.
"""

from __future__ import annotations

from pydantic import Field

from agent.errors import BadInput, printable
from agent.success.detail import metric_changes, metric_evidence
from agent.success.qbr import Audience, Review, quarter_of, review
from tools.answers import CITE, fact_lines
from tools.base import Desk, Tool, ToolInput, ToolResult

_GOAL = ("baseline", "actual", "target", "due")


class QbrGeneratorInput(ToolInput):
    audience: Audience = "internal"
    quarter: str = Field("", max_length=20, description="YYYYQ4 or Q4; left out: the current one")


def run(desk: Desk, ask: QbrGeneratorInput) -> ToolResult:
    a = desk.assessment
    try:
        quarter = quarter_of(ask.quarter, a.as_of)
    except BadInput as error:
        return ToolResult(f"qbr_generator: {error.what}; use 2026Q4 or Q4", True)
    found = review(a, quarter, ask.audience, carried=desk.carried)
    out = [f"{quarter}, for {ask.audience} readers, {found.minutes} minutes"]
    out += [f"agenda, {minutes} min: {topic}" for minutes, topic in found.agenda]
    out.append(f"with: {printable('; '.join(found.attendees), 600)}")
    out += _goals(desk, found) + _use(desk, found)
    out += [f"value, {printable(line, 300)}" for line in found.value]
    names = ("value.roi.annual_value", "value.integrations.live", "value.integrations.planned",
             "value.workflows.optimised", "value.workflows.planned")  # fmt: skip
    out += [f"  {line}" for line in fact_lines(a.facts, names)]
    out += [f"next goal: {printable(line, 300)}" for line in found.next_goals]
    out += [f"next date {on}: {printable(title, 200)}" for on, title in found.touchpoints]
    out += _internal(desk, found) if found.internal else ["nothing internal stands above; add none"]
    return ToolResult("\n".join([*out, CITE]))


def _goals(desk: Desk, found: Review) -> list[str]:
    out = []
    for goal in found.goals:
        out.append(f"goal {goal.id}, {goal.status}: {printable(goal.statement, 300)}")
        ids = (f"goal.{goal.id}.{name}" for name in _GOAL)
        out += [f"  {line}" for line in fact_lines(desk.assessment.facts, ids)]
    return out or ["no goals are on record: agreeing them is the first point"]


def _use(desk: Desk, found: Review) -> list[str]:
    facts, out = desk.assessment.facts, []
    for row, moved in zip(found.metrics, metric_changes(found.metrics, facts), strict=True):
        out.append(f"use, {row.label.lower()}:")
        out += [f"  {line}" for line in fact_lines(facts, [*metric_evidence(row), moved])]
    return out or ["use: not measured in this quarter"]


def _internal(desk: Desk, found: Review) -> list[str]:
    """What colleagues see too; the program's own sections of the plan hold the figures."""
    inside = found.internal
    ids = ("health.score", "health.tier", "health.coverage", "contract.renewal_date",
           "renewal.days_left", "value.roi.annual_cost")  # fmt: skip
    out = ["internal only:"]
    out += [f"  {line}" for line in fact_lines(desk.assessment.facts, ids)]
    out += [f"  risk, {r['severity']}: {printable(r['title'], 240)}" for r in inside["risks"]]
    out += [f"  growth, gate {inside['expansion_gate']}: {printable(title, 240)}"
            for title in inside["expansion"]]  # fmt: skip
    out += [f"  promised last time, {p['outcome']}: {printable(p['title'], 240)}"
            for p in inside["promises"]]  # fmt: skip
    return out + [f"  missing: {printable(gap, 240)}" for gap in inside["gaps"]]


TOOL = Tool(
    "qbr_generator",
    "Outline of a business review from what is on record, for colleagues or for the customer.",
    QbrGeneratorInput,
    run,
    calculates=True,
)

if __name__ == "__main__":
    from agent.cli.scripts import qbr_generator, run_script

    run_script(qbr_generator)
