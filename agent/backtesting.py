"""Backtest from files: find the mapping, read the tables, run, write report and picture."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.errors import BadDocument, BadInput, BadPath, CsmError, printable
from agent.memory import strict_yaml
from agent.resources import shipped
from agent.success.policy import load

if TYPE_CHECKING:
    from agent.success.backtest.evaluate import Backtest, Settings
    from agent.success.backtest.mapping import Mapping
    from agent.success.backtest.table import Table

FOLDER = Path("customer-success-manager") / "backtests"
MAX_BYTES = 500_000_000
MAX_ROWS = 2_000_000
MIN_RESAMPLES, MAX_RESAMPLES = 100, 20_000


@dataclass(frozen=True)
class _Policy:
    data: dict[str, Any]
    source: str


def run(data: Path, mapping: Mapping, settings: Settings) -> Backtest:
    """Backtests the tables at `data`, a file or a folder.

    Raises:
        BadInput: naming the file, column or option that is wrong and what to do.
    """
    from agent.success.backtest.evaluate import backtest
    from agent.success.backtest.population import populate
    from agent.success.backtest.table import without_duplicates

    tables, removed, notes = {}, [], []
    for name, path in _paths(data, mapping).items():
        spec = mapping.tables[name]
        table, broken = read_table(path)
        if broken:
            notes.append(f"{printable(path.name, 80)}: {broken}")
        tables[name], twice = without_duplicates(table, [spec.key] if spec.key else [])
        removed.append(twice)
        notes += _blanks(tables[name])
    population = populate(tables, mapping, settings.cutoff, settings.horizon)
    result = backtest(population, mapping, settings)
    notes = [*(d.text for d in removed if d.text), *notes, *result.notes]
    return replace(result, notes=notes)


def _blanks(table: Table) -> list[str]:
    """Columns with some empty cells: what is missing should be known before a result is read."""
    from agent.success.backtest.cells import blank

    counts = {h: sum(map(blank, cells)) for h, cells in table.columns.items()}
    some = [f"{printable(h, 40)} {n:,}" for h, n in counts.items() if n]
    more = f" and {len(some) - 8} more columns" if len(some) > 8 else ""
    return (
        [f"{printable(table.name, 80)}: blank cells in {', '.join(some[:8])}{more}"] if some else []
    )


def require_libraries() -> None:
    """Raises:
    CsmError: the optional libraries for backtests are not installed.
    """
    absent = [m for m in ("numpy", "sklearn") if importlib.util.find_spec(m) is None]
    if absent:
        raise CsmError(
            f"a backtest needs {' and '.join(absent)}, which come with an extra",
            fix="pip install 'csm-persona-runtime[backtest]'.",
        )


def load_mapping(name: str, personas: Path | None) -> Mapping:
    """The mapping called `name`, from the local personas folder, else as shipped; or the file.

    Raises:
        BadInput: there is none such (lists those there are), or the file is wrong.
    """
    from agent.success.backtest.mapping import Mapping

    path = _mapping_path(name, personas)
    raw = _bytes(path, 1_000_000)
    data = strict_yaml.load(raw, where=path.name)
    if not isinstance(data, dict):
        raise BadDocument("a mapping file holds keys and values", where=path.name,
                          fix="see the head of the shipped iranian.yaml.")  # fmt: skip
    return load(Mapping, _Policy(data, path.name))


def mapping_names(personas: Path | None) -> list[str]:
    folders = [root / FOLDER for root in (personas, shipped("personas")) if root is not None]
    return sorted({path.stem for folder in folders for path in folder.glob("*.yaml")})


def with_outcome(mapping: Mapping, outcome: str, churned: Sequence[str]) -> Mapping:
    """The mapping with the outcome of the command line in front: `column` or `table.column`.

    Raises:
        BadInput: neither says which column is the outcome.
    """
    own = mapping.outcome
    if outcome:
        table, dot, column = outcome.partition(".")
        there = bool(dot) and table in mapping.tables
        own = own.model_copy(
            update={
                "column": column if there else outcome,
                "table": table if there else own.table,
                "churned": own.churned if outcome == own.column else [],
            }
        )
    if churned:
        own = own.model_copy(update={"churned": list(churned)})
    if not own.column:
        raise BadInput("which column is the outcome is not said", where="--outcome",
                       fix="add --outcome COLUMN.")  # fmt: skip
    return mapping.model_copy(update={"outcome": own})


def _mapping_path(name: str, personas: Path | None) -> Path:
    if name.endswith((".yaml", ".yml")) or "/" in name:
        return Path(name)
    for root in (personas, shipped("personas")):
        if root is not None and (path := root / FOLDER / f"{name}.yaml").is_file():
            return path
    raise BadInput(
        f"there is no mapping {printable(name, 60)!r}",
        where="--mapping",
        fix=f"use one of {', '.join(mapping_names(personas))}, or name a .yaml file.",
    )


def _paths(data: Path, mapping: Mapping) -> dict[str, Path]:
    if not data.exists():
        raise BadPath("does not exist", where=str(data), fix="name a table or a folder of tables.")
    if data.is_file():
        if len(mapping.tables) > 1:
            raise BadInput(f"mapping {mapping.id} needs {len(mapping.tables)} tables",
                           where=str(data), fix="name the folder that holds them.")  # fmt: skip
        return dict.fromkeys(mapping.tables, data)
    out = {}
    for name, spec in mapping.tables.items():
        if not spec.file:
            raise BadPath("is a folder", where=str(data), fix="name the table in it.")
        out[name] = data / spec.file
        if not out[name].is_file():
            raise BadPath(f"holds no {printable(spec.file, 80)}", where=str(data),
                          fix=f"mapping {mapping.id} needs it for {name}.")  # fmt: skip
    return out


def read_table(path: Path) -> tuple[Table, str]:
    """A CSV, JSON or Parquet table as text, and what was left out of it.

    Raises:
        BadInput: not a table that can be read, with file and line or byte.
    """
    from agent.success.backtest.table import Table

    suffix = path.suffix.casefold()
    if suffix == ".parquet":
        header, rows, broken = _parquet(path)
    elif suffix in (".json", ".jsonl", ".ndjson"):
        header, rows, broken = _json(path)
    else:
        header, rows, broken = _csv(path)
    header = [" ".join(title.split()) for title in header]
    twice = sorted({h for h in header if [x.casefold() for x in header].count(h.casefold()) > 1})
    if not header or not all(header) or twice:
        what = (
            f"has the column {printable(twice[0], 60)!r} twice"
            if twice
            else "has an unnamed column"
        )
        raise BadDocument(what if header else "is empty", where=str(path),
                          fix="give every column its own name in the first line.")  # fmt: skip
    if not rows:
        raise BadDocument("has no rows", where=str(path), fix="export it again.")
    columns = dict(zip(header, map(list, zip(*rows, strict=True)), strict=True))
    return Table(path.name, columns), broken


Rows = tuple[list[str], list[list[str]], str]


def _csv(path: Path) -> Rows:
    text = _text(path)
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t|", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[list[str]] = []
    bad: list[int] = []
    try:
        header = next(reader, [])
        for row in reader:
            if len(row) == len(header):
                rows.append(row)
            elif row:
                bad.append(reader.line_num)
            if len(rows) > MAX_ROWS:
                raise BadDocument(f"has more than {MAX_ROWS:,} rows", where=str(path),
                                  fix="take a sample of the accounts.")  # fmt: skip
    except csv.Error as error:
        raise BadDocument(f"is no CSV: {error}", where=f"{path}:{reader.line_num}",
                          fix="check the quotes of this line.") from None  # fmt: skip
    lines = ", ".join(map(str, bad[:5])) + (", …" if len(bad) > 5 else "")
    return header, rows, f"{len(bad):,} lines with too few or too many cells are left out (line " \
        f"{lines})" if bad else ""  # fmt: skip


def _json(path: Path) -> Rows:
    text = _text(path)
    try:
        if path.suffix.casefold() == ".json":
            records = json.loads(text)
        else:
            records = [json.loads(line) for line in text.splitlines() if line.strip()]
    except (ValueError, RecursionError) as error:
        raise BadDocument(f"is no JSON: {error}", where=str(path), fix="export it again.") from None
    if not isinstance(records, list) or not all(isinstance(r, dict) for r in records):
        raise BadDocument("is no list of records", where=str(path), fix="write [{…}, {…}].")
    header = list(dict.fromkeys(key for record in records for key in record))
    return header, [[_as_text(record.get(key)) for key in header] for record in records], ""


def _parquet(path: Path) -> Rows:
    try:
        import polars
    except ImportError:
        raise CsmError("a Parquet file needs polars", where=str(path),
                       fix="pip install polars, or export CSV.") from None  # fmt: skip
    try:
        frame = polars.read_parquet(path)
    except (OSError, polars.exceptions.PolarsError) as error:
        raise BadDocument(f"is no Parquet file: {error}", where=str(path),
                          fix="export it again.") from None  # fmt: skip
    return frame.columns, [[_as_text(cell) for cell in row] for row in frame.iter_rows()], ""


def _as_text(value: object) -> str:
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, date) else str(value)


def _text(path: Path) -> str:
    raw = _bytes(path, MAX_BYTES)
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise BadDocument("is UTF-16", where=str(path), fix="save it as UTF-8.")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadDocument(f"is not UTF-8 (byte {error.start:,})", where=str(path),
                          fix="save it as UTF-8.") from None  # fmt: skip


def _bytes(path: Path, limit: int) -> bytes:
    try:
        if not path.is_file():
            raise BadPath("is not a regular file" if path.exists() else "does not exist",
                          where=str(path), fix="check the path.")  # fmt: skip
        if path.stat().st_size > limit:
            raise BadPath(f"has more than {limit:,} bytes", where=str(path), fix="take a sample.")
        return path.read_bytes()
    except OSError as error:
        raise BadPath(f"cannot be read: {error.strerror}", where=str(path),
                      fix="check its permissions.") from None  # fmt: skip
