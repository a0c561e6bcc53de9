"""Everything a run reads, read once.

What the run works with is a snapshot: it goes into the journal, so that a file replaced during the
run cannot mix two versions, and a resumed run sees what the first one saw.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from agent.account_match import resolve_account
from agent.errors import (
    BadDocument,
    BadPath,
    CsmError,
    MemoryFault,
    NeedsContext,
    UnknownInstruction,
    printable,
)
from agent.instruction import Instruction
from agent.instruction import parse as parse_instruction
from agent.memory import scores_file, strict_yaml, timeline, views
from agent.memory.insights_file import InsightsFile
from agent.memory.paths import MemoryRoot, MissingFile
from agent.replies import replies_in
from agent.success.carry import PriorPlan
from agent.success.continuity.sent import KINDS as SENT
from agent.success.promises.found import SCHEMA

INSIGHTS = "_knowledge/semantic/customer_insights.yaml"
SCORES = "_knowledge/semantic/customer_health_scores.yaml"
INSTRUCTION_LIMIT = 1 << 20
PLAN_LIMIT = 4 << 20
MAX_FOLDERS = 5000
MAX_PRIORS = 40

_WORD = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True)
class Snapshot:
    """What memory said about the account when the run began; goes into the journal as it is."""

    account_id: str
    account_name: str
    share: dict[str, Any]
    insights_sha256: str
    generated_at: str
    scores_entry: dict[str, Any] | None
    priors: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)  # the timeline, without documents
    own_plan: dict[str, Any] | None = None  # an earlier revision of the plan that is to be written
    replies: list[dict[str, Any]] = field(default_factory=list)  # messages that answer ours

    @property
    def plans(self) -> list[dict[str, Any]]:
        """All earlier plans: of other instructions, and the one of this that is superseded."""
        return [*self.priors, *([self.own_plan] if self.own_plan else [])]

    def as_dict(self) -> dict[str, Any]:
        return {**self.__dict__}


def read_instruction(root: MemoryRoot, instruction_id: str, as_of: date) -> Instruction:
    where = f"{instruction_id}/instruction.yaml"
    try:
        data = root.read_bytes(where, limit=INSTRUCTION_LIMIT)
    except MissingFile:
        raise UnknownInstruction(
            f"there is no instruction {printable(instruction_id, 60)!r} in this memory",
            where=str(where) if len(where) < 160 else "",
            fix='`csm list` shows the ids; `csm new ACCOUNT "objective"` makes one.',
        ) from None
    document = strict_yaml.load(data, where=where, max_bytes=INSTRUCTION_LIMIT)
    if not isinstance(document, Mapping):
        raise BadDocument(
            "an instruction is a mapping of keys",
            where=where,
            fix="See docs/memory.md for its keys.",
        )
    return parse_instruction(document, folder_id=instruction_id, where=where, as_of=as_of)


def read_insights(root: MemoryRoot) -> InsightsFile | None:
    """The insights file, or None where the memory has none."""
    try:
        return InsightsFile.read(root)
    except MissingFile:
        return None


def account_of(instruction: Instruction, insights: InsightsFile | None) -> str:
    """The account the instruction is about. Raises NeedsContext when it cannot be told."""
    if insights is None:
        raise NeedsContext(
            "this memory holds no customer insights, so nothing is known about any account",
            where=INSIGHTS,
            fix="Ask support-analyst for the usage data, see docs/memory.md.",
        )
    return resolve_account(instruction, insights.names)


def snapshot(
    root: MemoryRoot, instruction: Instruction, insights: InsightsFile, account_id: str, as_of: date
) -> Snapshot:
    """What memory says about the account now; taken once, under the account's lock."""
    name = insights.names[account_id]
    events = timeline.read(root, account_id)
    return Snapshot(
        account_id=account_id,
        account_name=name,
        share=insights.share(account_id),
        insights_sha256=insights.sha256,
        generated_at=insights.generated_at or "",
        scores_entry=standing_entry(root, account_id, events),
        priors=find_priors(root, account_id, name, instruction.id, as_of),
        events=[timeline.told(event) for event in events],
        own_plan=_own_plan(root, instruction.id, account_id),
        replies=_replies(root, events),
    )


def _own_plan(root: MemoryRoot, instruction_id: str, account_id: str) -> dict[str, Any] | None:
    """The plan of this instruction that a new revision supersedes, at the path where it is kept
    then; None where there is none of ours."""
    path = f"{instruction_id}/outputs/final/success_plan.yaml"
    document = _mapping(_quietly(root, path, PLAN_LIMIT), path)
    if document is None or document.get("schema") != SCHEMA:
        return None
    dated, revision = _dated(document, {}, ""), document.get("revision")
    if document.get("account_id") != account_id or type(revision) is not int or dated is None:
        return None
    kept = f"{instruction_id}/outputs/revisions/success_plan.r{revision}.yaml"
    return {"path": kept, "instruction_id": instruction_id, "document": document,
            "as_of": dated.isoformat()}  # fmt: skip


