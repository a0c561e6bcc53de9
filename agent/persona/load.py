"""One persona file, in whichever dialect, → Persona."""

from __future__ import annotations

import hashlib
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from agent.errors import BadPersona
from agent.persona import allow_list, card
from agent.persona.frontmatter import Frontmatter, split
from agent.persona.markdown import Section, first_paragraph, markers, sections, slug
from agent.persona.model import Persona
from agent.persona.text import clean

_READ_KEYS = {
    "name", "title", "description", "domain", "class", "persistent_persona", "model", "tier",
    "capabilities", "tools", "allowed-tools", "allowed_tools", "allowedTools",
    "disallowedTools", "disallowed-tools", "disallowed_tools",
}  # fmt: skip


def load_file(path: Path) -> Persona:
    """The persona of one file, without policies.

    Raises:
        BadPersona: one line with the file, the line where there is one, and the remedy.
    """
    return parse(read_regular(path), source=str(path))


def read_regular(path: Path) -> bytes:
    """Bytes of a regular file; folders, pipes and absent files are refused, never waited for."""
    where = str(path)
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise BadPersona(
                "is a folder.", where=where, fix=f"name the file in it: {path / 'persona.md'}"
            )
        if not stat.S_ISREG(mode):
            raise BadPersona("is not a regular file.", where=where, fix="point at a Markdown file.")
        return path.read_bytes()
    except FileNotFoundError:
        raise BadPersona("does not exist.", where=where, fix="check the path.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise BadPersona(
            f"cannot be read: {reason}.", where=where, fix="check path and permissions."
        ) from None


def parse(data: bytes, *, source: str) -> Persona:
    """Read a persona from the bytes of its file; `source` is how errors and evidence name it.

    Raises:
        BadPersona: see `load_file`.
    """
    text = clean(data, where=source)
    head = split(text.lines, source=source)
    parts = sections(head.body)
    intro = _intro(parts)
    marked = markers([line for part in intro for line in part.lines])
    keys: Mapping[str, Any] = head.keys or {}
    notices = [*text.notices, *head.notices]
    name = _name(head, marked, parts, source, notices)
    tools, tool_notices = allow_list.allowed(keys, source=source, lines=head.lines)
    heading = next((part.title for part in parts if part.level == 1), "")
    description = _text(keys, "description", source, head) or _about(intro)
    if not description:
        notices.append("has no description")
    return Persona(
        name=name,
        title=_text(keys, "title", source, head) or _title(heading) or name,
        description=description,
        body="\n".join(line.text for line in head.body).strip() + "\n",
        hash=hash_of({"persona.md": data}),
        source=source,
        domain=_text(keys, "domain", source, head) or marked.get("domain", ""),
        persona_class=_text(keys, "class", source, head) or marked.get("class", ""),
        persistent=_flag(keys, marked, source, head),
        tools=tools,
        model=_text(keys, "model", source, head) or "inherit",
        tier=_text(keys, "tier", source, head),
        capabilities=_capabilities(keys, source, head),
        mandate=card.mandate(parts),
        boundaries=card.boundaries(parts),
        memory=card.memory_ownership(parts, source=source),
        collaboration=card.collaboration(parts),
        extra=MappingProxyType({k: v for k, v in keys.items() if k not in _READ_KEYS}),
        notices=(*notices, *tool_notices),
    )


def hash_of(files: Mapping[str, bytes]) -> str:
    """sha256 over files by name in sorted order; names and lengths are part of it."""
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(f"{name}\0{len(files[name])}\0".encode())
        digest.update(files[name])
    return digest.hexdigest()


def _name(
    head: Frontmatter,
    marked: Mapping[str, str],
    parts: list[Section],
    source: str,
    notices: list[str],
) -> str:
    heading = next((part for part in parts if part.level == 1), None)
    if head.keys is not None:
        written = _text(head.keys, "name", source, head)
        if not written:
            raise BadPersona(
                "the frontmatter has no 'name'.",
                where=f"{source}:{head.lines.get('name', head.lines['---'])}",
                fix="add a line such as 'name: customer-success-manager' to it.",
            )
    elif "class" in marked:
        written = marked["class"]
    elif heading is not None:
        written = _title(heading.title)
        notices.append(f"no frontmatter; the name comes from the heading in line {heading.line}")
    else:
        raise BadPersona(
            "has neither frontmatter, nor a `class:` marker, nor a heading to name it by.",
            where=source,
            fix="begin the file with '---', 'name: <persona>', '---'.",
        )
    name = slug(written)
    if not name or len(name) > 80:
        raise BadPersona(
            f"'{written[:80]}' cannot serve as a name.",
            where=source,
            fix="use lower-case words joined by '-', at most 80 characters.",
        )
    if head.keys is not None and name != written:
        notices.append(f"name '{written}' is read as '{name}'")
    return name


def _title(heading: str) -> str:
    """'Customer Success Manager — fleet role definition' → 'Customer Success Manager'."""
    return re.split(r"\s+[—–]\s+", heading)[0].strip()


def _intro(parts: list[Section]) -> list[Section]:
    """What stands before the first sub-heading: the only place where markers count."""
    out = []
    for part in parts:
        if part.level > 1:
            break
        out.append(part)
    return out


def _about(intro: list[Section]) -> str:
    for part in intro:
        if text := first_paragraph(part.lines):
            return text
    return ""


def _where(key: str, source: str, head: Frontmatter) -> str:
    return f"{source}:{head.lines[key]}" if key in head.lines else source


def _text(keys: Mapping[str, Any], key: str, source: str, head: Frontmatter) -> str:
    value = keys.get(key)
    if value is None:
        return ""
    if isinstance(value, (str, int, float)) and not isinstance(value, bool):
        return " ".join(str(value).split())
    raise BadPersona(
        f"'{key}' must be text.",
        where=_where(key, source, head),
        fix=f"write '{key}: <text>' on one line.",
    )


def _flag(
    keys: Mapping[str, Any], marked: Mapping[str, str], source: str, head: Frontmatter
) -> bool:
    value = keys.get("persistent_persona", marked.get("persistent_persona", False))
    word = str(value).casefold()
    if word not in ("true", "false"):
        raise BadPersona(
            f"'persistent_persona' must be true or false, not '{word[:40]}'.",
            where=_where("persistent_persona", source, head),
            fix="write 'persistent_persona: true'.",
        )
    return word == "true"


def _capabilities(keys: Mapping[str, Any], source: str, head: Frontmatter) -> tuple[str, ...]:
    value = keys.get("capabilities")
    if value is None:
        return ()
    if isinstance(value, str):
        value = re.split(r"[,\s]+", value.strip("[] "))
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(item.strip("\"' ") for item in value if item.strip("\"' "))
    raise BadPersona(
        "'capabilities' must be a list of words.",
        where=_where("capabilities", source, head),
        fix='write \'capabilities: ["adoption", "renewal"]\'.',
    )
