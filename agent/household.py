"""The persona and what belongs to it, loaded and checked before anything else happens."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from agent.boundary.lanes import Lanes
from agent.persona import Persona, Roster, load_library
from agent.resources import shipped

DEFAULT_PERSONA = "customer-success-manager"


@dataclass(frozen=True)
class Household:
    """A persona, the roles it can hand work to, and its lanes."""

    persona: Persona
    roster: Roster
    lanes: Lanes


def open_household(name: str, override: Path | None = None) -> Household:
    """Load persona, roster and lanes; a fault in any of their files raises BadPersona."""
    library = load_library(shipped("personas"), override)
    persona = library.load(name)
    boundaries = persona.policy("boundaries")
    return Household(persona, library.roster, Lanes.load(boundaries))
