"""`csm fork`: a new instruction that goes on from the middle of a recorded run.

The new folder begins with a journal of its own: the snapshot and the turns before the fork, as the
other run had them, with the old folder's paths rewritten. From there the runtime goes on as with
any run that was stopped, so nothing that was paid for is paid again and nothing that was sent is
sent again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from agent.case import INSTRUCTION_LIMIT, read_instruction
from agent.clock import stamp, utc_now
from agent.commission import next_id
from agent.errors import BadInput, Blocked
from agent.household import DEFAULT_PERSONA, Household, open_household
from agent.instruction import parse as parse_instruction
from agent.instruction import reworded
from agent.memory import strict_yaml
from agent.memory.inbox import message_id
from agent.memory.journal import Journal
from agent.memory.locks import lock
from agent.memory.paths import MemoryRoot, check_instruction_id
from agent.model_choice import is_offline, language_model
from agent.models.base import Usage
from agent.outbox import Envelope, Outbox, matter
from agent.reception import beginning
from agent.redirect import foreign_messages, recorded_verdict
from agent.replay.recording import Recording, recording
from agent.result import Sent
from agent.runs import Record, past_runs, published_plans, sent_messages


@dataclass(frozen=True)
class Fork:
    """A laid-out fork: `turn` is the first that is asked anew, of `model`."""

    instruction_id: str
    parent: str
    run: int
    turn: int
    model: str


def fork(
    instruction_id: str,
    *,
    memory: Path,
    turn: int,
    run: int = 0,
    model: str = "",
    objective: str = "",
    new_id: str = "",
    personas: Path | None = None,
    now: Callable[[], datetime] = utc_now,
) -> Fork:
    """Lay out a new instruction that goes on from turn `turn` of a recorded run.

    Args:
        turn: from 1; the turns before it are taken from the record.
        run: which run; 0 for the last that came to an end, else the last.
        model: as in `Order`; "" for the one of the recorded run.
        objective: another text of the instruction; it is triaged anew.
        new_id: id of the new instruction; "" for the next free one of the day.

    Raises:
        BadInput: a turn that is not on record, an id that is taken, a model that is unknown.
        Blocked: nothing is recorded, or the run did not get to the account's work.
    """
    root = MemoryRoot.open(memory)
    parent = check_instruction_id(instruction_id)
    if new_id:
        check_instruction_id(new_id)
    records = Journal.open(root, parent, read_only=True).records
    if not records:
        read_instruction(root, parent, date.max)  # an unknown id is the nearer fault
    recorded = recording(parent, records, run)
    _check_turn(recorded, turn)
    household = open_household(DEFAULT_PERSONA, personas)
    chosen = _model(recorded, model, household)
    document = _document(root, parent)
    moment = now()
    with lock(root, "new-instruction", wait=30):
        iid = new_id or next_id(root, moment)
        if root.exists(iid):
            raise BadInput(
                f"there is a folder {iid!r} in this memory already",
                where="--as",
                fix="Give another id, or leave --as out for the next free one.",
            )
        text = strict_yaml.dump(reworded(document, iid, parent=parent, objective=objective))
        where = f"{iid}/instruction.yaml"
        read = strict_yaml.load(text.encode(), where=where, max_bytes=INSTRUCTION_LIMIT)
        instruction = parse_instruction(
            read, folder_id=iid, where=where, as_of=date.fromisoformat(recorded.started["as_of"])
        )
        begun = beginning(
            household, instruction, date.fromisoformat(recorded.started["as_of"]), chosen,
            stamp(moment),
        ) | {"forked_from": _origin(recorded, turn)}  # fmt: skip
        journal = Journal.open(root, iid)
        journal.append("run_started", run=1, **begun)
        for kind, data in _taken_over(recorded, household, iid, turn, chosen, bool(objective)):
            journal.append(kind, run=1, **data)
        # Last, so that a folder which is an instruction has its whole beginning.
        root.write_atomic(where, text.encode(), exclusive=True)
    return Fork(iid, parent, recorded.past.number, turn, chosen)


def _check_turn(recorded: Recording, turn: int) -> None:
    ended = recorded.past.finished or recorded.past.status in ("partial", "blocked")
    last = recorded.turns if ended else recorded.turns + 1
    if recorded.loaded is None:
        raise Blocked(
            f"run {recorded.past.number} did not get to the account's work "
            f"({recorded.past.status or 'stopped'}), so there is nothing to go on from",
            where=recorded.instruction_id,
            fix="make a new instruction: csm new ACCOUNT 'objective'.",
        )
    if not 1 <= turn <= max(last, 1):
        turns = "1 turn is" if recorded.turns == 1 else f"{recorded.turns} turns are"
        raise BadInput(
            f"{turns} on record of run {recorded.past.number}, so there is no turn {turn} to ask "
            "anew",
            where="--turn",
            fix=f"Give a turn from 1 to {max(last, 1)}.",
        )


def _model(recorded: Recording, ordered: str, household: Household) -> str:
    """The model's name as a run keeps it; a name nobody knows is refused before anything is."""
    from agent.model_choice import settled

    name = settled(ordered) if ordered else str(recorded.started["model"])
    if name == "recorded":
        raise BadInput(
            "a fork needs a model that can answer anew, not a recording",
            where="--model",
            fix="Give playbook, claude, an alias or a full model id.",
        )
    if not is_offline(name):
        language_model(name, household.persona.model)
    return name


