"""What the benchmarks share: tables, medians, a Messages API server in a process of its own."""

from __future__ import annotations

import multiprocessing
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from agent.memory.view import MemoryView
from tools.base import ToolResult

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / "Agent_Memory"
INSTRUCTION = "inst_20261117_001"
AS_OF = "2026-11-17"
INSIGHTS = "_knowledge/semantic/customer_insights.yaml"

Script = Callable[[dict[str, Any]], dict[str, Any]]


@dataclass
class ReadingDesk:
    """A desk to look around at; it has no document to write."""

    view: MemoryView
    missing: tuple[str, ...] = ()
    finished: bool = False

    def submit(self, path: str, document: dict[str, Any], done: bool) -> ToolResult:
        return ToolResult(f"write: {path} is not writable here", True)

    def hand_off(self, message: Mapping[str, Any]) -> ToolResult:
        return ToolResult("handoff: nobody is reached from here", True)

    def note_todos(self, items: list[dict[str, str]]) -> ToolResult:
        return ToolResult(f"noted: {len(items)} items")


def table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a Markdown table; the first column is text, the others are figures."""
    lines = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(line[n]) for line in [list(headings), *lines]) for n in range(len(headings))]

    def line(cells: Sequence[str]) -> str:
        shown = [
            c.ljust(w) if n == 0 else c.rjust(w)
            for n, (c, w) in enumerate(zip(cells, widths, strict=True))
        ]
        return "| " + " | ".join(shown) + " |"

    print(line(headings))
    rule = ["-" * w if n == 0 else "-" * (w - 1) + ":" for n, w in enumerate(widths)]
    print("| " + " | ".join(rule) + " |")
    for cells in lines:
        print(line(cells))


def verdict(what: str, value: float, goal: float, *, unit: str = "×") -> None:
    """Say whether a goal of "at most" is met; a benchmark reports, it never fails."""
    print(f"{'met   ' if value <= goal else 'MISSED'}  {what}: {value:.2f}{unit} (goal {goal:g})")


def middle(values: Sequence[float]) -> float:
    return statistics.median(values)


@contextmanager
def server(script: Script) -> Iterator[str]:
    """The loopback Messages API of the tests in another process, so that its CPU is not counted.

    `script` must be importable by name: the process is started afresh, without our modules.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, script), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        ours.send("stop")
        process.join()


def _serve(pipe: Connection, script: Script) -> None:
    from tests.support.messages_api import MessagesApi

    with MessagesApi(script) as api:
        pipe.send(api.url)
        pipe.recv()
