"""Billed prompt tokens and model calls per instruction: our brief against a loop written by hand.

The same loopback Messages API server counts both, with its simulated prompt cache: a token is four
bytes of JSON, and what a breakpoint has stored is read back at the cache price. The model is
scripted and writes as soon as it has what it needs:

    ours     gets the brief and answers with the hand-offs and the plan in one reply
    by hand  gets the id of the instruction and the same system prompt and tools; it lists the
             files, reads instruction, account data and older plan one after the other, writes the
             plan (with the hand-offs), writes the health scores, and says that it is done

By hand, the model writes either the same short draft as ours, which flatters the alternative
because nobody completes it there, or the whole files that ours publishes in the end. "Billed input"
is the prompt side of the bill in tokens of uncached input: cache reads and writes are weighted by
the price table of `agent.models.catalog`. A cold run is the first of a persona, a warm one follows
on another account's, so that the stable prefix is cached; "one sitting" is all of them in a row.

    python -m benchmarks.tokens
    python -m benchmarks.tokens --quick
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import agent
from agent.brief import stable_prefix
from agent.household import Household, open_household
from agent.memory import strict_yaml
from agent.memory.insights_file import InsightsFile
from agent.memory.paths import MemoryRoot
from agent.memory.view import MemoryView, of_text
from agent.models.catalog import resolve
from agent.models.wire import usage_of
from benchmarks.common import AS_OF, DEMO, INSIGHTS, ReadingDesk, table, verdict
from benchmarks.hand_loop import hand_loop
from tests.support.messages_api import MessagesApi, reply, text, tool_use
from tools.registry import allowed

PLAIN = tuple(f"inst_20261117_{n:03}" for n in (1, 5, 6, 7, 8, 9, 10))
SCORES = "_knowledge/semantic/customer_health_scores.yaml"
MODEL = resolve("sonnet")
GOAL_INPUT, GOAL_CALLS = 0.5, 2


@dataclass(frozen=True)
class Bill:
    """Of one run: model calls, prompt side in input-token equivalents, dollars with the output."""

    calls: int
    billed_input: float
    dollars: float


class Meter(MessagesApi):
    """The server, with the bill of every message it made."""

    def __init__(self) -> None:
        super().__init__(self.next)
        self.plan: list[list[dict[str, Any]]] = []
        self.bills: list[tuple[str, dict[str, Any]]] = []

    def next(self, body: dict[str, Any]) -> dict[str, Any]:
        if any(tool["name"] == "classify" for tool in body["tools"]):
            return reply([tool_use("classify", {"label": "in_lane", "parts": []})])
        if not self.plan:
            raise SystemExit("the scripted model was asked once more than planned")
        return reply(self.plan.pop(0))

    def bill(self, body: dict[str, Any], spec: dict[str, Any]) -> dict[str, Any]:
        message = super().bill(body, spec)
        self.bills.append((body["model"], message["usage"]))
        return message

    def settle(self) -> Bill:
        """The bill since it was last asked for."""
        prompt = total = 0.0
        for model, raw in self.bills:
            usage, _ = usage_of(raw)
            info = resolve(model)
            output = usage.output * float(info.band(0).output) / 1e6
            cost = float(info.cost(usage))
            total, prompt = total + cost, prompt + cost - output
        bill = Bill(len(self.bills), prompt * 1e6 / float(MODEL.band(0).input), total)
        self.bills = []
        return bill


@dataclass(frozen=True)
class Case:
    """One instruction: what a model would answer, and what there is to read."""

    id: str
    work: list[dict[str, Any]]  # hand-offs and the plan, as tool calls
    plan: dict[str, Any]  # as published
    scores: dict[str, Any]
    files: dict[str, str]


def case(iid: str) -> Case:
    """Let the offline model do the instruction, and take over what it wrote."""
    with tempfile.TemporaryDirectory() as folder:
        memory = copy_of_demo(Path(folder))
        result = agent.run(iid, memory=memory, model="playbook", as_of=AS_OF)
        journal = (memory / iid / "episodic/journal.jsonl").read_text().splitlines()
        scores = strict_yaml.load((memory / SCORES).read_bytes(), where=SCORES)
        path = f"{iid}/outputs/final/success_plan.yaml"
        plan = strict_yaml.load((memory / path).read_bytes(), where=path)
    records = [json.loads(line) for line in journal]
    loaded = next(r["snapshot"] for r in records if r["kind"] == "loaded")
    calls = [b for r in records if r["kind"] == "model_reply" for b in r["content"]]
    work = [b for b in calls if b["type"] == "tool_use" and b["name"] in ("handoff", "write")]
    root = MemoryRoot.open(DEMO)
    files = {
        f"{iid}/instruction.yaml": (DEMO / iid / "instruction.yaml").read_text(),
        INSIGHTS: InsightsFile.read(root).share_text(result.account_id),
        **{p["path"]: strict_yaml.dump(p["document"]) for p in loaded["priors"][-1:]},
    }
    entry = {"accounts": {result.account_id: scores["accounts"][result.account_id]}}
    return Case(iid, work, plan, entry, files)


def copy_of_demo(folder: Path) -> Path:
    return Path(shutil.copytree(DEMO, folder / "Agent_Memory"))


def ours(api: Meter, case: Case) -> Bill:
    api.plan = [[text("The plan, and what goes to others."), *case.work]]
    with tempfile.TemporaryDirectory() as folder:
        options = {"base_url": api.url, "api_key": "benchmark"}
        memory = copy_of_demo(Path(folder))
        result = agent.run(
            case.id, memory=memory, model=MODEL.id, model_options=options, as_of=AS_OF
        )
    if not result.status.startswith("completed"):
        raise SystemExit(f"{case.id}: {result.status}: {result.summary}")
    return api.settle()


def by_hand(api: Meter, case: Case, household: Household, *, whole: bool) -> Bill:
    """`whole`: the plan is written with all that our program would add to the draft."""
    import anthropic

    work = case.work
    if whole:
        write = {**work[-1], "input": {**work[-1]["input"], "document": case.plan}}
        work = [*work[:-1], write]

    looks: list[tuple[str, dict[str, Any]]] = [("glob", {"pattern": "**"})]
    looks += [("read", {"path": path, "limit": 2000}) for path in case.files]
    api.plan = [[text("Let me see."), tool_use(name, given)] for name, given in looks]
    api.plan.append([text("The plan, and what goes to others."), *work])
    scores = {"path": SCORES, "document": case.scores}
    api.plan.append([text("The health scores."), tool_use("write", scores)])
    api.plan.append([text("Both documents are written.")])
    tools = allowed(household.persona.tools)
    desk = ReadingDesk(MemoryView({path: of_text(words) for path, words in case.files.items()}))

    def call(name: str, given: Any) -> tuple[str, bool]:
        if name not in ("glob", "read"):
            return "accepted", False
        result = tools[name].call(desk, given)
        return result.text, result.is_error

    prefix = stable_prefix(household.persona, household.roster, tools.values())
    client = anthropic.Anthropic(base_url=api.url, api_key="benchmark", max_retries=0)
    with client:
        hand_loop(
            client,
            model=MODEL.id,
            system=prefix.system,
            tools=prefix.tools,
            opening=f"Carry out instruction {case.id}. Read what you need; write both documents.",
            call=call,
            max_tokens=prefix.max_tokens,
        )
    return api.settle()


def measure(case: Case, before: Case, household: Household) -> dict[tuple[str, str], Bill]:
    """Bills of `case` by who and cache: cold on a fresh server, warm after `before`."""
    runs: dict[str, Callable[[Meter, Case], Bill]] = {
        "ours": ours,
        "draft": partial(by_hand, household=household, whole=False),
        "whole": partial(by_hand, household=household, whole=True),
    }
    bills = {}
    for who, run in runs.items():
        fresh, used = Meter(), Meter()
        with fresh, used:
            bills[who, "cold"] = run(fresh, case)
            run(used, before)
            bills[who, "warm"] = run(used, case)
    return bills


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--quick", action="store_true", help="two instructions instead of seven")
    given = parser.parse_args()
    household = open_household("customer-success-manager")
    cases = [case(iid) for iid in (PLAIN[:2] if given.quick else PLAIN)]
    results = [measure(c, cases[n - 1], household) for n, c in enumerate(cases)]

    def bills(who: str, cache: str) -> list[Bill]:
        if cache == "one sitting":
            return [r[who, "warm" if n else "cold"] for n, r in enumerate(results)]
        return [r[who, cache] for r in results]

    rows = []
    for cache in ("cold", "warm"):
        columns = (bills("draft", cache), bills("whole", cache), bills("ours", cache))
        for c, draft, whole, mine in zip(cases, *columns, strict=True):
            rows.append(
                [f"{c.id}, {cache}", draft.calls, mine.calls, f"{draft.billed_input:,.0f}",
                 f"{whole.billed_input:,.0f}", f"{mine.billed_input:,.0f}"]
            )  # fmt: skip
    table(
        ["instruction, cache", "calls by hand", "calls ours", "billed input by hand, draft",
         "by hand, whole files", "ours"],
        rows,
    )  # fmt: skip
    print()
    for cache in ("cold", "warm", "one sitting"):
        for who, what in (("draft", "against the draft"), ("whole", "against whole files")):
            pair = bills("ours", cache), bills(who, cache)
            ours_in, theirs_in = (sum(b.billed_input for b in side) for side in pair)
            ours_usd, theirs_usd = (sum(b.dollars for b in side) for side in pair)
            verdict(f"billed input, {cache}, {what}", ours_in / theirs_in, GOAL_INPUT)
            print(f"        dollars with the output: {ours_usd / theirs_usd:.2f}×")
    most = max(bill.calls for cache in ("cold", "warm") for bill in bills("ours", cache))
    verdict("calls per plain instruction, most", most, GOAL_CALLS, unit="")


if __name__ == "__main__":
    main()
