"""`csm memory doctor`: what stands twice, contradicts itself, is old, or waits for somebody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby
from textwrap import wrap
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli.common import (
    DEFAULT_MEMORY,
    FAILED_ON,
    JsonOption,
    MemoryOption,
    PersonasOption,
    console,
    print_json,
    safe,
)
from agent.errors import BadInput, printable

if TYPE_CHECKING:
    from rich.console import Console

    from agent.memory_checkup import Checkup
    from agent.success.upkeep.findings import Finding

_LONGEST = 400
_MOST_ALIKE = 5


def doctor(
    account: Annotated[
        str, typer.Argument(help="Account id or name; all if left out.", metavar="[ACCOUNT]")
    ] = "",
    memory: MemoryOption = DEFAULT_MEMORY,
    as_of: Annotated[str, typer.Option("--as-of", metavar="DATE", help="Business date.")] = "",
    fail: Annotated[
        str,
        typer.Option(
            "--fail-on", metavar="SEVERITY", help="Exit 6 if there is an error/warning/note."
        ),
    ] = "",
    as_json: JsonOption = False,
    personas: PersonasOption = None,
) -> None:
    """Say what wants looking after: duplicates, contradictions, stale figures, hand-offs without an
    answer, overdue promises, over-long notes. Changes nothing.

    An error is something a run would work with although it is wrong, or somebody who has waited for
    very long; a warning is something to act on; a note is worth knowing. From when on something is
    late or too long stands in the persona's upkeep.yaml.

    \b
    csm memory doctor
    csm memory doctor lomax-birch --as-of 2026-11-17
    csm memory doctor --fail-on error --json
    """
    from agent.clock import as_of_date, utc_now
    from agent.memory_checkup import check_memory
    from agent.success.upkeep.findings import SEVERITIES

    if fail not in ("", *SEVERITIES):
        raise BadInput(f"{printable(fail, 40)!r} is no severity", where="--fail-on",
                       fix=f"Use {', '.join(SEVERITIES)}.")  # fmt: skip
    day = as_of_date(as_of or None, utc_now())
    found = check_memory(memory, account, as_of=day, personas=personas)
    if as_json:
        print_json(asdict(found))
    else:
        _print(console(), found, chosen=bool(account))
    bad = SEVERITIES[: SEVERITIES.index(fail) + 1] if fail else ()
    if any(finding.severity in bad for finding in found.findings):
        raise typer.Exit(FAILED_ON)


def _print(out: Console, found: Checkup, *, chosen: bool) -> None:
    for account_id, findings in groupby(found.findings, key=lambda f: f.account_id):
        name = found.accounts.get(account_id, "")
        shown = safe(name) if name != account_id else ""
        out.print(f"[bold]{safe(account_id) or 'The memory'}[/]  {shown}".rstrip())
        for _, alike in groupby(findings, key=lambda f: (f.severity, f.kind, f.file, f.fix)):
            _print_alike(out, list(alike), most=len(found.findings) if chosen else _MOST_ALIKE)
        out.print()
    counts = {s: sum(f.severity == s for f in found.findings) for s in ("error", "warning", "note")}
    told = ", ".join(f"{n} {s}{'s' if n != 1 else ''}" for s, n in counts.items())
    accounts = len(found.accounts)
    out.print(f"{told}; {accounts} account{'s' if accounts != 1 else ''}, as of {found.as_of}")


def _print_alike(out: Console, findings: Sequence[Finding], most: int) -> None:
    """Findings that differ in what was found only: where and what to do stands once."""
    for f in findings[:most]:
        _lines(out, f"{f.severity:<8} {f.kind.replace('_', ' ')}: {f.what}")
        if f.pointer:
            out.print(f"           [dim]{safe(f'{f.file}#{f.pointer}', 300)}[/]", soft_wrap=True)
    first = findings[0]
    if len(findings) > most:
        more = f"and {len(findings) - most} more: csm memory doctor {first.account_id}"
        _lines(out, f"{'':<8} {more}")
    if not findings[min(most, len(findings)) - 1].pointer:
        out.print(f"           [dim]{safe(first.file, 300)}[/]", soft_wrap=True)
    _lines(out, f"{'':<8} → {first.fix}", "[dim]")


def _lines(out: Console, text: str, style: str = "") -> None:
    """Untrusted text over as many lines as it takes, the later ones indented."""
    from rich.markup import escape

    for line in wrap(
        printable(text, _LONGEST), out.width - 2, initial_indent="  ", subsequent_indent=" " * 11
    ):
        out.print(f"{style}{escape(line)}", soft_wrap=True)
