"""`python -m tools.renewal_forecast --period Q1`: the renewal forecast as a script.

The same as `csm renewals`; kept under the name that the role's skill document gives it.
"""

from __future__ import annotations

import typer

from agent.cli.entry import run_app
from agent.cli.renewals import renewals

if __name__ == "__main__":
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    app.command()(renewals)
    run_app(app)
