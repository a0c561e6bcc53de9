"""`csm portfolio --calibration`: what was forecast about renewals against what came."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from agent.cli.common import console, print_csv, print_json, safe

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from rich.console import Console

    from agent.success.book.calibration import Calibration
    from agent.success.book.calibration_figures import Figures, Group
    from agent.success.book.forecasts import Compared

COLUMNS = ("quarter", "account", "decided on", "outcome", "tier", "category", "probability",
           "forecast of", "ARR forecast", "ARR after", "without a forecast because")  # fmt: skip


def show(memory: Path, as_of: date, personas: Path | None, *, as_json: bool, as_csv: bool) -> None:
    from agent.calibration_book import calibration_report

    found = calibration_report(memory, as_of=as_of, personas=personas)
    if as_json:
        print_json(asdict(found))
    elif as_csv:
        print_csv(COLUMNS, [_cells(line) for line in found.lines])
    else:
        _print(console(), found)


def _cells(line: Compared) -> tuple[object, ...]:
    d, f = line.decision, line.forecast
    head = (line.quarter, d.account_id, d.on, "renewed" if d.renewed else "churned")
    if f is None:
        return (*head, "", "", "", "", "", d.arr_after, line.why)
    return (*head, f.tier, f.category, f.probability, f.on, f.arr, d.arr_after, line.why)


def _print(out: Console, found: Calibration) -> None:
    out.print(
        f"[bold]Renewals: forecast against outcome[/]  as of {found.as_of}; what counts is the "
        f"forecast that stood {found.days_before} days before each decision",
        soft_wrap=True,
    )
    if not found.lines:
        out.print("  no renewal has been decided yet: csm renewals --record ACCOUNT --outcome …")
    for quarter in found.quarters:
        out.print()
        out.print(f"[bold]{quarter.quarter}[/]  {quarter.decided} decided")
        _figures(out, quarter.figures)
        for line in quarter.without:
            outcome = "renewed" if line.decision.renewed else "churned"
            out.print(
                f"  no forecast: {safe(line.decision.account_id)}, {outcome} on "
                f"{line.decision.on}: {line.why}",
                soft_wrap=True,
            )
    if len(found.quarters) > 1:
        out.print()
        out.print(f"[bold]All quarters[/]  {len(found.lines)} decided")
        _figures(out, found.total)
    out.print()
    out.print(found.total.verdict, soft_wrap=True)


def _figures(out: Console, f: Figures) -> None:
    if not f.n:
        return
    out.print(f"  {f.renewed} of {f.n} renewed, {f.expected:.2f} expected", soft_wrap=True)
    for title, groups in (("tier", f.by_tier), ("forecast", f.by_category), ("band", f.by_band)):
        for group in groups:
            out.print(f"    {title:<8} {_group(group)}", soft_wrap=True)
    for m in f.money:
        out.print(
            f"  {safe(m.currency) or 'no currency'} due {m.due:,.0f}: expected {m.expected:,.0f}, "
            f"kept {m.kept:,.0f} ({m.renewals} renewal{'s' if m.renewals != 1 else ''})",
            soft_wrap=True,
        )
    if f.without_money:
        out.print(f"  {f.without_money} without an ARR that can be compared, in no sum")
    if f.brier is not None and f.brier_of_rate is not None:
        out.print(
            f"  Brier score {f.brier:.3f} over {f.n} (0 is perfect; saying the rate of what came "
            f"every time: {f.brier_of_rate:.3f})",
            soft_wrap=True,
        )


def _group(g: Group) -> str:
    label = g.label.replace("_", " ")
    return (
        f"{safe(label):<10} {g.renewed} of {g.n} renewed, {g.expected:.2f} expected; "
        f"with so few the rate may be {100 * g.low:.0f} to {100 * g.high:.0f} %"
    )
