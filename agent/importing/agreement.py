"""Do flags of accounts and the rows that should bear them out tell the same story?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from agent.importing.intake import Intake


def check_agreement(intake: Intake) -> None:
    """Flags of accounts beside the rows that should bear them out."""
    name = intake.mapping.accounts
    table = intake.mapping.tables[name]
    for check in table.checks:
        if check.check != "agrees" or check.table not in intake.report.tables:
            continue
        if check.column not in intake.columns:
            continue
        at = intake.columns.index(check.column)
        flagged = {key for key, values in intake.accounts.items() if values[at] is True}
        borne_out = intake.linked.get(check.table, set()) & set(intake.accounts)
        intake.report.facts.append(
            f"{check.say}: {len(flagged & borne_out)} accounts have both, "
            f"{len(flagged - borne_out)} only '{check.column}', "
            f"{len(borne_out - flagged)} only rows in '{check.table}'"
        )
        for account in _in_order(intake.accounts, flagged ^ borne_out):
            said = "true without" if account in flagged else "not true in spite of"
            intake.report.add(
                "disagreement", "kept", f"'{check.column}' is {said} rows in '{check.table}'",
                table=name, file=intake.report.tables[name].files[0], column=check.column,
                value=account,
            )  # fmt: skip


def _in_order(accounts: dict[str, tuple[Any, ...]], some: set[str]) -> Iterator[str]:
    return (account for account in accounts if account in some)
