"""The four scripts of the role's skill document, as `python -m tools.NAME` runs them.

Each works on a memory, or on a table as it comes (`--data`, nothing is written).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
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

if TYPE_CHECKING:
    from datetime import date

    from agent.importing.report import Report
    from agent.success.assessment import Assessment
    from agent.success.signals.report import RiskReport
    from agent.table_book import TableBook

MOST_REASONS = 3
TableOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--data", "--portfolio", metavar="FILE", help="Tables instead of a memory: CSV, JSON, …"
    ),
]
MappingOption = Annotated[
    str, typer.Option(metavar="NAME|FILE", help="What the columns mean, as for csm import.")
]
AsOf = Annotated[str, typer.Option("--as-of", metavar="DATE", help="Business date.")]
CustomerOption = Annotated[str, typer.Option(help="Account name or id.")]


def run_script(command: Callable[..., None]) -> None:
    """Run one of the functions below as a program of its own."""
    from agent.cli.entry import run_app

    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    app.command()(command)
    run_app(app)


def health_score(
    customer: CustomerOption,
    data: TableOption = None,
    mapping: MappingOption = "flat",
    memory: MemoryOption = DEFAULT_MEMORY,
    as_of: AsOf = "",
    as_json: JsonOption = False,
    personas: PersonasOption = None,
) -> None:
    """Compute and explain one account's health score.

    \b
    python -m tools.health_score --customer "Tarnholt Rail Services"
    python -m tools.health_score --customer a1 --data customers.csv --json
    """
    from agent.cli.health import health, print_report

    if not data:
        health(
            customer, explain=True, memory=memory, as_of=as_of, as_json=as_json, personas=personas
        )
        return
    from agent.success.health.report import report

    a = _book(data, mapping, _day(as_of), personas).one(customer)
    found = report(a, None, None)
    if as_json:
        print_json([found.as_dict()])
    else:
        print_report(console(), found, explain=True)


def qbr_generator(
    customer: CustomerOption,
    quarter: Annotated[str, typer.Option(help="Q4 or 2026Q4.")] = "",
    audience: Annotated[str, typer.Option(help="internal or customer.")] = "internal",
    form: Annotated[str, typer.Option("--format", help="md or html.")] = "md",
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE")] = None,
    data: TableOption = None,
    mapping: MappingOption = "flat",
    memory: MemoryOption = DEFAULT_MEMORY,
    as_of: AsOf = "",
    as_json: JsonOption = False,
    personas: PersonasOption = None,
) -> None:
    """Generate a quarterly business review.

    \b
    python -m tools.qbr_generator --customer "Tarnholt Rail Services" --quarter Q4
    python -m tools.qbr_generator --customer a1 --quarter Q4 --data customers.csv --out review.md
    """
    from agent.cli.qbr import check_format, print_review, qbr

    if not data:
        qbr(customer, quarter, audience, form, out, memory, as_of, as_json, personas)
        return
    from agent.reviewing import check_audience
    from agent.success.qbr import quarter_of, review

    check_format(form)
    day = _day(as_of)
    readers, label = check_audience(audience), quarter_of(quarter, day)
    a = _book(data, mapping, day, personas).one(customer)
    print_review(review(a, label, readers), form, out, as_json)


def risk_analyzer(
    data: TableOption = None,
    mapping: MappingOption = "flat",
    memory: MemoryOption = DEFAULT_MEMORY,
    as_of: AsOf = "",
    as_json: JsonOption = False,
    personas: PersonasOption = None,
) -> None:
    """Rank accounts by risk, worst first, with the reasons.

    An account about which too little is known is "unknown", never low.

    \b
    python -m tools.risk_analyzer --portfolio customers.csv
    python -m tools.risk_analyzer --memory Agent_Memory --json
    """
    from agent.success.signals.report import ranked, risk_report

    assessments, skipped = _accounts(data, mapping, memory, _day(as_of), personas)
    reports = ranked([risk_report(a) for a in assessments])
    if as_json:
        print_json([{"rank": n, **r.as_dict()} for n, r in enumerate(reports, 1)])
    else:
        for n, report in enumerate(reports, 1):
            _print_risk(n, report)
    _skipped(skipped)
    if not reports:
        say("no account could be read")
        raise typer.Exit(1)


def renewal_forecast(
    period: Annotated[
        str, typer.Option(metavar="PERIOD", help="2027Q1, Q1, 2027-03 or 2027.")
    ] = "",
    data: TableOption = None,
    mapping: MappingOption = "flat",
    memory: MemoryOption = DEFAULT_MEMORY,
    as_of: AsOf = "",
    as_json: JsonOption = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    personas: PersonasOption = None,
) -> None:
    """Forecast the renewals of a period: categories, scenarios, ARR at risk.

    \b
    python -m tools.renewal_forecast --period Q1
    python -m tools.renewal_forecast --period Q1 --data customers.csv --csv
    """
    from agent.cli.renewals import print_forecast, renewals

    if not data:
        renewals(
            period, memory=memory, as_of=as_of, as_json=as_json, as_csv=as_csv, personas=personas
        )
        return
    from agent.success.calendar import quarter_label
    from agent.success.revenue.forecast import forecast
    from agent.success.revenue.period import parse_period

    day = _day(as_of)
    window = parse_period(period or quarter_label(day), day)
    book = _book(data, mapping, day, personas)
    print_forecast(forecast(book.assessments, window, day), [], as_json, as_csv)
    _skipped(book.skipped)


def _day(as_of: str) -> date:
    from agent.clock import as_of_date, utc_now

    return as_of_date(as_of or None, utc_now())


def _book(files: Sequence[Path], mapping: str, day: date, personas: Path | None) -> TableBook:
    from agent.table_book import assess_tables

    book = assess_tables(files, as_of=day, mapping=mapping, personas=personas)
    _left_out(book.report)
    return book


def _accounts(
    files: list[Path] | None, mapping: str, memory: Path, day: date, personas: Path | None
) -> tuple[Sequence[Assessment], Sequence[tuple[str, str]]]:
    if files:
        book = _book(files, mapping, day, personas)
        return book.assessments, book.skipped
    from agent.portfolio import load_portfolio

    stored = load_portfolio(memory, as_of=day, personas=personas)
    return stored.assessments, stored.skipped


def _print_risk(n: int, r: RiskReport) -> None:
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


def _skipped(skipped: Sequence[tuple[str, str]]) -> None:
    for account_id, why in skipped:
        say(f"left out: {safe(account_id)}: {safe(why, 300)}")
