"""`csm import`: tables from elsewhere into the memory, with an account of every row left out."""

from __future__ import annotations

from collections import Counter
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
)
from agent.errors import printable

if TYPE_CHECKING:
    from agent.importing.report import Report

EXAMPLES = 3


def import_(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE…", help="Tables: CSV, JSON, JSON lines, Parquet.")
    ],
    mapping: Annotated[
        str, typer.Option(metavar="NAME|FILE", help="What the columns mean; shipped or your own.")
    ] = "flat",
    memory: MemoryOption = DEFAULT_MEMORY,
    as_of: Annotated[
        str, typer.Option("--as-of", metavar="DATE", help="The date that the tables describe.")
    ] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check and count; write nothing.")
    ] = False,
    replace: Annotated[
        bool,
        typer.Option(
            "--replace/--merge", help="Keep only the imported accounts, or the others too."
        ),
    ] = False,
    as_json: JsonOption = False,
    report_file: Annotated[
        Path | None,
        typer.Option("--report", metavar="FILE", help="Write all remarks there: .csv, else JSON."),
    ] = None,
    personas: PersonasOption = None,
) -> None:
    """Import accounts into the memory; bad rows and values are left out and listed.

    Other accounts stay as they are, a blank cell never erases a stored value, and the replaced
    file is kept beside the new one. Exit code 1 when no account could be imported, 2 when a file
    or mapping cannot be used.

    \b
    csm import customers.csv --dry-run
    csm import customers.csv --as-of 2026-10-31 --report left-out.csv
    csm import ravenstack_*.csv --mapping ravenstack --as-of 2024-12-31
    """
    from agent.clock import as_of_date, utc_now
    from agent.importing.catalogue import find
    from agent.importing.importer import import_files
    from agent.importing.report_file import check_target, write

    if report_file is not None:
        check_target(report_file, files)
    now = utc_now()
    report = import_files(
        files,
        find(mapping, personas),
        memory=memory,
        as_of=as_of_date(as_of or None, now),
        now=now,
        mode="replace" if replace else "merge",
        dry_run=dry_run,
    )
    if report_file is not None:
        write(report, report_file)
    if as_json:
        print_json(report.as_dict())
    else:
        _print(report, dry_run)
    if not report.accounts["imported"]:
        say("csm: no account could be imported; the memory is as it was")
        raise typer.Exit(1)


def _print(report: Report, dry_run: bool) -> None:
    for table in report.tables.values():
        left_out = table.rows - table.used
        files = printable(", ".join(table.files), 120)
        typer.echo(
            f"{table.table}: {table.used:,} of {table.rows:,} rows used"
            f"{f', {left_out:,} left out' if left_out else ''} ({files})"
        )
        blanks = [f"{column} {count:,}" for column, count in table.blanks.items()]
        if blanks:
            typer.echo(f"  blank, so not measured: {printable(', '.join(blanks), 400)}")
        if table.unmapped:
            typer.echo(f"  columns not imported: {printable(', '.join(table.unmapped), 400)}")
    for fact in report.facts:
        typer.echo(printable(fact, 400))
    _print_remarks(report)
    counts = report.accounts
    if counts["imported"]:
        parts = [f"{counts[key]:,} {key.replace('_', ' ')}" for key in counts if counts[key]]
        typer.echo(f"accounts: {', '.join(parts)}")
    if report.written:
        typer.echo(f"wrote {report.written}")
    elif counts["imported"]:
        typer.echo("nothing written: dry run" if dry_run else "nothing to write: all as stored")
    if report.backup:
        typer.echo(f"kept  {report.backup}")
    if report.recorded:
        typer.echo(f"told on {report.recorded:,} account timeline{_s(report.recorded)}")


def _s(count: int) -> str:
    return "" if count == 1 else "s"


def _print_remarks(report: Report) -> None:
    """How many remarks of each kind, with a few examples."""
    examples: dict[tuple[str, str, str, str], list[str]] = {}
    for issue in report.issues:
        some = examples.setdefault((issue.table, issue.code, issue.effect, issue.column), [])
        if len(some) < EXAMPLES:
            some.append(str(issue))
    counts = Counter[tuple[str, str, str, str]]()
    for (table, code, effect, column, _), count in report.counts.items():
        counts[(table, code, effect, printable(column, 80))] += count
    for kind, count in counts.items():
        table, _, outcome, column = kind
        where = f"{table}.{column}" if column else table
        remarks = "remark" if count == 1 else "remarks"
        typer.echo(f"{printable(where, 120)}: {count:,} {remarks} ({outcome})")
        for line in examples.get(kind, []):
            typer.echo(f"  {printable(line, 300)}")
        if count > EXAMPLES:
            typer.echo("  … all of them: --report FILE")
