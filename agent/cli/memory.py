"""`csm memory`: is it whole, bring it back, forget a customer, copy it, count it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from agent.cli.common import (
    DEFAULT_MEMORY,
    JsonOption,
    MemoryOption,
    print_json,
)
from agent.cli.memory_text import print_finding, print_forgotten, print_report, print_stats
from agent.errors import BadInput, printable

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Keep a memory whole: check it, bring documents back, forget a customer, copy it.",
)

Account = Annotated[
    str, typer.Option("--account", metavar="ACCOUNT", help="Only this account (id or name).")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")]
_STEP = 500  # a line of progress is written anew after so many


@app.command()
def verify(
    account: Account = "",
    memory: MemoryOption = DEFAULT_MEMORY,
    as_json: JsonOption = False,
) -> None:
    """Check that everything recorded is there and that the documents say the same.

    Timelines and journals are read line by line, plans and scores are compared with the events they
    are made from. Changes nothing. Exit code 0: clean, 1: something is damaged.

    \b
    csm memory verify
    csm memory verify --account tarnholt-rail --json
    """
    from agent.keeping.verify import verify as check

    report = check(memory, account=account, progress=_watch())
    if as_json:
        print_json(report.as_dict())
    else:
        print_report(report)
    if not report.is_clean:
        raise typer.Exit(1)


@app.command()
def rebuild(
    account: Account = "",
    memory: MemoryOption = DEFAULT_MEMORY,
    dry_run: DryRun = False,
    trust_timelines: Annotated[
        bool,
        typer.Option("--trust-timelines", help="Also from timelines whose chain does not hold."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Write scores and plans again as the timelines tell them: the same bytes as before.

    What a timeline has lost at its end comes back from the journals first. A file that gives way is
    kept beside the new one, unless all it held is on record. Exit code 0: all is as recorded, 1:
    something could not be brought back.

    \b
    csm memory rebuild --dry-run
    csm memory rebuild --account tarnholt-rail
    """
    from agent.clock import utc_now
    from agent.keeping.rebuild import rebuild as bring_back

    result = bring_back(
        memory, now=utc_now(), account=account, dry_run=dry_run,
        trust_timelines=trust_timelines, progress=_watch(),
    )  # fmt: skip
    if as_json:
        print_json(result.as_dict())
    else:
        for done in result.done:
            kept = f"; the old file is kept as {done.kept}" if done.kept else ""
            typer.echo(f"{printable(done.where, 300)}: {printable(done.what, 300)}{kept}")
        for finding in result.left:
            print_finding(finding)
        if not result.done and result.is_complete:
            typer.echo("nothing to do: the documents are as recorded")
        elif dry_run:
            typer.echo("nothing was written (--dry-run)")
    if not result.is_complete:
        raise typer.Exit(1)


@app.command()
def forget(
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="Account id or name.")],
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who erases it.")] = "",
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="Why, without naming the customer.")
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False,
    memory: MemoryOption = DEFAULT_MEMORY,
    dry_run: DryRun = False,
    as_json: JsonOption = False,
) -> None:
    """Erase a customer: timeline, instruction folders, plans, scores, insights, messages, copies.

    What remains is a line that says when and by whom, not what. Then every file is searched for the
    customer's id, names, addresses and figures. Exit code 0: nothing speaks of it any more, 1:
    files of others still do (they are listed). Backups outside the memory are not reached.

    \b
    csm memory forget tarnholt-rail --dry-run
    csm memory forget tarnholt-rail --by "D. Protection" --reason "request of 3 November" --yes
    """
    from agent.clock import utc_now
    from agent.keeping.forget import forget as erase
    from agent.keeping.forget import survey

    if dry_run:
        result = survey(memory, account)
    else:
        _consent(f"Erase everything about {printable(account, 80)!r} for ever?", yes)
        result = erase(memory, account, by=by, reason=reason, now=utc_now(), progress=_watch())
    if as_json:
        print_json(result.as_dict())
    else:
        print_forgotten(account, result)
    if not result.is_complete and not dry_run:
        raise typer.Exit(1)


