"""`csm replay`: recorded runs through today's code and policy."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli.common import (
    DEFAULT_MEMORY,
    FAILED_ON,
    JsonOption,
    MemoryOption,
    PersonasOption,
    print_json,
    say,
)
from agent.errors import BadInput, Blocked

if TYPE_CHECKING:
    from agent.replay.replaying import Replayer


def replay(
    instruction_id: Annotated[
        str, typer.Argument(help="Folder name of the instruction.", metavar="ID")
    ] = "",
    memory: MemoryOption = DEFAULT_MEMORY,
    run: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Which run; the last that ended if not given."),
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="Every instruction with a journal.")] = False,
    since: Annotated[
        str, typer.Option(metavar="DATE", help="With --all: runs as of this day or later.")
    ] = "",
    as_json: JsonOption = False,
    personas: PersonasOption = None,
) -> None:
    """Replay a recorded run through today's code and policy: the same bytes, or what differs.

    No model is asked and nothing is written. Use it before a change of policy takes effect: point
    --personas at the changed files and see which runs and which figures would move.

    Exit codes: 0 identical, 6 something differs, 2 bad input, 4 nothing recorded (with --all: no
    run differs, but some could not be replayed).

    \b
    csm replay inst_20261117_001
    csm replay --all --since 2026-10-01 --personas ./draft-policy
    csm replay inst_20261117_001 --json | jq '.differences[].what'
    """
    from agent.replay.replaying import open_replayer

    if bool(instruction_id) == all_:
        raise BadInput(
            "give the id of one instruction, or --all" + (", not both" if all_ else ""),
            where="csm replay",
            fix="`csm list` shows the ids.",
        )
    if all_ and run:
        raise BadInput("goes with one instruction only", where="--run", fix="Leave out --all.")
    if since and not all_:
        raise BadInput("goes with --all only", where="--since", fix="Add --all, or leave it out.")
    replayer = open_replayer(memory, personas)
    if all_:
        _all(replayer, since, as_json)
        return
    from agent.replay.words import lines

    account = replayer.replay(instruction_id, run or 0)
    if as_json:
        print_json(account.as_dict())
    else:
        for line in lines(account):
            typer.echo(line)
    raise typer.Exit(0 if account.identical else FAILED_ON)


def _all(replayer: Replayer, since: str, as_json: bool) -> None:
    from agent.clock import as_of_date, utc_now
    from agent.replay.replaying import Account
    from agent.replay.words import one_line, summary

    day = as_of_date(since, utc_now(), option="--since") if since else None
    watched = sys.stderr.isatty() and (as_json or not sys.stdout.isatty())
    items = []
    for item in replayer.replay_all(day):
        items.append(item)
        if not as_json:
            typer.echo(one_line(item))
        if watched:
            say(f"  {len(items)} replayed …")
    if not items:
        raise Blocked(
            "nothing is recorded in this memory" + (f" since {day}" if day else ""),
            where=str(replayer.root.path),
            fix="run an instruction first: csm run ID",
        )
    runs = [item for item in items if isinstance(item, Account)]
    differ = sum(not run.identical for run in runs)
    if as_json:
        counts = {"identical": len(runs) - differ, "differ": differ,
                  "not_replayable": len(items) - len(runs)}  # fmt: skip
        print_json({"summary": counts, "runs": [item.as_dict() for item in items]})
    else:
        typer.echo(summary(items))
    raise typer.Exit(FAILED_ON if differ else 4 if len(runs) < len(items) else 0)
