"""A small memory of three invented customers, and the command line to run against it.

After every call two things are checked that no input may break: nothing outside the files a run
owns has changed, and an error is words for a person, never a traceback.
"""

from __future__ import annotations

import contextlib
import copy
import io
import json
import os
import stat
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from agent.cli import main

ACCOUNT = "larkspur-freight"
IID = "inst_20261117_larkspur"
AS_OF = "2026-11-17"
CANARY = "canary\n"
FOREIGN = ("21370", "312750", "Tamsin", "Oxbow", "Bronagh", "kiln", "reservoir")
"""Words that stand in the records of the other two customers only."""


def _month(month: str, active: int, logins: int, calls: int, features: int) -> dict[str, Any]:
    return {
        "month": month, "active_users": active, "licensed_users": 140, "logins": logins,
        "api_calls": calls, "features_used": features, "features_available": 18,
    }  # fmt: skip


LARKSPUR: dict[str, Any] = {
    "name": "Larkspur Freight",
    "segment": "mid_market",
    "industry": "road haulage",
    "customer_since": "2024-04-01",
    "contract": {
        "arr": 84600, "currency": "EUR", "start_date": "2026-04-01",
        "renewal_date": "2027-03-31", "term_months": 12, "auto_renew": False,
        "notice_period_days": 60, "plan": "Business",
        "plan_limits": {"seats": 140, "api_calls_per_month": 500000},
    },
    "usage": {
        "as_of": "2026-10-31",
        "monthly": [
            _month("2026-05", 117, 2260, 301400, 13),
            _month("2026-06", 118, 2291, 309800, 13),
            _month("2026-07", 120, 2330, 317200, 14),
            _month("2026-08", 121, 2352, 322900, 14),
            _month("2026-09", 123, 2397, 330100, 14),
            _month("2026-10", 125, 2431, 338700, 15),
        ],
        "power_users": 11,
        "features_unused": ["tachograph import", "toll reconciliation"],
    },
    "engagement": {
        "outreach": {"sent": 12, "replied": 10, "last_reply_on": "2026-11-10"},
        "qbr": {"scheduled": 3, "attended_by_customer": 3, "last_held_on": "2026-09-15"},
        "training": {"places_offered": 20, "attended": 17},
        "support_tickets": {
            "opened_last_90d": 8, "open_now": 0,
            "sentiment": {"positive": 4, "neutral": 3, "negative": 1},
        },
    },
    "value": {
        "goals": [
            {"id": "LF-1", "statement": "Turnaround from order to dispatch", "metric": "hours",
             "baseline": 36, "target": 18, "actual": 20, "due": "2026-12-31",
             "as_of": "2026-10-31"},
            {"id": "LF-2", "statement": "Depots planning without paper", "metric": "depots",
             "baseline": 1, "target": 7, "actual": 6, "due": "2027-02-28",
             "as_of": "2026-10-31"},
        ],
        "roi": {"annual_value": 213000, "annual_cost": 84600,
                "source": "customer controlling, 2026-09-30"},
        "integrations": {"planned": 3, "live": 3},
        "workflows": {"planned": 6, "optimised": 5},
    },
    "relationship": {
        "executive_sponsor": {"name": "Idris Vantongeren", "title": "Chief Operating Officer",
                              "status": "active", "last_contact": "2026-11-04"},
        "stakeholders": [
            {"name": "Idris Vantongeren", "role": "Chief Operating Officer",
             "engagement": "high"},
            {"name": "Solveig Amankwah", "role": "Depot lead", "engagement": "high",
             "champion": True},
        ],
        "nps": {"score": 44, "respondents": 15, "collected_on": "2026-09-20"},
        "advocacy": ["reference call 2026-06"],
        "renewal_confidence": 81,
    },
    "notes": [{"date": "2026-11-04", "author": "csm",
               "text": "Idris wants the depots in Ghent planned next."}],
    "emails": [{"date": "2026-11-10", "from": "Solveig Amankwah", "subject": "Depot six",
                "body": "Depot six is live and the drivers like it."}],
}  # fmt: skip

