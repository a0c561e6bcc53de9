"""`risk_analyzer`: the early-warning signs of this run's account, with what would clear each.

Also a script, under the name that the role's skill document gives it:
`python -m tools.risk_analyzer --portfolio customers.csv` ranks the accounts of a table or a memory
by the same judgement.
"""

from __future__ import annotations

from pydantic import Field

from agent.errors import printable
from agent.success.signals.report import RiskLine, risk_report
from tools.answers import CITE, fact_lines
from tools.base import Desk, Tool, ToolInput, ToolResult


class RiskAnalyzerInput(ToolInput):
    signal: str = Field("", max_length=80, description="only this signal of the brief")


def run(desk: Desk, ask: RiskAnalyzerInput) -> ToolResult:
    a = desk.assessment
    found = risk_report(a)
    lines = [line for line in found.lines if ask.signal in ("", line.signal)]
    if ask.signal and not lines:
        known = ", ".join(line.signal for line in found.lines) or "none"
        return ToolResult(
            f"risk_analyzer: {printable(ask.signal, 80)!r} does not fire here; those that do: "
            f"{known}",
            True,
        )
    level = "unknown: too little is on record" if found.level == "unknown" else found.level
    out = [f"risk {level}, health {found.tier or 'not scored'}"]
    out += fact_lines(a.facts, ("health.tier", "renewal.days_left", "contract.arr"))
    for line in lines:
        out += _line(desk, line)
    return ToolResult("\n".join([*out, CITE]))


def _line(desk: Desk, line: RiskLine) -> list[str]:
    since = f", since {line.at}" if line.at else ""
    out = [f"{line.signal} [{line.severity}, {line.basis}{since}] {printable(line.title, 300)}"]
    if line.clears_when:
        out.append(f"  clears when {printable(line.clears_when, 300)}")
    if line.playbook:
        out.append(f"  playbook {line.playbook}")
    return out + [f"  {fact}" for fact in fact_lines(desk.assessment.facts, line.evidence)]


TOOL = Tool(
    "risk_analyzer",
    "Early-warning signs of this account, worst first: what each rests on and what would clear it.",
    RiskAnalyzerInput,
    run,
    calculates=True,
)

if __name__ == "__main__":
    from agent.cli.scripts import risk_analyzer, run_script

    run_script(risk_analyzer)
