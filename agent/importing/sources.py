"""Files as records with line numbers; what the cells mean is none of their business."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any, NamedTuple, Protocol

from agent.errors import BadInput, MemoryFault, printable

_HEAD = 4096
_SIGNATURES = (
    (b"PK\x03\x04", "a zip archive or an Excel workbook", "save the sheet as CSV (UTF-8)."),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", "save the sheet as CSV (UTF-8)."),
    (b"\x1f\x8b", "a gzip-compressed file", "unpack it first."),
    (b"\xff\xfe", "UTF-16 text", "save it as UTF-8."),
    (b"\xfe\xff", "UTF-16 text", "save it as UTF-8."),
    (b"%PDF-", "a PDF document", "export the table as CSV (UTF-8)."),
)


class Record(NamedTuple):
    """One record, cells in the order of the header. With `fault` there is no usable content."""

    line: int
    cells: Sequence[Any]
    fault: str = ""


class Source(Protocol):
    """A table that can be read from the start as often as needed, a record at a time."""

    @property
    def name(self) -> str:
        """What messages call it: the file's name."""

    @property
    def header(self) -> tuple[str, ...]:
        """The headings, as written."""

    def records(self) -> Iterator[Record]:
        """All records below the header."""


def open_source(path: Path) -> Source:
    """The table in a CSV, JSON, JSON-lines or Parquet file, told apart by content.

    Raises:
        BadInput: not a regular file, no table, or a format that is not read.
        MemoryFault: the disk refused.
    """
    name = printable(path.name, 120)
    with open_regular(path) as file:
        head = file.read(_HEAD)
    for signature, what, fix in _SIGNATURES:
        if head.startswith(signature):
            raise BadInput(f"looks like {what}.", where=name, fix=fix)
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text:
        raise BadInput("is empty.", where=name, fix="export the table again.")
    if head.startswith(b"PAR1"):
        from agent.importing.source_parquet import ParquetSource

        return ParquetSource(path, name)
    if b"\0" in head:
        raise BadInput("is not text.", where=name, fix="save the table as CSV (UTF-8).")
    if text[:1] in (b"{", b"["):
        from agent.importing.source_json import JsonSource

        return JsonSource(path, name)
    from agent.importing.source_csv import CsvSource

    return CsvSource(path, name)


def open_regular(path: Path) -> IO[bytes]:
    """An open regular file; pipes and devices are refused, never waited for."""
    name = printable(path.name, 120)
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        raise BadInput(
            "does not exist.", where=printable(str(path), 200), fix="check the path."
        ) from None
    except OSError as error:
        raise MemoryFault(
            f"cannot be read: {error.strerror}.", where=name, fix="check its permissions."
        ) from None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise BadInput("is not a regular file.", where=name, fix="save the table to a file first.")
    return os.fdopen(handle, "rb")