def _document(root: MemoryRoot, parent: str) -> Mapping[str, Any]:
    read_instruction(root, parent, date.max)  # says what is wrong with it, if something is
    where = f"{parent}/instruction.yaml"
    data = root.read_bytes(where, limit=INSTRUCTION_LIMIT)
    document: Mapping[str, Any] = strict_yaml.load(data, where=where, max_bytes=INSTRUCTION_LIMIT)
    return document


def _origin(recorded: Recording, turn: int) -> dict[str, Any]:
    """Where the fork comes from, and the plan of its parent, which it supersedes."""
    plans = published_plans(recorded.records)
    return {
        "instruction_id": recorded.instruction_id,
        "run": recorded.past.number,
        "turn": turn,
        "supersedes": plans[-1] if plans else "",
    }


def _taken_over(
    recorded: Recording,
    household: Household,
    iid: str,
    turn: int,
    model: str,
    reworded: bool,
) -> Iterator[tuple[str, dict[str, Any]]]:
    """The records that the fork begins with. What they cost was paid by the other run."""
    same_model = model == recorded.started["model"]
    free = {"usage": Usage().as_dict(), "cost": "0"}
    sent = list(_already_sent(recorded, household, iid))
    for record in recorded.past.records:
        kind = str(record["kind"])
        data = {key: value for key, value in record.items() if key not in ("seq", "kind", "run")}
        if kind == "triaged" and not reworded:
            yield kind, data | free
        elif kind == "loaded":
            yield kind, data
            if sent:
                yield "handed_over", {"at": record["at"], "handoffs": [asdict(s) for s in sent]}
        elif kind == "model_reply" and record["turn"] < turn:
            data.pop("request_sha256", None)  # it was the other run's request
            content = [_moved(b, recorded.instruction_id, iid) for b in record["content"]]
            yield kind, data | free | {"content": content if same_model else _unsigned(content)}
        elif kind == "tool_result" and record["turn"] < turn:
            yield kind, data | {"text": _rewritten(record["text"], recorded.instruction_id, iid)}


def _already_sent(recorded: Recording, household: Household, iid: str) -> Iterator[Sent]:
    """What the parent has sent, under the ids that the same matters have in the fork."""
    ids: dict[str, str] = {}
    for past in past_runs(recorded.records):
        triaged = past.first("triaged")
        if triaged is not None:
            ids |= dict(zip(*(_handed(recorded, household, triaged, i)
                              for i in (recorded.instruction_id, iid)), strict=True))  # fmt: skip
    for id, sent in sent_messages(recorded.records).items():
        new = ids.get(id) or message_id(iid, sent.type, sent.to, matter(sent.about))
        yield replace(sent, message_id=new)


def _handed(recorded: Recording, household: Household, triaged: Record, iid: str) -> list[str]:
    """Ids of the messages for other roles' parts of the request, as instruction `iid` has them."""
    snapshot = (recorded.loaded or {"snapshot": {}})["snapshot"]
    account_id, name = str(snapshot["account_id"]), str(snapshot["account_name"])
    envelope = Envelope(household.persona.name, iid, account_id, name, str(recorded.started["at"]))
    outbox = Outbox(envelope, household.roster)
    foreign_messages(iid, recorded_verdict(triaged).foreign, outbox, name)
    return [str(message["id"]) for message in outbox.messages]


def _moved(block: Mapping[str, Any], old: str, new: str) -> dict[str, Any]:
    """A block of a reply; in a tool's input the old folder becomes the new one."""
    if block.get("type") != "tool_use":
        return dict(block)
    return {**block, "input": _rewritten(block.get("input"), old, new)}


def _rewritten(value: Any, old: str, new: str) -> Any:
    if isinstance(value, str):
        return re.sub(rf"(?<![\w.-]){re.escape(old)}(?=/)", new, value)
    if isinstance(value, Mapping):
        return {key: _rewritten(item, old, new) for key, item in value.items()}
    if isinstance(value, list):
        return [_rewritten(item, old, new) for item in value]
    return value


def _unsigned(content: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without thinking: its signature holds for the model that thought it, and for no other."""
    kept = [b for b in content if b.get("type") not in ("thinking", "redacted_thinking")]
    return kept or [{"type": "text", "text": "(no text)"}]
