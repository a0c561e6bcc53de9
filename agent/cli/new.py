"""`csm new`: make an instruction."""

from __future__ import annotations

from typing import Annotated

import typer

from agent.cli.common import DEFAULT_MEMORY, JsonOption, MemoryOption, print_json, say
from agent.errors import printable


def new(
    account: Annotated[str, typer.Argument(help="Account id or name.", metavar="ACCOUNT")],
    objective: Annotated[str, typer.Argument(help="What is to be done.", metavar="OBJECTIVE")],
    memory: MemoryOption = DEFAULT_MEMORY,
    context: Annotated[str, typer.Option(help="Background to hand over with it.")] = "",
    requested_by: Annotated[str, typer.Option(help="Who asks.")] = "person",
    priority: Annotated[str, typer.Option(help="low, normal, high or critical.")] = "normal",
    deadline: Annotated[str, typer.Option(metavar="DATE", help="Due date of the answer.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Make an instruction folder and print its id.

    \b
    csm new tarnholt-rail "Success plan for the first quarter"
    csm run $(csm new tarnholt-rail "Prepare the January review")
    """
    from agent.commission import commission

    made = commission(
        memory,
        account=account,
        objective=objective,
        context=context,
        requested_by=requested_by,
        priority=priority,
        deadline=deadline,
    )
    if not made.known:
        say(f"note: {printable(account, 80)} is no account of this memory; triage will see to it")
    if as_json:
        print_json(
            {"instruction_id": made.instruction_id, "path": made.path, "account": made.account}
        )
    else:
        typer.echo(made.instruction_id)
