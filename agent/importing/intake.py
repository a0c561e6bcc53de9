"""Records of all tables → checked rows, joined by key, added up per account."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from agent.importing.cells import Manner, conflicting, read_cell
from agent.importing.header import Layout
from agent.importing.mapping import Check, Mapping, Table
from agent.importing.numerals import CURRENCIES
from agent.importing.report import Effect, Report, TableReport
from agent.importing.sources import Record, Source
from agent.importing.tally import Tally

CURRENCY_FIELD = "contract.currency"


class Given(NamedTuple):
    """A file and what its columns are."""

    source: Source
    layout: Layout


class _Place(NamedTuple):
    """Where an id stands first, and what its row holds."""

    file: int
    line: int
    digest: int


@dataclass
class _Keys:
    """Ids of one table: where each stands first, and those that stand for different rows."""

    first: dict[str, _Place] = field(default_factory=dict)
    clashing: set[str] = field(default_factory=set)


@dataclass
class Joined:
    """A row that others refer to: the account it belongs to and its dates, by column."""

    account: str
    dates: dict[str, str]


@dataclass
class Intake:
    """Everything that was read. `accounts`: values of `columns`, by account id."""

    mapping: Mapping
    as_of: date
    report: Report
    columns: tuple[str, ...] = ()
    accounts: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    tallies: dict[str, dict[str, Tally]] = field(default_factory=dict)
    reach: dict[str, dict[str, str]] = field(default_factory=dict)
    linked: dict[str, set[str]] = field(default_factory=dict)
    joined: dict[str, dict[str, Joined]] = field(default_factory=dict)


def take_in(given: Sequence[Given], mapping: Mapping, *, as_of: date, report: Report) -> Intake:
    """Read all tables, parents first. Bad rows and values go into `report`, never further."""
    intake = Intake(mapping, as_of, report)
    for name in mapping.tables:
        files = [item for item in given if item.layout.table == name]
        if files:
            _TableReader(intake, name, files).read()
    return intake


class _TableReader:
    """Reads the files of one table: ids first, so that a clash is known before a row is used."""

    def __init__(self, intake: Intake, name: str, files: Sequence[Given]) -> None:
        self.intake, self.name, self.files = intake, name, files
        self.mapping = intake.mapping
        self.table: Table = self.mapping.tables[name]
        self.manner = Manner(self.mapping.dates, self.mapping.decimal)
        self.keys = _Keys()
        self.counts = TableReport(name, [item.source.name for item in files])
        self.signs: dict[str, str] = {}
        joint = self.table.parent.column if self.table.parent else ""
        self.vital = [name for name in dict.fromkeys((self.table.key, joint)) if name]
        self.needed = _dates_needed(self.mapping, name)
        intake.report.tables[name] = self.counts

    def read(self) -> None:
        self._note_columns()
        if self.table.parent is None:
            present = {name for item in self.files for name in item.layout.positions}
            stated = {name for name, c in self.table.columns.items() if c.field == CURRENCY_FIELD}
            self.intake.columns = tuple(
                name for name in self.table.columns if name in present | stated
            )
        if self.table.key:
            self._collect_keys()
        for index, item in enumerate(self.files):
            for record in item.source.records():
                self._take(index, item, record)

    def _note_columns(self) -> None:
        for item in self.files:
            for heading in item.layout.unmapped:
                if heading not in self.counts.unmapped:
                    self.counts.unmapped.append(heading)
            for heading, meanings in item.layout.refused:
                self._issue(
                    "ambiguous_column", "column left out", item, 0, heading, None,
                    f"can mean {meanings}; map it with an explicit 'unit'",
                )  # fmt: skip

    def _collect_keys(self) -> None:
        column = self.table.columns[self.table.key]
        for index, item in enumerate(self.files):
            at = item.layout.positions[self.table.key]
            for record in item.source.records():
                if record.fault or not record.cells:
                    continue
                key = read_cell(column, record.cells[at], self.manner).value
                if key is None:
                    continue
                place = _Place(index, record.line, _digest(record.cells))
                first = self.keys.first.setdefault(key, place)
                if first is not place and first.digest != place.digest:
                    self.keys.clashing.add(key)

    def _take(self, index: int, item: Given, record: Record) -> None:
        if not record.cells and not record.fault:
            self.counts.blank_rows += 1
            return
        self.counts.rows += 1
        if record.fault:
            self._issue("bad_row", "row left out", item, record.line, "", None, record.fault)
            return
        row = self._values(item, record)
        named = self._has_ids(item, record, row)
        account = self._account(item, record, row) if named else None
        usable = named and self._is_first(index, item, record, row) and account is not None
        usable = self._passes(item, record, row) and usable
        if account is not None:
            self._link(account)
        if usable and account is not None:
            self.counts.used += 1
            self._use(account, row)

    def _values(self, item: Given, record: Record) -> dict[str, Any]:
        """Column → value of one record; what cannot be read is reported and None."""
        row: dict[str, Any] = {}
        written: dict[str, str] = {}
        for name, at in item.layout.positions.items():
            column = self.table.columns[name]
            cell = read_cell(column, record.cells[at], self.manner)
            row[name] = cell.value
            if cell.fault and name not in self.vital:
                self._fault(item, record, name, cell.fault)
            elif cell.value is None and not cell.fault:
                self.counts.blanks[name] += 1
            if cell.note:
                self._fault(item, record, name, cell.note, code="default", effect="kept")
            if cell.currency:
                written[name] = cell.currency
        if written:
            self._settle_currency(item, record, row, written)
        return row

    def _settle_currency(
        self, item: Given, record: Record, row: dict[str, Any], written: dict[str, str]
    ) -> None:
        """An amount must not carry another currency than its row, or its column, says."""
        stated = next(
            (name for name, c in self.table.columns.items() if c.field == CURRENCY_FIELD), ""
        )
        for name, sign in written.items():
            known = row.get(stated) if stated else None
            if stated and known is None:
                meanings = CURRENCIES.get(sign, (sign,))
                row[stated] = meanings[0] if len(meanings) == 1 else None
            elif not stated and self.table.parent is not None:
                known = self.signs.setdefault(name, sign)
                if known == sign:
                    continue
            if known is not None and conflicting(str(known), sign):
                self._fault(item, record, name, f"is in {sign} where {known} is stated")
                row[name] = None

    def _has_ids(self, item: Given, record: Record, row: dict[str, Any]) -> bool:
        """Whether the row's own id and the one it is joined by can be read; says so if not."""
        lacking = [name for name in self.vital if row[name] is None]
        for name in lacking:
            raw = record.cells[item.layout.positions[name]]
            cell = read_cell(self.table.columns[name], raw, self.manner)
            reason = cell.fault or "is blank"
            self._fault(item, record, name, reason, code="no_id", effect="row left out")
        return not lacking

    def _account(self, item: Given, record: Record, row: dict[str, Any]) -> str | None:
        """The account that a row belongs to; None, with a remark, when there is none."""
        parent = self.table.parent
        column = parent.column if parent else self.table.key
        key = row[column]
        if parent is None:
            return str(key)
        if parent.table == self.mapping.accounts:
            if key in self.intake.accounts:
                return str(key)
        elif (found := self.intake.joined.get(parent.table, {}).get(key)) is not None:
            return found.account
        self._fault(
            item, record, column, f"names no usable row of table '{parent.table}'",
            code="orphan", effect="row left out",
        )  # fmt: skip
        return None

    def _is_first(self, index: int, item: Given, record: Record, row: dict[str, Any]) -> bool:
        if not self.table.key:
            return True
        key = row[self.table.key]
        first = self.keys.first[key]
        is_first = (first.file, first.line) == (index, record.line)
        if key in self.keys.clashing:
            if not is_first:
                where = f"{self.files[first.file].source.name}:{first.line}"
                self._fault(
                    item, record, self.table.key,
                    f"stands for another row in {where}; neither is used",
                    code="same_id", effect="row left out",
                    about="stands for different rows; none of them is used",
                )  # fmt: skip
            return False
        if not is_first:
            where = f"{self.files[first.file].source.name}:{first.line}"
            self._fault(
                item, record, self.table.key, f"is the same row as {where}; kept once",
                code="same_row", effect="row left out", about="repeats an earlier row; kept once",
            )  # fmt: skip
        return is_first

    def _passes(self, item: Given, record: Record, row: dict[str, Any]) -> bool:
        usable = True
        for check in self.table.checks:
            if check.check == "agrees" or self._check_holds(check, row):
                continue
            keep = check.on_fault == "keep"
            column = check.column or check.columns[0]
            self._fault(
                item, record, column, check.say,
                code=check.check, effect="kept" if keep else "row left out",
            )  # fmt: skip
            usable = usable and keep
        day = row.get(self.table.dated) if self.table.dated else None
        if day is not None and day > self.intake.as_of.isoformat():
            reason = f"lies after {self.intake.as_of}"
            self._fault(
                item, record, self.table.dated, reason, code="after_as_of", effect="row left out"
            )
            usable = False
        return usable

    def _check_holds(self, check: Check, row: dict[str, Any]) -> bool:
        if check.check == "ordered":
            low, high = (row.get(column) for column in check.columns)
            return low is None or high is None or bool(low <= high)
        parent = self.table.parent
        day = row.get(check.column)
        found = self.intake.joined.get(parent.table, {}).get(row[parent.column]) if parent else None
        if day is None or found is None:
            return True
        start, end = found.dates.get(check.start, ""), found.dates.get(check.end, "")
        return bool((not start or day >= start) and (not end or day <= end))

    def _link(self, account: str) -> None:
        if self.table.parent is not None:
            self.intake.linked.setdefault(self.name, set()).add(account)

    def _use(self, account: str, row: dict[str, Any]) -> None:
        intake = self.intake
        if self.table.parent is None:
            intake.accounts[account] = tuple(map(row.get, intake.columns))
        else:
            tallies = intake.tallies.setdefault(self.name, {})
            tally = tallies.get(account)
            if tally is None:
                tally = tallies[account] = Tally(self.table)
            tally.add(self.table, row, intake.as_of)
        reach = intake.reach.setdefault(self.name, {})
        for give in self.table.gives:
            day = row.get(give.column) if give.take == "reach" else None
            if day is not None and reach.get(give.column, "") < day <= intake.as_of.isoformat():
                reach[give.column] = day
        if self.needed is not None and self.table.key:
            dates = {name: row[name] for name in self.needed if row.get(name) is not None}
            intake.joined.setdefault(self.name, {})[row[self.table.key]] = Joined(account, dates)

    def _fault(
        self,
        item: Given,
        record: Record,
        column: str,
        reason: str,
        *,
        code: str = "bad_value",
        effect: Effect = "value left out",
        about: str = "",
    ) -> None:
        """A remark about one cell."""
        at = item.layout.positions[column]
        heading, value = item.source.header[at].strip(), record.cells[at]
        self._issue(code, effect, item, record.line, heading, value, reason, about=about)

    def _issue(
        self,
        code: str,
        effect: Effect,
        item: Given,
        line: int,
        column: str,
        value: Any,
        reason: str,
        *,
        about: str = "",
    ) -> None:
        self.intake.report.add(
            code, effect, reason, table=self.name, file=item.source.name, line=line,
            column=column, value=value, about=about,
        )  # fmt: skip


def _dates_needed(mapping: Mapping, name: str) -> set[str] | None:
    """Date columns of a table that rows below it are checked against; None when none joins it."""
    below = [t for t in mapping.tables.values() if t.parent is not None and t.parent.table == name]
    if not below:
        return None
    checks = [check for table in below for check in table.checks if check.check == "within"]
    return {column for check in checks for column in (check.start, check.end) if column}


def _digest(cells: Sequence[Any]) -> int:
    text = repr(list(cells)).encode(errors="surrogatepass")
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest())
