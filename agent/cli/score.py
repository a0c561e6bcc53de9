"""`csm score`: a whole book of business from one flat table, without importing it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli.common import PersonasOption, print_json
from agent.errors import printable

if TYPE_CHECKING:
    from agent.scoring_table import Summary


def score(
    table: Annotated[
        Path, typer.Argument(metavar="FILE", help="CSV or Parquet, a row an account.")
    ],
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help="Results per account: .csv or .jsonl."),
    ] = None,
    as_of: Annotated[str, typer.Option("--as-of", metavar="DATE", help="Business date.")] = "",
    json_summary: Annotated[
        bool, typer.Option("--json-summary", help="Print the summary as JSON.")
    ] = False,
    personas: PersonasOption = None,
) -> None:
    """Score a table of any size in one pass: health, risk, expansion and renewal of every row.

    Headings are those of `csm import`, and in addition contacts, engaged_contacts, goals_progress
    and active_users_3m_ago, logins_3m_ago, api_calls_3m_ago. Rows that cannot be used are counted
    and listed. Exit code 1 when no row could be used.

    \b
    csm score customers.csv
    csm score customers.parquet --out scores.csv --as-of 2026-11-17
    """
    from agent.clock import as_of_date, utc_now
    from agent.household import DEFAULT_PERSONA, open_household
    from agent.scoring_table import score_table

    day = as_of_date(as_of or None, utc_now())
    policies = open_household(DEFAULT_PERSONA, personas).persona.policies
    summary = score_table(table, as_of=day, policies=policies, out=out)
    if json_summary:
        print_json(summary.as_dict())
    else:
        _print(summary)
    if not summary.judged:
        raise typer.Exit(1)


def _print(s: Summary) -> None:
    typer.echo(
        f"{s.table}: {s.judged:,} of {s.rows:,} rows judged as of {s.as_of}, {s.scored:,} scored "
        f"({s.model})"
    )
    for title, name in (
        *([("model", "model")] if len(s.counts["model"]) > 1 else []),
        ("health", "tier"),
        ("risk", "risk"),
        ("expansion", "expansion_gate"),
        ("renewal", "renewal_category"),
    ):
        parts = [
            f"{'no score' if name == 'tier' and value == 'none' else value} {count:,}"
            for value, count in sorted(s.counts[name].items(), key=lambda item: (-item[1], item[0]))
        ]
        typer.echo(f"{title:<10} {', '.join(parts)}")
    for code, (known, expected) in sorted(s.money.items()):
        typer.echo(f"ARR        {code or 'no currency'} {known:,.0f}, expected {expected:,.0f}")
    if s.invalid_cells:
        cells = ", ".join(f"{name} {count:,}" for name, count in sorted(s.invalid_cells.items()))
        typer.echo(f"invalid cells, taken as missing: {cells}")
    if s.ignored:
        typer.echo(f"columns not used: {printable(', '.join(s.ignored), 400)}")
    if s.rejected:
        typer.echo(f"rows left out: {s.rejected:,}")
        for row in s.listed:
            typer.echo(f"  {row.line}: {printable(row.reason, 200)}")
        if s.rejected > len(s.listed):
            typer.echo(f"  … and {s.rejected - len(s.listed):,} more")
    if s.written:
        typer.echo(f"wrote {printable(s.written, 300)}")
