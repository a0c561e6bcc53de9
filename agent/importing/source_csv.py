"""CSV as programs and spreadsheets write it: comma, semicolon or tab; quoted line breaks; BOM."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from agent.errors import BadInput
from agent.importing.sources import Record, open_regular

_DELIMITERS = (",", ";", "\t")
_NAMES = {",": "comma", ";": "semicolon", "\t": "tab"}


class CsvSource:
    """A CSV file. The delimiter is the one that splits the header into the most columns."""

    def __init__(self, path: Path, name: str) -> None:
        self.path, self.name = path, name
        self._skip, self._delimiter, self.header = self._sniff()

    def records(self) -> Iterator[Record]:
        """Records with the line they begin on. A row that is not well-formed is one with a fault;
        reading goes on behind it."""
        with self._text() as text:
            for _ in range(self._skip):
                text.readline()
            reader = csv.reader(text, delimiter=self._delimiter, strict=True)
            width, line, at_header = len(self.header), self._skip, True
            while True:
                begin = line + 1
                try:
                    cells = next(reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    line = self._skip + reader.line_num
                    yield Record(begin, (), _broken(str(error)))
                    continue
                line = self._skip + reader.line_num
                if at_header:
                    at_header = not any(cell.strip() for cell in cells)
                    continue
                if not any(cell.strip() for cell in cells):
                    yield Record(begin, ())
                elif len(cells) != width:
                    yield Record(begin, cells, f"has {len(cells)} cells; the header has {width}")
                else:
                    yield Record(begin, cells)

    def _text(self) -> io.TextIOWrapper:
        # Bytes that are not UTF-8 arrive as lone surrogates, so that only their cell is refused.
        return io.TextIOWrapper(
            open_regular(self.path), encoding="utf-8-sig", errors="surrogateescape", newline=""
        )

    def _sniff(self) -> tuple[int, str, tuple[str, ...]]:
        """Lines before the table, delimiter and headings."""
        with self._text() as text:
            first = text.readline(1000)
        declared = (
            first.strip().lower().removeprefix("sep=") if first.startswith(("sep=", "SEP=")) else ""
        )
        skip = 1 if declared in _DELIMITERS or first.rstrip("\r\n") == "sep=\t" else 0
        found = {delimiter: self._header(skip, delimiter) for delimiter in _DELIMITERS}
        widest = max(len(cells) for cells in found.values())
        best = [delimiter for delimiter in _DELIMITERS if len(found[delimiter]) == widest]
        if skip:
            best = [declared or "\t"]
        elif widest == 1:
            best = [","]
        if len(best) > 1:
            raise BadInput(
                f"the header can be split at {' or at '.join(_NAMES[d] for d in best)}.",
                where=self.name,
                fix=f"begin the file with a line such as sep={best[0]}",
            )
        return skip, best[0], found[best[0]]

    def _header(self, skip: int, delimiter: str) -> tuple[str, ...]:
        with self._text() as text:
            for _ in range(skip):
                text.readline()
            reader = csv.reader(text, delimiter=delimiter, strict=True)
            try:
                for cells in islice(reader, 100):
                    if any(cell.strip() for cell in cells):
                        return tuple(cells)
            except csv.Error as error:
                raise BadInput(
                    f"the header {_broken(str(error))}.",
                    where=f"{self.name}:1",
                    fix="mend that line.",
                ) from None
        raise BadInput("has no header.", where=self.name, fix="put the headings in the first line.")


def _broken(message: str) -> str:
    if "unexpected end of data" in message:
        return "has a quotation mark that is never closed; everything behind it is left out"
    if "field larger" in message:
        return "has a cell over 131,072 characters; is a quotation mark not closed?"
    if "expected after" in message:
        return "has text behind a closing quotation mark"
    return f"is not well-formed CSV ({message})"
