"""`python -m tools.risk_analyzer --portfolio customers.csv`: accounts ranked by risk, as a script.

The same judgement as `csm risk`, under the name that the role's skill document gives it: on a table
as it comes (nothing is written), or on a memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli.common import (
    DEFAULT_MEMORY,
    JsonOption,
    MemoryOption,
    PersonasOption,
    console,
    print_json,
    safe,
    say,
)
from agent.cli.entry import run_app

if TYPE_CHECKING:
    from agent.importing.report import Report
    from agent.success.assessment import Assessment
    from agent.success.signals.report import RiskReport

MOST_REASONS = 3


def risk_analyzer(
    portfolio: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="A table of accounts: CSV, JSON, Parquet."),
    ] = None,
    mapping: Annotated[
        str, typer.Option(metavar="NAME|FILE", help="What the columns mean, as for csm import.")
    ] = "flat",
    memory: MemoryOption = DEFAULT_MEMORY,
    as_of: Annotated[str, typer.Option("--as-of", metavar="DATE", help="Business date.")] = "",
    as_json: JsonOption = False,
    personas: PersonasOption = None,
) -> None:
    """Rank accounts by risk, worst first, with the reasons.

    An account about which too little is known is "unknown", never low.

    \b
    python -m tools.risk_analyzer --portfolio customers.csv
    python -m tools.risk_analyzer --memory Agent_Memory --json
    """
    from agent.clock import as_of_date, utc_now
    from agent.success.signals.report import ranked, risk_report

    day = as_of_date(as_of or None, utc_now())
    assessments: Sequence[Assessment]
    if portfolio:
        from agent.table_book import assess_tables

        book = assess_tables(portfolio, as_of=day, mapping=mapping, personas=personas)
        assessments, skipped = book.assessments, book.skipped
        _left_out(book.report)
    else:
        from agent.portfolio import load_portfolio

        stored = load_portfolio(memory, as_of=day, personas=personas)
        assessments, skipped = stored.assessments, stored.skipped
    reports = ranked([risk_report(a) for a in assessments])
    if as_json:
        print_json([{"rank": n, **r.as_dict()} for n, r in enumerate(reports, 1)])
    else:
        for n, report in enumerate(reports, 1):
            _print(n, report)
    for account_id, why in skipped:
        say(f"left out: {safe(account_id)}: {safe(why, 300)}")
    if not reports:
        say("no account could be read")
        raise typer.Exit(1)


def _print(n: int, r: RiskReport) -> None:
    out = console()
    renewal = "" if r.days_to_renewal is None else f", {r.days_to_renewal} days to renewal"
    out.print(f"{n:>3}. [bold]{safe(r.name or r.account_id)}[/]  risk {r.level}, "
              f"health {r.tier or 'not scored'}{renewal}")  # fmt: skip
    for line in r.lines[:MOST_REASONS]:
        out.print(f"       {line.severity:<8} {safe(line.title, 240)}")
    if len(r.lines) > MOST_REASONS:
        out.print(f"       [dim]and {len(r.lines) - MOST_REASONS} more[/]")
    if r.level == "unknown":
        out.print("       [dim]too little is on record to say[/]")


def _left_out(report: Report) -> None:
    for issue in report.issues[:20]:
        say(safe(str(issue), 300))
    if len(report.issues) > 20:
        say(f"and {len(report.issues) - 20} more remarks; `csm import --dry-run --report` has all")


if __name__ == "__main__":
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    app.command()(risk_analyzer)
    run_app(app)
