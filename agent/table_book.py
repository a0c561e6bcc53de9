"""A book of business straight from tables: assessed as if imported, with nothing written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

from agent.account_match import resolve_account
from agent.boundary.injection import instruction_like
from agent.errors import BadPersona, CsmError, NeedsContext
from agent.household import DEFAULT_PERSONA, open_household
from agent.importing.catalogue import DEFAULT, find
from agent.importing.importer import read_tables
from agent.importing.report import Report
from agent.importing.shares import share_of
from agent.instruction import Instruction
from agent.success.assess import assess
from agent.success.assessment import Assessment


@dataclass(frozen=True)
class TableBook:
    """Assessments by account id; accounts that could not be read, with the reason; what was left
    out of the tables."""

    assessments: tuple[Assessment, ...]
    skipped: tuple[tuple[str, str], ...]
    report: Report

    def one(self, name: str) -> Assessment:
        """The account with this id or name; raises NeedsContext with candidates otherwise."""
        names = {a.account.id: a.account.name or a.account.id for a in self.assessments}
        try:
            wanted = resolve_account(Instruction("request", "", account=name), names)
        except NeedsContext as error:
            raise NeedsContext(
                error.what.replace("in memory", "in the table"),
                fix="name one account of the table.",
                candidates=error.candidates,
            ) from None
        return next(a for a in self.assessments if a.account.id == wanted)


def assess_tables(
    files: Sequence[Path], *, as_of: date, mapping: str = DEFAULT, personas: Path | None = None
) -> TableBook:
    """Assess the accounts of tables (CSV, JSON, Parquet).

    Raises:
        BadInput: a file, its headings, the mapping or a policy cannot be used.
    """
    household = open_household(DEFAULT_PERSONA, personas)
    intake, report = read_tables(files, find(mapping, personas), as_of=as_of)
    done: list[Assessment] = []
    skipped: list[tuple[str, str]] = []
    for account_id in sorted(intake.accounts):
        try:
            done.append(
                assess(
                    share_of(intake, account_id),
                    account_id=account_id,
                    source=files[0].name,
                    as_of=as_of,
                    policies=household.persona.policies,
                    history=None,
                    is_instruction=partial(instruction_like, lanes=household.lanes),
                )
            )
        except BadPersona:
            raise  # a policy that cannot be used is nobody's bad record
        except CsmError as error:
            skipped.append((account_id, str(error)))
    return TableBook(tuple(done), tuple(skipped), report)
