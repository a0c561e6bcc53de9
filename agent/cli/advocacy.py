"""`csm advocacy`: who may be asked to speak for us, and the draft of a case study."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

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
from agent.errors import BadInput

if TYPE_CHECKING:
    from rich.console import Console

    from agent.success.advocacy import AdvocacyView

COLUMNS = ("account", "tier", "next", "lacking", "not measured")


def advocacy(
    account: Annotated[
        str, typer.Argument(help="Account id or name; all if left out.", metavar="[ACCOUNT]")
    ] = "",
    case_study: Annotated[
        bool, typer.Option("--case-study", help="Print a case-study draft of the account.")
    ] = False,
    memory: MemoryOption = DEFAULT_MEMORY,
    as_of: Annotated[str, typer.Option("--as-of", metavar="DATE", help="Business date.")] = "",
    as_json: JsonOption = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    personas: PersonasOption = None,
) -> None:
    """Show advocacy tiers: who may be asked for what, and what keeps others from it.

    A case study is drafted from facts alone for accounts that qualify (exit code 4 for others);
    what is not on record stays open, and nobody is quoted.

    \b
    csm advocacy
    csm advocacy tarnholt-rail --as-of 2026-11-17
    csm advocacy tarnholt-rail --case-study > case-study.md
    """
    from agent.advocates import advocates, draft_case_study
    from agent.clock import as_of_date, utc_now

    day = as_of_date(as_of or None, utc_now())
    if case_study:
        if not account or as_json or as_csv:
            raise BadInput(
                "a case study is Markdown about one account",
                where="--case-study",
                fix="Name the account, and leave --json and --csv out.",
            )
        typer.echo(draft_case_study(memory, account, as_of=day, personas=personas), nl=False)
        return
    views, skipped = advocates(memory, account, as_of=day, personas=personas)
    if as_json:
        print_json([view.as_dict() for view in views])
    elif as_csv:
        print_csv(COLUMNS, [_cells(view) for view in views])
    elif account and views:
        _print_one(console(), views[0])
    else:
        _print_all(console(), views)
    for account_id, why in skipped:
        typer.echo(f"left out: {safe(account_id)}: {safe(why, 300)}", err=True)


def _cells(v: AdvocacyView) -> tuple[str, ...]:
    return (v.name, v.title or "none", v.next_tier.replace("_", " "), "; ".join(v.lacking),
            "; ".join(v.unknown))  # fmt: skip


def _print_all(out: Console, views: list[AdvocacyView]) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("account", "tier", "next", "first thing lacking for it"):
        table.add_column(title, no_wrap=title in ("tier", "next"))
    for view in views:
        lacking = [*view.lacking, *(f"{what}: not measured" for what in view.unknown)]
        more = f" (and {len(lacking) - 1} more)" if len(lacking) > 1 else ""
        first = f"{lacking[0]}{more}" if lacking else ""
        table.add_row(*(safe(cell, 300) for cell in (*_cells(view)[:3], first)))
    out.print(table)


def _print_one(out: Console, view: AdvocacyView) -> None:
    out.print(f"[bold]{safe(view.name)}[/]  {safe(view.title or 'no advocacy tier')}")
    for ask in view.may_be_asked:
        out.print(f"  may be asked for: {safe(ask)}")
    for act in view.acts:
        out.print(f"  on record: {safe(act, 300)}")
    for tier in view.tiers:
        out.print(f"  {safe(tier.title)}: {'reached' if tier.reached else 'not reached'}")
        for c in tier.conditions:
            mark = {True: "yes", False: "no ", None: " ? "}[c.holds]
            out.print(f"    [dim]{mark}[/] {safe(c.asks, 240)}  [dim]{safe(c.found, 240)}[/]")
