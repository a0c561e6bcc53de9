"""Which two plans to compare, found in the memory, and what differs between them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from agent.case import PLAN_LIMIT, find_priors, read_insights
from agent.errors import BadDocument, BadInput, NeedsContext, UnknownInstruction, printable
from agent.memory import strict_yaml, timeline, views
from agent.memory.paths import MemoryRoot, MissingFile, check_instruction_id
from agent.portfolio import resolve
from agent.success.continuity.compare import also_differs, compare
from agent.success.continuity.compare_promises import compare_promises, recognised
from agent.success.continuity.difference import Difference
from agent.success.continuity.values import text

_REVISION = re.compile(r"(.+):r(\d{1,4})")
_PLAN_ID = re.compile(r"plan_(.+)_r(\d{1,4})")
_ACCOUNT = ("account_id", "account", "account_name", "customer_id", "customer", "client")


@dataclass(frozen=True)
class Version:
    """A plan as it stands in the memory. `label` is its plan id, or the instruction's."""

    path: str
    label: str
    as_of: str
    document: Mapping[str, Any] = field(repr=False)

    @property
    def is_ours(self) -> bool:
        return self.document.get("schema") == "success_plan/1"

    @property
    def account(self) -> str:
        """Whose plan it says it is; "" when it says nothing."""
        named = next((self.document[key] for key in _ACCOUNT if self.document.get(key)), "")
        found = named.get("id") or named.get("name") if isinstance(named, Mapping) else named
        return found if isinstance(found, str) else ""

    @property
    def order(self) -> tuple[str, int]:
        revision = self.document.get("revision")
        return self.as_of, revision if type(revision) is int else 0

    def as_dict(self) -> dict[str, str]:
        return {"plan": self.label, "as_of": self.as_of, "path": self.path}


@dataclass(frozen=True)
class PlanDiff:
    """`remarks` say what could not be compared, or differs without being put into words."""

    account: str
    before: Version
    after: Version
    differences: tuple[Difference, ...]
    remarks: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        return {
            "account": self.account,
            "from": self.before.as_dict(),
            "to": self.after.as_dict(),
            "differences": [found.as_dict() for found in self.differences],
            "remarks": list(self.remarks),
        }


def plan_diff(memory: Path, one: str, other: str = "") -> PlanDiff:
    """What differs between two plans, the older first.

    Args:
        one: an instruction id, or `ID:r2` for a revision of its plan.
        other: the same; left out, the plan that `one` supersedes, else the account's plan before.

    Raises:
        UnknownInstruction: no such plan. BadInput: the plans are two accounts', or one is given
        twice. NeedsContext: there is no plan before it.
    """
    root = MemoryRoot.open(memory)
    first = _version(root, one)
    second = _version(root, other) if other else _before(root, first)
    if first.path == second.path:
        raise BadInput(
            "this is one plan, given twice", where=first.path, fix="Name two, as ID:r1 and ID:r2."
        )
    before, after = sorted((second, first), key=lambda version: version.order)
    if _account_id(root, before) != _account_id(root, after):
        names = " and ".join(printable(v.account or "nobody", 60) for v in (before, after))
        raise BadInput(f"these are plans of two accounts, {names}", fix="Name two plans of one.")
    return _compared(before, after)


def _compared(before: Version, after: Version) -> PlanDiff:
    account = text(after.document.get("account_name")) or after.account or before.account
    if before.is_ours and after.is_ours:
        found = compare(before.document, after.document)
        rest = also_differs(before.document, after.document, found)
        more = f"also different, in detail or wording: {', '.join(map(str, rest))}".replace(
            "_", " "
        )
        return PlanDiff(account, before, after, tuple(found), (more,) if rest else ())
    found = compare_promises(before.document, after.document, before.label)
    foreign = [v for v in (before, after) if not v.is_ours]
    remarks = [
        f"{v.path} is another tool's plan: {recognised(v.document) or 'none'} of its promises "
        f"{'was' if recognised(v.document) == 1 else 'were'} recognised and compared by title; it "
        "tells no score, risk or renewal in a form that can be compared"
        for v in foreign
    ]
    return PlanDiff(account, before, after, tuple(found), tuple(remarks))


