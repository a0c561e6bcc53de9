"""Parquet, read in slices with polars, which is only asked for when such a file comes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from agent.errors import BadInput, printable
from agent.importing.sources import Record

_SLICE = 10_000


class ParquetSource:
    """A Parquet file. Rows are counted from 1; nested columns arrive as they are."""

    def __init__(self, path: Path, name: str) -> None:
        self.path, self.name = path, name
        polars = _polars(name)
        try:
            schema = polars.read_parquet_schema(path)
        except BaseException as error:
            raise _unreadable(error, name) from None
        self.header: tuple[str, ...] = tuple(schema)

    def records(self) -> Iterator[Record]:
        polars = _polars(self.name)
        start = 0
        while True:
            try:
                rows = polars.scan_parquet(self.path).slice(start, _SLICE).collect().rows()
            except BaseException as error:
                raise _unreadable(error, self.name) from None
            for number, cells in enumerate(rows, start + 1):
                yield Record(number, cells)
            if len(rows) < _SLICE:
                return
            start += _SLICE


def _polars(name: str) -> Any:
    try:
        import polars
    except ImportError:
        raise BadInput(
            "Parquet needs the package polars, which is not installed.",
            where=name,
            fix="pip install 'csm-persona-runtime[tables]', or export the table as CSV.",
        ) from None
    return polars


def _unreadable(error: BaseException, name: str) -> BaseException:
    """A fault in the file, told in one line; what is no fault in the file stays what it is.

    A damaged file can end in polars' PanicException, which is no `Exception`.
    """
    is_panic = type(error).__name__ == "PanicException"
    if not is_panic and not isinstance(error, Exception):
        return error
    reason = printable(str(error).splitlines()[0] if str(error) else type(error).__name__, 200)
    return BadInput(f"cannot be read as Parquet: {reason}.", where=name, fix="export it again.")
