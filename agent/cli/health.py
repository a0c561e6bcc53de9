"""`csm health`: scores, what they are made of, and why they changed."""

from __future__ import annotations

from datetime import date
from pathlib import Path
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
)
from agent.errors import BadInput, printable

if TYPE_CHECKING:
    from rich.console import Console

    from agent.success.health.report import HealthReport

COLUMNS = ("account", "name", "score", "tier", "coverage", "confidence", "trend", "override")


def health(
    account: Annotated[str, typer.Argument(help="Account id or name; all if left out.")] = "",
    explain: Annotated[bool, typer.Option("--explain", help="Show every measure.")] = False,
    since: Annotated[str, typer.Option(metavar="DATE", help="Show the change since then.")] = "",
    override: Annotated[
        float | None, typer.Option(help="Set your own score (0-100) beside the computed one.")
    ] = None,
    reason: Annotated[str, typer.Option(help="Why the override is set.")] = "",
    by: Annotated[str, typer.Option(help="Who sets it.")] = "",
    expires: Annotated[str, typer.Option(metavar="DATE", help="When the override ends.")] = "",
    memory: MemoryOption = DEFAULT_MEMORY,
    as_of: Annotated[str, typer.Option("--as-of", metavar="DATE", help="Business date.")] = "",
    fail: Annotated[
        str, typer.Option("--fail-on", metavar="TIER", help="Exit 6 if an account is red/yellow.")
    ] = "",
    as_json: JsonOption = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    personas: PersonasOption = None,
) -> None:
    """Compute health scores as of a date; explain one; say why it changed.

    \b
    csm health
    csm health tarnholt-rail --explain
    csm health tarnholt-rail --since 2026-08-18
    csm health tarnholt-rail --override 60 --reason "new CFO" --by "A. Lead" --expires 2026-12-31
    csm health --fail-on red --csv > health.csv
    """
    from agent.clock import as_of_date, utc_now
    from agent.portfolio import load_portfolio
    from agent.success.health.report import report

    fail_on(fail, ())  # a wrong word is refused before anything is done
    day = as_of_date(as_of or None, utc_now())
    if override is not None:
        _override(memory, account, override, reason, by, expires, day)
    book = load_portfolio(
        memory, as_of=day, personas=personas, accounts=[account] if account else None
    )
    start = as_of_date(since, utc_now(), option="--since") if since else None
    reports = [
        report(a.health, a.account, book.entries[a.account.id], start) for a in book.assessments
    ]
    if as_json:
        print_json([r.as_dict() for r in reports])
    elif as_csv:
        print_csv(COLUMNS, [_cells(r) for r in reports])
    elif account:
        print_report(console(), reports[0], explain=explain)
    else:
        _print_all(console(), reports)
    for account_id, why in book.skipped:
        typer.echo(f"left out: {printable(account_id, 80)}: {printable(why, 300)}", err=True)
    fail_on(fail, [r.tier for r in reports])


def _override(
    memory: Path, account: str, value: float, reason: str, by: str, expires: str, day: date
) -> None:
    from agent.clock import as_of_date, utc_now
    from agent.overrides import set_override

    if not account or not expires:
        raise BadInput(
            "an override is for one account and has an end",
            where="--override",
            fix="Name the account and add --expires DATE.",
        )
    end = as_of_date(expires, utc_now(), option="--expires")
    set_override(memory, account, value=value, reason=reason, by=by, expires=end, as_of=day)


def _cells(r: HealthReport) -> tuple[Any, ...]:
    own = "" if r.override is None else f"{r.override['value']:g} until {r.override['expires']}"
    score = "" if r.score is None else f"{r.score:.1f}"
    return (r.account_id, r.name, score, r.tier or "no score", f"{r.coverage:.0%}", r.confidence,
            r.trend, own)  # fmt: skip


def _print_all(out: Console, reports: list[HealthReport]) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in COLUMNS:
        table.add_column(title, justify="right" if title in ("score", "coverage") else "left")
    for r in sorted(reports, key=lambda r: (r.score is None, r.score or 0.0, r.account_id)):
        colour = r.tier or "dim"
        cells = [safe(str(cell)) for cell in _cells(r)]
        cells[2] = f"[{colour}]{cells[2]}[/]"
        table.add_row(*cells)
    out.print(table)


def print_report(out: Console, r: HealthReport, *, explain: bool) -> None:
    """One account's score for a person."""
    head = "not enough data" if r.score is None else f"{r.score:.1f} {r.tier}"
    out.print(
        f"[bold]{safe(r.name)}[/]  {head}  coverage {r.coverage:.0%}, {r.confidence} confidence"
    )
    out.print(f"[dim]model {r.model}, as of {r.as_of}[/]")
    if r.reason:
        out.print(f"  {safe(r.reason, 500)}")
    if r.override is not None:
        own = r.override
        what = f"override {own['value']:g} by {safe(own['by'])} until {own['expires']}"
        out.print(f"  {what}: {safe(own['reason'])}")
    for part in r.components:
        score = "not computable" if part["score"] is None else f"{part['score']:5.1f}"
        points = "" if part["contribution"] is None else f"{part['contribution']:6.2f} points"
        out.print(f"  {part['component'].replace('_', ' '):<22} {score:>6}  {points}")
        for m in part["measures"] if explain else ():
            value = "–" if m["value"] is None else f"{m['value']:g}"
            gives = "" if m["contribution"] is None else f"{m['contribution']:6.2f} points"
            note = f"  {safe(m['note'], 200)}" if m["note"] else ""
            out.print(f"    [dim]{m['label']:<42} {value:>9}  {m['state']:<14} {gives}{note}[/]")
    if r.change is not None:
        moved = r.change
        out.print(f"  {moved['points']:+.2f} points since {moved['since']} ({moved['from_tier']})")
        for cause in r.change["causes"]:
            out.print(f"    {cause['points']:+7.2f}  {safe(cause['cause'])}")
    elif r.since:
        out.print(f"  no earlier score on or before {r.since}")
