"""`csm backtest`: does a health score tell who leaves?"""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli.common import JsonOption, PersonasOption, console, print_json, safe, say
from agent.errors import BadInput, printable

if TYPE_CHECKING:
    from rich.console import Console

    from agent.success.backtest.cells import DateOrder
    from agent.success.backtest.evaluate import Backtest
    from agent.success.backtest.mapping import Mapping


def backtest(
    data: Annotated[Path, typer.Argument(help="A table (CSV, JSON, Parquet) or a folder of them.")],
    outcome: Annotated[
        str, typer.Option(metavar="COLUMN", help="Who was lost: a flag, or the date of the loss.")
    ] = "",
    mapping: Annotated[
        str, typer.Option(metavar="NAME|FILE", help="Which columns are measures of health.")
    ] = "",
    features: Annotated[
        str, typer.Option(metavar="LIST", help="Instead: 'logins:+,tickets:-,plan:annual>monthly'.")
    ] = "",
    key: Annotated[
        str, typer.Option(metavar="COLUMN", help="With --features: tells rows apart.")
    ] = "",
    account: Annotated[
        str, typer.Option(metavar="COLUMN", help="With --features: the account a row belongs to.")
    ] = "",
    date: Annotated[
        str, typer.Option(metavar="COLUMN", help="With --features: from when a row is known.")
    ] = "",
    date_order: Annotated[
        str, typer.Option("--date-order", metavar="dmy|mdy|ymd", help="How dates are written.")
    ] = "",
    churned: Annotated[
        list[str] | None, typer.Option(metavar="WORD", help="Outcome word that means lost.")
    ] = None,
    cutoff: Annotated[
        str, typer.Option(metavar="DATE", help="Nothing after it is seen by the score.")
    ] = "",
    horizon: Annotated[int, typer.Option(min=1, max=3660, help="Days of outcome after it.")] = 90,
    fit: Annotated[
        bool, typer.Option("--fit", help="Also fit weights; judged on held-out accounts only.")
    ] = False,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Of all randomness.")] = 1,
    bootstrap: Annotated[int, typer.Option(help="Resamples for the interval.")] = 1000,
    as_json: JsonOption = False,
    picture: Annotated[
        Path | None, typer.Option(metavar="FILE.svg", help="Write ROC and tiers as a picture.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE.md", help="Write the report as Markdown.")
    ] = None,
    personas: PersonasOption = None,
) -> None:
    """Score accounts on what was known before a cut-off, and compare with who left after it.

    \b
    csm backtest Customer_Churn.csv --mapping iranian --picture roc.svg
    csm backtest ravenstack/ --mapping ravenstack --cutoff 2024-06-30 --horizon 90
    csm backtest accounts.csv --outcome churned --key id --features 'logins:+,open_tickets:-'
    csm backtest months.csv --outcome churn_date --account id --date month --cutoff 2026-06-30 \\
        --features 'active_users:+,nps:+'
    """
    from agent import backtesting

    if not backtesting.MIN_RESAMPLES <= bootstrap <= backtesting.MAX_RESAMPLES:
        raise BadInput(
            f"{bootstrap:,} resamples",
            where="--bootstrap",
            fix=f"use {backtesting.MIN_RESAMPLES:,} to {backtesting.MAX_RESAMPLES:,}.",
        )
    backtesting.require_libraries()
    from agent.success.backtest.evaluate import Settings

    chosen = _mapping(mapping, features, key, account, date, _order(date_order), personas)
    chosen = backtesting.with_outcome(chosen, outcome, churned or [])
    day = _day(cutoff)
    settings = Settings(cutoff=day, horizon=horizon, resamples=bootstrap, seed=seed, fit=fit)
    result = backtesting.run(data, chosen, settings)
    _write(result, picture, report)
    if as_json:
        from agent.success.backtest.document import as_dict

        print_json(as_dict(result))
    else:
        _print(console(), result)


def _order(text: str) -> DateOrder | None:
    orders: dict[str, DateOrder | None] = {"": None, "dmy": "dmy", "mdy": "mdy", "ymd": "ymd"}
    if text.casefold() not in orders:
        raise BadInput(f"{printable(text, 20)!r} is no order", where="--date-order",
                       fix="use dmy, mdy or ymd.")  # fmt: skip
    return orders[text.casefold()]


def _day(text: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(text) if text else None
    except ValueError:
        raise BadInput(f"{printable(text, 40)!r} is no date", where="--cutoff",
                       fix="write it as 2026-06-30.") from None  # fmt: skip


def _mapping(
    name: str,
    features: str,
    key: str,
    account: str,
    date: str,
    order: DateOrder | None,
    personas: Path | None,
) -> Mapping:
    from agent.backtesting import load_mapping, mapping_names
    from agent.success.backtest.mapping import from_features

    if bool(name) == bool(features):
        raise BadInput(
            "give either --mapping or --features"
            if name
            else "which columns are measures of health is not said",
            where="csm backtest",
            fix=f"use --mapping {'|'.join(mapping_names(personas))}|FILE, or --features "
            "'column:+,column:-' (+ more is better, - less is better).",
        )
    if features:
        return from_features(features, key=key, account=account, date=date, date_order=order)
    if key or account or date:
        raise BadInput("--key, --account and --date go with --features", where="csm backtest",
                       fix="write them into the mapping file.")  # fmt: skip
    found = load_mapping(name, personas)
    return found.model_copy(update={"date_order": order}) if order else found


def _write(result: Backtest, picture: Path | None, report: Path | None) -> None:
    from agent.report_files import write
    from agent.success.backtest.picture import picture as drawn
    from agent.success.backtest.report import markdown

    files = [(picture, drawn), (report, markdown)]
    write([(path, make(result)) for path, make in files if path is not None])
    for path, _ in files:
        if path is not None:
            say(f"wrote {printable(str(path), 200)}")


def _print(out: Console, result: Backtest) -> None:
    from rich.table import Table

    from agent.success.backtest.evaluate import NOT_SAAS
    from agent.success.backtest.report import sheets

    m = result.mapping
    out.print(f"[bold]{safe(m.title)}[/]")
    for line in (m.about, m.observed):
        if line:
            out.print(f"[dim]{safe(line, 600)}[/]")
    style = "bold" if result.ranking.verdict == "evidence" else "bold red"
    out.print(f"\n[{style}]{safe(result.headline, 400)}[/]")
    for warning in result.warnings():
        out.print(f"[bold red]! {safe(warning, 400)}[/]")
    for sheet in sheets(result):
        table = Table(box=None, pad_edge=False, header_style="bold")
        for position, title in enumerate(sheet.header):
            right = position > 0 and sheet.header[0] != "what"
            table.add_column(title, justify="right" if right else "left")
        for row in sheet.rows:
            table.add_row(*(safe(cell) for cell in row))
        out.print(f"\n[bold]{safe(sheet.title)}[/]")
        out.print(table)
        if sheet.note:
            out.print(f"[dim]{safe(sheet.note, 600)}[/]")
    out.print()
    for note in (*result.notes, NOT_SAAS):
        out.print(f"[dim]note: {safe(note, 600)}[/]")
