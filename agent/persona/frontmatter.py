"""The YAML block at the head of a persona file, read strictly and then, if need be, forgivingly.

In public persona libraries about one file in fifty fails a YAML parser, nearly always through a
colon in an unquoted `description`. Such an entry is read as the text it plainly is, and reported.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agent.errors import BadDocument, BadPersona
from agent.memory import strict_yaml
from agent.persona.text import Line

_KEY = re.compile(r"([A-Za-z_][\w.-]*):[ ]+(\S.*)")
# Blocks, lists, anchors, aliases and tags are meant as YAML; what is wrong there is not guessed.
_MEANT_AS_YAML = re.compile(r"[|>\[{]|[&!*]\w")


@dataclass(frozen=True)
class Frontmatter:
    """`keys` is None when the document has no block; `lines` maps a key to its line in the file."""

    keys: dict[str, Any] | None
    body: tuple[Line, ...]
    lines: dict[str, int]
    notices: tuple[str, ...] = ()


def split(lines: Sequence[Line], *, source: str) -> Frontmatter:
    """Separate and read the frontmatter of a document.

    Raises:
        BadPersona: the block is not closed, is not YAML, or is not a mapping; names the line.
    """
    if lines[0].text.rstrip() != "---":
        return Frontmatter(None, tuple(lines), {})
    end = next(
        (i for i, line in enumerate(lines[1:], 1) if line.text.rstrip() in ("---", "...")), None
    )
    if end is None:
        raise BadPersona(
            "the frontmatter opened by '---' is never closed.",
            where=f"{source}:{lines[0].number}",
            fix="put a line '---' after its last key.",
        )
    keys, notices = _read(lines[1:end], source)
    if keys is None:
        raise BadPersona(
            "the frontmatter is not a list of 'key: value' lines.",
            where=f"{source}:{lines[1].number}",
            fix="write 'name: <persona>' and 'description: …', one per line.",
        )
    found = {"---": lines[end].number}
    for line in lines[1:end]:
        if match := re.match(r"['\"]?([A-Za-z_][\w.-]*)['\"]?:", line.text):
            found[match[1]] = line.number
    return Frontmatter(keys, tuple(lines[end + 1 :]), found, notices)


def _read(block: Sequence[Line], source: str) -> tuple[dict[str, Any] | None, tuple[str, ...]]:
    """The mapping of the block, None if it is something else, and what was repaired."""
    notices: list[str] = []
    try:
        value = _load(block, source)
    except BadDocument as error:
        repaired = _quote_unreadable_entries(block, source, notices)
        if not notices:
            raise _broken(error) from None
        try:
            value = _load(repaired, source)
        except BadDocument as second:
            raise _broken(second) from None
    if value is None:
        return {}, tuple(notices)
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        return None, ()
    return value, tuple(notices)


def _load(block: Sequence[Line], source: str) -> Any:
    """Parse with every line at its place in the file, so that errors name true lines."""
    text, at = [], 1
    for line in block:
        text += [""] * (line.number - at) + [line.text]
        at = line.number + 1
    return strict_yaml.load(("\n".join(text) + "\n").encode(), where=source)


def _broken(error: BadDocument) -> BadPersona:
    return BadPersona(
        f"the frontmatter cannot be read: {error.what}",
        where=error.where,
        fix=error.fix or "quote values that hold ':' or '#', and close every bracket and quote.",
    )


def _quote_unreadable_entries(block: Sequence[Line], source: str, notices: list[str]) -> list[Line]:
    """Entries that cannot be read alone become one line with a quoted value."""
    out: list[Line] = []
    i = 0
    while i < len(block):
        end = i + 1
        while end < len(block) and (
            block[end].text[:1] in (" ", "-") or not block[end].text.strip()
        ):
            end += 1
        entry = block[i:end]
        match = _KEY.fullmatch(entry[0].text.rstrip())
        if match and not _MEANT_AS_YAML.match(match[2]) and not _readable(entry, source):
            text = " ".join([match[2], *(line.text.strip() for line in entry[1:])]).strip()
            quoted = f"{match[1]}: {json.dumps(text, ensure_ascii=False)}"
            out.append(Line(entry[0].number, quoted))
            notices.append(
                f"line {entry[0].number}: '{match[1]}' is not valid YAML (an unquoted ':'?); "
                "read as plain text. Put quotes around it"
            )
        else:
            out += entry
        i = end
    return out


def _readable(entry: Sequence[Line], source: str) -> bool:
    try:
        _load(entry, source)
    except BadDocument:
        return False
    return True
