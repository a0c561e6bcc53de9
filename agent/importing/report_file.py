"""The report of an import as a file of the reader's choice."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

from agent.errors import BadInput, printable
from agent.importing.report import Report
from agent.memory.paths import MemoryRoot


def check_target(target: Path, inputs: Sequence[Path]) -> None:
    """Refuse a report file that is one of the tables, before anything is read or written.

    Raises:
        BadInput: it is one of them, a folder, or its folder does not exist.
    """
    where = printable(str(target), 200)
    if not target.name or target.is_dir() or not target.parent.is_dir():
        raise BadInput("cannot be a report file.", where=where, fix="name a file in a folder.")
    if target.exists() and any(path.exists() and target.samefile(path) for path in inputs):
        raise BadInput("is one of the tables.", where=where, fix="give the report another name.")


def write(report: Report, target: Path) -> None:
    """Write the report whole or not at all: the remarks as CSV for `.csv`, else all as JSON."""
    if target.suffix.lower() == ".csv":
        text = io.StringIO()
        csv.writer(text).writerows(report.as_csv())
        data = text.getvalue()
    else:
        data = json.dumps(report.as_dict(), ensure_ascii=False, indent=1) + "\n"
    root = MemoryRoot.open(target.parent)
    root.write_atomic(target.name, data.encode(errors="backslashreplace"))
