"""`instruction.yaml` in any of the fleet's shapes → Instruction, and the account it is about.

Tolerant in what is read: five upstream shapes and our own name the same things differently, and
only id and text are required. Whatever is odd but harmless becomes a warning for the plan's
reader; whatever would make us guess stops the run.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Any, Literal

from agent.account_match import resolve_account
from agent.errors import BadDocument, Blocked, NeedsContext

__all__ = ["Instruction", "Priority", "parse", "resolve_account"]

MAX_TEXT = 20_000
"""Characters of objective and of context that are read; the rest is cut with a warning."""

Priority = Literal["low", "normal", "high", "critical"]

OUR_DOMAINS = frozenset(
    {
        "support", "customer-experience", "serve", "service", "customer",
        "sales", "revenue", "grow", "business", "shared",
    }
)  # fmt: skip
"""Domains under which the fleet has filed customer success; as assignee they mean "whoever is
responsible there", so they do not name somebody else."""

_PRIORITIES: dict[str, Priority] = {
    "low": "low",
    "normal": "normal",
    "medium": "normal",
    "high": "high",
    "critical": "critical",
    "urgent": "critical",
}
_TEXT_KEYS = ("objective", "raw_input", "request", "raw_request")
_CREATED_KEYS = ("created_at", "created")
_DEADLINE_KEYS = ("deadline", "due", "due_date")
_PARENT_KEYS = ("parent_instruction", "parent")
_BY_KEYS = ("requested_by", "created_by")
_ACCOUNT_KEYS = ("account", "account_id", "customer", "client")


@dataclass(frozen=True)
class Instruction:
    """What is asked, by whom and for when.

    `account` is the text that names the account, "" if no field does; `resolve_account` makes an
    id of it. `domain` and `intent` are "" where upstream has not decided ("pending"). `warnings`
    are sentences for a person. `extra` holds every key that is not read here. `sha256` is over the
    document as parsed: it changes when what is asked changes, not when a comment does.
    """

    id: str
    objective: str
    account: str = ""
    context: str = ""
    requested_by: str = ""
    assigned_to: str = ""
    created_at: datetime | None = None
    deadline: date | None = None
    priority: Priority = "normal"
    parent: str = ""
    domain: str = ""
    intent: str = ""
    extra: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    warnings: tuple[str, ...] = ()
    sha256: str = ""


def parse(
    data: Any,
    *,
    folder_id: str,
    where: str,
    persona: str = "customer-success-manager",
    as_of: date | None = None,
) -> Instruction:
    """Read the document of one instruction.

    Args:
        folder_id: name of the folder it was read from; paths come from there, never from the file.
        where: the file as errors name it.
        persona: who we are, to tell whether the instruction is addressed to us.
        as_of: business date against which deadline and creation are judged; None skips that.

    Raises:
        BadDocument: not a mapping, no id or another id than the folder's, no usable text.
        Blocked: addressed to another role, or to several.
        NeedsContext: names several accounts in one field.
    """
    if not isinstance(data, Mapping):
        raise BadDocument(
            f"an instruction is a mapping; this is {_kind(data)}.",
            where=where,
            fix="write 'instruction_id: …' and 'objective: …'.",
        )
    source = _Reader(data, where)
    _check_id(source, folder_id)
    detection = _mapping(data.get("detection"))
    intent = data.get("intent", detection.get("intent"))
    source.taken |= {"domain", "intent"}
    return Instruction(
        id=folder_id,
        objective=_objective(source),
        account=_account(source),
        context=_context(source),
        requested_by=source.line(_BY_KEYS, may_differ=True),
        assigned_to=_assignee(source, persona),
        created_at=_created(source, as_of),
        deadline=_deadline(source, as_of),
        priority=_priority(source),
        parent=source.line(_PARENT_KEYS),
        domain=_decided(data.get("domain", detection.get("domain"))),
        intent=_decided(intent.get("primary") if isinstance(intent, Mapping) else intent),
        extra=source.rest(),
        warnings=tuple(source.warnings),
        sha256=hashlib.sha256(repr(data).encode("utf-8", "backslashreplace")).hexdigest(),
    )


