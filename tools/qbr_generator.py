"""`python -m tools.qbr_generator --customer "Name" --quarter Q4`: a business review as a script.

The same as `csm qbr`; kept under the name that the role's skill document gives it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agent.cli.common import DEFAULT_MEMORY, MemoryOption
from agent.cli.entry import run_app
from agent.cli.qbr import qbr


def qbr_generator(
    customer: Annotated[str, typer.Option(help="Account name or id.")],
    quarter: Annotated[str, typer.Option(help="Q4 or 2026Q4.")] = "",
    audience: Annotated[str, typer.Option(help="internal or customer.")] = "internal",
    form: Annotated[str, typer.Option("--format", help="md or html.")] = "md",
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE")] = None,
    memory: MemoryOption = DEFAULT_MEMORY,
    as_of: Annotated[str, typer.Option("--as-of", metavar="DATE")] = "",
) -> None:
    """Generate a quarterly business review."""
    qbr(customer, quarter, audience, form, out, memory, as_of, False, None)


if __name__ == "__main__":
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    app.command()(qbr_generator)
    run_app(app)
