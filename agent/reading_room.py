"""Which files the tools of a run may read: this account's and this instruction's, nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from agent.case import INSIGHTS, INSTRUCTION_LIMIT, PLAN_LIMIT, SCORES, Snapshot
from agent.memory import strict_yaml
from agent.memory.paths import MemoryRoot
from agent.memory.timeline import path_of
from agent.memory.view import MemoryView
from agent.success.assessment import Assessment

if TYPE_CHECKING:
    from agent.runtime import Run

MAX_FILES = 2000
MAX_DEPTH = 12
_OWN_RECORDS = ("episodic/", "decisions/", "outputs/revisions/", "outputs/partial/")


def readable(run: Run, loaded: Snapshot, assessment: Assessment) -> MemoryView:
    """The view of one run. Shared files show the account's own part, from the snapshot, with text
    that gives commands left out of notes and e-mails as it is left out of the brief."""
    providers: dict[str, Callable[[], bytes]] = {
        INSIGHTS: partial(_own_share, loaded, assessment),
    }
    if loaded.scores_entry is not None:
        providers[SCORES] = partial(_own_scores, loaded)
    for path in _own_files(run.root, run.instruction.id):
        providers[path] = partial(run.root.read_bytes, path, limit=PLAN_LIMIT)
    if loaded.events:
        providers[path_of(loaded.account_id)] = partial(_own_events, loaded)
    for prior in loaded.plans:
        providers[prior["path"]] = partial(_text, prior["document"])
        asked = f"{prior['instruction_id']}/instruction.yaml"
        if run.root.exists(asked):
            providers[asked] = partial(run.root.read_bytes, asked, limit=INSTRUCTION_LIMIT)
    return MemoryView(providers)


def _own_files(root: MemoryRoot, instruction_id: str) -> list[str]:
    found, _cut = root.walk(instruction_id, max_entries=MAX_FILES, max_depth=MAX_DEPTH)
    return [p for p in found if not p.removeprefix(instruction_id + "/").startswith(_OWN_RECORDS)]


def _own_share(loaded: Snapshot, assessment: Assessment) -> bytes:
    share = dict(loaded.share)
    withheld = assessment.account.withheld
    if withheld:
        share["notes"] = [{"text": s.text, "date": s.at, "author": s.author, "channel": s.channel}
                          for s in assessment.account.sentences]  # fmt: skip
        share.pop("emails", None)
    return _text({"schema": "customer_insights/1", "accounts": {loaded.account_id: share}})


def _own_scores(loaded: Snapshot) -> bytes:
    return _text({"accounts": {loaded.account_id: loaded.scores_entry}})


def _own_events(loaded: Snapshot) -> bytes:
    return "".join(json.dumps(e, ensure_ascii=False) + "\n" for e in loaded.events).encode()


def _text(document: object) -> bytes:
    return strict_yaml.dump(document).encode()
