"""`csm qbr`: a business review as a document."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli.common import DEFAULT_MEMORY, JsonOption, MemoryOption, PersonasOption, print_json
from agent.errors import BadInput, printable

if TYPE_CHECKING:
    from agent.success.qbr import Review


def qbr(
    account: Annotated[str, typer.Argument(help="Account id or name.", metavar="ACCOUNT")],
    quarter: Annotated[str, typer.Option(help="2026Q4 or Q4; the current one if left out.")] = "",
    audience: Annotated[str, typer.Option(help="customer, or internal with where we stand.")] = (
        "internal"
    ),
    form: Annotated[str, typer.Option("--format", help="md or html.")] = "md",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write there, not to stdout.")
    ] = None,
    memory: MemoryOption = DEFAULT_MEMORY,
    as_of: Annotated[str, typer.Option("--as-of", metavar="DATE", help="Business date.")] = "",
    as_json: JsonOption = False,
    personas: PersonasOption = None,
) -> None:
    """Make a quarterly business review: agenda, goals against last quarter, use, value, next goals.

    The customer's version holds no health label, risk, renewal or internal note.

    \b
    csm qbr tarnholt-rail --quarter 2026Q4 --audience customer --format html --out review.html
    csm qbr tarnholt-rail
    """
    from agent.clock import as_of_date, utc_now
    from agent.reviewing import build_review

    check_format(form)
    day = as_of_date(as_of or None, utc_now())
    found = build_review(
        memory, account, quarter=quarter, audience=audience, as_of=day, personas=personas
    )
    print_review(found, form, out, as_json)


def check_format(form: str) -> None:
    """Raises BadInput for a format that there is not."""
    if form not in ("md", "html"):
        raise BadInput(
            f"{printable(form, 40)!r} is not a format", where="--format", fix="Use md or html."
        )


def print_review(found: Review, form: str, out: Path | None, as_json: bool) -> None:
    """A review as JSON, on stdout, or into a file."""
    from agent.reviewing import render

    if as_json:
        print_json(found.as_dict())
        return
    text = render(found, "html" if form == "html" else "md")
    if out is None:
        typer.echo(text, nl=False)
        return
    from agent.report_files import write

    write([(out, text)])
    typer.echo(str(out))
