"""`renewal_forecast`: the outlook of this run's renewal.

Also a script, under the name that the role's skill document gives it:
`python -m tools.renewal_forecast --period Q1`, the same as `csm renewals`.
"""

from __future__ import annotations

from agent.errors import printable
from agent.success.detail import renewal_figures, renewal_line
from tools.answers import CITE, fact_lines
from tools.base import Desk, Tool, ToolInput, ToolResult


class RenewalForecastInput(ToolInput):
    pass


def run(desk: Desk, _ask: RenewalForecastInput) -> ToolResult:
    a = desk.assessment
    view, line = a.renewal, renewal_line(a)
    ids = renewal_figures(a, line)
    out = [f"renewal {view.status}; {printable('; '.join(view.reasons), 600)}"]
    out += fact_lines(a.facts, [*view.evidence, *ids, "relationship.renewal_confidence"])
    if view.auto_renew is not None:
        out.append("renews automatically" if view.auto_renew else "does not renew automatically")
    if line is not None and line.disagreement:
        out.append("open: health and the CSM's confidence disagree; take it to the lead, "
                   "do not average")  # fmt: skip
    elif line is not None:
        out.append(f"final category {line.final.replace('_', ' ')}")
    out += [f"ahead, {on}: {what}" for on, what in view.checkpoints]
    return ToolResult("\n".join([*out, CITE]))


TOOL = Tool(
    "renewal_forecast",
    "Forecast this account's renewal: category, probability with its basis, expected ARR, the "
    "CSM's own view beside it, and the path still ahead.",
    RenewalForecastInput,
    run,
    calculates=True,
)

if __name__ == "__main__":
    from agent.cli.scripts import renewal_forecast, run_script

    run_script(renewal_forecast)
