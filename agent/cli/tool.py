"""`csm tool`: the persona's tools, as the model gets them."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from agent.cli.common import DEFAULT_MEMORY, MemoryOption, PersonasOption
from agent.errors import BadInput, printable


def tool(
    name: Annotated[str, typer.Argument(help="Tool name; leave it out to list them.")] = "",
    input_json: Annotated[
        str, typer.Option("--json", metavar="JSON", help="The tool's input; - reads stdin.")
    ] = "{}",
    instruction_id: Annotated[
        str, typer.Option("--instruction", "-i", metavar="ID", help="The instruction to work in.")
    ] = "",
    account: Annotated[
        str, typer.Option("--account", metavar="ACCOUNT", help="Or the account to look at alone.")
    ] = "",
    memory: MemoryOption = DEFAULT_MEMORY,
    as_of: Annotated[str, typer.Option("--as-of", metavar="DATE", help="Business date.")] = "",
    personas: PersonasOption = None,
) -> None:
    """Call one tool at an instruction's desk; what it stages is checked and not published.

    \b
    csm tool
    csm tool glob -i inst_20261117_001
    csm tool grep -i inst_20261117_001 --json '{"pattern": "renewal"}'
    csm tool read -i inst_20261117_001 --json '{"path": "inst_20261117_001/instruction.yaml"}'
    csm tool health_score --account tarnholt-rail --as-of 2026-11-17
    """
    from tools.registry import REGISTRY

    if not name:
        for each in REGISTRY.values():
            typer.echo(f"{each.name:16} {each.description.split('. ')[0].rstrip('.')}.")
        return
    from agent.trial import try_tool

    result = try_tool(
        name, _parse(input_json), memory=memory, instruction_id=instruction_id, account=account,
        as_of=as_of, personas=personas,
    )  # fmt: skip
    lines = result.text.splitlines()
    typer.echo("\n".join(printable(line, 5000) for line in lines), err=result.is_error)
    raise typer.Exit(2 if result.is_error else 0)


def _parse(text: str) -> object:
    raw = sys.stdin.read() if text == "-" else text
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise BadInput(
            f"not JSON: {error}", where="--json", fix="Give an object like {}."
        ) from None
