"""`python -m tools.health_score --customer "Name"`: a health score as a script.

The same as `csm health NAME --explain`, under the name that the role's skill document gives it.
"""

from __future__ import annotations

from typing import Annotated

import typer

from agent.cli.common import DEFAULT_MEMORY, JsonOption, MemoryOption
from agent.cli.entry import run_app
from agent.cli.health import health


def health_score(
    customer: Annotated[str, typer.Option(help="Account name or id.")],
    memory: MemoryOption = DEFAULT_MEMORY,
    as_of: Annotated[str, typer.Option("--as-of", metavar="DATE")] = "",
    as_json: JsonOption = False,
) -> None:
    """Compute and explain one account's health score."""
    health(customer, True, "", None, "", "", "", memory, as_of, "", as_json, False, None)


if __name__ == "__main__":
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    app.command()(health_score)
    run_app(app)
