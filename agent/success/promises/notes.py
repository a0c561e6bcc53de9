"""What a new plan says about the promises of the last one: notes, and promises given another day.

Neither can call a promise done, and neither goes against what is recorded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from agent.success.plan import Action, Carried, CarriedNote, MilestonePlan, Objective, PlanDraft
from agent.success.promises.found import SETTLE, UNSETTLED, same_words
from agent.success.promises.vocabulary import day_of

REDATED = "the new plan sets another date"
_AFTER_ALL = UNSETTLED - {"moved"}


def with_notes(carried: Sequence[Carried], draft: PlanDraft, as_of: date) -> list[Carried]:
    """The promises with what the draft says of them. A note that does not hold (see `faults`)
    changes nothing."""
    notes = {note.promise: note for note in draft.carried}
    wrong = {where for where, _, _ in faults(carried, draft, as_of)}
    out = []
    for item in carried:
        note = notes.get(item.id)
        if note is not None and note.promise not in wrong:
            out.append(_noted(item, note))
        else:
            out.append(_redated(item, draft, as_of))
    return out


def faults(
    carried: Sequence[Carried], draft: PlanDraft, as_of: date
) -> Iterator[tuple[str, str, str]]:
    """(promise, what is wrong, how to mend it) of notes that cannot hold. `carried` is as it was
    before the draft."""
    known = {item.id: item for item in carried if item.id}
    seen: set[str] = set()
    for note in draft.carried:
        item = known.get(note.promise)
        if item is None:
            some = ", ".join(list(known)[:5]) or "none"
            yield note.promise, "is no promise of the last plan", f"use its id: {some}"
        elif note.promise in seen:
            yield note.promise, "has two notes", "keep one"
        elif item.outcome not in UNSETTLED or (item.outcome == "moved" and _recorded(item)):
            yield note.promise, f"is {item.outcome} already: {item.why}", "leave the note out"
        elif note.outcome == "moved" and (note.to is None or note.to <= as_of):
            yield note.promise, "is moved to no day ahead", f"give `to`, a day after {as_of}"
        elif note.outcome == "dropped" and note.to is not None:
            yield note.promise, "is dropped and has a new day", "leave `to` out"
        seen.add(note.promise)


def _recorded(item: Carried) -> bool:
    return item.basis == "recorded"


def _noted(item: Carried, note: CarriedNote) -> Carried:
    return item.model_copy(
        update={
            "outcome": note.outcome,
            "moved_to": note.to.isoformat() if note.to else "",
            "why": note.why,
            "basis": "proposed",
            "evidence": list(dict.fromkeys([*item.evidence, *note.evidence])),
        }
    )


def _redated(item: Carried, draft: PlanDraft, as_of: date) -> Carried:
    """A promise that the draft makes again for a later day. One made again for today is as late
    as it was."""
    if item.outcome not in _AFTER_ALL or item.kind == "other":
        return item
    before = day_of(item.moved_to or item.was_due)
    for due, why, evidence in _again(item, draft):
        if due > as_of and before is not None and due > before:
            return item.model_copy(
                update={
                    "outcome": "moved",
                    "moved_to": due.isoformat(),
                    "why": why or REDATED,
                    "basis": "proposed",
                    "evidence": list(dict.fromkeys([*item.evidence, *evidence])),
                }
            )
    return item


def _again(item: Carried, draft: PlanDraft) -> Iterator[tuple[date, str, Sequence[str]]]:
    if item.title.startswith(SETTLE):
        return  # it only asks what became of something
    parts: list[Objective | MilestonePlan | Action] = [*draft.objectives, *draft.milestones]
    for part in [*parts, *draft.actions]:
        same = same_words(part.title, item.title) and not part.title.startswith(SETTLE)
        if isinstance(part, Objective) and item.goal:
            same = part.goal == item.goal
        if same and part.due is not None:
            yield part.due, getattr(part, "why", ""), part.evidence
