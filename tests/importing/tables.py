"""Small tables on disk, imported into an empty memory."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from agent.importing.catalogue import find
from agent.importing.importer import import_files
from agent.importing.mapping import Mapping, parse
from agent.importing.mapping_checks import check
from agent.importing.report import Report
from agent.memory import strict_yaml
from agent.memory.insights_file import PATH

AS_OF = date(2026, 11, 17)
NOW = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)


def put(folder: Path, text: str | bytes, name: str = "customers.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def memory_in(folder: Path) -> Path:
    memory = folder / "memory"
    memory.mkdir(exist_ok=True)
    return memory


def bring_in(
    folder: Path, *files: Path, mapping: Mapping | None = None, **options: Any
) -> tuple[Report, dict[str, Any]]:
    """Import `files`; the report, and the accounts as the memory then has them."""
    memory = memory_in(folder)
    settings: dict[str, Any] = {"as_of": AS_OF, "now": NOW, **options}
    report = import_files(files, mapping or find("flat"), memory=memory, **settings)
    return report, accounts(memory)


def flat(folder: Path, text: str | bytes, **options: Any) -> tuple[Report, dict[str, Any]]:
    """Import one flat table given as text."""
    return bring_in(folder, put(folder, text), **options)


def accounts(memory: Path) -> dict[str, Any]:
    path = memory / PATH
    if not path.exists():
        return {}
    document = strict_yaml.load(path.read_bytes(), where=PATH)
    found: dict[str, Any] = document["accounts"] or {}
    return found


def mapping_of(text: str) -> Mapping:
    document = strict_yaml.load(text.encode(), where="mine.yaml")
    return check(parse(document, where="mine.yaml"), where="mine.yaml")


def reasons(report: Report) -> list[str]:
    return [str(issue) for issue in report.issues]
