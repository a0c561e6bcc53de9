"""`csm`: the command line. Commands parse, call and print; what they do lives elsewhere."""

from __future__ import annotations

import typer

from agent.cli import (
    account,
    advocacy,
    backtest,
    diff,
    doctor,
    fork,
    health,
    import_,
    look,
    memory,
    memory_doctor,
    new,
    persona,
    playbook,
    portfolio,
    promise,
    qbr,
    record,
    renewals,
    replay,
    review,
    risk,
    run,
    score,
    timeline,
    tool,
    triage,
)
from agent.cli.entry import run_app

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
    "context or blocked, 5 limit reached, 6 a --fail-on condition holds or a "
    "replay differs, 130 interrupted.",
)
app.command()(run.run)
app.command()(run.resume)
app.command()(replay.replay)
app.command()(fork.fork)
app.command()(new.new)
app.command(name="import")(import_.import_)
app.command(name="list")(look.list_)
app.command()(look.status)
app.command()(look.show)
app.command()(review.review)
app.command()(timeline.timeline)
app.command()(account.account)
app.command()(diff.diff)
app.command()(triage.triage)
app.command()(tool.tool)
app.add_typer(persona.app, name="persona")
app.add_typer(playbook.app, name="playbook")
app.add_typer(promise.app, name="promise")
app.add_typer(record.app, name="record")
memory.app.command()(memory_doctor.doctor)
app.add_typer(memory.app, name="memory")
app.command()(health.health)
app.command()(risk.risk)
app.command()(renewals.renewals)
app.command()(risk.expansion)
app.command()(qbr.qbr)
app.command()(advocacy.advocacy)
app.command()(portfolio.portfolio)
app.command()(portfolio.segments)
app.command()(backtest.backtest)
app.command()(score.score)
app.command()(doctor.doctor)


def main() -> None:
    """Entry point of `csm`."""
    run_app(app)
