"""`csm promise`: what an account was promised, and what has become of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli.common import (
    DEFAULT_MEMORY,
    JsonOption,
    MemoryOption,
    console,
    print_json,
    safe,
)
from agent.errors import printable

if TYPE_CHECKING:
    from datetime import date

    from rich.console import Console

    from agent.promise_book import Line
    from agent.success.promises.settlements import Verdict

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Promises of an account's newest plan: how each stands, and what became of it.",
)

Account = Annotated[str, typer.Argument(metavar="ACCOUNT", help="Account id or name.")]
Promise = Annotated[
    str, typer.Argument(metavar="PROMISE", help="Its number in the list, or how its title begins.")
]
AsOf = Annotated[str, typer.Option("--as-of", metavar="DATE", help="Business date.")]
By = Annotated[str, typer.Option("--by", metavar="WHO", help="Who records it.")]
Why = Annotated[str, typer.Option("--why", metavar="TEXT", help="Why.")]
On = Annotated[str, typer.Option("--on", metavar="DATE", help="When; --as-of if left out.")]


@app.command("list")
def list_(
    account: Account,
    memory: MemoryOption = DEFAULT_MEMORY,
    as_of: AsOf = "",
    as_json: JsonOption = False,
) -> None:
    """List what the account's newest plan promises, numbered, with what became of each.

    What that plan took over from earlier ones, and nobody has settled since, is part of it.

    \b
    csm promise list tarnholt-rail --as-of 2026-11-24
    csm promise list tarnholt-rail --json | jq '.promises[] | select(.outcome == "overdue")'
    """
    from agent.promise_book import promises_of

    found = promises_of(memory, account, as_of=_day(as_of))
    if as_json:
        print_json(
            {
                "account_id": found.account_id,
                "name": found.name,
                "plan": found.plan.plan_id if found.plan else None,
                "path": found.plan.path if found.plan else None,
                "promises": [line.as_dict() for line in found.lines],
            }
        )
        return
    out = console()
    if found.plan is None:
        out.print(f"{safe(found.name)} has no success plan yet")
        return
    of = f" of {found.plan.as_of}" if found.plan.as_of else ""
    out.print(f"[bold]{safe(found.name)}[/]  [dim]{safe(found.plan.plan_id)}{of}[/]")
    if found.lines:
        _table(out, found.lines)
    else:
        out.print("it promises nothing")


@app.command()
def done(
    account: Account,
    promise: Promise,
    by: By = "",
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="What shows it.")] = "",
    on: On = "",
    memory: MemoryOption = DEFAULT_MEMORY,
    as_of: AsOf = "",
    as_json: JsonOption = False,
) -> None:
    """Record that a promise was kept.

    \b
    csm promise done tarnholt-rail 4 --on 2026-11-20 --by "V. Brandt"
    """
    _settle(account, promise, "done", by, why, "", on, as_of, memory, as_json)


@app.command()
def move(
    account: Account,
    promise: Promise,
    to: Annotated[str, typer.Option("--to", metavar="DATE", help="The new day.")] = "",
    why: Why = "",
    by: By = "",
    on: On = "",
    memory: MemoryOption = DEFAULT_MEMORY,
    as_of: AsOf = "",
    as_json: JsonOption = False,
) -> None:
    """Record that a promise was moved to another day. The first one stays on record.

    \b
    csm promise move tarnholt-rail "Ticket office" --to 2027-01-15 \\
        --why "the vendor's interface is late" --by "V. Brandt"
    """
    _settle(account, promise, "moved", by, why, to, on, as_of, memory, as_json)


@app.command()
def drop(
    account: Account,
    promise: Promise,
    why: Why = "",
    by: By = "",
    on: On = "",
    memory: MemoryOption = DEFAULT_MEMORY,
    as_of: AsOf = "",
    as_json: JsonOption = False,
) -> None:
    """Record that a promise was given up, and why. The next run is reminded of it.

    \b
    csm promise drop tarnholt-rail 6 --why "they hired a trainer of their own" --by "V. Brandt"
    """
    _settle(account, promise, "dropped", by, why, "", on, as_of, memory, as_json)


def _settle(
    account: str, promise: str, outcome: Verdict, by: str, why: str, to: str, on: str, as_of: str,
    memory: MemoryOption, as_json: bool,
) -> None:  # fmt: skip
    from agent.promise_book import settle

    line = settle(
        memory, account, promise, outcome, by=by, why=why,
        to=_day(to, "--to") if to else None, on=_day(on, "--on") if on else None, as_of=_day(as_of),
    )  # fmt: skip
    if as_json:
        print_json(line.as_dict())
        return
    item = line.promise
    to_when = f" to {item.moved_to}" if item.outcome == "moved" else ""
    typer.echo(printable(f"recorded: {line.number}. {item.title}: {item.outcome}{to_when}", 600))


def _day(text: str, option: str = "--as-of") -> date:
    from agent.clock import as_of_date, utc_now

    return as_of_date(text or None, utc_now(), option=option)


def _table(out: Console, lines: Sequence[Line]) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("", "due", "owner", "kind", "standing", "promise"):
        table.add_column(title, no_wrap=title not in ("owner", "promise"))
    for line in lines:
        item = line.promise
        origin = f"first promised in {item.first_plan}" if item.first_plan else ""
        if origin and item.first_due:
            origin += f" for {item.first_due}"
        more = "; ".join(part for part in (item.why, origin) if part)
        table.add_row(
            str(line.number),
            safe(line.due or "–", 20),
            safe(item.owner, 40),
            item.kind,
            item.outcome,
            f"{safe(item.title, 300)}  [dim]{safe(more, 300)}[/]",
        )
    out.print(table)
