"""The gate at dispatch: which tool calls run, and which messages may leave.

What no rule allows is refused. The gate sees names and inputs exactly as the model gave them: paths
and roles are compared character for character, nothing is trimmed, folded or resolved.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, get_args

from agent.boundary.fields import strings
from agent.boundary.findings import Finding, limited
from agent.boundary.folding import word_set
from agent.boundary.grounding import Ground
from agent.boundary.names import ForeignNames, odd_names, unnamed
from agent.boundary.people import CSM, RosterLike, role_ids
from agent.boundary.wording import placeholder
from agent.errors import printable
from agent.success.facts import FactBook

MessageType = Literal["delegation", "consultation", "escalation", "handoff"]


@dataclass(frozen=True)
class Decision:
    """`reason` is for the model when refused, for the journal when allowed."""

    verdict: Literal["allow", "refuse"]
    reason: str

    @property
    def allowed(self) -> bool:
        return self.verdict == "allow"


@dataclass(frozen=True)
class _Room:
    owned_paths: Collection[str]
    roles: Collection[str]


def _reads(_: Mapping[str, Any], __: _Room) -> str:
    return ""


def _writes(given: Mapping[str, Any], room: _Room) -> str:
    path = given.get("path")
    if isinstance(path, str) and path in room.owned_paths:
        return ""
    owned = " or ".join(f"'{p}'" for p in sorted(room.owned_paths)) or "nothing in this run"
    return f"{_shown(path)} is not yours to write; you own exactly {owned}"


def _hands_off(given: Mapping[str, Any], room: _Room) -> str:
    to = given.get("to")
    if isinstance(to, str) and to == CSM:
        return "a hand-off to yourself goes nowhere; do it or leave it out"
    if isinstance(to, str) and to in room.roles:
        return ""
    near = difflib.get_close_matches(to[:80], list(room.roles), 1) if isinstance(to, str) else []
    hint = f"; did you mean '{near[0]}'?" if near else ""
    return f"{_shown(to)} is no role of the roster{hint} Roles: {', '.join(sorted(room.roles))}"


_RULES: Mapping[str, Callable[[Mapping[str, Any], _Room], str]] = {
    "read": _reads,
    "grep": _reads,
    "glob": _reads,
    "todo_write": _reads,
    "write": _writes,
    "handoff": _hands_off,
    "health_score": _reads,
    "risk_analyzer": _reads,
    "renewal_forecast": _reads,
    "expansion": _reads,
    "qbr_generator": _reads,
}


def check_call(
    name: str,
    raw_input: Any,
    *,
    allowed: Collection[str],
    owned_paths: Collection[str],
    roles: RosterLike | Collection[str],
) -> Decision:
    """Whether a tool call may run.

    Args:
        name: tool name as the model gave it.
        raw_input: its input, unvalidated; the tool itself validates the rest.
        allowed: tools the persona declares; others are refused even where the runtime has them.
        owned_paths: the only paths `write` may name.
        roles: the roster (or role ids) a `handoff` may go to; ids only, no aliases.
    """
    if not isinstance(name, str) or name not in allowed:
        offered = ", ".join(sorted(allowed)) or "none"
        return Decision("refuse", f"no tool {_shown(name)} is declared here; available: {offered}")
    rule = _RULES.get(name)
    if rule is None:
        return Decision("refuse", f"the gate has no rule for the tool {_shown(name)}")
    if not isinstance(raw_input, Mapping):
        return Decision("refuse", f"{name}: the input must be an object with named fields")
    problem = rule(raw_input, _Room(owned_paths, role_ids(roles)))
    return (
        Decision("refuse", f"{name}: {problem}")
        if problem
        else Decision("allow", f"{name}: declared")
    )


def _shown(value: object) -> str:
    return f"'{printable(value, 120)}'" if isinstance(value, str) else f"a {type(value).__name__}"


# Fields of the envelope, which the program writes; everything else is text of the message.
_ENVELOPE = word_set("""
    id message_id in_reply_to type from to timestamp ts created_at instruction_id account_id
    priority urgency status evidence schema
""")


def check_handoff(
    message: Mapping[str, Any],
    *,
    foreign_names: Collection[str],
    facts: FactBook,
    roles: RosterLike | Collection[str],
    account_id: str = "",
    as_of: date | None = None,
    given: Collection[str] = (),
    instruction_like: Callable[[str], object] | None = None,
) -> tuple[Finding, ...]:
    """Findings on a message before it is sent; an empty tuple means it may go.

    The target is a role, type and account are right, no other account is named, every figure and
    quotation stands in the cited `evidence` (or in `given`, the requester's own words, or is the
    date of the run), and no text that gives orders to a reader is passed on. `account_id` is left
    empty where the envelope is still to be written.
    """
    identity = (account_id, as_of.isoformat() if as_of else "", *given)
    ground = Ground(facts, identity, given)
    found = [*_addressed(message, account_id, role_ids(roles))]
    names = ForeignNames(foreign_names)
    body = {key: value for key, value in message.items() if key not in _ENVELOPE}
    odd = odd_names(facts)
    body = {key: unnamed(v, odd) if isinstance(v, str) else v for key, v in body.items()}
    for where, text in strings(body):
        for name in names.found_in(text):
            message_ = f"'{name}' belongs to another account"
            found.append(Finding("foreign_name", where, message_, "leave it out"))
        if left := placeholder(text):
            said = f"the placeholder '{left}' is left over"
            found.append(Finding("placeholder", where, said, "fill it or leave it out"))
        if instruction_like is not None and instruction_like(text):
            said = "this reads like an instruction hidden in text"
            found.append(
                Finding("instruction_text", where, said, "say in your own words what is so")
            )
    ids = _ids(message.get("evidence"))
    found += ground.unknown_ids("evidence", ids)
    found += ground.check(list(strings(body)), ids)
    return limited(found)


def _addressed(
    message: Mapping[str, Any], account_id: str, roles: Collection[str]
) -> Iterator[Finding]:
    reason = _hands_off(message, _Room((), roles))
    if reason:
        yield Finding("target", "to", reason, "address a role of the roster")
    if (kind := message.get("type")) not in get_args(MessageType):
        allowed = ", ".join(get_args(MessageType))
        yield Finding(
            "type", "type", f"{_shown(kind)} is no kind of message", f"use one of: {allowed}"
        )
    if account_id and message.get("account_id", account_id) != account_id:
        said = (
            f"the message is about {_shown(message['account_id'])}, this run about '{account_id}'"
        )
        yield Finding(
            "account", "account_id", said, "send one message for each account, in its own run"
        )


def _ids(evidence: Any) -> list[str]:
    """Fact ids of a message: plain, or items that carry their id."""
    entries = evidence if isinstance(evidence, (list, tuple)) else []
    ids = [entry.get("id") if isinstance(entry, Mapping) else entry for entry in entries]
    return [id for id in ids if isinstance(id, str)]
