"""`expansion`: where this run's account could grow, and what holds an offer back."""

from __future__ import annotations

from agent.errors import printable
from agent.success.detail import expansion_points
from tools.answers import CITE, fact_lines
from tools.base import Desk, Tool, ToolInput, ToolResult


class ExpansionInput(ToolInput):
    pass


def run(desk: Desk, _ask: ExpansionInput) -> ToolResult:
    a = desk.assessment
    view, ids = a.expansion, expansion_points(a)
    out = [f"gate {view.gate}", *fact_lines(a.facts, [ids[""]])]
    out += [f"held back: {printable(reason, 300)}" for reason in view.gate_reasons]
    for signal in view.signals:
        out.append(f"{signal.id} [{signal.kind}] {printable(signal.title, 300)}")
        out += [f"  {line}" for line in fact_lines(a.facts, [ids[signal.id], *signal.evidence])]
    if view.recommendation:
        out.append(view.recommendation)
    out.append("Points rank signs and are no money; options are alternatives or add-ons, no sum.")
    return ToolResult("\n".join([*out, CITE]))


TOOL = Tool(
    "expansion",
    "Signs that this account could grow, with points and evidence, and whether the gate is open.",
    ExpansionInput,
    run,
    calculates=True,
)
