"""`csm fork`: go on from the middle of a recorded run, another way."""

from __future__ import annotations

from typing import Annotated

import typer

from agent.cli.common import (
    DEFAULT_MEMORY,
    JsonOption,
    MemoryOption,
    PersonasOption,
    print_json,
    say,
)
from agent.cli.run import (
    InstructionId,
    MaxDollars,
    MaxSeconds,
    MaxTokens,
    MaxTurns,
    carry_on_and_tell,
)
from agent.errors import printable


def fork(
    instruction_id: InstructionId,
    turn: Annotated[
        int, typer.Option(min=1, metavar="N", help="The first turn that is asked anew.")
    ],
    memory: MemoryOption = DEFAULT_MEMORY,
    run: Annotated[
        int | None,
        typer.Option(min=1, metavar="R", help="Which run; the last that ended if not given."),
    ] = None,
    model: Annotated[
        str, typer.Option(help="The model to ask; that of the recorded run if not given.")
    ] = "",
    objective: Annotated[
        str, typer.Option(metavar="TEXT", help="Another text for the instruction.")
    ] = "",
    new_id: Annotated[
        str, typer.Option("--as", metavar="NEW_ID", help="Its id; the next free one of the day.")
    ] = "",
    no_run: Annotated[bool, typer.Option("--no-run", help="Only lay it out.")] = False,
    as_json: JsonOption = False,
    max_turns: MaxTurns = 12,
    max_dollars: MaxDollars = "2.00",
    max_tokens: MaxTokens = 600_000,
    max_seconds: MaxSeconds = 900.0,
    personas: PersonasOption = None,
) -> None:
    """Go on from the middle of a recorded run with another model or another text.

    Makes a new instruction with the same snapshot of the account and the same business date. Turns
    before N are taken from the record and cost nothing; N and what follows are asked. What the
    other run has sent is not sent again, and the new plan supersedes the other's.

    \b
    csm fork inst_20261117_001 --turn 2 --model opus
    csm fork inst_20261117_001 --turn 1 --objective "Plan the recovery of Tarnholt" --no-run
    """
    from agent.forking import fork as lay_out

    made = lay_out(
        instruction_id,
        memory=memory,
        turn=turn,
        run=run or 0,
        model=model,
        objective=objective,
        new_id=new_id,
        personas=personas,
    )
    if not no_run:
        say(f"{made.instruction_id}: forked from {made.parent} run {made.run} at turn {made.turn}")
        carry_on_and_tell(
            made.instruction_id, memory, "auto", "", False, True, as_json, False,
            (max_turns, max_dollars, max_tokens, max_seconds), personas,
        )  # fmt: skip
    elif as_json:
        print_json(made.__dict__)
    else:
        typer.echo(made.instruction_id)
        say(
            f"forked from {made.parent} run {made.run}; turn {made.turn} will be asked of "
            f"{printable(made.model, 60)}. Go on with: csm resume {made.instruction_id}"
        )
