"""`csm playbook`: what the playbooks say, which are open, and what was done about them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent.cli.common import (
    DEFAULT_MEMORY,
    JsonOption,
    MemoryOption,
    PersonasOption,
    console,
    print_json,
    safe,
)
from agent.errors import BadInput, printable

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from rich.console import Console

    from agent.playbook_book import OpenLine

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Playbooks: what they say, which are open, and what was done about them.",
)

AsOf = Annotated[str, typer.Option("--as-of", metavar="DATE", help="Business date.")]
Account = Annotated[str, typer.Argument(metavar="ACCOUNT", help="Account id or name.")]
Playbook = Annotated[str, typer.Argument(metavar="PLAYBOOK", help="Id of an open playbook.")]
By = Annotated[str, typer.Option("--by", metavar="WHO", help="Who records it.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why.")]


@app.command("list")
def list_playbooks(as_json: JsonOption = False, personas: PersonasOption = None) -> None:
    """List the playbooks and the signs that start them.

    \b
    csm playbook list
    csm playbook list --json
    """
    from rich.padding import Padding

    rows = _catalogue(personas)
    if as_json:
        print_json(rows)
        return
    out = console()
    for row in rows:
        out.print(f"[bold]{safe(row['id'])}[/]  {safe(row['title'])}")
        out.print(Padding(f"[dim]{safe(row['starts'], 900)}[/]", (0, 0, 0, 2)))


@app.command()
def show(
    id: Annotated[str, typer.Argument(metavar="ID", help="As `csm playbook list` prints it.")],
    as_json: JsonOption = False,
    personas: PersonasOption = None,
) -> None:
    """Show the steps of one playbook: who does what, and when.

    \b
    csm playbook show executive_change
    """
    rows = {row["id"]: row for row in _catalogue(personas)}
    if id not in rows:
        raise BadInput(
            f"there is no playbook {printable(id, 60)!r}", fix="`csm playbook list` shows the ids."
        )
    row = rows[id]
    if as_json:
        print_json(row)
        return
    out = console()
    out.print(f"[bold]{safe(row['title'])}[/]  [dim]{safe(row['starts'], 900)}[/]")
    steps = [(str(s["number"]), s["when"], s["owner"], s["do"]) for s in row["steps"]]
    _rows(out, steps, ("", "when", "owner", "step"))


@app.command("open")
def open_(
    account: Annotated[
        str, typer.Argument(metavar="[ACCOUNT]", help="Account id or name; all if left out.")
    ] = "",
    steps: Annotated[bool, typer.Option("--steps", help="Show every step.")] = False,
    memory: MemoryOption = DEFAULT_MEMORY,
    as_of: AsOf = "",
    as_json: JsonOption = False,
) -> None:
    """Show open plays with the next step of each: the most overdue first, snoozed ones last.

    \b
    csm playbook open
    csm playbook open tarnholt-rail --steps --as-of 2026-11-24
    """
    from agent.playbook_book import open_plays

    lines = open_plays(memory, account, as_of=_day(as_of))
    if as_json:
        print_json([line.as_dict() for line in lines])
        return
    out = console()
    if not lines:
        out.print("no playbook is open")
    elif steps:
        for line in lines:
            _print_steps(out, line)
    else:
        _rows(out, [_cells(line) for line in lines],
               ("due", "late", "severity", "account", "playbook", "next step"))  # fmt: skip


@app.command()
def done(
    account: Account,
    playbook: Playbook,
    step_number: Annotated[int, typer.Argument(metavar="STEP_NUMBER", help="From 1.")],
    on: Annotated[
        str, typer.Option("--on", metavar="DATE", help="When; --as-of if left out.")
    ] = "",
    by: By = "",
    memory: MemoryOption = DEFAULT_MEMORY,
    as_of: AsOf = "",
    as_json: JsonOption = False,
) -> None:
    """Record that a step of an open playbook was done.

    \b
    csm playbook done tarnholt-rail value_gap 1 --on 2026-11-20 --by "V. Brandt"
    """
    from agent.playbook_book import record_step

    day = _day(as_of)
    line = record_step(
        memory, account, playbook, step_number, on=_day(on) if on else day, by=by, as_of=day
    )
    step = line.play.steps[step_number - 1]
    _told(line, f"step {step_number} done on {step.done_on}: {step.title}", as_json)


@app.command()
def snooze(
    account: Account,
    playbook: Playbook,
    until: Annotated[str, typer.Option("--until", metavar="DATE", help="When it wakes.")] = "",
    reason: Reason = "",
    by: By = "",
    memory: MemoryOption = DEFAULT_MEMORY,
    as_of: AsOf = "",
    as_json: JsonOption = False,
) -> None:
    """Let an open playbook rest: its steps give no actions until the day named.

    At most 90 days, and not past the renewal. A graver sign wakes it before.

    \b
    csm playbook snooze tarnholt-rail value_gap --until 2026-12-15 \\
        --reason "customer is closing its year" --by "V. Brandt"
    """
    from agent.playbook_book import record_snooze

    if not until:
        raise BadInput("a snooze needs an end", where="--until", fix="Add --until DATE.")
    line = record_snooze(
        memory, account, playbook, until=_day(until), reason=reason, by=by, as_of=_day(as_of)
    )
    _told(line, f"snoozed until {line.play.snoozed_until}", as_json)


@app.command()
def close(
    account: Account,
    playbook: Playbook,
    reason: Reason = "",
    by: By = "",
    memory: MemoryOption = DEFAULT_MEMORY,
    as_of: AsOf = "",
    as_json: JsonOption = False,
) -> None:
    """End an open playbook. It begins anew if a later run finds that its signs still call for it.

    \b
    csm playbook close tarnholt-rail value_gap --reason "goals agreed" --by "V. Brandt"
    """
    from agent.playbook_book import record_close

    line = record_close(memory, account, playbook, reason=reason, by=by, as_of=_day(as_of))
    _told(line, "closed", as_json)


def _day(text: str) -> date:
    from agent.clock import as_of_date, utc_now

    return as_of_date(text or None, utc_now())


def _catalogue(personas: Path | None) -> list[dict[str, Any]]:
    from agent.household import DEFAULT_PERSONA, open_household
    from agent.success.plays.catalogue import catalogue

    persona = open_household(DEFAULT_PERSONA, personas).persona
    return [
        entry.as_dict()
        for entry in catalogue(persona.policy("playbooks"), persona.policy("signals"))
    ]


def _cells(line: OpenLine) -> tuple[str, ...]:
    following = line.play.next_step()
    due, late, todo = "", "", "all steps done; it ends when its signs clear"
    if following:
        number, step = following
        due, late = str(step.due), f"{line.days_overdue} days" if line.days_overdue else ""
        todo = f"{number}. {step.title}"
    if line.snoozed:
        due, todo = "", f"snoozed until {line.play.snoozed_until}: {line.play.snooze_reason}"
    return (due, late, line.play.severity, line.account_id, line.play.id, todo)


def _print_steps(out: Console, line: OpenLine) -> None:
    play = line.play
    rests = f", snoozed until {play.snoozed_until}" if line.snoozed else ""
    out.print(f"[bold]{safe(line.name)}[/]  {safe(play.title)} ({safe(play.id)})")
    out.print(
        f"  [dim]{play.severity}, since {play.since}{rests}: {safe(', '.join(play.signals))}[/]"
    )
    rows = [
        (str(n), f"done {s.done_on}" if s.done_on else str(s.due), s.owner, s.title)
        for n, s in enumerate(play.steps, 1)
    ]
    _rows(out, rows, ("", "due", "owner", "step"))


def _told(line: OpenLine, what: str, as_json: bool) -> None:
    if as_json:
        print_json(line.as_dict())
    else:
        typer.echo(printable(f"recorded: {line.name}, {line.play.title}: {what}", 600))


def _rows(out: Console, rows: Sequence[tuple[str, ...]], titles: tuple[str, ...]) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in titles:
        table.add_column(title, no_wrap=title not in ("step", "next step"))
    for row in rows:
        table.add_row(*(safe(cell, 300) for cell in row))
    out.print(table)
