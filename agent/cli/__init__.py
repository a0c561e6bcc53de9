"""`csm`: the command line. Commands parse, call and print; what they do lives elsewhere."""

from __future__ import annotations

import io
import os
import sys
import traceback
from pathlib import Path

import typer

from agent.cli import doctor, health, look, new, persona, run, tool, triage
from agent.errors import CsmError, printable

app = typer.Typer(
    name="csm",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="A customer success manager that remembers.\n\n"
    "Reads an instruction and what is known about the account from a folder of plain files, and "
    "leaves a success plan and a health score that a person can check.\n\n"
    "Try it without any key:\n\n"
    "  csm list\n\n"
    "  csm run inst_20261117_001 --model playbook --as-of 2026-11-17\n\n"
    "  csm show inst_20261117_001\n\n"
    "Exit codes: 0 done, 1 failed, 2 bad input or usage, 3 redirected to another role, 4 needs "
    "context or blocked, 5 limit reached, 6 a --fail-on condition holds, 130 interrupted.",
)
app.command()(run.run)
app.command()(run.resume)
app.command()(new.new)
app.command(name="list")(look.list_)
app.command()(look.status)
app.command()(look.show)
app.command()(triage.triage)
app.command()(tool.tool)
app.add_typer(persona.app, name="persona")
app.command()(health.health)
app.command()(doctor.doctor)


def main() -> None:
    """Entry point of `csm`. An error is one line on stderr that a person can act on."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # names and paths may hold what it cannot show
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except CsmError as error:
        typer.echo(f"csm: {error}", err=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        typer.echo("csm: interrupted", err=True)
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()  # the reader has gone; there is nobody to tell
        sys.exit(0)
    except (OSError, MemoryError) as error:
        typer.echo(f"csm: {printable(str(error) or type(error).__name__)}", err=True)
        sys.exit(1)
    except Exception as error:
        if os.environ.get("CSM_TRACEBACK"):
            raise
        typer.echo(f"csm: {_fault(error)}", err=True)
        sys.exit(1)


def _fault(error: Exception) -> str:
    """One line about an error that nobody foresaw: what a report of it needs."""
    at = traceback.extract_tb(error.__traceback__)[-1]
    return printable(
        f"this is a fault in csm: {type(error).__name__} at {Path(at.filename).name}:{at.lineno}: "
        f"{error}. Fix: report it with the output of the same command under CSM_TRACEBACK=1."
    )
