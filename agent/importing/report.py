"""What an import used, what it left out, and why: for people and for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from agent.errors import printable
from agent.success.insights.values import shown

MAX_LISTED = 50_000
Effect = Literal["row left out", "value left out", "column left out", "kept"]


class Issue(NamedTuple):
    """One remark. `code` is the same for remarks of one kind; `line` is 0 for a whole file."""

    code: str
    effect: Effect
    table: str
    file: str
    line: int
    column: str
    value: str
    reason: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        what = ", ".join(part for part in (self.column, self.value) if part)
        return f"{place}: {f'{what}: ' if what else ''}{self.reason} ({self.effect})"


@dataclass
class TableReport:
    """Counts of one table over its files. `blanks`: cells without a value, by column."""

    table: str
    files: list[str] = field(default_factory=list)
    rows: int = 0
    used: int = 0
    blank_rows: int = 0
    blanks: Counter[str] = field(default_factory=Counter)
    unmapped: list[str] = field(default_factory=list)


@dataclass
class Report:
    """Everything there is to say about one import. `facts` are counts over accounts; `recorded`
    is how many timelines tell of it."""

    mapping: str
    as_of: str
    tables: dict[str, TableReport] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)
    counts: Counter[tuple[str, str, Effect, str, str]] = field(default_factory=Counter)
    facts: list[str] = field(default_factory=list)
    accounts: dict[str, int] = field(default_factory=dict)
    written: str = ""
    backup: str = ""
    recorded: int = 0

    def add(
        self,
        code: str,
        effect: Effect,
        reason: str,
        *,
        table: str,
        file: str,
        line: int = 0,
        column: str = "",
        value: Any = None,
        about: str = "",
    ) -> None:
        """Counts a remark; the first `MAX_LISTED` are listed as well. `about` is the reason as it
        is told when remarks are counted."""
        self.counts[(table, code, effect, column, about or reason)] += 1
        if len(self.issues) < MAX_LISTED:
            text = _shown(value)
            safe = printable(file, 120), printable(column, 80), printable(reason, 300)
            self.issues.append(Issue(code, effect, table, safe[0], line, safe[1], text, safe[2]))

    def count(self, code: str, table: str = "") -> int:
        """How many remarks of a kind there are, in one table or in all."""
        return sum(n for key, n in self.counts.items() if key[1] == code and table in ("", key[0]))

    @property
    def is_clean(self) -> bool:
        return not self.counts

    def as_dict(self) -> dict[str, Any]:
        """The whole report as plain data."""
        return {
            "schema": "import_report/1",
            "mapping": self.mapping,
            "as_of": self.as_of,
            "accounts": self.accounts,
            "written": self.written,
            "backup": self.backup,
            "recorded_on_timelines": self.recorded,
            "tables": [
                {
                    "table": t.table, "files": t.files, "rows": t.rows, "used": t.used,
                    "left_out": t.rows - t.used, "blank_rows": t.blank_rows,
                    "blank_cells": dict(t.blanks), "columns_not_mapped": t.unmapped,
                }
                for t in self.tables.values()
            ],
            "facts": self.facts,
            "counts": [
                {"table": t, "code": c, "effect": e, "column": col, "reason": about, "count": n}
                for (t, c, e, col, about), n in self.counts.items()
            ],
            "issues": [issue._asdict() for issue in self.issues],
            "issues_not_listed": sum(self.counts.values()) - len(self.issues),
        }  # fmt: skip

    def as_csv(self) -> Iterable[tuple[str, ...]]:
        """The remarks as rows for a spreadsheet, headings first; texts cannot be formulas."""
        yield Issue._fields
        for issue in self.issues:
            yield tuple(_harmless(part) for part in issue)


def _shown(value: Any) -> str:
    """A cell for the report; infinite numbers and NaN by their names."""
    if value is None:
        return ""
    return str(value) if isinstance(value, float) else shown(value)


def _harmless(value: str | int) -> str:
    text = str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text
