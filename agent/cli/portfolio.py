"""`csm portfolio` and `csm segments`: the whole book of business."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

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

    from agent.book_report import BookReport
    from agent.success.book.indicators import Indicator

AsOf = Annotated[str, typer.Option("--as-of", metavar="DATE", help="Business date.")]
Csv = Annotated[bool, typer.Option("--csv", help="Print CSV.")]
INDICATOR_COLUMNS = ("indicator", "value", "target", "met", "of", "basis")
SEGMENT_COLUMNS = ("segment", "accounts", "ARR", "accounts per CSM", "CSMs", "engagement")


def portfolio(
    memory: MemoryOption = DEFAULT_MEMORY,
    as_of: AsOf = "",
    targets: Annotated[
        str, typer.Option(help="Profile of targets: role, compact, team, or one of your own.")
    ] = "",
    fail: Annotated[
        str, typer.Option("--fail-on", metavar="TIER", help="Exit 6 if an account is red/yellow.")
    ] = "",
    calibration: Annotated[
        bool, typer.Option("--calibration", help="Show renewal forecasts against what came.")
    ] = False,
    as_json: JsonOption = False,
    as_csv: Csv = False,
    personas: PersonasOption = None,
) -> None:
    """Show the book of business: indicators against targets, tiers, money at risk, what is due.

    With --calibration: what was forecast about renewals (tier, category, probability) against what
    was decided, per quarter. Only forecasts count that were on record 90 days before the decision.

    \b
    csm portfolio
    csm portfolio --targets team --as-of 2026-11-17
    csm portfolio --calibration
    csm portfolio --json | jq '.indicators[] | select(.met == false)'
    """
    from agent.book_report import book_report
    from agent.clock import as_of_date, utc_now

    fail_on(fail, ())  # a wrong word is refused before anything is done
    day = as_of_date(as_of or None, utc_now())
    if calibration:
        if fail or targets:
            raise BadInput("this goes with the book, not with its calibration",
                           where="--fail-on, --targets", fix="Leave it out.")  # fmt: skip
        from agent.cli.calibration import show

        show(memory, day, personas, as_json=as_json, as_csv=as_csv)
        return
    report = book_report(memory, as_of=day, targets=targets, personas=personas)
    if as_json:
        print_json(report.as_dict())
    elif as_csv:
        print_csv(INDICATOR_COLUMNS, [_cells(i) for i in report.indicators])
    else:
        _print(console(), report)
    tell_left_out(report.skipped)
    fail_on(fail, [tier for tier, n in report.tiers.items() if n])


def segments(
    memory: MemoryOption = DEFAULT_MEMORY,
    as_of: AsOf = "",
    team: Annotated[int | None, typer.Option(min=0, help="How many CSMs there are.")] = None,
    as_json: JsonOption = False,
    as_csv: Csv = False,
    personas: PersonasOption = None,
) -> None:
    """Show accounts by segment, how each is looked after, and how many CSMs the book needs.

    \b
    csm segments
    csm segments --team 2
    """
    from agent.clock import as_of_date, utc_now
    from agent.portfolio import load_portfolio
    from agent.success.book.capacity import capacity
    from agent.success.policy import Segments, load

    day = as_of_date(as_of or None, utc_now())
    book = load_portfolio(memory, as_of=day, personas=personas)
    settings = load(Segments, book.persona.policy("segments"))
    found = capacity([a.account for a in book.assessments], settings, team)
    rows = [
        (r.label, r.accounts, _money(r.arr_by_currency), r.ratio,
         f"{r.csm_low:.1f}–{r.csm_high:.1f}", r.engagement)
        for r in found.rows
    ]  # fmt: skip
    if as_json:
        print_json(asdict(found))
    elif as_csv:
        print_csv(SEGMENT_COLUMNS, rows)
    else:
        out = console()
        _table(out, SEGMENT_COLUMNS, rows, right=("accounts", "CSMs"))
        need = f"{found.needed_low} to {found.needed_high}"
        out.print(f"  {found.verdict or f'CSMs needed: {need}'}")
        if found.unknown:
            out.print(f"  {found.unknown} accounts with neither a segment nor an ARR")


def _money(by_currency: dict[str, float]) -> str:
    return ", ".join(
        f"{currency} {amount:,.0f}" for currency, amount in sorted(by_currency.items())
    )


def _cells(i: Indicator) -> tuple[object, ...]:
    value = "not measured" if i.value is None else f"{i.value:.1f}{i.unit}"
    met = {True: "yes", False: "no", None: ""}[i.met]
    return (i.label, value, f"{i.target}{i.unit}" if i.target else "", met, i.of, i.basis)


def _print(out: Console, report: BookReport) -> None:
    tiers = ", ".join(f"{n} {tier.replace('_', ' ')}" for tier, n in report.tiers.items())
    out.print(f"[bold]{report.accounts} accounts[/] as of {report.as_of}: {tiers}")
    for tier, money in report.arr_by_tier.items():
        label = "ARR at risk (red)" if tier == "red" else f"ARR {tier.replace('_', ' ')}"
        out.print(f"  {label}: {safe(_money(money))}")
    out.print()
    out.print(f"[bold]Indicators[/]  targets: {safe(report.profile)}")
    _table(out, INDICATOR_COLUMNS, [_cells(i) for i in report.indicators], right=("value", "of"))
    out.print()
    out.print("[bold]Renewals[/]")
    for row in report.renewals:
        when = f"{row['date']}  {row['days_left']:>4} days"
        out.print(f"  {when}  {safe(row['name'])}  [dim]{row['tier']}[/]")
    if report.former:
        out.print()
        out.print("[bold]Former customers[/]")
        for left in report.former:
            out.print(f"  {left.since}  {safe(left.name)}  [dim]{safe(left.why)}[/]")
    if report.overdue_plans:
        out.print()
        out.print("[bold]Without a current success plan[/]")
        for plan in report.overdue_plans:
            out.print(f"  {safe(plan['name'])}  [dim]last plan {plan['last_plan'] or 'none'}[/]")


def _table(
    out: Console,
    titles: tuple[str, ...],
    rows: Sequence[tuple[object, ...]],
    *,
    right: tuple[str, ...],
) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in titles:
        table.add_column(
            title,
            justify="right" if title in right else "left",
            no_wrap=title not in ("basis", "engagement", "ARR"),
        )
    for row in rows:
        table.add_row(*(safe(str(cell), 240) for cell in row))
    out.print(table)
