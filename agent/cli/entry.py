"""How a command line ends: every error is one line on stderr that a person can act on."""

from __future__ import annotations

import io
import os
import sys
import traceback
from pathlib import Path

import typer

from agent.errors import CsmError, printable


def run_app(app: typer.Typer) -> None:
    """Run a typer app as a program: errors become one line and an exit code, never a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # names and paths may hold what it cannot show
            stream.reconfigure(errors="backslashreplace")
    try:
        app(prog_name="csm")
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