def reworded(
    document: Mapping[str, Any], id: str, *, parent: str, objective: str = ""
) -> dict[str, Any]:
    """The document of another instruction like this one, in the same shape: with its own id, its
    `parent_instruction`, and another text where one is given."""
    dropped = {"id", "instruction_id", *_PARENT_KEYS, *(_TEXT_KEYS if objective else ())}
    kept = {key: value for key, value in document.items() if key not in dropped}
    text = {"objective": objective} if objective else {}
    return {"instruction_id": id, "parent_instruction": parent, **text, **kept}


class _Reader:
    """The document while it is read: which keys were taken and what was odd about them."""

    def __init__(self, data: Mapping[Any, Any], where: str) -> None:
        self.data, self.where = data, where
        self.taken: set[str] = set()
        self.warnings: list[str] = []

    def first(self, keys: tuple[str, ...], *, may_differ: bool = False) -> tuple[str, Any]:
        """The first of `keys` that has a value; those that say otherwise stay in `rest`."""
        present = [key for key in keys if self.data.get(key) is not None]
        self.taken.update(key for key in keys if key in self.data and key not in present[1:])
        if not present:
            return "", None
        value = self.data[present[0]]
        for other in present[1:]:
            if self.data[other] == value:
                self.taken.add(other)
            elif not may_differ:
                self.warnings.append(f"'{present[0]}' and '{other}' differ; '{present[0]}' is used")
        return present[0], value

    def line(self, keys: tuple[str, ...], *, may_differ: bool = False) -> str:
        key, value = self.first(keys, may_differ=may_differ)
        if value is None or _is_word(value):
            return "" if value is None else " ".join(str(value).split())[:200]
        self.warnings.append(f"'{key}' is {_kind(value)}, not text; ignored")
        return ""

    def rest(self) -> Mapping[str, Any]:
        return MappingProxyType({str(k): v for k, v in self.data.items() if k not in self.taken})

    def bad(self, key: str, what: str, fix: str) -> BadDocument:
        return BadDocument(what, where=f"{self.where}: {key}", fix=fix)


def _check_id(source: _Reader, folder_id: str) -> None:
    found = [source.data[k] for k in ("id", "instruction_id") if source.data.get(k) is not None]
    source.taken |= {"id", "instruction_id"}
    if not found:
        raise source.bad(
            "instruction_id",
            "the instruction has no id.",
            f"add 'instruction_id: {folder_id}', the name of its folder.",
        )
    for value in found:
        if not _is_word(value) or str(value) != folder_id:
            raise source.bad(
                "instruction_id",
                f"the file says {_shown(value)}, its folder is '{folder_id}'.",
                "give both the same id.",
            )


def _objective(source: _Reader) -> str:
    key, value = source.first(_TEXT_KEYS)
    if key == "request" and isinstance(value, Mapping):
        source.taken.discard("request")  # the map says more than its text
        key, value = "request.raw", value.get("raw")
    if value is None:
        raise source.bad(
            "objective",
            "the instruction says nothing to do.",
            "add 'objective: <what is asked, in a sentence>'.",
        )
    if not isinstance(value, str):
        raise source.bad(
            key, f"the request is {_kind(value)}, not text.", "write it as one quoted sentence."
        )
    if not value.strip():
        raise source.bad(key, "the request is blank.", "say what is asked, in a sentence.")
    return _bounded(value.strip(), key, source)


def _context(source: _Reader) -> str:
    key, value = source.first(("context",))
    if value is None:
        return ""
    if isinstance(value, str):
        return _bounded(value.strip(), key, source)
    from agent.memory import strict_yaml

    return _bounded(strict_yaml.dump(value).strip(), key, source)


def _bounded(text: str, key: str, source: _Reader) -> str:
    if len(text) <= MAX_TEXT:
        return text
    source.warnings.append(
        f"'{key}' has {len(text):,} characters; only the first {MAX_TEXT:,} are read"
    )
    return text[:MAX_TEXT]


def _account(source: _Reader) -> str:
    entities = _mapping(source.data.get("entities"))
    key, value = source.first(_ACCOUNT_KEYS)
    if value is None:
        key = next((k for k in _ACCOUNT_KEYS if entities.get(k) is not None), "")
        value, key = entities.get(key), f"entities.{key}"
    if isinstance(value, Mapping):
        value = value.get("id", value.get("name"))
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, list) and value and all(_is_word(item) for item in value):
        raise NeedsContext(
            f"the instruction names {len(value)} accounts; a success plan is for one.",
            where=f"{source.where}: {key}",
            fix="make one instruction for each account.",
            candidates=tuple(str(item)[:120] for item in value[:10]),
        )
    if value is None:
        return ""
    if not _is_word(value):
        raise source.bad(key, f"the account is {_kind(value)}.", "write its id or its name.")
    return " ".join(str(value).split())


