"""What `csm memory` prints for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from agent.errors import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agent.keeping.findings import Finding, Report
    from agent.keeping.forget import Forgotten
    from agent.keeping.stats import Stats

_SHOWN = 60
_TRACE = {
    "id": "still holds its id",
    "name": "still holds its name",
    "person": "still names one of its people",
    "mail address": "still holds one of its mail addresses",
    "figure": "still holds one of its figures",
    "unread": "could not be searched",
}


def print_finding(finding: Finding) -> None:
    mark = "note   " if finding.is_note else "DAMAGED"
    typer.echo(f"{mark} {printable(finding.where, 300)}: {printable(finding.what, 400)}")
    if finding.fix:
        typer.echo(f"        {printable(finding.fix, 400)}")


def print_report(report: Report) -> None:
    for finding in report.findings:
        print_finding(finding)
    counts = ", ".join(f"{n:,} {what}" for what, n in report.checked.items() if n)
    wrong = sum(not finding.is_note for finding in report.findings)
    verdict = "clean" if report.is_clean else f"{wrong} damaged"
    typer.echo(f"{verdict}; looked at {counts or 'nothing: the memory is empty'}")


def print_stats(found: Stats) -> None:
    def counted(counts: Mapping[str, int]) -> str:
        ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        return ", ".join(f"{printable(name, 60)} {n:,}" for name, n in ranked) or "none"

    rows = (
        ("version", str(found.version)),
        ("accounts", f"{found.accounts:,} with a timeline"),
        ("events", counted(found.events)),
        ("dates", f"{found.oldest} to {found.newest}" if found.oldest else "none"),
        ("instructions", f"{found.instructions:,}"),
        ("runs", counted(found.runs)),
        ("plans", f"{found.plans:,} published"),
        ("messages", f"{found.messages:,}"),
        ("spent", f"${found.cost_usd}; tokens: {counted(found.tokens)}"),
        ("files", f"{found.files:,}, {sum(found.bytes.values()):,} bytes"),
        ("bytes", counted(found.bytes)),
        ("largest", ", ".join(f"{path} {size:,}" for size, path in found.largest) or "none"),
    )
    for name, value in rows:
        typer.echo(f"{name:<13} {value}")
    if found.unreadable:
        typer.echo(f"{found.unreadable} files cannot be read; `csm memory verify` names them")


def print_forgotten(account: str, result: Forgotten) -> None:
    found = result.holdings
    if not found and not result.traces:
        typer.echo(f"nothing in this memory is about {printable(account, 80)!r}")
        return
    groups = (
        ("instruction folder", found.folders),
        ("message", found.messages),
        ("file of the timeline", found.timeline),
        ("copy", found.copies),
        ("entry in", found.entries),
    )
    word = "would erase" if result.dry_run else "erased"
    for what, paths in groups:
        for path in paths:
            typer.echo(f"{word} {what}: {printable(path, 300)}")
    for iid in found.children:
        typer.echo(f"kept: {iid} is about somebody else; it only belonged to one of these")
    for iid in found.mixed:
        typer.echo(f"KEPT: {iid} holds data of other accounts as well; look through it by hand")
    if found:
        end = " would change (--dry-run)" if result.dry_run else ""
        typer.echo(f"{result.files} files{end}")
    else:
        whom = printable(account, 80)
        typer.echo(
            f"nothing in this memory is about {whom!r}, and nothing was erased; is it spelled like "
            "that? The word stands here:"
        )
    if result.dry_run:
        return
    for trace in result.traces[:_SHOWN]:
        where = f"{trace.path}:{trace.line}" if trace.line else trace.path
        typer.echo(f"LEFT  {printable(where, 300)}: {_TRACE[trace.what]}")
    if result.traces:
        more = len(result.traces) - _SHOWN
        typer.echo(
            (f"      and {more} more (--json lists them). " if more > 0 else "      ")
            + "These files are others'; edit or remove them by hand, then run this again."
        )
    else:
        typer.echo("no file of this memory speaks of it any more")
    typer.echo("Backups and copies outside this memory are not reached: delete those as well.")
