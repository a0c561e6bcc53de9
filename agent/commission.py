"""Making an instruction in a memory: the strict writer beside the tolerant reader."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, get_args

from agent.case import account_of, read_insights
from agent.clock import stamp, utc_now
from agent.errors import BadInput, NeedsContext, printable
from agent.instruction import Instruction, Priority
from agent.memory import strict_yaml
from agent.memory.locks import lock
from agent.memory.paths import MemoryRoot
from agent.memory.pause import writing


@dataclass(frozen=True)
class Commission:
    """A new instruction: its id, the path of its file, the account it is for, and whether this
    memory knows that account."""

    instruction_id: str
    path: str
    account: str
    known: bool


def commission(
    memory: Path,
    *,
    account: str,
    objective: str,
    context: str = "",
    requested_by: str = "person",
    priority: str = "normal",
    deadline: str = "",
    now: Callable[[], datetime] = utc_now,
) -> Commission:
    """Write `<id>/instruction.yaml` with the next free id of the day.

    Raises:
        BadInput: objective empty, priority or deadline not usable.
        NeedsContext: the account is named by two accounts; an unknown one is kept as it is, since
            the request may be about somebody who is not a customer yet.
    """
    objective = objective.strip()
    if not objective:
        raise BadInput("the objective is empty", where="OBJECTIVE", fix="Say what is to be done.")
    if priority not in get_args(Priority):
        raise BadInput(
            f"{printable(priority, 40)!r} is not a priority",
            where="--priority",
            fix=f"Use one of {', '.join(get_args(Priority))}.",
        )
    if deadline:
        _check_date(deadline)
    root = MemoryRoot.open(memory)
    moment = now()
    named, known = _known_account(root, account)
    with writing(root), lock(root, "new-instruction", wait=30):
        id = next_id(root, moment)
        document: dict[str, Any] = {
            "instruction_id": id,
            "assigned_to": "customer-success-manager",
            "requested_by": requested_by,
            "created_at": stamp(moment),
            "account": named,
            "objective": objective,
            **({"context": context} if context else {}),
            **({"deadline": deadline} if deadline else {}),
            "priority": priority,
        }
        path = f"{id}/instruction.yaml"
        root.make_dirs(id)
        root.write_atomic(path, strict_yaml.dump(document).encode(), exclusive=True)
    return Commission(id, path, named, known)


def _known_account(root: MemoryRoot, account: str) -> tuple[str, bool]:
    try:
        return account_of(Instruction("new", "", account=account), read_insights(root)), True
    except NeedsContext as error:
        if len(error.candidates) > 1 and all(
            account.casefold() in c.casefold() for c in error.candidates
        ):
            raise
        return account, False


def next_id(root: MemoryRoot, moment: datetime) -> str:
    """The next free id of the day: `inst_YYYYMMDD_NNN`."""
    day = f"inst_{moment:%Y%m%d}_"
    taken = {name.removeprefix(day) for name in root.list_dir("") if name.startswith(day)}
    numbers = [int(rest) for rest in taken if rest.isdigit() and len(rest) < 6]
    return f"{day}{max(numbers, default=0) + 1:03d}"


def _check_date(text: str) -> None:
    try:
        date.fromisoformat(text)
    except ValueError:
        raise BadInput(
            f"{printable(text, 40)!r} is not a date", where="--deadline", fix="Like 2026-12-01."
        ) from None
