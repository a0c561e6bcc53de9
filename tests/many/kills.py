"""Processes that are killed anywhere, again and again, on one memory; and what must hold after.

A `World` is a memory on which runs, publications and overrides are begun, killed with SIGKILL at a
point that a seed decides, and then done again until they are done. After every recovery the whole
account is looked at: the chain of its timeline, its entry of the scores file against what the
timeline tells, messages, leftovers, and what the model's endpoint was asked.
"""

from __future__ import annotations

import json
import random
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from agent.memory import scores_file, timeline, views
from agent.memory.journal import Journal
from agent.memory.paths import MemoryRoot
from tests.run import support as s
from tests.support.messages_api import MessagesApi, Spec, reply, text

KEY = "sk-ant-test-0123456789-not-a-key"
KILLED = {"exit": -signal.SIGKILL}
ACCOUNTS = {
    "tarnholt-rail": "Tarnholt Rail Services",
    "osterby-museums": "Osterby Museum Group",
    "bergvik-coldchain": "Bergvik Cold Chain",
}
TURNS = 2
SUBJECT = "Old tickets that weigh on the relationship"
DONE = ("completed", "completed_with_concerns")
_PLAN = re.compile(r"inst_\d{8}_\d{3}/outputs/final/success_plan\.yaml")


def script(body: dict[str, Any]) -> Spec:
    """A model that reads first, then hands over and writes; told apart by what a request asks."""
    found = _PLAN.search(json.dumps(body["messages"]))
    assert found is not None
    path = found.group()
    if turn_of(body) == 0:
        folder = path.split("/")[0]
        return reply([text("I look."), s.tool_use("read", {"path": f"{folder}/instruction.yaml"})])
    return reply([s.handoff(SUBJECT), s.write(path=path)])


def turn_of(body: dict[str, Any]) -> int:
    return sum(message["role"] == "assistant" for message in body["messages"])


@dataclass
class Tally:
    """What has happened: kills by kind, work that was finished, replies that died with their
    process before they reached the disk (asked again), and what was wrong."""

    kills: Counter[str] = field(default_factory=Counter)
    finished: Counter[str] = field(default_factory=Counter)
    billed: int = 0
    needed: int = 0
    lost_replies: int = 0
    wrong: list[str] = field(default_factory=list)


