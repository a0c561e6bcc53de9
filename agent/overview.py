"""Looking at a memory without changing it: instructions, their runs, their plans."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from agent.case import PLAN_LIMIT, read_instruction
from agent.errors import BadDocument, BadPath, CsmError, UnknownInstruction
from agent.memory import strict_yaml
from agent.memory.journal import Journal
from agent.memory.paths import MemoryRoot, MissingFile, check_instruction_id
from agent.runs import past_runs
from agent.success.plan import SuccessPlan

MAX_LISTED = 2000


@dataclass(frozen=True)
class Row:
    """One instruction. `status` is the last run's result, "open" before any, "stopped" when a run
    can go on, "unreadable" with the error in `objective`."""

    instruction_id: str
    status: str
    account: str
    objective: str


def instructions(memory: Path) -> list[Row]:
    """All instruction folders by id."""
    root = MemoryRoot.open(memory)
    folders = [n for n in root.list_dir("") if not n.startswith(("_", "."))]
    return [
        _row(root, name)
        for name in folders[:MAX_LISTED]
        if _has(root, f"{name}/instruction.yaml") or _has(root, f"{name}/outputs/final")
    ]


def _has(root: MemoryRoot, path: str) -> bool:
    """Whether there is such a file; a plain file where a folder would be is simply not one."""
    try:
        return root.exists(path)
    except BadPath:
        return False


def _row(root: MemoryRoot, name: str) -> Row:
    try:
        instruction = read_instruction(root, check_instruction_id(name), date.max)
        journal = Journal.open(root, name, read_only=True)
    except UnknownInstruction:
        return Row(name, "plan only", "", "an earlier plan without its instruction")
    except CsmError as error:
        return Row(name, "unreadable", "", str(error))
    runs = past_runs(journal.records)
    status = (runs[-1].status or "stopped") if runs else "open"
    return Row(name, status, instruction.account, " ".join(instruction.objective.split()))


def run_history(memory: Path, instruction_id: str) -> list[dict[str, Any]]:
    """The runs of one instruction, oldest first, from its journal."""
    root = MemoryRoot.open(memory)
    iid = check_instruction_id(instruction_id)
    if not root.exists(f"{iid}/instruction.yaml"):
        raise UnknownInstruction(
            f"there is no instruction {iid!r} in this memory", fix="`csm list` shows the ids."
        )
    out = []
    for run in past_runs(Journal.open(root, iid, read_only=True).records):
        started = run.first("run_started") or {}
        result = (run.last("run_finished") or {}).get("result", {})
        out.append(
            {
                "run": run.number,
                "status": run.status or "stopped",
                "as_of": started.get("as_of", ""),
                "model": result.get("model") or started.get("model", ""),
                "summary": result.get("summary", "it has not ended; `csm resume` goes on with it"),
                "turns": result.get("turns", 0),
                "usage": result.get("usage", {}),
                "cost_usd": result.get("cost_usd", "0"),
                "outputs": [o["path"] for o in result.get("outputs", ())],
                "handoffs": [
                    f"{h['type']} to {h['to']}: {h['about']}" for h in result.get("handoffs", ())
                ],
                "concerns": list(result.get("concerns", ())),
            }
        )
    return out


def _why_no_plan(root: MemoryRoot, iid: str) -> str:
    """What to do about a plan that is not there: run the instruction, or see how its run ended."""
    if not root.exists(f"{iid}/instruction.yaml"):
        return "There is no such instruction; `csm list` shows the ids."
    runs = past_runs(Journal.open(root, iid, read_only=True).records)
    ended = (runs[-1].last("run_finished") or {}).get("result", {}) if runs else {}
    if not ended:
        return f"Run it: csm run {iid}"
    return f"Its last run ended as {ended['status']}: {ended['summary']}"


def load_plan(memory: Path, instruction_id: str) -> SuccessPlan:
    """The published plan of an instruction, validated.

    Raises UnknownInstruction when there is none, BadDocument when it is not `success_plan/1`.
    """
    root = MemoryRoot.open(memory)
    iid = check_instruction_id(instruction_id)
    path = f"{iid}/outputs/final/success_plan.yaml"
    try:
        data = root.read_bytes(path, limit=PLAN_LIMIT)
    except MissingFile:
        raise UnknownInstruction(
            "this instruction has no success plan", where=path, fix=_why_no_plan(root, iid)
        ) from None
    document = strict_yaml.load(data, where=path, max_bytes=PLAN_LIMIT)
    try:
        return SuccessPlan.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        raise BadDocument(
            f"not a success_plan/1 document: {key or 'the document'}: {first['msg']}",
            where=path,
            fix="Plans of other tools are read as history only.",
        ) from None
