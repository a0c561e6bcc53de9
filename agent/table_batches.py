"""A flat CSV or Parquet file in batches of bounded size, with the rows that cannot be used.

CSV is cut at line ends outside quotes and parsed a block at a time; a block that is not as wide as
its header everywhere is read again row by row, so that the bad rows are named and the good ones
kept. Memory does not grow with the file.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.errors import BadInput, printable
from agent.importing.source_csv import CsvSource
from agent.importing.source_parquet import ParquetSource
from agent.importing.sources import Source, open_regular, open_source

if TYPE_CHECKING:
    import polars as pl

DELIMITERS = (",", ";", "\t")
BLOCK_BYTES = 1 << 20
MAX_BLOCK_BYTES = 64 << 20
PARQUET_ROWS = 4_000


@dataclass(frozen=True)
class Rejected:
    """A row that is no row of this table; `line` is where it begins (or its number in Parquet)."""

    line: int
    reason: str


@dataclass(frozen=True)
class Batch:
    """`frame` has the wanted columns and `line`, where each row begins."""

    frame: pl.DataFrame
    rejected: tuple[Rejected, ...] = ()


class CsvTable:
    """A CSV file: comma, semicolon or tab, quoted line breaks, BOM."""

    def __init__(self, path: Path, source: Source) -> None:
        self.path, self.name, self.header = path, source.name, source.header
        self._delimiter = self._splits_header()

    def _splits_header(self) -> str:
        with open_regular(self.path) as file:
            head = file.read(BLOCK_BYTES).decode("utf-8", "replace").removeprefix("\ufeff")
        for delimiter in DELIMITERS:
            for cells in islice(
                csv.reader(io.StringIO(head, newline=""), delimiter=delimiter), 100
            ):
                if tuple(cells) == self.header:
                    return delimiter
        return ","

    def batches(self, wanted: dict[int, str]) -> Iterator[Batch]:
        """Batches with the columns at the positions `wanted`, under the names given there."""
        line, first = 1, True
        for block in _blocks(self.path, self.name):
            if first:
                block, line = self._behind_header(block)
                first = False
            if block.strip():
                yield self._batch(block, line, wanted)
            line += block.count(b"\n")

    def _behind_header(self, block: bytes) -> tuple[bytes, int]:
        text = io.StringIO(block.decode("utf-8", "replace").removeprefix("\ufeff"), newline="")
        reader = csv.reader(text, delimiter=self._delimiter)
        while tuple(next(reader, self.header)) != self.header:
            pass
        lines = reader.line_num
        at = 0
        for _ in range(lines):
            at = block.find(b"\n", at) + 1 or len(block)
        return block[at:], lines + 1

    def _batch(self, block: bytes, line: int, wanted: dict[int, str]) -> Batch:
        import polars as pl

        if not block.endswith(b"\n"):
            block += b"\n"
        rows = _even_rows(block, self._delimiter, len(self.header))
        if not rows:
            return self._slow(block, line, wanted)
        try:
            frame = pl.read_csv(
                block,
                has_header=False,
                separator=self._delimiter,
                infer_schema=False,
                columns=sorted(wanted),
            )
        except pl.exceptions.PolarsError:
            return self._slow(block, line, wanted)
        if frame.height == rows:
            frame.columns = [wanted[at] for at in sorted(wanted)]
            return Batch(frame.with_row_index("line", offset=line))
        return self._slow(block, line, wanted)

    def _slow(self, block: bytes, line: int, wanted: dict[int, str]) -> Batch:
        """Row by row: lines are counted through line breaks in cells, odd rows are named."""
        import polars as pl

        text = io.StringIO(block.decode("utf-8", "replace"), newline="")
        reader = csv.reader(text, delimiter=self._delimiter, strict=True)
        rows: list[list[Any]] = []
        rejected: list[Rejected] = []
        while True:
            begin = line + reader.line_num
            try:
                cells = next(reader)
            except StopIteration:
                break
            except csv.Error as error:
                rejected.append(Rejected(begin, f"is not well-formed CSV ({error})"))
                continue
            if not any(cell.strip() for cell in cells):
                rejected.append(Rejected(begin, "is blank"))
            elif len(cells) != len(self.header):
                width = f"has {len(cells)} cells; the header has {len(self.header)}"
                rejected.append(Rejected(begin, width))
            else:
                rows.append([begin, *(cells[at] for at in wanted)])
        schema = {"line": pl.UInt32, **dict.fromkeys(wanted.values(), pl.String)}
        return Batch(pl.DataFrame(rows, schema=schema, orient="row"), tuple(rejected))


class ParquetTable:
    """A Parquet file; rows are counted from 1."""

    def __init__(self, path: Path, source: Source) -> None:
        self.path, self.name, self.header = path, source.name, source.header

    def batches(self, wanted: dict[int, str]) -> Iterator[Batch]:
        """As `CsvTable.batches`."""
        import polars as pl

        names = {self.header[at]: name for at, name in wanted.items()}
        start = 0
        while True:
            scan = pl.scan_parquet(self.path).select(list(names)).rename(names)
            try:
                frame = scan.slice(start, PARQUET_ROWS).collect()
            except BaseException as error:
                raise _unreadable(error, self.name) from None
            if frame.height:
                yield Batch(frame.with_row_index("line", offset=start + 1))
            if frame.height < PARQUET_ROWS:
                return
            start += PARQUET_ROWS


def open_table(path: Path) -> CsvTable | ParquetTable:
    """The table at `path`, told apart by content.

    Raises:
        BadInput: no table, a file that cannot be read, or polars is not installed.
    """
    try:
        import polars  # noqa: F401
    except ImportError:
        raise BadInput(
            "scoring a table needs the package polars, which is not installed.",
            where=printable(path.name, 120),
            fix="pip install 'csm-persona-runtime[tables]', or import the file: csm import FILE.",
        ) from None
    source = open_source(path)
    if isinstance(source, CsvSource):
        return CsvTable(path, source)
    if isinstance(source, ParquetSource):
        return ParquetTable(path, source)
    raise BadInput(
        "is neither CSV nor Parquet.",
        where=source.name,
        fix="export the table as CSV or Parquet, or import it: csm import FILE.",
    )


def _blocks(path: Path, name: str) -> Iterator[bytes]:
    """The file in blocks that end behind a line, outside quotes."""
    rest = b""
    with open_regular(path) as file:
        while True:
            data = file.read(BLOCK_BYTES)
            if not data:
                break
            rest += data
            cut = _last_line_end(rest)
            if cut:
                yield rest[:cut]
                rest = rest[cut:]
            elif len(rest) > MAX_BLOCK_BYTES:
                raise BadInput(
                    f"a row has more than {MAX_BLOCK_BYTES >> 20} MB; is a quotation mark never "
                    "closed?",
                    where=name,
                    fix="mend the row, or export the file again.",
                )
    if rest:
        yield rest


def _last_line_end(data: bytes) -> int:
    """Behind the last line break with an even number of quotation marks before it; 0 if none."""
    end = data.rfind(b"\n") + 1
    quotes = data.count(b'"', 0, end)
    while end and quotes % 2:
        before = data.rfind(b"\n", 0, end - 1) + 1
        quotes -= data.count(b'"', before, end)
        end = before
    return end


def _even_rows(block: bytes, delimiter: str, width: int) -> int:
    """Number of rows when every line is one and the delimiters come out even, else 0."""
    sign = delimiter.encode()
    signs, rows = block.count(sign), block.count(b"\n")
    if b'"' in block:
        quoted = block.split(b'"')[1::2]
        if any(b"\n" in part for part in quoted):  # rows and lines differ: count them
            return 0
        signs -= sum(part.count(sign) for part in quoted)
    return rows if signs == rows * (width - 1) else 0


def _unreadable(error: BaseException, name: str) -> BaseException:
    """A damaged file can end in polars' PanicException, which is no `Exception`."""
    if type(error).__name__ != "PanicException" and not isinstance(error, Exception):
        return error
    reason = printable(str(error).splitlines()[0] if str(error) else type(error).__name__, 200)
    return BadInput(f"cannot be read as Parquet: {reason}.", where=name, fix="export it again.")
