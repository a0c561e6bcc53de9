"""`csm timeline`: what happened with an account, and what was believed when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli.common import (
    DEFAULT_MEMORY,
    JsonOption,
    MemoryOption,
    console,
    print_csv,
    print_json,
    safe,
    say,
)
from agent.errors import printable

if TYPE_CHECKING:
    from datetime import date, datetime

    from rich.console import Console

    from agent.chronicle import Chronicle, Line

Account = Annotated[str, typer.Argument(metavar="ACCOUNT", help="Account id or name.")]
KnownAt = Annotated[
    str,
    typer.Option(
        "--known-at", metavar="DATE|MOMENT", help="Leave out what was recorded later than that."
    ),
]
COLUMNS = ("at", "recorded_at", "kind", "says", "state", "event_id", "instruction_id", "source")
_TEXT = 500
_FAULTS = 20


def timeline(
    account: Account,
    as_of: Annotated[
        str, typer.Option("--as-of", metavar="DATE", help="Leave out what happened later.")
    ] = "",
    known_at: KnownAt = "",
    kind: Annotated[
        list[str] | None, typer.Option("--kind", metavar="KIND", help="Only these; repeatable.")
    ] = None,
    memory: MemoryOption = DEFAULT_MEMORY,
    as_json: JsonOption = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
) -> None:
    """Tell what happened with an account, day by day, and what was believed when.

    --as-of asks what had happened by a day, as it is known now; --known-at what had been recorded
    by a day or moment. Both together give what was known then about then. Corrections count from
    the moment they were recorded, and the old words stand beside the new ones.

    \b
    csm timeline tarnholt-rail
    csm timeline tarnholt-rail --as-of 2026-09-30 --known-at 2026-09-30
    csm timeline "Tarnholt Rail Services" --kind renewal_decided --kind override_set --json
    """
    from agent.chronicle import lines, open_chronicle

    day, moment = clocks(as_of, known_at)
    chronicle = open_chronicle(memory, account)
    listed, unusable = lines(chronicle, as_of=day, known_at=moment, kinds=kind or ())
    if as_json:
        print_json(
            {
                "account_id": chronicle.account_id,
                "name": chronicle.name,
                "in_insights": not chronicle.former,
                "as_of": day,
                "known_at": moment.isoformat() if moment else None,
                "events": [line.as_dict() for line in listed],
                "faults": [*chronicle.faults, *unusable],
            }
        )
    elif as_csv:
        print_csv(COLUMNS, [_cells(line) for line in listed])
    else:
        _print(console(), chronicle, listed, limits(day, moment))
    warn((*chronicle.faults, *unusable))


def clocks(as_of: str, known_at: str) -> tuple[date | None, datetime | None]:
    """The two limits of a reading as they were typed; None where nothing was."""
    from agent.clock import as_of_date, moment_of, utc_now

    day = as_of_date(as_of, utc_now()) if as_of else None
    return day, moment_of(known_at, option="--known-at") if known_at else None


def limits(as_of: date | None, known_at: datetime | None) -> str:
    """The limits of a reading, in words that can follow a heading."""
    day = f", as of {as_of}" if as_of else ""
    return day + (f", known at {known_at:%Y-%m-%d %H:%M} UTC" if known_at else "")


def warn(faults: Sequence[str]) -> None:
    """What is wrong with what was read, on stderr; of very much the first."""
    for fault in faults[:_FAULTS]:
        say(f"csm: {printable(fault, 400)}")
    if len(faults) > _FAULTS:
        say(f"csm: and {len(faults) - _FAULTS} more; --json lists all")


def _cells(line: Line) -> tuple[object, ...]:
    event = line.told.event
    texts = (
        str(line.told.on), event.get("recorded_at"), line.told.kind, line.says, _state(line),
        line.told.id, event.get("instruction_id"), event.get("source"),
    )  # fmt: skip
    return tuple(printable(str(text or ""), _TEXT) for text in texts)


def _state(line: Line) -> str:
    if line.told.withdrawn:
        return "withdrawn"
    if line.told.corrections:
        return "corrected"
    return f"{line.told.days_late} days late" if line.told.days_late else ""


def _print(out: Console, chronicle: Chronicle, listed: Sequence[Line], limits: str) -> None:
    gone = ", not in the insights any more" if chronicle.former else ""
    count = f"{len(listed)} event{'' if len(listed) == 1 else 's'}{limits}"
    out.print(f"[bold]{safe(chronicle.name)}[/]  {safe(chronicle.account_id)}{gone}: {count}")
    heading = ""
    for line in listed:
        event = line.told.event
        recorded = str(event.get("recorded_at") or "")[:10]
        late = f"  recorded {recorded}, {line.told.days_late} days later"
        own = event.get("instruction_id") or event.get("source") or ""
        new = f"[bold]{line.told.on}[/]  [dim]{safe(str(own))}[/]"
        new += f"[yellow]{safe(late)}[/]" if line.told.days_late else ""
        if new != heading:
            out.print()
            out.print(new)
            heading = new
        _print_line(out, line)


def _print_line(out: Console, line: Line) -> None:
    from agent.success.continuity.sentences import ID

    crossed = "strike dim" if line.told.withdrawn else "default"
    row(out, f"[dim]{safe(line.told.id[:ID])}[/]", f"[{crossed}]{safe(line.says, _TEXT)}[/]")
    for correction in line.told.corrections:
        data = correction.get("data") or {}
        what = "withdrawn" if data.get("withdrawn") is True else "corrected"
        by, why = safe(str(data.get("by") or "")), safe(str(data.get("why") or ""), 300)
        when = safe(str(correction.get("recorded_at") or "")[:10])
        told = f"[yellow]{what} {when}[/]{f' by {by}' if by else ''}{f': {why}' if why else ''}"
        row(out, " " * ID, told)
    if line.said:
        row(out, " " * ID, f"[dim]it said: {safe(line.said, _TEXT)}[/]")


def row(out: Console, left: str, right: str) -> None:
    """Two columns below a heading; the second wraps below itself. Both are markup."""
    from rich.padding import Padding
    from rich.table import Table

    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column()
    table.add_row(left, right)
    with out.capture() as captured:
        out.print(Padding(table, (0, 0, 0, 2), expand=False))
    for text in captured.get().splitlines():
        typer.echo(text.rstrip())
