"""What all commands share: options, errors, printing."""

from __future__ import annotations

import csv
import json
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent.errors import BadInput, printable

if TYPE_CHECKING:
    from rich.console import Console

    from agent.success.former import Former

MemoryOption = Annotated[
    Path,
    typer.Option(
        "--memory", "-m", envvar="CSM_MEMORY", metavar="DIR", help="The Agent_Memory folder."
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document, for programs.")]
PersonasOption = Annotated[
    Path | None,
    typer.Option(
        "--personas",
        envvar="CSM_PERSONAS",
        metavar="DIR",
        help="A folder of local persona files; what is there wins over what is shipped.",
    ),
]
DEFAULT_MEMORY = Path("Agent_Memory")
FAILED_ON = 6  # exit code: the --fail-on condition holds


def print_json(document: Any) -> None:
    typer.echo(json.dumps(document, ensure_ascii=False, indent=2, default=str))


def print_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """RFC 4180 on stdout. Text that a spreadsheet would take for a formula is quoted with '."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(header)
    for row in rows:
        writer.writerow([_cell(value) for value in row])


def _cell(value: object) -> object:
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return "'" + value
    return "" if value is None else value


def safe(text: str, limit: int = 160) -> str:
    """Untrusted text for rich: on one line, control characters and markup escaped."""
    from rich.markup import escape

    return escape(printable(text, limit))


def fail_on(tier: str, tiers: Iterable[str]) -> None:
    """Exit 6 when one of `tiers` is as bad as `tier` (red, or yellow which includes red)."""
    if not tier:
        return
    worse = {"red": {"red"}, "yellow": {"red", "yellow"}}.get(tier)
    if worse is None:
        raise BadInput(f"{printable(tier, 40)!r} is no tier", where="--fail-on",
                       fix="Use red or yellow.")  # fmt: skip
    if worse & set(tiers):
        raise typer.Exit(FAILED_ON)


def say(text: str) -> None:
    """A line on stderr: progress and remarks never mix with what a command prints."""
    typer.echo(text, err=True)


def tell_left_out(skipped: Iterable[tuple[str, str]], former: Iterable[Former] = ()) -> None:
    """On stderr: accounts that could not be read, and customers who have left."""
    for account_id, why in skipped:
        say(f"left out: {printable(account_id, 80)}: {printable(why, 300)}")
    for left in former:
        say(f"former customer: {printable(left.name, 80)}, until {left.since} ({left.why})")


def terminal_width(elsewhere: int = 100) -> int:
    """Columns to write on: those of the terminal, or `elsewhere` when there is none."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else elsewhere


def console() -> Console:
    """Rich on stdout: in colour on a terminal, plain text elsewhere."""
    from rich.console import Console

    return Console(highlight=False, emoji=False, width=terminal_width())


def progress_line(kind: str, data: Mapping[str, Any]) -> str | None:
    """One line a person can follow, or None for what is not worth a line."""
    if kind == "asking":
        return f"  turn {data['turn']}: asking {data['model']} …"
    if kind == "replied":
        usage = data["usage"]
        tools = ", ".join(data["tools"]) or data["stop_reason"]
        return (
            f"  turn {data['turn']}: {tools}  "
            f"[{sum(usage.values()):,} tokens, {usage['cache_read']:,} from cache, ${data['cost']}]"
        )
    if kind == "tool" and not data["ok"]:
        return f"    {data['name']} answered: {printable(str(data['text']), 300)}"
    if kind == "in_doubt":
        return f"  turn {data['turn']} was under way when the run stopped; it is asked again"
    return None


def watch(kind: str, data: Mapping[str, Any]) -> None:
    """Progress for a person at a terminal; silent when nobody watches."""
    if sys.stderr.isatty():
        line = progress_line(kind, data)
        if line:
            say(line)
