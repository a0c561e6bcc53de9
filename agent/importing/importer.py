"""Tables → memory, the story in one screen: recognise, take in, build, keep the old, write."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

from agent.errors import BadInput, MemoryFault, printable
from agent.importing import record, store
from agent.importing.agreement import check_agreement
from agent.importing.header import recognise
from agent.importing.intake import Given, Intake, take_in
from agent.importing.mapping import Mapping
from agent.importing.report import Report
from agent.importing.shares import incomplete_sums, share_of
from agent.importing.sources import open_source
from agent.memory.insights_file import MAX_BYTES, PATH
from agent.memory.locks import lock
from agent.memory.paths import MemoryRoot, MissingFile
from agent.memory.pause import writing
from agent.memory.publish import Staged, publish

Mode = Literal["merge", "replace"]
LOCK = "insights"
MAX_FILES = 100
_ATTEMPTS = 20


def import_files(
    files: Sequence[Path],
    mapping: Mapping,
    *,
    memory: Path,
    as_of: date,
    now: datetime,
    mode: Mode = "merge",
    dry_run: bool = False,
    wait: float = 60,
) -> Report:
    """Import tables into the insights of a memory. Bad rows and values are left out and reported.

    Args:
        as_of: the date that the tables describe; rows dated later are left out.
        now: names the copy that is kept of a replaced file, and dates a new document.
        mode: `merge` into what is stored, or `replace` it (a copy is kept beside it either way).
        dry_run: everything but the writing.

    Raises:
        BadInput: files, headings or the stored document cannot be used; nothing was written.
        Busy, MemoryFault: the memory is locked, or the disk refused; the old file is intact.
    """
    root = MemoryRoot.open(memory)
    intake, report = read_tables(files, mapping, as_of=as_of)
    if not intake.accounts:
        report.accounts = {"imported": 0}
        return report
    if dry_run:
        _count(report, _built(_stored(root)[0], intake, mode, now, ()), intake)
        return report
    with writing(root), lock(root, LOCK, wait=wait):
        root.sweep(PATH.rpartition("/")[0])  # what an import that was killed may have left
        record.complete(root)
        noted = record.recorded_accounts(root, intake.accounts)
        for _ in range(_ATTEMPTS):
            old, before = _stored(root)
            written = _built(old, intake, mode, now, noted)
            _count(report, written, intake)
            if written.data == old:
                return report
            files_to_write = [Staged(PATH, written.data, before)]
            if old is not None:
                report.backup = _free_name(root, now)
                files_to_write.insert(0, Staged(report.backup, old, None))
            made = record.events(written.changed, files, as_of=as_of, now=now)
            record.announce(root, made, written.data)
            if publish(root, files_to_write):
                report.written = PATH
                report.recorded = record.complete(root)
                return report
    raise MemoryFault(
        "another program keeps replacing this file.", where=PATH, fix="stop it and import again."
    )


def read_tables(files: Sequence[Path], mapping: Mapping, *, as_of: date) -> tuple[Intake, Report]:
    """Read and check tables without touching a memory; see `import_files`."""
    if not files or len(files) > MAX_FILES:
        raise BadInput(f"give 1 to {MAX_FILES} files.", fix="name the tables to import.")
    seen: set[tuple[int, int]] = set()
    given = []
    for path in files:
        source = open_source(path)
        identity = (path.stat().st_dev, path.stat().st_ino)
        if identity in seen:
            raise BadInput("is given twice.", where=source.name, fix="name each file once.")
        seen.add(identity)
        given.append(Given(source, recognise(source.header, mapping, where=source.name)))
    if mapping.accounts not in {item.layout.table for item in given}:
        raise BadInput(
            f"none of the files is the table '{mapping.accounts}', whose rows are the accounts.",
            where=", ".join(item.source.name for item in given)[:200],
            fix="give that file as well.",
        )
    report = Report(mapping.title, as_of.isoformat())
    intake = take_in(given, mapping, as_of=as_of, report=report)
    check_agreement(intake)
    absent = [name for name in mapping.tables if name not in report.tables]
    if absent:
        report.facts.append(f"tables not given: {', '.join(absent)}")
    for field, count in incomplete_sums(intake).items():
        report.facts.append(f"{field}: unknown for {count} accounts, a row lacks the figure")
    return intake, report


def _stored(root: MemoryRoot) -> tuple[bytes | None, Any]:
    with suppress(MissingFile):
        return root.read_signed(PATH, limit=MAX_BYTES)
    return None, None


def _built(
    old: bytes | None, intake: Intake, mode: Mode, now: datetime, noted: Collection[str]
) -> store.Written:
    ids: Collection[str] = intake.accounts

    def share(account: str) -> dict[str, Any]:
        return share_of(intake, account)

    if old is None or mode == "replace":
        stamp = now.strftime("%Y-%m-%dT%H:%M:%SZ")
        return store.fresh(ids, share, generated_at=stamp, old=old, noted=noted)
    return store.merged(old, ids, share, noted)


def _count(report: Report, written: store.Written, intake: Intake) -> None:
    report.accounts = {
        "imported": len(intake.accounts),
        "added": len(written.added),
        "updated": len(written.updated),
        "unchanged": len(written.unchanged),
        "others_kept": written.kept,
        "no_longer_in_file": len(written.dropped),
    }
    if written.dropped:
        some = ", ".join(printable(key, 40) for key in written.dropped[:10])
        fact = f"{len(written.dropped)} accounts were in the old file only: {some}"
        if fact not in report.facts:
            report.facts.append(fact)


def _free_name(root: MemoryRoot, now: datetime) -> str:
    """Where the replaced file is kept: beside the new one, with the moment in its name."""
    stem = PATH.removesuffix(".yaml") + now.strftime(".%Y%m%dT%H%M%SZ")
    names = [f"{stem}.yaml", *(f"{stem}-{n}.yaml" for n in range(2, 1000))]
    return next(name for name in names if not root.exists(name))
