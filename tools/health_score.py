"""`health_score`: the health of this run's account, measure by measure, in points.

Also a script, under the name that the role's skill document gives it:
`python -m tools.health_score --customer "Name"`, the same as `csm health NAME --explain`.
"""

from __future__ import annotations

from pydantic import Field

from agent.errors import CsmError, printable
from agent.success.compose import component_views
from agent.success.detail import change_points, health_points
from agent.success.facts import FactBook
from agent.success.plan import MeasureView
from tools.answers import CITE, fact_lines, short
from tools.base import Desk, Tool, ToolInput, ToolResult


class HealthScoreInput(ToolInput):
    model: str = Field("", max_length=80, description="another health model, e.g. product-40-30-30")
    explain: bool = Field(True, description="every measure, not only the components")


def run(desk: Desk, ask: HealthScoreInput) -> ToolResult:
    a = desk.assessment
    try:
        health = desk.rescored(ask.model) if ask.model else a.health
    except CsmError as error:
        return ToolResult(f"health_score: {error}", True)
    own = health is a.health
    prefix = "health" if own else f"health.{health.model}"
    health_points(health, a.facts, prefix)
    head = f"model {health.model} version {health.model_version}, confidence {health.confidence}"
    lines = [head + ("" if own else "; the account's own score stays the one of the brief")]
    if health.reason:
        lines.append(printable(health.reason, 1500))
    lines += fact_lines(a.facts, (f"{prefix}.{name}" for name in ("score", "tier", "coverage")))
    for view in component_views(health):
        ids = (f"{prefix}.{view.component}", f"{prefix}.points.{view.component}")
        lines.append(f"{view.component}: {short(a.facts, ids) or 'not computable'}")
        if ask.explain:
            lines += [_measure(a.facts, m, prefix) for m in view.measures]
    if own and desk.change is not None:
        lines += fact_lines(a.facts, change_points(desk.change, a.facts))
    return ToolResult("\n".join([*lines, CITE]))


def _measure(facts: FactBook, m: MeasureView, prefix: str) -> str:
    line = f"- {m.label}, {m.state}" + (f" ({printable(m.note, 300)})" if m.note else "")
    if m.score is None:
        return line
    figures = short(facts, (f"{prefix}.m.{m.measure}", f"{prefix}.points.m.{m.measure}"))
    return f"{line}: {figures}; rests on {', '.join(m.evidence)}"


TOOL = Tool(
    "health_score",
    "Explain this account's health score: points of every measure and the change since the last "
    "score; or compute it by another health model.",
    HealthScoreInput,
    run,
    calculates=True,
)

if __name__ == "__main__":
    from agent.cli.scripts import health_score, run_script

    run_script(health_score)
