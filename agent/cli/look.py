"""`csm list`, `csm status`, `csm show`: what is in a memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli.common import (
    DEFAULT_MEMORY,
    JsonOption,
    MemoryOption,
    console,
    print_json,
    terminal_width,
)
from agent.cli.run import InstructionId
from agent.errors import printable

if TYPE_CHECKING:
    from pathlib import Path

    from agent.overview import Row
    from agent.success.plan import SuccessPlan


def list_(memory: MemoryOption = DEFAULT_MEMORY, as_json: JsonOption = False) -> None:
    """List the instructions of a memory and how far each has come.

    \b
    csm list
    csm list --json | jq '.[] | select(.status == "open")'
    """
    from agent.overview import instructions

    rows = instructions(memory)
    if as_json:
        print_json([row.__dict__ for row in rows])
        return
    if not rows:
        typer.echo('No instructions here. Make one: csm new ACCOUNT "objective"')
        return
    for line in _columns([("ID", "STATUS", "ACCOUNT", "ASKS FOR"), *map(_cells, rows)]):
        typer.echo(line)


def status(
    instruction_id: InstructionId,
    memory: MemoryOption = DEFAULT_MEMORY,
    as_json: JsonOption = False,
) -> None:
    """Tell how the runs of one instruction went: result, cost, what was sent, what is left.

    \b
    csm status inst_20261117_001
    """
    from agent.overview import run_history

    runs = run_history(memory, instruction_id)
    if as_json:
        print_json(runs)
        return
    if not runs:
        typer.echo(f"{instruction_id}: not run yet. Run it: csm run {instruction_id}")
        return
    for run in runs:
        typer.echo(f"run {run['run']}: {run['status']} as of {run['as_of']}, model {run['model']}")
        typer.echo(f"  {printable(run['summary'], 400)}")
        for path in run["outputs"]:
            typer.echo(f"  wrote {path}")
        for sent in run["handoffs"]:
            typer.echo(f"  sent  {sent}")


def show(
    instruction_id: InstructionId,
    memory: MemoryOption = DEFAULT_MEMORY,
    audience: Annotated[
        str, typer.Option(help="internal, or customer: without health, risk and internal notes.")
    ] = "internal",
    as_json: JsonOption = False,
) -> None:
    """Show the success plan of an instruction.

    \b
    csm show inst_20261117_001
    csm show inst_20261117_001 --audience customer
    csm show inst_20261117_001 --json | jq .renewal
    """
    from agent.cli.plan_text import print_plan
    from agent.errors import BadInput
    from agent.overview import load_plan
    from agent.success.views import customer_view, internal_view

    views = {"internal": internal_view, "customer": customer_view}
    if audience not in views:
        raise BadInput(
            f"{printable(audience, 40)!r} is not an audience",
            where="--audience",
            fix="Use internal or customer.",
        )
    plan = load_plan(memory, instruction_id)
    view = views[audience](plan)
    if as_json:
        print_json(view)
    else:
        screen = console()
        with screen.capture() as captured:
            print_plan(screen, view)
        for line in captured.get().splitlines():
            typer.echo(line.rstrip())
        if audience == "internal":
            _tell_review(memory, plan)


def _tell_review(memory: Path, plan: SuccessPlan) -> None:
    """The last decision about the plan, at the end, where a reader decides."""
    from agent.review_book import last_review

    found = last_review(memory, plan)
    told = "not reviewed yet" if found is None else found.says
    if found and found.plan_id != plan.plan_id:
        told = f"not reviewed yet; revision {found.revision} was {told}"
    typer.echo()
    typer.echo("Review")
    typer.echo(f"  {printable(told, 600)}")


def _cells(row: Row) -> tuple[str, ...]:
    return (
        row.instruction_id,
        row.status,
        printable(row.account, 40),
        printable(row.objective, 1000),
    )


def _columns(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Rows as aligned lines; on a terminal what is asked for is cut to its width."""
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    for row in rows:
        head = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False))
        room = terminal_width(elsewhere=1200) - len(head) - 2
        yield f"{head}  {printable(row[3], max(room, 20))}".rstrip()
