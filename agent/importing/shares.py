"""What was read about one account → its share of `customer_insights.yaml`."""

from __future__ import annotations

from typing import Any

from agent.importing.fields import FIELDS
from agent.importing.intake import Intake

_ORDER = {field: n for n, field in enumerate(FIELDS)}
MONTHLY = "usage.monthly"


def share_of(intake: Intake, account: str) -> dict[str, Any]:
    """The account's fields in the order of the memory contract; only what is known."""
    fields = _own_fields(intake, account)
    for name, tallies in intake.tallies.items():
        tally = tallies.get(account)
        if tally is not None:
            table = intake.mapping.tables[name]
            fields.update(tally.results(table, intake.reach.get(name, {})))
    share: dict[str, Any] = {}
    for field in sorted(fields, key=lambda name: _ORDER.get(name, len(_ORDER))):
        *blocks, last = field.split(".")
        block = share
        for step in blocks:
            block = block.setdefault(step, {})
        block[last] = fields[field]
    return share


def incomplete_sums(intake: Intake) -> dict[str, int]:
    """Field → number of accounts whose sum is unknown because a row lacks the figure."""
    found: dict[str, int] = {}
    for name, tallies in intake.tallies.items():
        for tally in tallies.values():
            for field in tally.incomplete(intake.mapping.tables[name]):
                found[field] = found.get(field, 0) + 1
    return found


def _own_fields(intake: Intake, account: str) -> dict[str, Any]:
    table = intake.mapping.tables[intake.mapping.accounts]
    row = dict(zip(intake.columns, intake.accounts[account], strict=True))
    fields: dict[str, Any] = dict(table.constants)
    month: dict[str, Any] = {}
    for name, column in table.columns.items():
        value = row.get(name)
        if value is None:
            continue
        if column.field:
            fields[column.field] = value
        if column.snapshot:
            month[column.snapshot] = value
    if month:
        day = row.get(table.snapshot_dated) if table.snapshot_dated else None
        day = day or intake.as_of.isoformat()
        fields.setdefault("usage.as_of", day)
        rows = [r for r in fields.get(MONTHLY, []) if r.get("month") != day[:7]]
        fields[MONTHLY] = [*rows, {"month": day[:7], **month}]
    return fields