class Killer:
    """`tests.run.killer` in a process of its own: forks, kills, answers."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, job: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


@contextmanager
def killer() -> Iterator[Killer]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.run.killer"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=s.DEMO.parent,
    )  # fmt: skip
    assert process.stdin is not None and process.stdout is not None
    try:
        yield Killer(process)
    finally:
        process.stdin.close()
        process.stdout.close()
        process.wait()


class World:
    """One memory, its endpoint, and the chance that decides where processes die."""

    def __init__(self, folder: Path, api: MessagesApi, job: Killer, seed: int) -> None:
        shutil.copytree(s.DEMO, folder)
        self.folder, self.api, self.job = folder, api, job
        self.chance = random.Random(seed)
        self.tally, self.number, self.moment = Tally(), 0, s.NOW
        self.runs: list[str] = []  # those that are paid for
        for account in ACCOUNTS:  # a first score each, so that there is something to override
            self._until_done(*self._new_run(account, paid=False), kills=0)

    def live(self, kills: int) -> None:
        """Go on until at least `kills` processes have died."""
        while sum(self.tally.kills.values()) < kills:
            account = self.chance.choice(list(ACCOUNTS))
            if self.chance.random() < 0.4:
                kind, job = self._new_override(account)
            else:
                kind, job = self._new_run(account, paid=self.chance.random() < 0.7)
            self._until_done(kind, job, kills=self.chance.choice([1, 1, 2, 3]), account=account)

    def _until_done(self, kind: str, job: dict[str, Any], *, kills: int, account: str = "") -> None:
        """Do one thing, killed up to `kills` times, sometimes with another between its tries."""
        for _ in range(kills):
            way = self._way(kind)
            if self._try(kind, job, way) != KILLED:
                break
            self.tally.kills[way[0] if kind == "run" else kind] += 1
            if self.chance.random() < 0.25:
                other = self._new_override(account)
                self._expect_done(*other)
            if self.chance.random() < 0.15:
                self._expect_done(*self._new_run(account, paid=False))
        self._expect_done(kind, job)
        self.look()

    def _expect_done(self, kind: str, job: dict[str, Any]) -> None:
        result = self._try(kind, job, None)
        if (kind == "run" and result.get("status") not in DONE) or "exit" in result:
            self.tally.wrong.append(f"{kind} {job[kind]}: not done after a kill: {result}")
        self.tally.finished[kind] += 1

    def _try(self, kind: str, job: dict[str, Any], way: list[Any] | None) -> dict[str, Any]:
        self.moment += timedelta(seconds=7)
        given = {**job[kind], "now": self.moment.isoformat()}
        iid = given.get("instruction_id", "")
        replies, first = self._replies(iid), len(self.api.requests)
        result = self.job.ask({**job, kind: given, "kill": way})
        for request in self.api.requests[first:]:
            if turn_of(request.body) < replies:
                self.tally.wrong.append(f"{iid}: turn {turn_of(request.body)} was paid for twice")
        # What was answered and is not on record died on its way to the disk.
        asked = len(self.api.requests) - first
        self.tally.lost_replies += asked - (self._replies(iid) - replies)
        return result

    def _replies(self, iid: str) -> int:
        """Replies of the endpoint that an instruction has on record."""
        if iid not in self.runs:
            return 0
        with closing(MemoryRoot.open(self.folder)) as root:
            records = Journal.open(root, iid, read_only=True).records
        return sum(record["kind"] == "model_reply" for record in records)

    def _way(self, kind: str) -> list[Any]:
        """Where the next process dies."""
        if kind == "override":
            return ["disk", self.chance.randint(1, 14)]
        way = self.chance.choice(["after", "before", "disk", "publication", "publication"])
        if way == "before":
            return [way, self.chance.choice(["model_reply", "tool_result", "published"])]
        return [way, self.chance.randint(1, {"after": 11, "disk": 40, "publication": 34}[way])]

    def _new_run(self, account: str, *, paid: bool) -> tuple[str, dict[str, Any]]:
        self.number += 1
        iid = s.ask_for(
            self.folder, f"Write the success plan for {ACCOUNTS[account]}.",
            f"inst_20261117_{300 + self.number:03}", account=account,
        )  # fmt: skip
        given = {"instruction_id": iid, "memory": str(self.folder), "as_of": s.AS_OF}
        if not paid:
            return "run", {"run": {**given, "model": "playbook"}}
        self.runs.append(iid)
        env = {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": self.api.url}
        return "run", {"run": {**given, "model": "claude"}, "env": env}

    def _new_override(self, account: str) -> tuple[str, dict[str, Any]]:
        self.number += 1
        given = {"memory": str(self.folder), "account": account, "value": self.number % 101,
                 "reason": f"reason {self.number}", "by": "A. Lead", "as_of": s.AS_OF,
                 "expires": "2026-12-31"}  # fmt: skip
        return "override", {"override": given}

    def look(self) -> None:
        """Everything that must hold once nobody is at work."""
        wrong: list[str] = []
        self.tally.billed, self.tally.needed = self.api.billed, TURNS * len(self.runs)
        if self.api.billed != self.tally.needed + self.tally.lost_replies:
            wrong.append(
                f"{self.api.billed} calls were billed; {self.tally.needed} were needed and "
                f"{self.tally.lost_replies} replies were lost"
            )
        with closing(MemoryRoot.open(self.folder)) as root:
            for account in ACCOUNTS:
                found = timeline.scan(root, account)
                faults = [*found.problems, *found.tampering(account)]
                if faults or found.torn:
                    wrong.append(f"timeline of {account}: {faults} {found.torn!r}")
                if scores_file.read_entry(root, account) != views.score_entry(found.events):
                    wrong.append(f"the entry of {account} is not what its timeline tells")
                for path, told in views.plan_texts(found.events).items():
                    if (self.folder / path).read_text("utf-8") != told:
                        wrong.append(f"{path} is not what the timeline tells")
        messages = [path.read_text("utf-8") for path in s.inbox(self.folder)]
        for iid in self.runs:
            count = sum(iid in message and SUBJECT in message for message in messages)
            if count != 1:
                wrong.append(f"the message of {iid} lies there {count} times")
        if left := [str(path) for path in self.folder.rglob(".tmp-*")]:
            wrong.append(f"left behind: {left}")
        self.tally.wrong += [what for what in wrong if what not in self.tally.wrong]