def _replies(root: MemoryRoot, events: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What lies in our inbox as an answer to a message about this account."""
    data = [e["data"] for e in events if e["kind"] in SENT and isinstance(e.get("data"), Mapping)]
    sent = {d["message_id"] for d in data if isinstance(d.get("message_id"), str)}
    found = replies_in(root, sent)[0] if sent else []
    return [
        {**reply.__dict__, "sent_at": reply.sent_at.isoformat()}
        for reply in found
        if reply.in_reply_to in sent
    ]


def standing_entry(
    root: MemoryRoot, account_id: str, events: Sequence[Mapping[str, Any]]
) -> dict[str, Any] | None:
    """The account's entry of the scores file; the one the timeline tells, where a program died
    after recording a score and before writing it."""
    entry = scores_file.read_entry(root, account_id)
    return views.score_entry(events) if views.is_behind(entry, events) else entry


def find_priors(
    root: MemoryRoot, account_id: str, name: str, own_id: str, as_of: date
) -> list[dict[str, Any]]:
    """Earlier success plans of this account, oldest first, ours or another tool's.

    A plan counts when it says that it is this account's (or its instruction does) and is not dated
    after `as_of`. A file that cannot be read is passed over: it is evidence we do not have. Ids
    begin with their day, so of very many folders the newest are looked at, and of very many plans
    the newest are kept.
    """
    found = []
    folders = [f for f in root.list_dir("") if not f.startswith(("_", ".")) and f != own_id]
    for folder in folders[-MAX_FOLDERS:]:
        path = f"{folder}/outputs/final/success_plan.yaml"
        plan = _quietly(root, path, PLAN_LIMIT)
        asked = _quietly(root, f"{folder}/instruction.yaml", INSTRUCTION_LIMIT) if plan else b""
        if not _may_name(plan + b"\n" + asked, account_id, name):
            continue
        document, instruction = _mapping(plan, path), _mapping(asked, folder) or {}
        if document is None or not _is_about(document, instruction, account_id, name):
            continue
        dated = _dated(document, instruction, folder)
        if dated is None or dated <= as_of:
            found.append({"path": path, "instruction_id": folder, "document": document,
                          "as_of": dated.isoformat() if dated else ""})  # fmt: skip
    return sorted(found, key=lambda p: (p["as_of"], p["path"]))[-MAX_PRIORS:]


def latest_prior(snapshot: Snapshot) -> PriorPlan | None:
    """The newest plan of the account that another instruction left."""
    return prior_plan(snapshot.priors[-1]) if snapshot.priors else None


def prior_plan(found: Mapping[str, Any]) -> PriorPlan:
    """A plan as `find_priors` has it, with the id by which others name it."""
    plan_id = found["document"].get("plan_id")
    return PriorPlan(
        path=found["path"],
        instruction_id=found["instruction_id"],
        plan_id=plan_id if isinstance(plan_id, str) else found["instruction_id"],
        as_of=date.fromisoformat(found["as_of"]) if found["as_of"] else None,
        document=found["document"],
    )


def _quietly(root: MemoryRoot, path: str, limit: int) -> bytes:
    """What a file of another instruction holds; nothing when it is not ours to read."""
    try:
        return root.read_bytes(path, limit=limit)
    except BadPath:
        return b""
    except MemoryFault as error:
        if isinstance(error.__cause__, PermissionError):
            return b""
        raise


def _may_name(text: bytes, account_id: str, name: str) -> bool:
    """Whether the account can be meant at all: a cheap look before the whole is parsed.

    Only plain letters and digits have one spelling in YAML, so the longest run of them counts.
    """
    words = [max(_WORD.findall(n.lower()), key=len, default="") for n in (account_id, name)]
    plain = account_id.isascii() and name.isascii()
    return not plain or any(word.encode() in text.lower() for word in words)


def _mapping(data: bytes, where: str) -> dict[str, Any] | None:
    try:
        document = strict_yaml.load(data, where=where, max_bytes=PLAN_LIMIT)
    except CsmError:
        return None
    return document if isinstance(document, dict) else None


def _is_about(
    plan: Mapping[str, Any], instruction: Mapping[str, Any], account_id: str, name: str
) -> bool:
    """The plan's own word decides; only a silent plan is known by its instruction."""
    mine = {account_id, name.casefold()}
    for source in (plan, instruction):
        said = [
            source.get(k) for k in ("account_id", "account", "account_name", "customer", "client")
        ]
        named = [s.get("id") or s.get("name") if isinstance(s, Mapping) else s for s in said]
        words = [n for n in named if isinstance(n, str) and n.strip()]
        if words:
            return all(w == account_id or w.casefold() in mine for w in words)
    return False


def _dated(plan: Mapping[str, Any], instruction: Mapping[str, Any], folder: str) -> date | None:
    stamp = folder.split("_")[1] if folder.count("_") >= 1 else ""
    from_folder = f"{stamp[:4]}-{stamp[4:6]}-{stamp[6:8]}" if len(stamp) == 8 else ""
    candidates = (
        plan.get("as_of"), plan.get("date"), plan.get("created_at"), plan.get("created"),
        instruction.get("created_at"), instruction.get("created"), from_folder,
    )  # fmt: skip
    for value in candidates:
        try:
            return date.fromisoformat(str(value)[:10])
        except ValueError:
            continue
    return None


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
