"""What a role card says in its sections: mandate, boundaries, memory ownership, collaboration."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.errors import BadPersona
from agent.persona.markdown import Section, items, plain, slug
from agent.persona.model import Boundary, Collaboration, MemoryOwnership

_MANDATE = ("mandate", "core responsibilities", "responsibilities")
_DOES_NOT = re.compile(
    r"\b(does|do|must|may|will)\s+not\b|\b(don't|doesn't|never)\b", re.IGNORECASE
)
_ROLE_IN_BOLD = re.compile(r"(?:\*\*|`)([a-z][a-z0-9]*(?:-[a-z0-9]+)*)(?:\*\*|`)")
_ROLE_IN_PROSE = re.compile(
    r"\b(?:belongs? to|owned by|is) (?:the )?([a-z][a-z-]+?)(?:'s?|’s?)? (?:lane|job)\b"
    r"|\b(?:belongs? to|owned by) (?:the )?([a-z][a-z-]+)"
)
_LABEL = re.compile(r"\**([A-Z][A-Za-z ]{2,30}?)\**\s*:\s*\**\s*(.*)")
_PATH = re.compile(r"`([^`\s]+/[^`\s]+)`")
_ROOT = "Agent_Memory/"
_EDGES = {
    "consult": "consult",
    "consults": "consult",
    "coordinates with": "consult",
    "partners with": "consult",
    "delegate": "delegate",
    "delegate to": "delegate",
    "delegates to": "delegate",
    "escalate": "escalate",
    "escalate to": "escalate",
    "escalates to": "escalate",
    "receive from": "receive",
    "receives from": "receive",
}


def mandate(parts: Sequence[Section]) -> tuple[str, ...]:
    """Items of the mandate, or the titles of its sub-sections where it is written out."""
    for i, part in enumerate(parts):
        if part.level and part.title.casefold() in _MANDATE:
            listed = tuple(plain(text) for text in items(part))
            return listed or tuple(
                re.sub(r"^\d+[.)]\s*", "", sub.title) for sub in _below(parts, i)
            )
    return ()


def boundaries(parts: Sequence[Section]) -> tuple[Boundary, ...]:
    """Items of a "Boundaries" section that say what the persona does not do, with the owner."""
    found = []
    for part in parts:
        if part.title.casefold() in ("boundaries", "not my job", "out of scope"):
            for text in items(part):
                if _DOES_NOT.search(text):
                    found.append(Boundary(plain(text), _owner(text)))
    return tuple(found)


def _owner(text: str) -> str:
    if match := _ROLE_IN_BOLD.search(text):
        return match[1]
    match = _ROLE_IN_PROSE.search(text)
    return (match[1] or match[2]) if match else ""


def memory_ownership(parts: Sequence[Section], *, source: str) -> MemoryOwnership:
    """Paths under "Write to" and "Read from", relative to the memory root.

    Raises:
        BadPersona: a path is absolute, climbs out, or holds another placeholder.
    """
    held: dict[str, list[str]] = {"write": [], "read": []}
    for part in parts:
        if not part.title.casefold().startswith("memory"):
            continue
        side = ""
        for number, line in part.lines:
            text = plain(re.sub(r"`[^`]*`", "", line)).casefold().lstrip("-* ")
            if text.startswith(("write", "writes")):
                side = "write"
            elif text.startswith(("read", "reads")):
                side = "read"
            if side:
                held[side] += [_memory_path(p, f"{source}:{number}") for p in _PATH.findall(line)]
    return MemoryOwnership(tuple(held["write"]), tuple(held["read"]))


def _memory_path(path: str, where: str) -> str:
    relative = path.removeprefix(_ROOT)
    bare = relative.replace("{instruction_id}", "id")
    if relative.startswith(("/", "~")) or ".." in bare.split("/") or re.search(r"[{}*?\\]", bare):
        raise BadPersona(
            f"'{path}' is not a path inside the memory.",
            where=where,
            fix="write it as Agent_Memory/{instruction_id}/… without '..', '*' or other braces.",
        )
    return relative


def collaboration(parts: Sequence[Section]) -> Collaboration:
    """Roles after "Consult:", "Delegate to:", "Escalate to:", "Receives from:"."""
    held: dict[str, list[str]] = {"consult": [], "delegate": [], "escalate": [], "receive": []}
    for part in parts:
        if not part.title.casefold().startswith("collaboration"):
            continue
        for _, line in part.lines:
            match = _LABEL.match(line.strip().lstrip("-* "))
            edge = _EDGES.get(match[1].strip().casefold()) if match else None
            if match is None or edge is None:
                continue
            roles = re.sub(r"\([^()]*\)", "", match[2])
            for role in re.split(r"[,;]| and ", roles):
                name = slug(plain(role))
                if name and name not in held[edge]:
                    held[edge].append(name)
    return Collaboration(**{edge: tuple(roles) for edge, roles in held.items()})


def _below(parts: Sequence[Section], i: int) -> list[Section]:
    """Sections one level below `parts[i]`, up to the next of its own level."""
    out = []
    for part in parts[i + 1 :]:
        if part.level <= parts[i].level:
            break
        if part.level == parts[i].level + 1:
            out.append(part)
    return out