TAMSIN: dict[str, Any] = {
    "name": "Tamsin Ceramics",
    "segment": "smb",
    "contract": {"arr": 21370, "currency": "GBP", "start_date": "2026-02-01",
                 "renewal_date": "2027-01-31", "plan_limits": {"seats": 19}},
    "usage": {"as_of": "2026-10-31", "monthly": [
        {"month": "2026-10", "active_users": 7, "licensed_users": 19, "logins": 96}]},
    "relationship": {"executive_sponsor": {"name": "Bronagh Tilley", "status": "leaving"}},
    "notes": [{"date": "2026-10-12", "text": "They may sell the second kiln; keep it quiet."}],
}  # fmt: skip

OXBOW: dict[str, Any] = {
    "name": "Oxbow Valley Water",
    "segment": "enterprise",
    "contract": {"arr": 312750, "currency": "USD", "start_date": "2026-07-01",
                 "renewal_date": "2027-06-30", "plan_limits": {"seats": 400}},
    "usage": {"as_of": "2026-10-31", "monthly": [
        {"month": "2026-10", "active_users": 311, "licensed_users": 400, "logins": 5120}]},
    "notes": [{"date": "2026-09-02", "text": "The reservoir project is late."}],
}  # fmt: skip

INSTRUCTION: dict[str, Any] = {
    "instruction_id": IID,
    "assigned_to": "customer-success-manager",
    "requested_by": "fleet-orchestrator",
    "created_at": "2026-11-17T08:30:00Z",
    "account": ACCOUNT,
    "objective": "Prepare the success plan for Larkspur Freight for the next quarter. Tell us "
    "where the renewal stands.",
    "deadline": "2026-11-24",
    "priority": "normal",
}


@dataclass(frozen=True)
class Outcome:
    """What a command left behind: exit code, stdout, stderr."""

    code: int
    out: str
    err: str


class Memory:
    """The memory in `base/Agent_Memory`, with a canary beside it."""

    def __init__(self, base: Path) -> None:
        self.base, self.path = base, base / "Agent_Memory"
        knowledge = self.path / "_knowledge/semantic"
        self.insights = knowledge / "customer_insights.yaml"
        self.scores = knowledge / "customer_health_scores.yaml"
        self.folder = self.path / IID
        self.instruction = self.folder / "instruction.yaml"
        self.plan_file = self.folder / "outputs/final/success_plan.yaml"
        self.canary = base / "outside.txt"

    def build(self) -> Memory:
        self.folder.mkdir(parents=True)
        self.insights.parent.mkdir(parents=True)
        self.canary.write_text(CANARY)
        accounts = {"tamsin-ceramics": TAMSIN, ACCOUNT: LARKSPUR, "oxbow-water": OXBOW}
        self.write_insights(copy.deepcopy(accounts))
        self.write(self.instruction, INSTRUCTION)
        return self

    # Preparing

    def write(self, file: Path, document: Any) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(yaml.safe_dump(document, allow_unicode=True, sort_keys=False))

    def write_insights(self, accounts: dict[str, Any]) -> None:
        head = {"schema": "customer_insights/1", "generated_at": "2026-11-17T05:00:00Z"}
        self.write(self.insights, {**head, "accounts": accounts})

    def put(self, path: str, value: Any) -> Memory:
        """Set a field of the account, by its dotted path below the account."""
        document = yaml.safe_load(self.insights.read_text())
        _set(document["accounts"][ACCOUNT], path, value)
        self.write(self.insights, document)
        return self

    def ask(self, **fields: Any) -> Memory:
        """Change fields of the instruction."""
        self.write(self.instruction, {**INSTRUCTION, **fields})
        return self

    def edit(self, file: Path, old: str, new: str) -> Memory:
        text = file.read_text()
        assert old in text, f"{old!r} does not stand in {file.name}"
        file.write_text(text.replace(old, new, 1))
        return self

    def copy_instruction(self, iid: str, **fields: Any) -> None:
        document = {**INSTRUCTION, "instruction_id": iid, **fields}
        self.write(self.path / iid / "instruction.yaml", document)

    # Calling

    def csm(self, *words: str) -> Outcome:
        """One command in this process, exactly as the entry point runs it."""
        before = self.state()
        outcome = _call(words)
        assert "Traceback" not in outcome.err
        assert self.state() == before, "a file that is not the run's own has changed"
        return outcome

    def run(self, iid: str = IID, *more: str, as_of: str = AS_OF) -> Outcome:
        return self.csm(*self.command(iid, *more, as_of=as_of))

    def command(self, iid: str = IID, *more: str, as_of: str = AS_OF) -> list[str]:
        where = ["--memory", str(self.path), "--as-of", as_of, "--model", "playbook"]
        return ["run", *where, *more, "--", iid]

    def tool(self, name: str, **given: Any) -> Outcome:
        where = ["-i", IID, "--memory", str(self.path), "--as-of", AS_OF]
        return self.csm("tool", name, *where, "--json", json.dumps(given))

    def refused(self, *names: str, codes: tuple[int, ...] = (2,)) -> str:
        """Run; assert that it is refused in one line naming all of `names`, with nothing left."""
        before = self.everything()
        outcome = self.run()
        line = outcome.err.strip()
        assert outcome.code in codes, (outcome.code, outcome.out, line)
        assert line and "\n" not in line and line.isprintable()
        for name in names:
            assert name in line
        assert self.everything() == before, "a refused run has left something"
        return line

    def planned(self, *more: str, as_of: str = AS_OF) -> dict[str, Any]:
        """Run; assert that a plan and a health entry came of it; the plan."""
        outcome = self.run(IID, *more, as_of=as_of)
        assert outcome.code == 0, outcome.out + outcome.err
        assert ACCOUNT in self.history_file()["accounts"]
        return self.plan()

    # Looking

    def plan(self) -> dict[str, Any]:
        document = yaml.safe_load(self.plan_file.read_text())
        assert isinstance(document, dict)
        return document

    def history_file(self) -> dict[str, Any]:
        document = yaml.safe_load(self.scores.read_text())
        assert isinstance(document, dict)
        return document

    def history(self) -> list[dict[str, Any]]:
        entries = self.history_file()["accounts"][ACCOUNT]["history"]
        assert isinstance(entries, list)
        return entries

    def state(self) -> dict[str, Any]:
        """Everything that no run may change: all but its records, outputs and messages."""
        return {path: what for path, what in self.everything().items() if not _is_owned(path)}

    def everything(self) -> dict[str, Any]:
        """All files but locks: kind, mode and content by path."""
        return {
            str(file.relative_to(self.base)): _look(file)
            for file in sorted(self.base.rglob("*"))
            if "episodic/locks" not in str(file)
            and file.name not in ("_knowledge", "episodic", "memory.yaml")
        }

    def written(self) -> str:
        """The text of all that the run has written: plan, scores, messages, records, timeline."""
        files = [f for f in sorted(self.path.rglob("*")) if f.is_file() and not f.is_symlink()]
        return "\n".join(f.read_text() for f in files if _is_owned(str(f.relative_to(self.base))))

    def leftovers(self) -> list[Path]:
        return [f for f in self.path.rglob("*") if f.name.startswith(".tmp") or ".tmp" in f.suffix]


