"""`csm memory rebuild`: the documents once more, from the events they are views of.

Events that a journal holds as published come back first, where a timeline has lost its end. Then
each plan, then the scores file in one go. Whatever lies there and is recorded nowhere else is kept
beside the new file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from agent.errors import BadDocument, CsmError
from agent.keeping import announced, places
from agent.keeping.documents import (
    check_plans,
    differing,
    earlier_texts,
    mended,
    told_plans,
    without_view,
)
from agent.keeping.findings import Finding, Progress, silent
from agent.keeping.timelines import check_timeline, is_trustworthy
from agent.memory import chain, everything, journal, kept, schema, timeline, views
from agent.memory.locks import lock
from agent.memory.paths import MemoryRoot, MissingFile
from agent.memory.pause import paused, writing
from agent.memory.publish import Staged, publish
from agent.memory.scores_file import MAX_BYTES, Entry
from agent.memory.scores_file import PATH as SCORES
from agent.memory.stored_scores import StoredScores

_PLAN_LIMIT = 64 << 20
_ATTEMPTS = 20


@dataclass(frozen=True)
class Done:
    """One thing that was brought back. `kept` is where the file that gave way lies now, "" when
    nothing did or when what it held is on record anyway."""

    where: str
    what: str
    kept: str = ""


@dataclass
class Rebuilt:
    """What was brought back (or would be), and what could not be."""

    done: list[Done] = field(default_factory=list)
    left: list[Finding] = field(default_factory=list)

    @property
    def is_complete(self) -> bool:
        return all(finding.is_note for finding in self.left)

    def as_dict(self) -> dict[str, Any]:
        return {
            "complete": self.is_complete,
            "done": [done.__dict__ for done in self.done],
            "left": [finding.as_dict() for finding in self.left],
        }


def rebuild(
    memory: Path,
    *,
    now: datetime,
    account: str = "",
    dry_run: bool = False,
    trust_timelines: bool = False,
    progress: Progress = silent,
) -> Rebuilt:
    """Bring back what the timelines and journals tell.

    Args:
        now: goes into the names of files that are kept.
        account: id or name; all accounts when it is "".
        dry_run: only say what would be done.
        trust_timelines: write documents also from timelines whose chain does not hold.

    Raises:
        NeedsContext: nobody is called like `account`.
        Blocked: the memory is of a newer version.
        MemoryFault: the disk refused; what was there is intact.
    """
    root = MemoryRoot.open(memory)
    schema.check(root)
    only = places.account_named(root, account) if account else ""
    work = Rebuild(root, only, f"{now:%Y%m%dT%H%M%SZ}", dry_run, trust_timelines, progress)
    work.run()
    return work.result


@dataclass
class Rebuild:
    root: MemoryRoot
    only: str
    moment: str
    dry_run: bool
    trust: bool
    progress: Progress
    result: Rebuilt = field(default_factory=Rebuilt)
    lost: Mapping[str, Sequence[announced.Event]] = field(default_factory=dict)

    def run(self) -> None:
        self.lost = lost = self._lost()
        ids = {self.only} if self.only else {*places.accounts(self.root), *lost}
        for n, account_id in enumerate(sorted(ids), 1):
            self.progress("accounts", n, len(ids))
            try:
                with self._alone_with(account_id):
                    self._account(account_id, lost.get(account_id, ()))
            except CsmError as error:
                self._leave(timeline.path_of(account_id), error.what, error.fix, account_id)
        self._scores(ids)
        if not self.dry_run:
            self._sweep()

    def _alone_with(self, account_id: str) -> AbstractContextManager[None]:
        """The account's lock, where there is anything to do."""
        if self.dry_run or not self._has_work(account_id):
            return nullcontext()
        return lock(self.root, f"account-{account_id}", wait=5)

    def _has_work(self, account_id: str) -> bool:
        found = timeline.scan(self.root, account_id)
        if found.torn or self._lacks_head(found) or self.lost.get(account_id):
            return True
        return any(check_plans(self.root, account_id, found.events))

    # Timelines

    def _lost(self) -> dict[str, list[announced.Event]]:
        """By account, what journals hold as published and timelines lack."""
        found: list[announced.Announced] = []
        recorded: dict[str, set[str]] = {}
        folders = places.instruction_folders(self.root)
        for n, iid in enumerate(folders, 1):
            self.progress("journals", n, len(folders))
            with suppress(CsmError):
                told = list(announced.announced(iid, journal.look(self.root, iid).records))
                for publication in told:
                    about = publication.account_id
                    if not about or (self.only and about != self.only):
                        continue
                    have = {e["event_id"] for e in timeline.read(self.root, about)}
                    if announced.lost_events([publication], {about: have}):
                        found.append(publication)
                        recorded[about] = have
        return announced.lost_events(found, recorded)

    def _account(self, account_id: str, lost: Sequence[announced.Event]) -> None:
        path = timeline.path_of(account_id)
        found = timeline.scan(self.root, account_id)
        events: Sequence[Mapping[str, Any]] = [*found.events, *lost]
        if lost or found.torn or self._lacks_head(found):
            if not self.dry_run:
                timeline.restore(self.root, account_id, lost)
                found = timeline.scan(self.root, account_id)
                events = found.events
            self._did(path, f"{len(lost)} lost events recorded again" if lost else "end mended")
        if not self.dry_run or not lost:
            self.result.left += check_timeline(account_id, found)
        if not self.trust and not is_trustworthy(account_id, found):
            return
        if number := without_view(events):
            what = (
                f"{number} events are from before timelines held what the documents hold; those "
                "documents are left as they are"
            )
            fix = "`csm memory migrate` fills them in where the journals tell."
            self.result.left.append(Finding("memory", path, what, fix, account_id, is_note=True))
        self._plans(account_id, events)

    def _lacks_head(self, found: timeline.Timeline) -> bool:
        return not found.head and any(chain.KEY in event for event in found.events)

    # Plans

    def _plans(self, account_id: str, events: Sequence[Mapping[str, Any]]) -> None:
        texts, earlier = told_plans(events), earlier_texts(events)
        for finding in check_plans(self.root, account_id, events):
            path = finding.where
            try:
                old = self._bytes(path, _PLAN_LIMIT)
            except CsmError as error:
                self._leave(path, error.what, error.fix, account_id)
                continue
            files = [Staged(path, texts[path].encode())]
            place = "" if old is None or old in earlier.get(path, ()) else self._keep(path, old)
            if place:
                files.insert(0, Staged(place, old or b"", None))
            if not self.dry_run:
                with writing(self.root):
                    publish(self.root, files)
            self._did(path, f"written again; it {finding.what}", place)

    # Scores

    def _scores(self, ids: set[str]) -> None:
        if self.dry_run:
            self.result.done += self._plan_scores(ids)[0]
            return
        with paused(self.root), lock(self.root, "scores", wait=60):
            for _ in range(_ATTEMPTS):
                done, files = self._plan_scores(ids)
                if not files or publish(self.root, files):
                    self.result.done += done
                    return
        self._leave(SCORES, "another program keeps replacing this file", "stop it, then again.", "")

    def _plan_scores(self, ids: set[str]) -> tuple[list[Done], list[Staged]]:
        """What is to be done to the scores file: the words for it, and the files to write."""
        old, before = None, None
        with suppress(MissingFile):
            old, before = self.root.read_signed(SCORES, limit=MAX_BYTES)
        why = "" if old is not None else "it is missing"
        try:
            scores = StoredScores(old)
        except BadDocument as error:
            scores, why = StoredScores(None), f"it cannot be read: {error.what.rstrip('.')}"
        if why:  # one file holds all accounts, so all of them are told again
            ids = {*ids, *places.accounts(self.root)}
        wrong, gives_way = self._wrong_entries(scores, ids)
        if not wrong:
            if why and old is not None:
                self._leave(SCORES, f"{why}, and no timeline tells an entry", "correct it.", "")
            return [], []
        try:
            data = scores.with_entries(wrong, lambda id: self._entry(scores, id))
        except BadDocument as error:
            self._leave(SCORES, error.what, error.fix, "")
            return [], []
        place = self._keep(SCORES, old) if old is not None and (why or gives_way) else ""
        files = [Staged(place, old or b"", None)] if place else []
        if why:
            done = [Done(SCORES, f"written again with {len(wrong)} entries; {why}", place)]
        else:
            done = [Done(f"{SCORES} ({id})", "entry written again", place) for id in wrong]
        return done, [*files, Staged(SCORES, data, before)]

    def _wrong_entries(self, scores: StoredScores, ids: set[str]) -> tuple[list[str], bool]:
        """Accounts whose entry is not what their timeline tells, and whether a stored one holds
        something that no timeline does."""
        wrong, gives_way = [], False
        for account_id in sorted(ids):
            events = self._events(account_id)
            expected = views.score_entry(events)
            if expected is None:
                continue
            stored, is_readable = _stored(scores, account_id)
            if isinstance(stored, dict) and not differing(expected, stored):
                continue
            wrong.append(account_id)
            is_recorded = stored is None or (
                isinstance(stored, dict) and views.is_behind(stored, events)
            )
            gives_way = gives_way or not (is_readable and is_recorded)
        return wrong, gives_way

    def _entry(self, scores: StoredScores, account_id: str) -> Entry:
        expected = views.score_entry(self._events(account_id))
        assert expected is not None
        return mended(expected, _stored(scores, account_id)[0])

    def _events(self, account_id: str) -> Sequence[Mapping[str, Any]]:
        """The events that documents may be written from; none where the timeline is not whole."""
        found = timeline.scan(self.root, account_id)
        if not self.trust and not is_trustworthy(account_id, found):
            return ()
        return [*found.events, *self.lost.get(account_id, ())] if self.dry_run else found.events

    # What all steps share

    def _bytes(self, path: str, limit: int) -> bytes | None:
        try:
            return self.root.read_bytes(path, limit=limit)
        except MissingFile:
            return None

    def _keep(self, path: str, data: bytes) -> str:
        return kept.place_for(self.root, path, data, self.moment)

    def _did(self, where: str, what: str, place: str = "") -> None:
        self.result.done.append(Done(where, what, place))

    def _leave(self, where: str, what: str, fix: str, account_id: str) -> None:
        self.result.left.append(Finding("file", where, f"left as it is: {what}", fix, account_id))

    def _sweep(self) -> None:
        for path in everything.sweep(self.root):
            self._did(path, "the temporary file of a process that died is removed")


def _stored(scores: StoredScores, account_id: str) -> tuple[Any, bool]:
    """The stored entry, and whether it can be read."""
    try:
        return scores.entry(account_id), True
    except BadDocument:
        return None, False
