"""Who work is handed to: the roles of the fleet, under the names everybody calls them by."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, get_args

from agent.errors import BadInput, BadPersona

Lane = Literal["support", "sales", "product", "customer", "executive"]
MessageType = Literal["delegation", "consultation", "escalation", "handoff"]
_KEYS = {"id", "title", "domain", "lane", "remit", "accepts", "fleet_agent"}


@dataclass(frozen=True)
class Role:
    """A hand-off target. `id` is the address messages are written to; `fleet_agent` is the agent
    that answers there when the fleet calls it by another name."""

    id: str
    title: str
    domain: str
    lane: Lane
    remit: str
    accepts: tuple[MessageType, ...]
    fleet_agent: str


@dataclass(frozen=True)
class Roster:
    """`roles` by id in file order; `aliases` from other spellings to an id."""

    roles: Mapping[str, Role] = field(default_factory=lambda: MappingProxyType({}))
    aliases: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    source: str = ""

    @classmethod
    def load(cls, data: Any, source: str) -> Roster:
        """Read the mapping of a roster file.

        Raises:
            BadPersona: a key is missing, unknown or of the wrong type; an id appears twice; an
                alias leads nowhere or hides a role.
        """
        body = _mapping(data, source, "the roster")
        _no_others(body, {"schema", "roles", "aliases"}, source)
        roles: dict[str, Role] = {}
        for i, entry in enumerate(_list(body.get("roles"), source, "roles")):
            role = _role(entry, f"{source}: roles[{i}]")
            if role.id in roles:
                raise BadPersona(
                    f"role '{role.id}' appears twice.", where=source, fix="keep one of them."
                )
            roles[role.id] = role
        aliases: dict[str, str] = {}
        for name, target in _mapping(body.get("aliases") or {}, source, "aliases").items():
            spelling = _spelling(str(name))
            if spelling in roles or not isinstance(target, str) or target not in roles:
                problem = "is a role itself" if spelling in roles else f"leads to '{target}'"
                raise BadPersona(
                    f"alias '{name}' {problem}; an alias leads to a listed role.",
                    where=f"{source}: aliases",
                    fix=f"use one of: {', '.join(roles)}.",
                )
            aliases[spelling] = target
        return cls(MappingProxyType(roles), MappingProxyType(aliases), source)

    def resolve(self, name: str) -> Role:
        """The role called `name`, under its id, an alias, or with a `domain:` in front.

        Raises:
            BadInput: nobody is called that; lists the targets.
        """
        spelling = _spelling(name)
        for candidate in (spelling, spelling.rpartition(":")[2]):
            role_id = self.aliases.get(candidate, candidate)
            if role_id in self.roles:
                return self.roles[role_id]
        near = difflib.get_close_matches(spelling, [*self.roles, *self.aliases], n=1)
        hint = f" Did you mean '{near[0]}'?" if near else ""
        raise BadInput(
            f"'{name[:80]}' is not a role of this fleet.{hint}",
            where=self.source,
            fix=f"use one of: {', '.join(self.roles)}.",
        )

    def lane(self, lane: Lane) -> tuple[Role, ...]:
        return tuple(role for role in self.roles.values() if role.lane == lane)


def _spelling(name: str) -> str:
    return "-".join(name.casefold().replace("_", " ").replace("-", " ").split())


def _role(entry: Any, where: str) -> Role:
    data = _mapping(entry, where, "a role")
    _no_others(data, _KEYS, where)
    for key in ("id", "title", "domain", "lane", "remit"):
        if not isinstance(data.get(key), str) or not data[key].strip():
            raise BadPersona(
                f"'{key}' must be text.", where=where, fix=f"add '{key}: …' to the role."
            )
    lane, accepts = data["lane"], _list(data.get("accepts"), where, "accepts")
    if lane not in get_args(Lane):
        raise BadPersona(
            f"unknown lane '{lane}'.", where=where, fix=f"use one of: {', '.join(get_args(Lane))}."
        )
    for kind in accepts:
        if kind not in get_args(MessageType):
            raise BadPersona(
                f"unknown message type '{kind}' in 'accepts'.",
                where=where,
                fix=f"use: {', '.join(get_args(MessageType))}.",
            )
    if data["id"] != _spelling(data["id"]):
        raise BadPersona(
            f"id '{data['id']}' must be lower-case words joined by '-'.",
            where=where,
            fix=f"write '{_spelling(data['id'])}'.",
        )
    return Role(
        data["id"],
        data["title"],
        data["domain"],
        lane,
        " ".join(data["remit"].split()),
        tuple(accepts),
        str(data.get("fleet_agent") or data["id"]),
    )


def _no_others(data: dict[str, Any], known: set[str], where: str) -> None:
    """A misspelt key would otherwise be a rule that silently does nothing."""
    if unknown := sorted(str(key) for key in data if key not in known):
        raise BadPersona(
            f"unknown key '{unknown[0]}'.", where=where, fix=f"known: {', '.join(sorted(known))}."
        )


def _mapping(value: Any, where: str, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BadPersona(f"{what} must be a mapping.", where=where, fix="write 'key: value' lines.")
    return value


def _list(value: Any, where: str, what: str) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise BadPersona(
            f"'{what}' must be a list with at least one entry.", where=where, fix=f"add '{what}:'."
        )
    return value
