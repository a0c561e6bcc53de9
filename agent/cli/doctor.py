"""`csm doctor`: what is configured and what is wrong."""

from __future__ import annotations

import typer

from agent.cli.common import DEFAULT_MEMORY, JsonOption, MemoryOption, PersonasOption, print_json
from agent.errors import printable

_MARK = {"ok": "ok   ", "note": "note ", "wrong": "WRONG"}


def doctor(
    memory: MemoryOption = DEFAULT_MEMORY,
    as_json: JsonOption = False,
    personas: PersonasOption = None,
) -> None:
    """Say what is configured, what is wrong and how to fix it. Exit code 1 when something is wrong.

    \b
    csm doctor
    csm doctor --memory /data/Agent_Memory --json
    """
    from agent.checkup import examine
    from agent.household import DEFAULT_PERSONA

    findings = examine(memory, personas, DEFAULT_PERSONA)
    if as_json:
        print_json([finding.__dict__ for finding in findings])
    else:
        for finding in findings:
            typer.echo(
                f"{_MARK[finding.level]} {finding.what:<13} {printable(finding.detail, 400)}"
            )
    if any(finding.level == "wrong" for finding in findings):
        raise typer.Exit(1)