def gaps(plan: dict[str, Any]) -> str:
    """What a plan says it does not know: all data gaps and open questions as one text."""
    return json.dumps([plan["data_gaps"], plan["open_questions"]], ensure_ascii=False)


def _call(words: tuple[str, ...]) -> Outcome:
    out, err, argv = io.StringIO(), io.StringIO(), sys.argv
    sys.argv = ["csm", *words]
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            main()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(bool(end.code))
    finally:
        sys.argv = argv
    return Outcome(code, out.getvalue(), err.getvalue())


def _is_owned(path: str) -> bool:
    parts = path.split("/")[1:]
    if not parts or parts[0] == "_communication" or parts[-1].startswith(".tmp-"):
        return True
    if parts[0] == "_knowledge":
        return parts[1:2] == ["episodic"] or parts[-1] == "customer_health_scores.yaml"
    records = {"outputs", "decisions", "episodic", "status.yaml"}
    return parts[0].startswith("inst_") and (len(parts) == 1 or parts[1] in records)


def _look(file: Path) -> Any:
    info = os.lstat(file)
    kind = stat.S_IFMT(info.st_mode)
    if kind == stat.S_IFLNK:
        return "link", str(file.readlink())
    if kind == stat.S_IFREG:
        big = info.st_size > 5_000_000
        return "file", info.st_mode, info.st_size, None if big else file.read_bytes()
    return kind, info.st_mode if kind != stat.S_IFDIR else None


def _set(node: Any, path: str, value: Any) -> None:
    *steps, last = path.split(".")
    for step in steps:
        node = node[int(step)] if isinstance(node, list) else node[step]
    node[int(last) if isinstance(node, list) else last] = value
