"""CPU per turn of our tool loop with its journal, against a hand-written SDK loop without one.

Both talk to the same loopback Messages API server (in another process, so its CPU is not counted),
get the same replies (one small tool call per turn), run the same tools on the same files, keep the
history and cache the prompt. They take turns in one process; CPU is user + system of that process.
Ours streams in normal use, because a plan is long; so its streamed loop is also set against the
plain one by hand. What ours does besides: checks limits, repairs the history, passes the gate, and
writes request, reply and tool result to the disk (flushed) before each next step.

    python -m benchmarks.loop_cost
    python -m benchmarks.loop_cost --quick
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from agent.boundary.gate import check_call
from agent.brief import stable_prefix
from agent.household import Household, open_household
from agent.limits import Limits, Meter
from agent.loop import Loop
from agent.memory.journal import Journal
from agent.memory.paths import MemoryRoot
from agent.memory.view import MemoryView, of_file
from agent.models.base import Request
from agent.models.claude import ClaudeModel
from agent.tape import Tape
from benchmarks.common import (
    DEMO,
    INSIGHTS,
    INSTRUCTION,
    ReadingDesk,
    middle,
    server,
    table,
    verdict,
)
from benchmarks.hand_loop import hand_loop
from tests.support.messages_api import reply, text, tool_use
from tools.registry import allowed

CALLS = (
    ("read", {"path": INSIGHTS, "offset": 1, "limit": 12}),
    ("grep", {"pattern": "renewal_date", "path": INSIGHTS}),
    ("glob", {"pattern": "**/*.yaml"}),
)
OPENING = (
    "Look at what is on file for this account, one step at a time, then say that you are done."
)
PAIRS = (
    ("both plain", "ours, plain", "by hand, plain"),
    ("both streamed", "ours, streamed", "by hand, streamed"),
    ("ours streamed, by hand plain", "ours, streamed", "by hand, plain"),
)
GOAL = 1.3


def script(turns: int, body: dict[str, Any]) -> dict[str, Any]:
    """What the server answers: `turns` - 1 tool calls, then the end."""
    turn = sum(message["role"] == "assistant" for message in body["messages"])
    if turn + 1 >= turns:
        return reply([text("I have seen all I need.")])
    name, given = CALLS[turn % len(CALLS)]
    words = text(f"Step {turn + 1}: I look at what is on file with {name}.")
    return reply([words, tool_use(name, given, f"toolu_{turn:04}")])


@dataclass
class Setting:
    """What both loops work with."""

    household: Household
    prefix: Request
    desk: ReadingDesk
    model: ClaudeModel
    stream: bool

    def ours(self, folder: Path) -> None:
        journal = Journal.open(MemoryRoot.open(folder), INSTRUCTION)
        tools = allowed(self.household.persona.tools)
        many = 10**9
        limits = Limits(many, many, Decimal(many), float(many), many, many)
        loop = Loop(
            model=self.model,
            prefix=self.prefix,
            tools=tools,
            gate=partial(
                check_call, allowed=tools.keys(), owned_paths=(), roles=self.household.roster
            ),
            desk=self.desk,
            tape=Tape(journal, 1, ()),
            meter=Meter(limits, time.monotonic),
        )
        ending = loop.run([{"role": "user", "content": [{"type": "text", "text": OPENING}]}])
        if ending.reason != "done":
            raise SystemExit(f"our loop did not finish: {ending}")

    def by_hand(self, client: Any) -> None:
        tools = allowed(self.household.persona.tools)

        def call(name: str, given: Any) -> tuple[str, bool]:
            result = tools[name].call(self.desk, given)
            return result.text, result.is_error

        hand_loop(
            client,
            model=self.model.id,
            system=self.prefix.system,
            tools=self.prefix.tools,
            opening=OPENING,
            call=call,
            max_tokens=self.prefix.max_tokens,
            stream=self.stream,
        )


def setting(url: str, stream: bool) -> Setting:
    household = open_household("customer-success-manager")
    root = MemoryRoot.open(DEMO)
    view = MemoryView({path: of_file(root, path) for path in (INSIGHTS, "README.md")})
    tools = allowed(household.persona.tools)
    # ClaudeModel streams when the reply may be longer than 8,192 tokens.
    prefix = stable_prefix(
        household.persona, household.roster, tools.values(), max_tokens=16_000 if stream else 8_000
    )
    model = ClaudeModel("sonnet", base_url=url, api_key="benchmark")
    return Setting(household, prefix, ReadingDesk(view), model, stream)


def compare(turns: int, repeats: int) -> Mapping[str, list[float]]:
    """CPU milliseconds per turn of each contestant, `repeats` times, taking turns."""
    import anthropic

    with server(partial(script, turns)) as url:
        client = anthropic.Anthropic(base_url=url, api_key="benchmark", max_retries=0)
        plain, streamed = setting(url, False), setting(url, True)
        contestants: Mapping[str, Callable[[Path], None]] = {
            "by hand, plain": lambda _: plain.by_hand(client),
            "ours, plain": plain.ours,
            "by hand, streamed": lambda _: streamed.by_hand(client),
            "ours, streamed": streamed.ours,
        }
        spent: dict[str, list[float]] = {name: [] for name in contestants}
        for n in range(repeats + 1):
            for name, run in contestants.items():
                with tempfile.TemporaryDirectory() as folder:
                    before = time.process_time()
                    run(Path(folder))
                    used = time.process_time() - before
                if n:  # the first of each only warms up: imports, connections
                    spent[name].append(used / turns * 1000)
        client.close()
    return spent


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--turns", type=int, default=30, help="turns of each run (30)")
    parser.add_argument("--repeats", type=int, default=9, help="runs of each loop (9)")
    parser.add_argument("--quick", action="store_true", help="10 turns, 3 runs")
    given = parser.parse_args()
    turns, repeats = (10, 3) if given.quick else (given.turns, given.repeats)
    spent = compare(turns, repeats)
    print(f"CPU per turn in ms, {turns} turns, median of {repeats} runs\n")
    rows, ratios = [], []
    for what, ours, by_hand in PAIRS:
        pairs = zip(spent[ours], spent[by_hand], strict=True)
        ratios.append((what, middle([a / b for a, b in pairs])))
        rows.append(
            [what, *(f"{middle(spent[k]):.2f}" for k in (by_hand, ours)), f"{ratios[-1][1]:.2f}×"]
        )
    table(["request", "by hand, no journal", "ours, with journal", "ratio"], rows)
    print()
    for what, ratio in ratios:
        verdict(f"CPU per turn, {what}", ratio, GOAL)


if __name__ == "__main__":
    main()
