"""What a loaded persona is: who the agent is, what it may touch and what is not its job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from agent.errors import BadPersona

Origin = Literal["shipped", "overridden", "custom"]
"""shipped: as delivered; overridden: some file replaced locally; custom: exists only locally."""


@dataclass(frozen=True)
class PolicyFile:
    """One policy document beside the persona. `source` is the path shown as evidence."""

    data: dict[str, Any]
    source: str


@dataclass(frozen=True)
class Boundary:
    """One thing the persona does not do; `owner` is the role that does, "" where none is named."""

    text: str
    owner: str = ""


@dataclass(frozen=True)
class MemoryOwnership:
    """Paths relative to the memory root; `{instruction_id}` stands for the run's folder."""

    write: tuple[str, ...] = ()
    read: tuple[str, ...] = ()

    def write_paths(self, instruction_id: str) -> tuple[str, ...]:
        return tuple(p.replace("{instruction_id}", instruction_id) for p in self.write)

    def read_paths(self, instruction_id: str) -> tuple[str, ...]:
        return tuple(p.replace("{instruction_id}", instruction_id) for p in self.read)


@dataclass(frozen=True)
class Collaboration:
    """Role ids as the card spells them; `Roster.resolve` turns them into addresses."""

    consult: tuple[str, ...] = ()
    delegate: tuple[str, ...] = ()
    escalate: tuple[str, ...] = ()
    receive: tuple[str, ...] = ()


@dataclass(frozen=True)
class Persona:
    """A persona file in any dialect, read into one shape.

    `tools` are names of this runtime, in the order declared; nothing else is ever offered to the
    model. `model` is the text of the file (an alias or a full id; "inherit" when absent).
    `hash` is the sha256 over the file and its policies, `files` maps the source of each of them to
    the first 16 hex digits of its own. `notices` say what was repaired, ignored
    or overridden; they belong in front of a person, not in a log.
    """

    name: str
    title: str
    description: str
    body: str
    hash: str
    source: str
    domain: str = ""
    persona_class: str = ""
    persistent: bool = False
    tools: tuple[str, ...] = ()
    model: str = "inherit"
    tier: str = ""
    capabilities: tuple[str, ...] = ()
    mandate: tuple[str, ...] = ()
    boundaries: tuple[Boundary, ...] = ()
    memory: MemoryOwnership = MemoryOwnership()
    collaboration: Collaboration = Collaboration()
    policies: Mapping[str, PolicyFile] = field(default_factory=lambda: MappingProxyType({}))
    extra: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    files: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    origin: Origin = "custom"
    notices: tuple[str, ...] = ()

    def policy(self, name: str) -> PolicyFile:
        """The policy called `name` ("signals", "health_models/<stem>").

        Raises:
            BadPersona: there is none; lists those there are.
        """
        try:
            return self.policies[name]
        except KeyError:
            known = ", ".join(sorted(self.policies)) or "none"
            raise BadPersona(
                f"has no policy '{name}' (has: {known}).",
                where=self.source,
                fix=f"add {name}.yaml beside the persona file.",
            ) from None
