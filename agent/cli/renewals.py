"""`csm renewals`: what is due, what it may bring, what was kept."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent.cli.common import (
    DEFAULT_MEMORY,
    JsonOption,
    MemoryOption,
    PersonasOption,
    console,
    print_csv,
    print_json,
    safe,
)

if TYPE_CHECKING:
    from rich.console import Console

    from agent.success.revenue.forecast import Forecast, Line
    from agent.success.revenue.retention import Retention

COLUMNS = ("date", "days", "account", "ARR", "tier", "computed", "CSM", "final", "probability",
           "expected", "biggest worry")  # fmt: skip


def renewals(
    period: Annotated[
        str, typer.Option(metavar="PERIOD", help="2027Q1, Q1, 2027-03 or 2027.")
    ] = "",
    record: Annotated[
        str, typer.Option(metavar="ACCOUNT", help="Record that this account's renewal is decided.")
    ] = "",
    outcome: Annotated[str, typer.Option(help="With --record: renewed or churned.")] = "",
    arr: Annotated[float | None, typer.Option(help="With --record: ARR from then on.")] = None,
    on: Annotated[
        str, typer.Option(metavar="DATE", help="With --record: when it was decided.")
    ] = "",
    by: Annotated[str, typer.Option(help="With --record: who records it.")] = "",
    memory: MemoryOption = DEFAULT_MEMORY,
    as_of: Annotated[str, typer.Option("--as-of", metavar="DATE", help="Business date.")] = "",
    as_json: JsonOption = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    personas: PersonasOption = None,
) -> None:
    """Forecast the renewals of a period: categories, scenarios, ARR at risk, GRR and NRR.

    Three statuses stand side by side: what the health computes, what the CSM's confidence says, and
    the final one, which stays open where the two disagree until a person decides it:
    `csm record fact ACCOUNT renewal.category commit|best_case|at_risk --by NAME`. Totals rest on
    the computed status.

    \b
    csm renewals --period 2027Q1
    csm renewals --period Q1 --csv > renewals.csv
    csm renewals --record tarnholt-rail --outcome renewed --arr 150000 --on 2027-03-12 --by "V. B."
    """
    from agent.clock import as_of_date, utc_now
    from agent.renewal_report import renewal_report

    day = as_of_date(as_of or None, utc_now())
    if record:
        from agent.renewal_book import record_decision

        decided = as_of_date(on, utc_now(), option="--on") if on else day
        made = record_decision(
            memory, record, outcome=outcome, arr_after=arr, on=decided, by=by, as_of=day
        )
        typer.echo(f"recorded: {made['account_id']} {outcome} on {made['at']}")
        return
    found, kept, remarks = renewal_report(memory, period, as_of=day, personas=personas)
    print_forecast(found, kept, as_json, as_csv)
    for account_id, why in remarks:
        typer.echo(f"{safe(account_id)}: {safe(why, 300)}", err=True)


def print_forecast(found: Forecast, kept: list[Retention], as_json: bool, as_csv: bool) -> None:
    """A forecast and the retention of its period, for a program, a spreadsheet or a person."""
    if as_json:
        print_json({"forecast": asdict(found), "retention": [asdict(r) for r in kept]})
    elif as_csv:
        print_csv(COLUMNS, [_cells(line) for line in found.lines])
    else:
        _print(console(), found, kept)


def _cells(line: Line) -> tuple[Any, ...]:
    p = "" if line.probability is None else f"{line.probability:.0%}"
    arr = "not on record" if line.arr is None else f"{line.currency} {line.arr:,.0f}"
    expected = "" if line.expected is None else f"{line.expected:,.0f}"
    days = f"{line.days_left}" if not line.overdue else f"{-line.days_left} overdue"
    final = "open: views differ" if line.disagreement else line.final.replace("_", " ")
    return (line.renewal_date.isoformat(), days, line.name, arr, line.tier or "no score",
            line.computed.replace("_", " "), line.csm.replace("_", " "), final, p, expected,
            line.worry)  # fmt: skip


def _print(out: Console, found: Forecast, kept: list[Retention]) -> None:
    from rich.table import Table

    head = f"[bold]Renewals {found.period.label}[/]  as of {found.as_of}"
    out.print(f"{head}; probabilities: {found.basis}")
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in COLUMNS[:-1]:
        right = title in ("days", "ARR", "expected")
        table.add_column(title, justify="right" if right else "left", no_wrap=title != "account")
    for line in found.lines:
        table.add_row(*(safe(str(cell)) for cell in _cells(line)[:-1]))
    out.print(table if found.lines else "  none due")
    for line in found.lines:
        if line.worry:
            out.print(f"  [dim]{safe(line.name)}: {safe(line.worry, 240)}[/]")
    for total in found.totals:
        dark = total.without_probability
        out.print(
            f"  {safe(total.currency)} due {total.due:,.0f}: worst {total.worst:,.0f}, expected "
            f"{total.expected:,.0f}, best {total.best:,.0f}; at risk {total.at_risk:,.0f}"
            + (f"; {dark} without an outlook, in 'due' alone" if dark else "")
        )
    if found.without_arr:
        out.print(f"  {found.without_arr} without a known ARR, in no sum")
    if found.without_date:
        out.print(f"  no renewal date on record: {safe(', '.join(found.without_date), 400)}")
    for r in kept:
        if r.grr is not None and r.nrr is not None:
            out.print(
                f"  {safe(r.currency)} retention in the period: GRR {r.grr:.1%}, NRR {r.nrr:.1%}, "
                f"{r.logos_kept} of {r.logos} accounts"
            )
    if kept:
        out.print(f"  [dim]{kept[0].definition}[/]")
