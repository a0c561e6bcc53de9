"""Do the parts of a mapping fit each other? Every name that is used has to be there."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.errors import BadDocument, printable
from agent.importing.fields import MONTH_FIGURES, Kind, field_fault, squashed
from agent.importing.mapping import Check, Condition, Mapping, Measure, Table, Take

_KIND_OF_TAKE: dict[Take, Kind] = {"count": "count", "distinct": "count"}
_DATE_FORMAT = re.compile(r"YYYY([-/.])MM\1DD|DD([-/.])MM\2YYYY|MM([-/.])DD\3YYYY|YYYYMMDD")


def check(mapping: Mapping, *, where: str) -> Mapping:
    """`mapping` itself, when its parts fit.

    Raises:
        BadDocument: names the key that does not.
    """
    fault = next(faults(mapping), "")
    if fault:
        raise BadDocument(f"{printable(fault, 300)}.", where=where, fix="correct this key.")
    return mapping


def faults(mapping: Mapping) -> Iterator[str]:
    for form in mapping.dates:
        if not _DATE_FORMAT.fullmatch(form):
            yield f"dates: '{form}' is no date format such as DD-MM-YYYY"
    roots = [name for name, table in mapping.tables.items() if table.parent is None]
    if len(roots) != 1 or next(iter(mapping.tables)) != roots[0]:
        yield "tables: exactly one table, the first, has no 'parent': its rows are the accounts"
        return
    earlier: set[str] = set()
    fields: dict[str, str] = {}
    for name, table in mapping.tables.items():
        if table.parent is not None and table.parent.table not in earlier:
            yield f"tables.{name}.parent: there is no earlier table '{table.parent.table}'"
            return
        earlier.add(name)
        yield from _table_faults(mapping, name, table)
        for field in _filled(table):
            for other, owner in fields.items():
                if f"{field}.".startswith(f"{other}.") or f"{other}.".startswith(f"{field}."):
                    yield f"tables.{name}: '{field}' and '{other}' (of {owner}) overlap"
            fields[field] = name


def _filled(table: Table) -> Iterator[str]:
    yield from (column.field for column in table.columns.values() if column.field)
    yield from (give.field for give in table.gives)
    yield from (listing.field for listing in table.lists)
    yield from table.constants


def _table_faults(mapping: Mapping, name: str, table: Table) -> Iterator[str]:
    here = f"tables.{name}"
    is_root = table.parent is None
    if table.key and table.key not in table.columns:
        yield f"{here}.key: there is no column '{table.key}'"
    elif is_root and not (table.key and table.columns[table.key].required):
        yield f"{here}.key: accounts need a key column that is required"
    elif table.key and table.columns[table.key].kind != "id":
        yield f"{here}.key: column '{table.key}' has to be of kind 'id'"
    if not is_root and any(column.field or column.snapshot for column in table.columns.values()):
        yield f"{here}.columns: 'field' belongs to accounts; elsewhere use 'gives'"
    if is_root and (table.gives or table.monthly or table.lists):
        yield f"{here}: 'gives', 'monthly' and 'lists' belong to tables with a parent"
    if not is_root and (table.snapshot_dated or table.constants):
        yield f"{here}: 'snapshot_dated' and 'constants' belong to the accounts"
    if table.parent is not None:
        join = table.columns.get(table.parent.column)
        if join is None or not join.required:
            yield f"{here}.parent.column: '{table.parent.column}' is no required column"
        if table.parent.table != mapping.accounts and not mapping.tables[table.parent.table].key:
            yield f"{here}.parent: the table '{table.parent.table}' has no key to join by"
    yield from _name_faults(table, here)
    dates = {name for name, column in table.columns.items() if column.kind == "date"}
    for key in ("dated", "snapshot_dated"):
        if getattr(table, key) and getattr(table, key) not in dates:
            yield f"{here}.{key}: '{getattr(table, key)}' is no date column"
    measures: list[tuple[str, Measure]] = [(give.field, give) for give in table.gives]
    if table.monthly is not None:
        if table.monthly.month_of not in dates:
            yield f"{here}.monthly.month_of: '{table.monthly.month_of}' is no date column"
        measures += [(f"monthly.{k}", m) for k, m in table.monthly.figures.items()]
        for figure in table.monthly.figures:
            if figure not in MONTH_FIGURES:
                yield f"{here}.monthly.figures: '{figure}' is none of {', '.join(MONTH_FIGURES)}"
    for label, measure in measures:
        yield from _measure_faults(table, f"{here}.{label}", measure)
    for give in table.gives:
        if not give.column or give.column in table.columns:
            kind = _KIND_OF_TAKE.get(give.take) or table.columns[give.column].kind
            if fault := field_fault(give.field, kind):
                yield f"{here}.gives: {fault}"
    for listing in table.lists:
        unknown = {*listing.item.values(), listing.newest_by} - set(table.columns)
        if unknown or listing.newest_by not in dates:
            yield f"{here}.lists: {sorted(unknown) or [listing.newest_by]} cannot be used here"
        if fault := field_fault(listing.field, "rows"):
            yield f"{here}.lists: {fault}"
        yield from _condition_faults(table, f"{here}.lists", listing.where)
    for field, value in table.constants.items():
        if fault := field_fault(field, "flag" if isinstance(value, bool) else "text"):
            yield f"{here}.constants: {fault}"
    for check in table.checks:
        yield from _check_faults(mapping, table, here, check)


def _name_faults(table: Table, here: str) -> Iterator[str]:
    taken: dict[str, str] = {}
    for name, column in table.columns.items():
        for spelling in {squashed(n) for n in (*column.names, column.field) if n}:
            if spelling in taken:
                yield f"{here}.columns: '{taken[spelling]}' and '{name}' share the name {spelling}"
            taken[spelling] = name


def _measure_faults(table: Table, here: str, measure: Measure) -> Iterator[str]:
    yield from _condition_faults(table, here, measure.where)
    if not measure.column:
        return
    column = table.columns.get(measure.column)
    if column is None:
        yield f"{here}: there is no column '{measure.column}'"
    elif measure.take == "sum" and column.kind not in ("count", "amount", "measure"):
        yield f"{here}: column '{measure.column}' cannot be summed"
    elif measure.take in ("newest", "oldest", "reach") and column.kind != "date":
        yield f"{here}: column '{measure.column}' is no date"
    elif measure.take in ("largest", "smallest") and column.kind in ("texts", "rows", "flag"):
        yield f"{here}: column '{measure.column}' has no largest or smallest"


def _condition_faults(table: Table, here: str, where: tuple[Condition, ...]) -> Iterator[str]:
    kinds = {
        "open": ("date",), "last_days": ("date",),
        "at_least": ("count", "amount", "percent", "measure"),
        "at_most": ("count", "amount", "percent", "measure"),
    }  # fmt: skip
    for condition in where:
        column = table.columns.get(condition.column)
        if column is None:
            yield f"{here}.where: there is no column '{condition.column}'"
        elif condition.test in kinds and column.kind not in kinds[condition.test]:
            yield f"{here}.where: '{condition.test}' does not fit column '{condition.column}'"


def _check_faults(mapping: Mapping, table: Table, here: str, check: Check) -> Iterator[str]:
    if check.check == "within":
        parent = mapping.tables[table.parent.table] if table.parent else None
        bounds = [name for name in (check.start, check.end) if name]
        good = parent is not None and bounds and check.column in table.columns
        if not good or any(
            name not in parent.columns or parent.columns[name].kind != "date"  # type: ignore[union-attr]
            for name in bounds
        ) or table.columns[check.column].kind != "date":  # fmt: skip
            yield f"{here}.checks: 'within' needs a date column and the parent's 'start' or 'end'"
    elif check.check == "ordered":
        kinds = [table.columns[c].kind for c in check.columns if c in table.columns]
        if len(kinds) != 2 or len(check.columns) != 2 or kinds[0] != kinds[1]:
            yield f"{here}.checks: 'ordered' needs two 'columns' of one kind"
        elif kinds[0] not in ("date", "count", "amount", "percent", "measure"):
            yield f"{here}.checks: columns of kind '{kinds[0]}' have no order"
    else:
        flag = table.columns.get(check.column)
        child = mapping.tables.get(check.table)
        if flag is None or flag.kind != "flag" or child is None or child.parent is None:
            yield f"{here}.checks: 'agrees' needs a flag 'column' and a 'table' below"
        if table.parent is not None:
            yield f"{here}.checks: 'agrees' belongs to the accounts"
