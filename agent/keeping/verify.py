"""`csm memory verify`: is everything that was recorded there, and do the documents say the same?

Timelines are checked one by one, then the journals, then every file for being readable, so that a
hundred thousand accounts need no more memory than one. What differs is looked at again while nobody
writes, so that a publication under way is no damage.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from datetime import date
from pathlib import Path

from agent.case import INSIGHTS, read_insights, read_instruction
from agent.errors import (
    BadDocument,
    BadPath,
    Blocked,
    Busy,
    CsmError,
    MemoryFault,
    UnknownInstruction,
    printable,
)
from agent.keeping import announced, places
from agent.keeping.documents import REBUILD, check_entry, check_plans, told_plans, without_view
from agent.keeping.findings import Finding, Kind, Progress, Report, silent
from agent.keeping.forget import UNDER_WAY
from agent.keeping.timelines import check_timeline
from agent.memory import chain, everything, journal, locks, schema, timeline, views
from agent.memory.paths import MemoryRoot, MissingFile
from agent.memory.pause import paused
from agent.memory.scores_file import PATH as SCORES
from agent.memory.stored_scores import StoredScores

_PAUSE = 20.0
_READ = "give this user permission to read it, or restore it from a backup."


def verify(memory: Path, *, account: str = "", progress: Progress = silent) -> Report:
    """Check a memory, or what concerns one account of it. Changes nothing.

    Raises:
        NeedsContext: nobody is called like `account`.
        BadPath: there is no memory.
    """
    root = MemoryRoot.open(memory)
    only = places.account_named(root, account) if account else ""
    return Check(root, only, progress).report()


class Check:
    """One pass over a memory. `only` is an account id, "" for all."""

    def __init__(self, root: MemoryRoot, only: str, progress: Progress) -> None:
        self.root, self.only, self.progress = root, only, progress
        self.found = Report()
        self._of_one: tuple[str, set[str]] = ("", set())

    def report(self) -> Report:
        self._version()
        self._accounts()
        folders = self._journals()
        self._documents(folders)
        self._files(folders)
        return self.found

    def note(self, finding: Finding) -> None:
        self.found.findings.append(finding)

    def _version(self) -> None:
        try:
            schema.check(self.root)
        except BadDocument as error:
            self.note(Finding("memory", schema.PATH, error.what, error.fix))
        except Blocked as error:
            self.note(Finding("memory", schema.PATH, error.what, error.fix, is_note=True))
        if self.root.exists(UNDER_WAY) and not locks.is_held(self.root, "forget"):
            what = "an erasure was begun and did not come to its end"
            fix = "give the id that stands in it to `csm memory forget` again."
            self.note(Finding("memory", UNDER_WAY, what, fix))

    # Timelines and what they say about documents

    def _accounts(self) -> None:
        ids = [self.only] if self.only else list(places.accounts(self.root))
        scores, self.tells_scores = self._scores(), False
        doubtful: list[str] = []
        unchained = untold = 0
        for n, account_id in enumerate(ids, 1):
            self.progress("timelines", n, len(ids))
            try:
                found = timeline.scan(self.root, account_id)
            except CsmError as error:
                path = timeline.path_of(account_id)
                self._unreadable("timeline", path, error, account_id)
                continue
            self.found.count("accounts")
            self.found.count("events", len(found.events))
            self.found.count("plans", len(told_plans(found.events)))
            unchained += sum(chain.KEY not in event for event in found.events)
            untold += without_view(found.events)
            if any(self._of_account(account_id, found, scores)):
                doubtful.append(account_id)
        self._once_more(doubtful)
        self._older(unchained, untold)

    def _once_more(self, ids: Sequence[str]) -> None:
        """What seemed wrong is wrong if it still is while nobody writes."""
        needs_scores = self.tells_scores or self.root.exists(SCORES)
        if not ids and (not needs_scores or self._scores() is not None):
            return
        with ExitStack() as still:
            with suppress(Busy, MemoryFault, BadPath):  # as in a memory that may only be read
                still.enter_context(paused(self.root, wait=_PAUSE))
            self._judge(ids)

    def _judge(self, ids: Sequence[str]) -> None:
        scores = self._scores()
        if scores is None and (self.tells_scores or self.root.exists(SCORES)):
            self.found.findings.append(self.scores_fault)
        for account_id in ids:
            found = timeline.scan(self.root, account_id)
            self.found.findings += self._of_account(account_id, found, scores)

    def _of_account(
        self, account_id: str, found: timeline.Timeline, scores: StoredScores | None
    ) -> Iterator[Finding]:
        wrong = list(check_timeline(account_id, found))
        yield from wrong
        if wrong:
            return  # documents cannot be judged by a timeline that is not whole
        if scores is not None:
            yield from check_entry(account_id, found.events, scores.entry)
        elif not self.tells_scores:
            self.tells_scores = views.score_entry(found.events) is not None
        yield from check_plans(self.root, account_id, found.events)

    def _scores(self) -> StoredScores | None:
        """The scores file; None when there is none that can be read: `scores_fault` says why."""
        try:
            scores = StoredScores.read(self.root)
        except CsmError as error:
            what = f"cannot be read: {error.what}"
        else:
            if scores.data is not None:
                return scores
            what = "is missing"
        self.scores_fault = Finding("scores", SCORES, what, REBUILD)
        return None

    def _older(self, unchained: int, untold: int) -> None:
        said = (
            (unchained, "events are from before timelines were chained"),
            (untold, "events are from before timelines held what the documents hold, so that those "
                     "documents can neither be checked nor rebuilt"),
        )  # fmt: skip
        for number, what in said:
            if number:
                fix = "`csm memory migrate` mends that as far as the journals tell."
                self.note(
                    Finding("memory", timeline.FOLDER, f"{number:,} {what}", fix, is_note=True)
                )

    # Journals and what they say about timelines

    def _journals(self) -> list[str]:
        """Checks all journals; returns the instruction folders that concern the accounts."""
        folders, concerned = places.instruction_folders(self.root), []
        for n, iid in enumerate(folders, 1):
            self.progress("journals", n, len(folders))
            try:
                looked = journal.look(self.root, iid)
            except CsmError as error:
                if not self.only:
                    self._unreadable("journal", journal.path_of(iid), error)
                continue
            told = list(announced.announced(iid, looked.records))
            if self.only and all(p.account_id != self.only for p in told):
                continue
            concerned.append(iid)
            self._journal(iid, looked)
            self._published(told)
        return concerned

    def _journal(self, iid: str, looked: journal.Looked) -> None:
        path = journal.path_of(iid)
        self.found.count("journals", bool(looked.records or looked.problems or looked.torn))
        for line, reason in looked.problems:
            fix = "restore the file from a backup, or move it away to begin anew."
            self.note(Finding("journal", f"{path}:{line}", f"this line {reason}", fix))
        if looked.torn and not locks.is_held(self.root, f"instruction-{iid}"):
            what = "its last line is incomplete: a crash has cut it off"
            self.note(Finding("journal", path, what, f"`csm resume {iid}` mends it."))
        if announced.is_unfinished(self.root, iid, looked.records):
            what = "a publication was announced and did not come to its end"
            self.note(Finding("publication", path, what, f"`csm resume {iid}` finishes it."))

    def _published(self, told: Sequence[announced.Announced]) -> None:
        for account_id in {p.account_id for p in told if p.is_published and p.account_id}:
            lost = announced.lost_events(told, {account_id: self._recorded(account_id)})
            if events := lost.get(account_id):
                kinds = ", ".join(sorted({str(event["kind"]) for event in events}))
                what = (
                    f"lacks {len(events)} events that {told[0].instruction_id} has published "
                    f"({printable(kinds, 200)})"
                )
                fix = "`csm memory rebuild` records them again."
                self.note(Finding("timeline", timeline.path_of(account_id), what, fix, account_id))

    def _recorded(self, account_id: str) -> set[str]:
        """Ids of the events in a timeline; those of the last one asked for are at hand."""
        if self._of_one[0] != account_id:
            ids: set[str] = set()
            with suppress(CsmError):
                ids = {event["event_id"] for event in timeline.read(self.root, account_id)}
            self._of_one = (account_id, ids)
        return self._of_one[1]

    # Documents that people write, and all files

    def _documents(self, folders: Sequence[str]) -> None:
        try:
            read_insights(self.root)
        except CsmError as error:
            self._unreadable("file", INSIGHTS, error)
        for iid in folders:
            with suppress(UnknownInstruction, Blocked):
                try:
                    read_instruction(self.root, iid, date.max)
                except (BadDocument, BadPath, MemoryFault) as error:
                    self._unreadable("file", f"{iid}/instruction.yaml", error)

    def _files(self, folders: Sequence[str]) -> None:
        parts = folders if self.only else [""]
        items = (item for part in parts for item in everything.everything(self.root, part))
        for n, item in enumerate(items, 1):
            self.progress("files", n, 0)
            self.found.count("files", item.kind == "file")
            if (finding := self._file(item)) is not None:
                self.note(finding)

    def _file(self, item: everything.Item) -> Finding | None:
        path = printable(item.path, 300)
        if item.kind == "closed":
            return Finding("file", path, f"cannot be looked into: {item.reason}", _READ)
        if item.kind in ("link", "special"):
            what = "is a link" if item.kind == "link" else "is a special file"
            return Finding("file", path, f"{what}; it is never followed or read", is_note=True)
        if item.is_temporary and everything.is_abandoned(self.root, item.path):
            what = "is a temporary file of a process that died"
            return Finding("leftover", path, what, "`csm memory rebuild` removes it.")
        if item.kind == "file" and not item.is_temporary:
            try:
                with everything.opened(self.root, item.path):
                    return None
            except MissingFile:
                return None
            except CsmError as error:
                return Finding("file", path, error.what.rstrip("."), _READ)
        return None

    def _unreadable(self, kind: Kind, where: str, error: CsmError, account_id: str = "") -> None:
        what = f"cannot be read: {error.what.rstrip('.')}"
        self.note(Finding(kind, error.where or where, what, error.fix or _READ, account_id))
