"""Groups of accounts in `csm health`: the roll-up of a parent, and what is wrong with parents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agent.cli.common import console, print_csv, print_json, safe, say
from agent.errors import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from agent.success.health.family import FamilyFault
    from agent.success.health.roll_up import Below, CurrencyPart, RollUp

COLUMNS = (
    "group",
    "account",
    "name",
    "score",
    "tier",
    "ARR",
    "currency",
    "share",
    "points",
    "note",
)


def show(
    roll_ups: Sequence[RollUp], faults: Sequence[FamilyFault], *, as_json: bool, as_csv: bool
) -> None:
    """All groups, in the asked form."""
    from dataclasses import asdict

    if as_json:
        print_json(
            {"roll_ups": [asdict(r) for r in roll_ups], "faults": [asdict(f) for f in faults]}
        )
    elif as_csv:
        print_csv(COLUMNS, [(r.id, *_cells(b)) for r in roll_ups for b in r.below])
    elif not roll_ups:
        console().print("no account has others below it (key `parent` of an account)")
    else:
        for found in roll_ups:
            show_one(console(), found)


def show_one(out: Console, r: RollUp) -> None:
    """One group: the parent, its accounts, the worst of them."""
    from rich.table import Table

    head = "no score" if r.score is None else f"{r.score:.1f} {r.tier}"
    by = {"arr": "by ARR", "equal": "equal weights", "currencies": "several currencies"}[r.weights]
    if r.weights == "arr":
        by += f" ({_money(r.by_currency[0])})"
    measured = "" if r.coverage is None else f", {r.coverage:.0%} scored"
    own = "no score" if r.own_score is None else f"{r.own_score:.1f} {r.own_tier}"
    out.print(
        f"[bold]{safe(r.name)}[/]  roll-up {head}, {by}{measured}, accounts below: {len(r.below)}; "
        f"own score {own}"
    )
    for part in r.by_currency if r.weights == "currencies" else ():
        score = "no score" if part.score is None else f"{part.score:.1f}"
        out.print(
            f"  {_money(part)}: {score}, {part.coverage:.0%} scored, accounts: {part.accounts}"
        )
    worst = next((b for b in r.below if b.id == r.worst), None)
    if worst is not None:
        out.print(f"  worst: {safe(worst.name)} ({safe(worst.id)}) {worst.score:.1f} {worst.tier}")
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in COLUMNS[1:]:
        table.add_column(
            title, justify="right" if title in ("score", "ARR", "share", "points") else "left"
        )
    for b in r.below:
        account, *rest = _cells(b)
        table.add_row("  " * b.depth + safe(str(account)), *(safe(_text(cell)) for cell in rest))
    out.print(table)
    for note in r.notes:
        out.print(f"  {safe(note, 500)}")


def tell(faults: Sequence[FamilyFault]) -> None:
    """Parents that cannot be followed, on stderr."""
    for fault in faults:
        say(f"parent not followed: {printable(fault.message, 300)}")


def _money(part: CurrencyPart) -> str:
    return f"{safe(part.currency) or 'no currency'} {part.arr:,.0f}"


def _cells(b: Below) -> tuple[Any, ...]:
    return (
        b.id,
        b.name,
        b.score,
        b.tier or "no score",
        b.arr,
        b.currency,
        b.share,
        b.points,
        b.note,
    )


def _text(cell: Any) -> str:
    if isinstance(cell, float):
        return f"{cell:,.2f}".removesuffix(".00")
    return "" if cell is None else str(cell)
