"""Trying a tool without a run: the same desk, gate and function, and nothing published."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from agent.case import account_of, read_insights, read_instruction, snapshot
from agent.clock import as_of_date, stamp, utc_now
from agent.errors import BadInput
from agent.household import DEFAULT_PERSONA, open_household
from agent.memory.journal import Unwritten
from agent.memory.paths import MemoryRoot, check_instruction_id
from agent.redirect import Verdict
from agent.runs import PastRun
from agent.runtime import Order, Run
from agent.work import open_work
from tools.base import ToolResult


def try_tool(
    name: str,
    raw: object,
    *,
    memory: Path,
    instruction_id: str,
    as_of: str = "",
    personas: Path | None = None,
) -> ToolResult:
    """Call one tool as a model would, in the desk of `instruction_id`. Nothing is written."""
    if not instruction_id:
        raise BadInput(
            "a tool works inside an instruction",
            where="--instruction",
            fix="Give its id; see `csm list`.",
        )
    root = MemoryRoot.open(memory)
    iid = check_instruction_id(instruction_id)
    now = utc_now()
    day: date = as_of_date(as_of or None, now)
    household = open_household(DEFAULT_PERSONA, personas)
    instruction = read_instruction(root, iid, day)
    insights = read_insights(root)
    account_id = account_of(instruction, insights)
    assert insights is not None
    started = {"kind": "run_started", "run": 1, "at": stamp(now), "as_of": day.isoformat(),
               "model": "playbook"}  # fmt: skip
    order = Order(iid, memory, model="playbook")
    journal = Unwritten()  # a trial leaves no trace in the memory
    run = Run(order, root, household, instruction, journal, PastRun(1, [started]))
    loaded = snapshot(root, instruction, insights, account_id, day)
    work = open_work(run, loaded, run.foreign_names(loaded), Verdict("in_lane", (), (), "trial"))
    decision = work.gate(name, raw)
    if decision.verdict == "refuse":
        return ToolResult(decision.reason, True)
    return work.tools[name].call(work.desk, raw)
