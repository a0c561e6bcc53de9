"""A flat table of accounts → the judgement of every row, in one pass and bounded memory.

Every row is either in the result or among the rejected ones, which are counted and, up to
`MAX_LISTED`, listed with line and reason.
"""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from agent.errors import BadInput, MemoryFault, printable
from agent.importing.catalogue import find
from agent.importing.fields import squashed
from agent.success.policy import Policies
from agent.table_batches import Batch, CsvTable, ParquetTable, Rejected, open_table

if TYPE_CHECKING:
    import polars as pl

    from agent.importing.mapping import Column as MappedColumn
    from agent.success.columnar.book import Judge

MAX_LISTED = 50
_COUNTED = (
    "model",
    "tier",
    "confidence",
    "risk",
    "expansion_gate",
    "renewal_status",
    "renewal_category",
)
_FORMATS = (".csv", ".jsonl")


@dataclass
class Summary:
    """What came of a table. `money`: per currency, ARR known and expected (ARR times probability);
    `invalid_cells`: per column, cells that hold something unusable and count as missing."""

    table: str
    as_of: date
    model: str
    rows: int = 0
    judged: int = 0
    scored: int = 0
    rejected: int = 0
    listed: list[Rejected] = field(default_factory=list)
    counts: dict[str, Counter[str]] = field(
        default_factory=lambda: {n: Counter() for n in _COUNTED}
    )
    money: dict[str, list[float]] = field(default_factory=dict)
    invalid_cells: Counter[str] = field(default_factory=Counter)
    columns: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    written: str = ""

    def as_dict(self) -> dict[str, Any]:
        return {
            "table": self.table,
            "as_of": self.as_of.isoformat(),
            "health_model": self.model,
            "rows": self.rows,
            "judged": self.judged,
            "scored": self.scored,
            "not_scored": self.judged - self.scored,
            "rejected": self.rejected,
            "rejected_rows": [{"line": r.line, "reason": r.reason} for r in self.listed],
            **{name: dict(sorted(found.items())) for name, found in self.counts.items()},
            "arr": {
                code: {"known": round(known, 2), "expected": round(expected, 2)}
                for code, (known, expected) in sorted(self.money.items())
            },
            "invalid_cells": dict(sorted(self.invalid_cells.items())),
            "columns": list(self.columns),
            "columns_not_used": list(self.ignored),
            "written": self.written,
        }

    def reject(self, rows: list[Rejected]) -> None:
        self.rejected += len(rows)
        self.listed += sorted(rows, key=lambda r: r.line)[: MAX_LISTED - len(self.listed)]


def score_table(path: Path, *, as_of: date, policies: Policies, out: Path | None = None) -> Summary:
    """Judges every row of a CSV or Parquet file; writes the results to `out` (.csv or .jsonl).

    An id that stands in more than one row is refused in all of them: which one is right cannot be
    told. `out` is written whole or not at all.

    Raises:
        BadInput: the table, a heading or the target cannot be used; polars is not installed.
        BadPersona: a policy file is missing or wrong.
        MemoryFault: the disk refused.
    """
    if out is not None:
        _check_target(out, path)
    table = open_table(path)
    from agent.success.columnar.book import Judge, rules

    wanted = _wanted(table)
    given = rules(policies)
    bench = Judge(given, as_of)
    summary = Summary(table.name, as_of, ", ".join(m.named for m in given.models.models.values()))
    summary.columns = tuple(wanted.values())
    summary.ignored = tuple(
        printable(text, 60) for at, text in enumerate(table.header) if at not in wanted
    )
    repeated = _repeated(table, wanted)
    with _target(out) as file:
        for batch in table.batches(wanted):
            found = _judge(batch, repeated, bench, summary)
            if file is not None:
                _write(found, file, first=file.tell() == 0, lines=str(out).endswith(".jsonl"))
    summary.written = "" if out is None else str(out)
    return summary


def _wanted(table: CsvTable | ParquetTable) -> dict[int, str]:
    """Position → column. Headings are those of the import mapping and of `COLUMNS`."""
    from agent.success.columnar.columns import COLUMNS, FIGURES

    imported = {c.field or c.snapshot or c.kind: c.names for c in _flat_columns()}
    names: dict[str, str] = {}
    for column in COLUMNS:
        known = (column.name, *column.headings, *imported.get(column.field or column.kind, ()))
        dotted = () if column.name in FIGURES else (column.field,)
        names |= {squashed(text): column.name for text in (*known, *dotted) if text}
    found: dict[str, int] = {}
    for at, text in enumerate(table.header):
        name = names.get(squashed(text), "")
        if name in found:
            raise BadInput(
                f"columns {found[name] + 1} and {at + 1} both mean '{name}'.",
                where=table.name,
                fix="remove or rename one of them.",
            )
        if name:
            found[name] = at
    if "id" not in found:
        raise BadInput(
            "has no column 'id'.",
            where=table.name,
            fix="name the column with the account ids id or account_id.",
        )
    return {at: name for name, at in found.items()}


