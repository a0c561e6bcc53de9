"""`csm run` and `csm resume`."""

from __future__ import annotations

import sys
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli.common import (
    DEFAULT_MEMORY,
    JsonOption,
    MemoryOption,
    PersonasOption,
    print_json,
    say,
    watch,
)
from agent.errors import BadInput, printable

if TYPE_CHECKING:
    from agent.result import Result

InstructionId = Annotated[str, typer.Argument(help="Folder name of the instruction.", metavar="ID")]
ModelOption = Annotated[
    str,
    typer.Option(
        help="auto (Claude when a key is set, else the offline playbook), playbook, claude, "
        "recorded, sonnet, opus, haiku, or a full model id."
    ),
]
AsOfOption = Annotated[
    str, typer.Option("--as-of", metavar="DATE", help="Business date; today in UTC if not given.")
]
MaxTurns = Annotated[int, typer.Option("--max-turns", min=1, help="Model calls at most.")]
MaxDollars = Annotated[str, typer.Option("--max-dollars", help="USD at most.")]
MaxTokens = Annotated[int, typer.Option("--max-tokens", min=1, help="Tokens at most, all kinds.")]
MaxSeconds = Annotated[float, typer.Option("--max-seconds", min=1, help="Wall clock at most.")]


def run(
    instruction_id: InstructionId,
    memory: MemoryOption = DEFAULT_MEMORY,
    model: ModelOption = "auto",
    as_of: AsOfOption = "",
    again: Annotated[
        bool, typer.Option("--again", help="Run a finished instruction again: a new revision.")
    ] = False,
    as_json: JsonOption = False,
    stream: Annotated[
        bool, typer.Option("--stream", help="Show the model's words as they arrive.")
    ] = False,
    max_turns: MaxTurns = 12,
    max_dollars: MaxDollars = "2.00",
    max_tokens: MaxTokens = 600_000,
    max_seconds: MaxSeconds = 900.0,
    personas: PersonasOption = None,
) -> None:
    """Run an instruction: leave a success plan and a health score, or redirect it.

    Running a finished instruction again does nothing and says so; a run that was stopped goes on
    where it was, without paying for a step twice.

    \b
    csm run inst_20261117_001 --model playbook --as-of 2026-11-17
    csm run inst_20261117_001 --again --model opus --max-dollars 1.50
    csm run inst_20261117_003 --json | jq .handoffs
    """
    carry_on_and_tell(
        instruction_id, memory, model, as_of, again, False, as_json, stream,
        (max_turns, max_dollars, max_tokens, max_seconds), personas,
    )  # fmt: skip


def resume(
    instruction_id: InstructionId,
    memory: MemoryOption = DEFAULT_MEMORY,
    as_json: JsonOption = False,
    max_turns: MaxTurns = 12,
    max_dollars: MaxDollars = "2.00",
    max_tokens: MaxTokens = 600_000,
    max_seconds: MaxSeconds = 900.0,
    personas: PersonasOption = None,
) -> None:
    """Go on with a run that was stopped: killed, interrupted, failed, or at a limit.

    Replies that were paid for are taken from the journal. Limits count the whole run, so raise the
    one that ended it.

    \b
    csm resume inst_20261117_001
    csm resume inst_20261117_001 --max-turns 20
    """
    carry_on_and_tell(
        instruction_id, memory, "auto", "", False, True, as_json, False,
        (max_turns, max_dollars, max_tokens, max_seconds), personas,
    )  # fmt: skip


def carry_on_and_tell(
    instruction_id: str, memory: Path, model: str, as_of: str, again: bool, resume: bool,
    as_json: bool, stream: bool, ceilings: tuple[int, str, int, float], personas: Path | None,
) -> None:  # fmt: skip
    from agent.limits import Limits
    from agent.order import Order
    from agent.reception import carry_on

    turns, dollars, tokens, seconds = ceilings
    order = Order(
        instruction_id,
        memory,
        model=model,
        as_of=as_of,
        again=again,
        resume=resume,
        limits=Limits(turns=turns, tokens=tokens, dollars=_dollars(dollars), seconds=seconds),
        personas=personas,
        progress=watch,
        on_text=_stream if stream else None,
    )
    result = carry_on(order)
    if as_json:
        print_json({**result.as_dict(), "exit_code": result.exit_code})
    else:
        _tell(result, memory)
    raise typer.Exit(result.exit_code)


def _dollars(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount < 0:
        raise BadInput(f"{printable(text, 40)!r} is not an amount", where="--max-dollars",
                       fix="Give dollars like 1.50.")  # fmt: skip
    return amount


def _stream(text: str) -> None:
    sys.stderr.write(printable(text, 100_000))
    sys.stderr.flush()


def _tell(result: Result, memory: Path) -> None:
    """The result as a person wants it: what happened, where it lies, what to look at."""
    again = (
        " (already done by an earlier run; --again makes a new revision)" if result.already else ""
    )
    headline = f"{result.status}: {printable(result.summary, 1000)}{again}"
    if result.exit_code in (0, 3):
        typer.echo(headline)
    else:
        say(f"csm: {headline}")
    for output in result.outputs:
        typer.echo(f"  wrote  {memory / output.path}")
    for sent in result.handoffs:
        typer.echo(f"  sent   {sent.type} to {sent.to}: {printable(sent.about, 120)}")
        typer.echo(f"         {memory / sent.path}")
    for concern in result.concerns:
        typer.echo(f"  look   {printable(concern, 300)}")
    for item in result.not_done:
        typer.echo(f"  not done here: {printable(item, 300)}")
    for candidate in result.candidates:
        typer.echo(f"  candidate: {printable(candidate, 120)}")
    if result.turns and result.model != "playbook":
        tokens = sum(result.usage.values())
        typer.echo(f"  {result.turns} model calls, {tokens:,} tokens, ${result.cost_usd}")
    if result.outputs and not result.already and sys.stderr.isatty():
        say(f"Read it: csm show {result.instruction_id} --memory {memory}")
