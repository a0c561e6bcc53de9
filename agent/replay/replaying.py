"""`csm replay`: recorded runs through today's code and policy, and what would differ.

No model is asked, no lock is taken and nothing is written, so a memory that cannot be written will
do. What a run rested on is taken from its journal; what the journal does not hold (the instruction,
the names of other accounts, files beside the snapshot) is today's, and a note says where it has
changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from agent.case import PLAN_LIMIT, read_insights, read_instruction
from agent.errors import BadInput, CsmError, printable
from agent.household import DEFAULT_PERSONA, Household, open_household
from agent.instruction import Instruction
from agent.memory import strict_yaml
from agent.memory.insights_file import InsightsFile
from agent.memory.journal import Journal, path_of
from agent.memory.paths import MemoryRoot, check_instruction_id
from agent.replay.comparison import (
    Difference,
    by_weight,
    compare_publications,
    compare_results,
)
from agent.replay.course import OffTheRecord
from agent.replay.recording import Recording, recording
from agent.replay.rehearsal import COMPUTED, Rehearsal, rehearsal


@dataclass(frozen=True)
class Account:
    """What became of one recorded run today.

    `differences` come weightiest first; none means that every byte it left would be the same.
    `notes` are what has changed around it since and moved nothing by itself. `until` says where the
    record ends when the run did not get to its documents, "" when it did.
    """

    instruction_id: str
    run: int
    as_of: str
    model: str
    status: str
    turns: int
    compared: Mapping[str, int]
    differences: tuple[Difference, ...] = ()
    notes: tuple[str, ...] = ()
    until: str = ""

    @property
    def identical(self) -> bool:
        return not self.differences

    def as_dict(self) -> dict[str, Any]:
        return {
            "instruction_id": self.instruction_id,
            "run": self.run,
            "as_of": self.as_of,
            "model": self.model,
            "status": self.status,
            "turns": self.turns,
            "identical": self.identical,
            "compared": dict(self.compared),
            "until": self.until,
            "differences": [difference.as_dict() for difference in self.differences],
            "notes": list(self.notes),
        }


@dataclass(frozen=True)
class Unreplayable:
    """A journal that nothing could be made of, and why."""

    instruction_id: str
    reason: str

    def as_dict(self) -> dict[str, Any]:
        return {"instruction_id": self.instruction_id, "error": self.reason}


@dataclass
class Replayer:
    """Replays runs of one memory with one persona; reads the insights once for all of them."""

    root: MemoryRoot
    household: Household

    @cached_property
    def insights(self) -> InsightsFile | None:
        return read_insights(self.root)

    def replay(self, instruction_id: str, run: int = 0) -> Account:
        """One run; `run` 0 means the last that came to an end, else the last.

        Raises:
            BadInput: no such instruction or run, or a journal that is damaged.
            Blocked: nothing is recorded.
        """
        iid = check_instruction_id(instruction_id)
        records = Journal.open(self.root, iid, read_only=True)
        if not records.records:
            read_instruction(self.root, iid, date.max)  # an unknown id is the nearer fault
        return self._account(recording(iid, records.records, run), records.recovered)

    def replay_all(self, since: date | None = None) -> Iterator[Account | Unreplayable]:
        """The run of every instruction with a journal that `replay` would take, in order of ids;
        those with an earlier business date than `since` are left out."""
        for iid in journals(self.root):
            try:
                opened = Journal.open(self.root, iid, read_only=True)
                if not opened.records:
                    continue
                chosen = recording(iid, opened.records)
                if since is None or str(chosen.started["as_of"]) >= since.isoformat():
                    yield self._account(chosen, opened.recovered)
            except CsmError as error:
                yield Unreplayable(iid, str(error))
            except Exception as error:  # today's code fails on this run: the others still count
                fault = f"this is a fault in csm: {type(error).__name__}: {error}"
                yield Unreplayable(iid, printable(fault))

    def _account(self, recorded: Recording, torn: str) -> Account:
        started = recorded.started
        day = date.fromisoformat(started["as_of"])
        instruction = read_instruction(self.root, recorded.instruction_id, day)
        play = rehearsal(recorded, self.root, self.household, instruction, lambda: self.insights)
        until, stopped = "", None
        try:
            play.story()
        except OffTheRecord as off:
            until = off.what
        except CsmError as error:
            stopped = error
        if play.outcome is not None and recorded.announced is None:
            until = "what it would have left behind"
        found = [*play.differences, *_outcome(recorded, play, stopped)]
        notes = list(_notes(recorded, self.household, instruction, torn))
        loaded = recorded.loaded
        if loaded and self.insights and _seen(loaded) != self.insights.sha256:
            notes.append("the insights have changed since; the share on record was used")
        if play.computed_only:
            notes.append(
                "the recorded draft was not to be had as a plan today; only what the engine "
                "computes was compared"
            )
        return Account(
            instruction_id=recorded.instruction_id,
            run=recorded.past.number,
            as_of=str(started["as_of"]),
            model=str((recorded.result or {}).get("model") or started["model"]),
            status=recorded.past.status or "stopped",
            turns=recorded.turns,
            compared=_compared(recorded, play),
            differences=by_weight(found),
            notes=tuple(notes),
            until=until,
        )


def open_replayer(memory: Path, personas: Path | None = None) -> Replayer:
    """A replayer for the memory at `memory`, with today's default persona; `personas` is a folder
    of local persona files that win over those shipped."""
    return Replayer(MemoryRoot.open(memory), open_household(DEFAULT_PERSONA, personas))


def journals(root: MemoryRoot) -> list[str]:
    """Ids of the instructions that have a journal, sorted."""
    found = []
    for name in root.list_dir(""):
        with suppress(BadInput):  # a file, or a folder of something else
            if not name.startswith("_") and root.exists(path_of(name)):
                found.append(name)
    return found


def _outcome(
    recorded: Recording, play: Rehearsal, stopped: CsmError | None
) -> Iterator[Difference]:
    """What is left behind today against what was announced, or how the run stopped."""
    announced, outcome = recorded.announced, play.outcome
    if stopped is not None:
        then = recorded.result if announced is None else {}
        if (then.get("status"), then.get("summary")) == (stopped.status, str(stopped)):
            return
        was = f"it ended {recorded.past.status}" if recorded.past.status else "it went on"
        yield Difference("ending", f"the run would stop here today; {was}", reason=str(stopped))
    elif announced is not None and outcome is not None:
        before, after = announced["publication"], outcome["publication"]
        only = COMPUTED if play.computed_only else frozenset[str]()
        yield from compare_publications(before, after, _load, only)
        if not play.computed_only:
            yield from compare_results(announced["result"], outcome["result"])


def _seen(loaded: Mapping[str, Any]) -> str:
    return str(loaded["snapshot"]["insights_sha256"])


def _load(text: str, path: str) -> Any:
    return strict_yaml.load(text.encode(), where=path, max_bytes=PLAN_LIMIT)


def _compared(recorded: Recording, play: Rehearsal) -> dict[str, int]:
    """How many of each were held against each other."""
    announced = recorded.announced
    if announced is None or play.outcome is None:
        return {}
    publication = announced["publication"]
    return {
        "plans": len(publication["plan"]),
        "scores": int(publication["entry"] is not None),
        "messages": len(publication["messages"]),
        "events": len(publication["events"]),
        "records": len(publication["records"]),
    }


def _notes(
    recorded: Recording, household: Household, instruction: Instruction, torn: str
) -> Iterator[str]:
    started = recorded.started
    if instruction.sha256 != started["instruction_sha256"]:
        yield "the instruction has changed since the run; today's text was used"
    if household.persona.hash != started["persona_hash"]:
        yield f"the persona's files have changed since: {_moved_files(started, household)}"
    if torn:
        yield "the last line of the journal is incomplete (a crash, or a run under way); left out"


def _moved_files(started: Mapping[str, Any], household: Household) -> str:
    """Which files of the persona are not what they were, by their names in its folder."""
    folder = f"{household.persona.name}/"
    then = {s.split(folder)[-1]: h for s, h in (started.get("persona_files") or {}).items()}
    now = {s.split(folder)[-1]: h for s, h in household.persona.files.items()}
    if not then:
        return "which ones cannot be told, the journal holds one hash over all"
    moved = [f"{name}" for name in now if name in then and now[name] != then[name]]
    moved += [f"{name} (new)" for name in now if name not in then]
    moved += [f"{name} (gone)" for name in then if name not in now]
    return ", ".join(moved) or "only their names"
