"""`csm risk` and `csm expansion`: what threatens an account, and where it could grow."""

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
    fail_on,
    print_csv,
    print_json,
    safe,
    tell_left_out,
)

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from agent.portfolio import Portfolio
    from agent.success.assessment import Assessment
    from agent.success.signals.report import RiskReport

AccountArgument = Annotated[
    str, typer.Argument(help="Account id or name; all if left out.", metavar="[ACCOUNT]")
]
AsOf = Annotated[str, typer.Option("--as-of", metavar="DATE", help="Business date.")]
Csv = Annotated[bool, typer.Option("--csv", help="Print CSV.")]
RISKS = ("account", "level", "tier", "days to renewal", "ARR", "signals", "worst")
GROWTH = ("account", "points", "gate", "why held back", "signals")


def risk(
    account: AccountArgument = "",
    memory: MemoryOption = DEFAULT_MEMORY,
    as_of: AsOf = "",
    fail: Annotated[
        str, typer.Option("--fail-on", metavar="TIER", help="Exit 6 if an account is red/yellow.")
    ] = "",
    as_json: JsonOption = False,
    as_csv: Csv = False,
    personas: PersonasOption = None,
) -> None:
    """Show early-warning signs, worst first, with what stands behind each and what would clear it.

    \b
    csm risk
    csm risk fonderie-valtrebbia
    csm risk --csv --as-of 2026-11-17 > risks.csv
    """
    from agent.success.signals.report import ranked, risk_report

    fail_on(fail, ())  # a wrong word is refused before anything is done

    book = _book(memory, as_of, account, personas)
    reports = ranked([risk_report(a) for a in book.assessments])
    if as_json:
        print_json([r.as_dict() for r in reports])
    elif as_csv:
        print_csv(RISKS, [_risk_cells(r) for r in reports])
    elif account:
        _print_risk(console(), reports[0])
    else:
        _table(
            console(), RISKS, [_risk_cells(r) for r in reports], right=("days to renewal", "ARR")
        )
    tell_left_out(book.skipped, book.former)
    fail_on(fail, [r.tier for r in reports])


def expansion(
    account: AccountArgument = "",
    memory: MemoryOption = DEFAULT_MEMORY,
    as_of: AsOf = "",
    as_json: JsonOption = False,
    as_csv: Csv = False,
    personas: PersonasOption = None,
) -> None:
    """Show where accounts could grow: signals with points, and what holds an offer back.

    Points say how strong the signs are; they are not money. Options are alternatives or add-ons and
    are never added up. The finished case goes to the account manager.

    \b
    csm expansion
    csm expansion tarnholt-rail --as-of 2026-11-17
    """
    book = _book(memory, as_of, account, personas)
    views = sorted(book.assessments, key=lambda a: (-a.expansion.points, a.account.id))
    if as_json:
        print_json(
            [
                {"account_id": a.account.id, "name": a.account.name, **asdict(a.expansion)}
                for a in views
            ]
        )
    elif as_csv:
        print_csv(GROWTH, [_growth_cells(a) for a in views])
    elif account:
        _print_growth(console(), views[0])
    else:
        _table(console(), GROWTH, [_growth_cells(a) for a in views], right=("points",))
    tell_left_out(book.skipped, book.former)


def _book(memory: Path, as_of: str, account: str, personas: Path | None) -> Portfolio:
    from agent.clock import as_of_date, utc_now
    from agent.portfolio import load_portfolio

    day = as_of_date(as_of or None, utc_now())
    return load_portfolio(
        memory, as_of=day, personas=personas, accounts=[account] if account else None
    )


def _risk_cells(r: RiskReport) -> tuple[Any, ...]:
    arr = "" if r.arr is None else f"{r.currency} {r.arr:,.0f}"
    days = "" if r.days_to_renewal is None else r.days_to_renewal
    worst = r.lines[0].title if r.lines else ""
    return (r.name, r.level, r.tier or "no score", days, arr, len(r.lines), worst)


def _print_risk(out: Console, r: RiskReport) -> None:
    out.print(f"[bold]{safe(r.name)}[/]  risk {r.level}, health {r.tier or 'not scored'}")
    for line in r.lines:
        since = f", {line.at}" if line.at else ""
        out.print(f"  {line.severity:<8} {safe(line.title, 240)}  [dim]{line.basis}{since}[/]")
        for words in line.words[:2]:
            out.print(f"           “{safe(words, 300)}”")
        if line.clears_when:
            out.print(f"           [dim]clears when {safe(line.clears_when, 240)}[/]")
        if line.playbook:
            out.print(f"           [dim]playbook {line.playbook}[/]")
    if not r.lines:
        out.print("  no sign fires" if r.level == "none" else "  too little is known to say")


def _growth_cells(a: Assessment) -> tuple[Any, ...]:
    view = a.expansion
    titles = "; ".join(s.title for s in view.signals if s.points)
    return (a.account.name, view.points, view.gate, "; ".join(view.gate_reasons), titles)


def _print_growth(out: Console, a: Assessment) -> None:
    view = a.expansion
    out.print(f"[bold]{safe(a.account.name)}[/]  {view.points} points, gate {view.gate}")
    for reason in view.gate_reasons:
        out.print(f"  held back: {safe(reason, 300)}")
    for signal in view.signals:
        out.print(f"  +{signal.points}  {safe(signal.title, 240)}  [dim]{signal.kind}[/]")
        for i in signal.evidence:
            fact = a.facts.get(i)
            if fact is not None and fact.kind == "quote":
                out.print(f"      “{safe(str(fact.value), 300)}”")
    if view.recommendation:
        out.print(f"  {safe(view.recommendation, 600)}")


def _table(
    out: Console, titles: tuple[str, ...], rows: list[tuple[Any, ...]], *, right: tuple[str, ...]
) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in titles:
        wraps = title in ("account", "worst", "signals", "why held back")
        table.add_column(title, justify="right" if title in right else "left", no_wrap=not wraps)
    for row in rows:
        table.add_row(*(safe(str(cell), 240) for cell in row))
    out.print(table)
