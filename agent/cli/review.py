"""`csm review`: a person approves a plan or sends it back."""

from __future__ import annotations

from typing import Annotated

import typer

from agent.cli.common import DEFAULT_MEMORY, JsonOption, MemoryOption, print_json
from agent.cli.run import InstructionId
from agent.errors import BadInput, printable


def review(
    instruction_id: InstructionId,
    approve: Annotated[bool, typer.Option("--approve", help="The plan holds.")] = False,
    send_back: Annotated[bool, typer.Option("--send-back", help="It has to be redone.")] = False,
    why: Annotated[
        str, typer.Option("--why", metavar="TEXT", help="Why; needed to send it back.")
    ] = "",
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who decides.")] = "",
    memory: MemoryOption = DEFAULT_MEMORY,
    as_of: Annotated[
        str, typer.Option("--as-of", metavar="DATE", help="Day of the decision; today if left out.")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Approve the plan of an instruction, or send it back.

    The decision is kept in the instruction's folder and on the account's timeline, with the hash
    of the very plan it is about. `csm run ID --again` makes a new revision of a plan.

    \b
    csm review inst_20261117_001 --approve --by "A. Lead"
    csm review inst_20261117_001 --send-back --why "no owner for the CFO meeting" --by "A. Lead"
    """
    from agent.clock import as_of_date, utc_now
    from agent.review_book import record_review

    if approve == send_back:
        raise BadInput(
            "a review either approves a plan or sends it back",
            where="--approve, --send-back",
            fix="Give one of the two.",
        )
    made = record_review(
        memory, instruction_id, approve=approve, why=why, by=by,
        as_of=as_of_date(as_of or None, utc_now()),
    )  # fmt: skip
    if as_json:
        print_json(made.__dict__)
        return
    done = "recorded" if made.new else "on record already"
    typer.echo(printable(f"{done}: {made.plan_id} {made.says}", 800))
    typer.echo(f"  wrote {made.path}")