@app.command()
def backup(
    target: Annotated[
        Path, typer.Argument(metavar="FILE.tar.gz|DIR", help="Where the copy goes; new.")
    ],
    memory: MemoryOption = DEFAULT_MEMORY,
    as_json: JsonOption = False,
) -> None:
    """Copy the whole memory as it is at one moment; runs may go on meanwhile.

    An archive, or a folder if the name does not end in .tar.gz; for its owner only. The same
    content gives the same archive but for its date. Links, lock files and temporary files are left
    out.

    \b
    csm memory backup /backups/memory-2026-11-17.tar.gz
    """
    from agent.clock import utc_now
    from agent.memory.backup import back_up

    result = back_up(memory, target, now=utc_now())
    if as_json:
        print_json(result.__dict__)
        return
    typer.echo(f"{printable(result.path, 300)}: {result.files:,} files, {result.size:,} bytes")
    if not result.held:
        typer.echo("note: this memory cannot be written, so nobody was asked to wait")
    for path in result.torn:
        typer.echo(f"note: {printable(path, 300)}: an incomplete last line is not in the copy")
    for path in result.left_out:
        typer.echo(f"note: {printable(path, 300)} is a link or special file and not in the copy")


@app.command()
def restore(
    source: Annotated[
        Path, typer.Argument(metavar="BACKUP", help="What `csm memory backup` has made.")
    ],
    target: Annotated[Path, typer.Argument(metavar="TARGET", help="The new memory; new or empty.")],
    as_json: JsonOption = False,
) -> None:
    """Bring a backup back as a new memory, and verify it.

    Every file is checked against the hash that was noted when the backup was taken; a backup that
    is damaged is refused as a whole. Exit code 1: restored as it was, and verify finds damage in
    it.

    \b
    csm memory restore /backups/memory-2026-11-17.tar.gz Agent_Memory
    """
    from agent.keeping.verify import verify as check
    from agent.memory.restore import restore as bring_back

    result = bring_back(source, target)
    report = check(target, progress=_watch())
    if as_json:
        print_json({**result.__dict__, "verify": report.as_dict()})
    else:
        what = f"{result.files:,} files as of {printable(result.made_at, 40)}"
        typer.echo(f"{printable(result.path, 300)}: {what}")
        print_report(report)
    if not report.is_clean:
        raise typer.Exit(1)


@app.command()
def migrate(
    to: Annotated[int | None, typer.Option("--to", metavar="N", help="To this version.")] = None,
    back: Annotated[bool, typer.Option("--back", help="Back by one, or to --to.")] = False,
    memory: MemoryOption = DEFAULT_MEMORY,
    dry_run: DryRun = False,
    as_json: JsonOption = False,
) -> None:
    """Bring the files of an older memory up to date; runs wait meanwhile.

    Take a backup first. What is killed half-way leaves whole files and can be done again.

    \b
    csm memory migrate --dry-run
    csm memory migrate
    """
    from agent.memory.migrations import migrate as bring_up

    result = bring_up(memory, to=to, back=back, dry_run=dry_run)
    if as_json:
        print_json(result.as_dict())
        return
    for number, title, lines in result.steps:
        typer.echo(f"{number}: {title}: {lines:,} lines {'would change' if dry_run else 'changed'}")
    for note in result.notes:
        typer.echo(f"note: {printable(note, 400)}")
    if result.before == result.after:
        typer.echo(f"nothing to do: the memory is of version {result.after}")
    elif dry_run:
        typer.echo(f"from version {result.before} to {result.after}; nothing was written")
    else:
        typer.echo(f"the memory is of version {result.after} now; it was of {result.before}")


@app.command()
def stats(memory: MemoryOption = DEFAULT_MEMORY, as_json: JsonOption = False) -> None:
    """Count what the memory holds: accounts, events, runs, sizes, and what the runs have cost.

    \b
    csm memory stats
    csm memory stats --json
    """
    from agent.keeping.stats import stats as count

    found = count(memory, progress=_watch())
    if as_json:
        print_json(found.as_dict())
    else:
        print_stats(found)


def _consent(question: str, yes: bool) -> None:
    if yes:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise BadInput("this cannot be undone", where="--yes", fix="Add --yes to do it.")
    if not typer.confirm(question, err=True):
        raise typer.Exit(130)


def _watch() -> Callable[[str, int, int], None]:
    """A line that counts, for a person at a terminal; nothing where nobody watches."""
    if not sys.stderr.isatty():
        return lambda _what, _done, _of: None

    def show(what: str, done: int, of: int) -> None:
        if done % _STEP == 0 or done == of:
            text = f"  {what}: {done:,}" + (f" of {of:,}" if of else "")
            typer.echo(f"\r{text:<40}" + ("\n" if done == of else ""), err=True, nl=False)

    return show