def _assignee(source: _Reader, persona: str) -> str:
    _, value = source.first(("assigned_to",))
    recommended = _mapping(source.data.get("recommendations"))
    hint = recommended.get("controller", recommended.get("primary_controller"))
    if isinstance(hint, str) and _role(hint) not in (persona, "pending", ""):
        source.warnings.append(f"upstream recommends '{hint[:80]}' as controller; a hint only")
    if value is None:
        return ""
    if isinstance(value, str) and not value.strip():
        return ""
    if isinstance(value, str) and _role(value) == persona:
        return persona
    if isinstance(value, str) and _role(value) in OUR_DOMAINS:
        source.warnings.append(f"assigned to the domain '{value.strip()}'; taken as ours")
        return persona
    named = [_shown(item) for item in (value if isinstance(value, list) else [value])][:5]
    raise Blocked(
        f"not ours: the instruction is addressed to {', '.join(named)}; this is '{persona}'.",
        where=f"{source.where}: assigned_to",
        fix=f"send it there, or set 'assigned_to: {persona}'.",
    )


def _role(text: str) -> str:
    """'shared:Customer_Success Manager' → 'customer-success-manager'."""
    return re.sub(r"[\s_-]+", "-", text.rpartition(":")[2].strip().casefold())


def _created(source: _Reader, as_of: date | None) -> datetime | None:
    key, value = source.first(_CREATED_KEYS)
    if value is None:
        return None
    moment = _moment(value)
    if moment is None:
        source.warnings.append(f"'{key}' ({_shown(value)}) is not a time; ignored")
    elif as_of is not None and moment.date() > as_of:
        source.warnings.append(f"'{key}' ({moment.date()}) lies after the business date {as_of}")
    return moment


def _deadline(source: _Reader, as_of: date | None) -> date | None:
    key, value = source.first(_DEADLINE_KEYS)
    if value is None:
        return None
    moment = _moment(value)
    if moment is None:
        source.warnings.append(f"'{key}' ({_shown(value)}) is not a date (YYYY-MM-DD); ignored")
        return None
    if as_of is not None and moment.date() < as_of:
        source.warnings.append(f"'{key}' ({moment.date()}) is already past on {as_of}")
    return moment.date()


def _moment(value: Any) -> datetime | None:
    """An aware time; a bare date is its midnight and a time without zone is UTC."""
    if isinstance(value, datetime):
        moment = value
    elif isinstance(value, date):
        moment = datetime(value.year, value.month, value.day, tzinfo=UTC)
    elif isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value.strip())
        except ValueError:
            return None
    else:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _priority(source: _Reader) -> Priority:
    _, value = source.first(("priority",))
    if value is None:
        return "normal"
    known = _PRIORITIES.get(value.strip().casefold()) if isinstance(value, str) else None
    if known is None:
        source.warnings.append(
            f"'priority' ({_shown(value)}) is none of {', '.join(_PRIORITIES)}; taken as normal"
        )
    return known or "normal"


def _decided(value: Any) -> str:
    """Upstream's verdict; its placeholder "pending" and anything that is no word mean none."""
    word = value.strip() if isinstance(value, str) else ""
    return "" if word.casefold() == "pending" else word[:120]


def _mapping(value: Any) -> Mapping[Any, Any]:
    return value if isinstance(value, Mapping) else {}


def _is_word(value: Any) -> bool:
    if isinstance(value, int) and not isinstance(value, bool):
        return abs(value) < 10**40  # Python refuses to print integers of thousands of digits
    return isinstance(value, str)


def _shown(value: Any) -> str:
    return f"'{value[:40]}'" if isinstance(value, str) else _kind(value)


def _kind(value: Any) -> str:
    if value is None:
        return "empty"
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, (list, tuple)):
        return "a list"
    if isinstance(value, bool):
        return "a true/false value"
    if isinstance(value, (int, float)):
        return "a number"
    return "text" if isinstance(value, str) else f"a {type(value).__name__}"
