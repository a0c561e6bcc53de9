"""Persona files → `Persona`: dialects, allow-list, policies, library, roster."""

from agent.persona.allow_list import KNOWN_TOOLS
from agent.persona.library import Library, load_folder, load_library
from agent.persona.load import load_file, parse
from agent.persona.model import (
    Boundary,
    Collaboration,
    MemoryOwnership,
    Origin,
    Persona,
    PolicyFile,
)
from agent.persona.roster import Role, Roster

__all__ = [
    "KNOWN_TOOLS",
    "Boundary",
    "Collaboration",
    "Library",
    "MemoryOwnership",
    "Origin",
    "Persona",
    "PolicyFile",
    "Role",
    "Roster",
    "load_file",
    "load_folder",
    "load_library",
    "parse",
]
