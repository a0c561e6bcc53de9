"""Trying a tool without a run: the same desk, gate and function, and nothing published."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from agent.case import account_of, read_insights, read_instruction, snapshot
from agent.clock import as_of_date, stamp, utc_now
from agent.errors import BadInput
from agent.household import DEFAULT_PERSONA, open_household
from agent.instruction import Instruction
from agent.memory.journal import Unwritten
from agent.memory.paths import MemoryRoot, check_instruction_id
from agent.order import Order
from agent.portfolio import resolve
from agent.redirect import Verdict
from agent.runs import PastRun
from agent.runtime import Run
from agent.work import open_work
from tools.base import ToolResult

TRIAL = "trial"  # stands where the id of an instruction would; no folder belongs to it


def try_tool(
    name: str,
    raw: object,
    *,
    memory: Path,
    instruction_id: str = "",
    account: str = "",
    as_of: str = "",
    personas: Path | None = None,
) -> ToolResult:
    """Call one tool as a model would, at the desk of an instruction, or at one that is laid out for
    an account (id or name) alone. Nothing is written."""
    if bool(instruction_id) == bool(account):
        raise BadInput(
            "a tool works inside an instruction, or on one account",
            where="--instruction, --account",
            fix="Give one of the two; `csm list` shows the instructions.",
        )
    root = MemoryRoot.open(memory)
    now = utc_now()
    day: date = as_of_date(as_of or None, now)
    household = open_household(DEFAULT_PERSONA, personas)
    if instruction_id:
        instruction = read_instruction(root, check_instruction_id(instruction_id), day)
    else:
        instruction = Instruction(TRIAL, "", account=account)
    insights = read_insights(root)
    if insights is None or instruction_id:
        account_id = account_of(instruction, insights)
    else:
        account_id = resolve(insights, account)
    assert insights is not None
    started = {"kind": "run_started", "run": 1, "at": stamp(now), "as_of": day.isoformat(),
               "model": "playbook"}  # fmt: skip
    order = Order(instruction.id, memory, model="playbook")
    journal = Unwritten()  # a trial leaves no trace in the memory
    run = Run(order, root, household, instruction, journal, PastRun(1, [started]))
    loaded = snapshot(root, instruction, insights, account_id, day)
    work = open_work(run, loaded, run.foreign_names(loaded), Verdict("in_lane", (), (), "trial"))
    decision = work.gate(name, raw)
    if decision.verdict == "refuse":
        return ToolResult(decision.reason, True)
    return work.tools[name].call(work.desk, raw)
