"""`csm diff`: plan against plan, in words."""

from __future__ import annotations

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
from agent.cli.timeline import row

if TYPE_CHECKING:
    from rich.console import Console

    from agent.plan_diff import PlanDiff

_SIGN = {"added": "[green]+[/]", "gone": "[red]-[/]", "changed": "[yellow]~[/]"}
_TEXT = 600


def diff(
    one: Annotated[
        str, typer.Argument(metavar="ID", help="Instruction id, or ID:r2 for a revision.")
    ],
    other: Annotated[
        str, typer.Argument(metavar="[OTHER]", help="The same; else what ID's plan supersedes.")
    ] = "",
    memory: MemoryOption = DEFAULT_MEMORY,
    as_json: JsonOption = False,
) -> None:
    """Compare two plans of an account, the older first: what moved, opened, closed, slipped.

    With one id, its plan is compared with the one it supersedes, or the account's plan before it.
    Of other tools' plans only promises can be recognised; it says so.

    \b
    csm diff inst_20261117_001
    csm diff inst_20260818_001 inst_20261117_001 --json
    csm diff inst_20261117_001:r1 inst_20261117_001:r2
    """
    from agent.plan_diff import plan_diff

    found = plan_diff(memory, one, other)
    if as_json:
        print_json(found.as_dict())
    else:
        _print(console(), found)


def _print(out: Console, found: PlanDiff) -> None:
    out.print(f"[bold]{safe(found.account)}[/]")
    for which, version in (("from", found.before), ("to", found.after)):
        dated = f", {version.as_of}" if version.as_of else ""
        row(out, f"[dim]{which:<4}[/]", f"{safe(version.label)}{dated}")
    section = ""
    for difference in found.differences:
        if difference.section != section:
            section = difference.section
            out.print()
            out.print(f"[bold]{safe(section.replace('_', ' ').capitalize())}[/]")
        row(out, _SIGN[difference.change], safe(difference.says, _TEXT))
    if not found.differences:
        out.print()
        out.print(
            "Nothing differs." if not found.remarks else "Nothing differs in what is compared."
        )
    for remark in found.remarks:
        out.print()
        row(out, "[dim]·[/]", f"[dim]{safe(remark, _TEXT)}[/]")