def _repeated(table: CsvTable | ParquetTable, wanted: dict[int, str]) -> pl.Series:
    """Ids that stand in more than one row."""
    import polars as pl

    only = {at: name for at, name in wanted.items() if name == "id"}
    parts = [batch.frame["id"].cast(pl.String).str.strip_chars() for batch in table.batches(only)]
    if not parts:
        return pl.Series("id", [], dtype=pl.String)
    ids = pl.concat(parts)
    return ids.filter(ids.is_duplicated()).unique()


def _judge(batch: Batch, repeated: pl.Series, bench: Judge, summary: Summary) -> pl.DataFrame:
    import polars as pl

    summary.rows += batch.frame.height + len(batch.rejected)
    found = bench.judge(_spelled(batch.frame)).with_columns(batch.frame["line"])
    odd = found["id"].is_null()
    twice = found["id"].is_in(repeated.implode()).fill_null(False)
    bad = [*batch.rejected]
    bad += [Rejected(n, "has no usable account id") for n in found.filter(odd)["line"]]
    bad += [
        Rejected(n, f"the id {printable(id, 60)} stands in more than one row")
        for n, id in found.filter(twice).select("line", "id").iter_rows()
    ]
    summary.reject(bad)
    good = found.filter(~odd & ~twice)
    summary.judged += good.height
    summary.scored += good.height - good["score"].null_count()
    for name in _COUNTED:
        for value, count in good[name].value_counts().iter_rows():
            summary.counts[name][value or "none"] += count
    flags = [name for name in good.columns if name.startswith("bad.")]
    for name, count in good.select(pl.col(flags).sum()).row(0, named=True).items():
        if count:
            summary.invalid_cells[name.removeprefix("bad.")] += count
    sums = good.group_by("currency").agg(pl.col("arr").sum(), pl.col("expected_arr").sum())
    for code, known, expected in sums.iter_rows():
        total = summary.money.setdefault(printable(code or "", 12), [0.0, 0.0])
        total[0] += known
        total[1] += expected
    return good.drop(*flags, "line")


def _spelled(frame: pl.DataFrame) -> pl.DataFrame:
    """Words as an import would spell them: "Small Business" is smb."""
    import polars as pl

    from agent.success.columnar.columns import COLUMNS

    columns = {c.field: c for c in _flat_columns() if c.choices}
    for column in COLUMNS:
        choices = columns.get(column.field)
        if choices is None or frame.schema.get(column.name) != pl.String:
            continue
        known = {
            squashed(spelling): choice
            for choice, spellings in choices.choices.items()
            for spelling in (choice, *spellings)
        }
        words = frame[column.name].drop_nulls().unique()
        spelled = {word: known[squashed(word)] for word in words if squashed(word) in known}
        frame = frame.with_columns(pl.col(column.name).replace(spelled))
    return frame


@lru_cache(maxsize=1)
def _flat_columns() -> tuple[MappedColumn, ...]:
    flat = find("flat")
    return tuple(flat.tables[flat.accounts].columns.values())


def _write(found: pl.DataFrame, file: IO[bytes], *, first: bool, lines: bool) -> None:
    import polars as pl

    texts = ("name", "currency")
    named = found.rename(lambda name: name.removeprefix("c.")).with_columns(
        pl.selectors.by_dtype(pl.Float64).round(4)
    )
    if lines:
        named.write_ndjson(file)
        return
    guarded = named.with_columns(
        pl.when(pl.col(name).str.contains(r"^[=+\-@]"))
        .then(pl.concat_str(pl.lit("'"), name))
        .otherwise(name)
        .alias(name)
        for name in texts
    )
    guarded.write_csv(file, include_header=first)


def _check_target(out: Path, table: Path) -> None:
    where = printable(str(out), 200)
    if out.suffix.lower() not in _FORMATS:
        raise BadInput("must end in .csv or .jsonl.", where=where, fix="give it such a name.")
    if out.is_dir() or not out.parent.is_dir():
        raise BadInput("cannot be written.", where=where, fix="name a file in a folder.")
    if out.exists() and table.exists() and out.samefile(table):
        raise BadInput("is the table itself.", where=where, fix="give the result another name.")


@contextmanager
def _target(out: Path | None) -> Iterator[IO[bytes] | None]:
    """A file beside `out` that takes its place when all went well, and is gone otherwise."""
    if out is None:
        yield None
        return
    try:
        handle, name = tempfile.mkstemp(prefix=f".{out.name}.", dir=out.parent)
    except OSError as error:
        raise _refused(out, error) from None
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(out)
    except OSError as error:
        raise _refused(out, error) from None
    finally:
        with suppress(FileNotFoundError):
            Path(name).unlink()


def _refused(out: Path, error: OSError) -> MemoryFault:
    return MemoryFault(
        f"cannot be written: {error.strerror or error}.",
        where=printable(str(out), 200),
        fix="free space or choose another folder.",
    )
