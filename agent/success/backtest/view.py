"""What a table had told about each account by the cut-off; later rows and cells are not there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from agent.errors import BadInput, printable
from agent.success.backtest.cells import DateOrder, blank, day, order_of
from agent.success.backtest.mapping import TableSpec
from agent.success.backtest.table import Table, folded

ASKED = "the mapping"


@dataclass(frozen=True)
class View:
    """Rows by account, oldest first.

    Attributes:
        days: day of each row, empty for a table without dates.
        later: rows by account after the cut-off: for the outcome only, never for a measure.
        unreadable: rows left out because their date says nothing.
        unowned: rows left out because they belong to no known account.
    """

    table: Table
    spec: TableSpec
    cutoff: date | None
    order: DateOrder
    by_account: Mapping[str, Sequence[int]]
    days: Sequence[date | None] = ()
    later: Mapping[str, Sequence[int]] = field(default_factory=dict)
    unreadable: int = 0
    unowned: int = 0

    def recent(self, account: str, days: int | None, *, before: int = 0) -> list[int]:
        """Rows of the last `days` days up to the cut-off, shifted back by `before` days."""
        rows = self.by_account.get(account, ())
        if days is None or self.cutoff is None:
            return list(rows)
        end = self.cutoff - timedelta(before)
        start = end - timedelta(days)
        return [i for i in rows if (d := self.days[i]) is not None and start < d <= end]

    def cell(self, header: str, position: int) -> str:
        """The cell as it was known at the cut-off."""
        text = self.table.column(header, asked=ASKED)[position]
        since = self.spec.known_from and self._known_from(header)
        if since and self.cutoff:
            known = day(self.table.column(since, asked=ASKED)[position], self.order)
            if known is None or known > self.cutoff:
                return ""
        return text

    def _known_from(self, header: str) -> str:
        word = folded(header)
        return next((d for h, d in self.spec.known_from.items() if folded(h) == word), "")

    def is_open(self, account: str) -> bool:
        """Whether a row of the account had begun and not ended at the cut-off."""
        ends = self.table.column(self.spec.until, asked=ASKED)
        for i in self.by_account.get(account, ()):
            end = day(ends[i], self.order)
            if self.cutoff is None or end is None or end > self.cutoff:
                return True
        return False


def view(
    table: Table,
    spec: TableSpec,
    cutoff: date | None,
    order: DateOrder | None,
    owners: Mapping[str, str] | None = None,
) -> View:
    """Sorts the rows of a table by account and into before and after the cut-off.

    Args:
        owners: for a table that knows its account through another one: its id → account.

    Raises:
        BadInput: a column is absent, or its dates can be read in two ways.
    """
    accounts = _accounts(table, spec, owners)
    days, order = _days(table, spec, order)
    if cutoff is None:
        days = []
    seen: dict[str, list[int]] = {}
    later: dict[str, list[int]] = {}
    unreadable = 0
    for i, account in enumerate(accounts):
        if not account:
            continue
        if not days:
            seen.setdefault(account, []).append(i)
        elif (d := days[i]) is None:
            unreadable += 1
        elif cutoff is not None and d > cutoff:
            later.setdefault(account, []).append(i)
        else:
            seen.setdefault(account, []).append(i)
    if days:
        for rows in (*seen.values(), *later.values()):
            rows.sort(key=lambda i: days[i] or date.min)
    return View(table, spec, cutoff, order, seen, days, later, unreadable, accounts.count(""))


def owners_of(table: Table, spec: TableSpec) -> dict[str, str]:
    """Id → account of a table that others refer to."""
    ids = table.column(spec.key, asked=ASKED)
    return {i.strip(): a for i, a in zip(ids, _accounts(table, spec, None), strict=True)}


def read_order(cells: Sequence[str], order: DateOrder | None, where: str) -> DateOrder:
    """How a column writes its dates: as stated, else as its own cells tell it.

    Raises:
        BadInput: 03-04-2024 could be either.
    """
    if order:
        return order
    told = order_of(cells)
    if told is None and any(day(c, "dmy") for c in cells):
        raise BadInput(
            "dates like 03-04-2024 can be read in two ways",
            where=where,
            fix="say --date-order dmy or mdy, or date_order in the mapping.",
        )
    return told or "ymd"


def _accounts(table: Table, spec: TableSpec, owners: Mapping[str, str] | None) -> list[str]:
    if not spec.account:
        width = len(str(len(table)))
        return [f"row {i + 1:0{width}d}" for i in range(len(table))]
    ids = [cell.strip() for cell in table.column(spec.account, asked=ASKED)]
    if spec.through:
        return [(owners or {}).get(i, "") for i in ids]
    return ["" if blank(i) else i for i in ids]


def _days(
    table: Table, spec: TableSpec, order: DateOrder | None
) -> tuple[list[date | None], DateOrder]:
    if not spec.date:
        return [], order or "ymd"
    cells = table.column(spec.date, asked=ASKED)
    order = read_order(cells, order, f"{table.name}: {printable(spec.date, 60)}")
    days = [day(cell, order) for cell in cells]
    if cells and not any(days):
        raise BadInput(
            f"{printable(spec.date, 60)!r} holds no date, for example {printable(cells[0], 40)!r}",
            where=table.name,
            fix="name a column with dates such as 2026-01-31.",
        )
    return days, order