def _version(root: MemoryRoot, given: str) -> Version:
    wanted = _REVISION.fullmatch(given)
    iid = check_instruction_id(wanted[1] if wanted else given)
    final = _read(root, f"{iid}/outputs/final/success_plan.yaml")
    if final is None:
        raise UnknownInstruction(
            "this instruction has no success plan",
            where=f"{iid}/outputs/final/success_plan.yaml",
            fix="`csm list` shows the ids and which have been run.",
        )
    if not wanted or final.document.get("revision") == int(wanted[2]):
        return final
    number = int(wanted[2])
    account_id = text(final.document.get("account_id"))
    kept = _revision(root, f"plan_{iid}_r{number}", iid, number, account_id)
    if kept is None:
        raise BadInput(
            f"there is no revision {number} of this plan; the newest is "
            f"{final.document.get('revision', 1)}",
            where=given,
        )
    return kept


def _revision(
    root: MemoryRoot, plan_id: str, iid: str, number: int, account: str
) -> Version | None:
    """A superseded plan: from its file, or where that is gone from the account's timeline."""
    path = f"{iid}/outputs/revisions/success_plan.r{number}.yaml"
    found = _read(root, path)
    if found is not None or not account:
        return found
    told = views.plan_texts(timeline.read(root, account))
    kept = [(p, t) for p, t in told.items() if f"plan_id: {plan_id}\n" in t]
    versions = (_parsed(words.encode(), path) for path, words in kept)
    return next((version for version in versions if version.label == plan_id), None)


def _before(root: MemoryRoot, version: Version) -> Version:
    """The plan that this one supersedes, else the newest earlier plan of its account."""
    superseded = _superseded(root, version)
    if superseded is not None:
        return superseded
    account_id = _account_id(root, version)
    insights = read_insights(root)
    names = insights.names if insights else {}
    on = date.fromisoformat(version.as_of) if version.as_of else date.max
    own = version.path.split("/")[0]
    priors = find_priors(root, account_id, names.get(account_id, version.account), own, on)
    if not priors:
        raise NeedsContext(
            "there is no plan before this one to compare it with",
            where=version.path,
            fix="Name another instruction: csm diff ID OTHER.",
        )
    found = _read(root, priors[-1]["path"])
    assert found is not None
    return Version(found.path, found.label, priors[-1]["as_of"] or found.as_of, found.document)


def _superseded(root: MemoryRoot, version: Version) -> Version | None:
    named = text(version.document.get("supersedes"))
    parts = _PLAN_ID.fullmatch(named)
    iid = parts[1] if parts else named
    try:
        check_instruction_id(iid)
    except UnknownInstruction:
        return None
    found = _read(root, f"{iid}/outputs/final/success_plan.yaml")
    if parts and (found is None or found.label != named):
        account_id = text(version.document.get("account_id"))
        return _revision(root, named, iid, int(parts[2]), account_id)
    return found


def _account_id(root: MemoryRoot, version: Version) -> str:
    """The account's id by the plan's own word; a name is looked up in the insights."""
    own = text(version.document.get("account_id"))
    if own:
        return own
    insights = read_insights(root)
    if not version.account or insights is None:
        return version.account
    try:
        return resolve(insights, version.account)
    except NeedsContext:
        return version.account


def _read(root: MemoryRoot, path: str) -> Version | None:
    try:
        data = root.read_bytes(path, limit=PLAN_LIMIT)
    except MissingFile:
        return None
    return _parsed(data, path)


def _parsed(data: bytes, path: str) -> Version:
    document = strict_yaml.load(data, where=path, max_bytes=PLAN_LIMIT)
    if not isinstance(document, dict):
        raise BadDocument("is not a mapping of keys", where=path, fix="A plan is one.")
    stamp = path.split("_")[1] if path.count("_") else ""
    told = next((text(document.get(k)) for k in ("as_of", "date", "created_at", "written_on")
                 if text(document.get(k))), "")  # fmt: skip
    folder = f"{stamp[:4]}-{stamp[4:6]}-{stamp[6:8]}" if stamp.isdigit() and len(stamp) == 8 else ""
    label = text(document.get("plan_id")) or path.split("/")[0]
    return Version(path, label, _day(told[:10]) or _day(folder), document)


def _day(told: str) -> str:
    try:
        return date.fromisoformat(told).isoformat()
    except ValueError:
        return ""
