"""The tools of the runtime, by name. What a persona declares is looked up here and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable

from tools.base import Tool
from tools.expansion import TOOL as EXPANSION
from tools.glob import TOOL as GLOB
from tools.grep import TOOL as GREP
from tools.handoff import TOOL as HANDOFF
from tools.health_score import TOOL as HEALTH_SCORE
from tools.qbr_generator import TOOL as QBR_GENERATOR
from tools.read import TOOL as READ
from tools.renewal_forecast import TOOL as RENEWAL_FORECAST
from tools.risk_analyzer import TOOL as RISK_ANALYZER
from tools.todo_write import TOOL as TODO_WRITE
from tools.write import TOOL as WRITE

REGISTRY: dict[str, Tool] = {
    tool.name: tool
    for tool in (
        READ, GREP, GLOB, WRITE, HANDOFF, TODO_WRITE,
        HEALTH_SCORE, RISK_ANALYZER, RENEWAL_FORECAST, EXPANSION, QBR_GENERATOR,
    )
}  # fmt: skip


def allowed(names: Iterable[str]) -> dict[str, Tool]:
    """The tools a persona declares, in registry order: the one list that both the offer to the
    model and the dispatcher are made from."""
    declared = set(names)
    return {name: tool for name, tool in REGISTRY.items() if name in declared}
