"""`csm health`: scores, what they are made of, and why they changed."""

from __future__ import annotations

from collections.abc import Sequence
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
    tell_left_out,
)
from agent.errors import BadInput

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
    roll_up: Annotated[
        bool, typer.Option("--roll-up", help="Show groups: parents with the accounts below.")
    ] = False,
) -> None:
    """Compute health scores as of a date; explain one; say why it changed; roll up groups.

    \b
    csm health
    csm health tarnholt-rail --explain
    csm health tarnholt-rail --since 2026-08-18
    csm health tarnholt-rail --override 60 --reason "new CFO" --by "A. Lead" --expires 2026-12-31
    csm health --roll-up
    csm health --fail-on red --csv > health.csv
    """
    from agent.cli import roll_up as groups
    from agent.clock import as_of_date, utc_now
    from agent.health_book import health_book

    fail_on(fail, ())  # a wrong word is refused before anything is done
    day = as_of_date(as_of or None, utc_now())
    if override is not None:
        _override(memory, account, override, reason, by, expires, day)
    start = as_of_date(since, utc_now(), option="--since") if since else None
    book = health_book(memory, as_of=day, account=account, since=start, personas=personas)
    reports = book.reports
    if roll_up:
        groups.show(book.roll_ups, book.faults, as_json=as_json, as_csv=as_csv)
    elif as_json:
        print_json([r.as_dict() for r in reports])
    elif as_csv:
        print_csv(COLUMNS, [_cells(r) for r in reports])
    elif account:
        for found in reports:
            print_report(console(), found, explain=explain)
        for group in book.roll_ups if explain else ():
            groups.show_one(console(), group)
    else:
        _print_all(console(), reports)
    tell_left_out(book.skipped, book.former)
    groups.tell(book.faults)
    fail_on(fail, [g.tier for g in book.roll_ups] if roll_up else [r.tier for r in reports])


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


def _print_all(out: Console, reports: Sequence[HealthReport]) -> None:
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
    if explain:
        out.print(f"  chosen: {safe(r.profile['why'], 400)}")
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
            value = "–" if m["value"] is None else f"{round(m['value'], 2):g}"
            gives = "" if m["contribution"] is None else f"{m['contribution']:6.2f} points"
            note = f"  {safe(m['note'], 200)}" if m["note"] else ""
            out.print(f"    [dim]{m['label']:<42} {value:>9}  {m['state']:<14} {gives}{note}[/]")
    if explain and r.trends:
        _print_trends(out, r.trends)
    if r.change is not None:
        moved = r.change
        out.print(f"  {moved['points']:+.2f} points since {moved['since']} ({moved['from_tier']})")
        for cause in r.change["causes"]:
            out.print(f"    {cause['points']:+7.2f}  {safe(cause['cause'])}")
    elif r.since:
        out.print(f"  no earlier score on or before {r.since}")


def _print_trends(out: Console, trends: list[dict[str, Any]]) -> None:
    out.print("  trend of each measure over its window")
    for t in trends:
        if t["trend"] != "unknown":
            out.print(
                f"    {t['label']:<40} {t['trend']:<10} {t['before']:g} ({t['before_on']}) → "
                f"{t['now']:g} ({t['now_on']}) {t['window_days']} d"
            )
    unknown = [t["label"] for t in trends if t["trend"] == "unknown"]
    if unknown:
        out.print(f"    [dim]unknown, no two dated values: {safe(', '.join(unknown), 900)}[/]")
