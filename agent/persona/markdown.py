"""As much Markdown as a role card needs: sections, list items, code-tick markers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agent.persona.text import Line

_HEADING = re.compile(r"(#{1,6})\s+(.+?)\s*#*\s*")
_FENCE = re.compile(r"\s*(```|~~~)")
_ITEM = re.compile(r"(?:[-*+]|\d{1,3}[.)])\s+(.*)")
_STARTS_ANEW = re.compile(r"([-*+]|\d{1,3}[.)])\s|[>|]|\*\*[^*]+\*\*:?$")
_MARKER = re.compile(r"`\s*([A-Za-z_]+)\s*:\s*([^`]{1,120}?)\s*`")


@dataclass(frozen=True)
class Section:
    """One heading (level 0 and title "" for the text before the first) and the lines below it."""

    level: int
    title: str
    line: int
    lines: tuple[Line, ...]


def sections(body: Sequence[Line]) -> list[Section]:
    """The document cut at its headings; lines inside code fences are never headings."""
    out: list[Section] = []
    level, title, start, held = 0, "", 0, list[Line]()
    fence = ""
    for line in body:
        if mark := _FENCE.match(line.text):
            fence = "" if fence == mark[1] else fence or mark[1]
        heading = None if fence else _HEADING.fullmatch(line.text)
        if heading:
            out.append(Section(level, title, start, tuple(held)))
            level, title, start, held = len(heading[1]), plain(heading[2]), line.number, []
        else:
            held.append(line)
    out.append(Section(level, title, start, tuple(held)))
    return out


def items(section: Section) -> list[str]:
    """Top-level list items, wrapped lines joined; code fences are skipped."""
    out: list[str] = []
    fence = is_open = False
    for _, line in section.lines:
        if _FENCE.match(line):
            fence, is_open = not fence, False
        elif fence:
            continue
        elif match := _ITEM.fullmatch(line.rstrip()):
            out.append(match[1].strip())
            is_open = True
        elif is_open and line.strip() and not _STARTS_ANEW.match(line.strip()):
            # Markdown lets an item go on in the next line without indentation.
            out[-1] = f"{out[-1]} {line.strip()}"
        else:
            is_open = False
    return out


def markers(lines: Sequence[Line]) -> dict[str, str]:
    """`key: value` in code ticks; a marker may wrap over lines. The first of each key counts."""
    found: dict[str, str] = {}
    text = "\n".join(line.text for line in lines)
    for key, value in _MARKER.findall(text):
        joined = re.sub(r"\s+", " ", re.sub(r"-\s*\n\s*", "-", value))
        found.setdefault(key.casefold(), joined)
    return found


def plain(text: str) -> str:
    """Text without emphasis marks and code ticks."""
    text = re.sub(r"(\*\*|__|`)", "", text)
    return re.sub(r"(?<!\w)[*_](\S(?:.*?\S)?)[*_](?!\w)", r"\1", text).strip()


def first_paragraph(lines: Sequence[Line]) -> str:
    """The first run of prose lines as one line without marks, "" if there is none."""
    held: list[str] = []
    for line in lines:
        text = line.text.strip()
        if held and not text:
            break
        if text and not _ITEM.match(text) and text[0] not in "|>`~":
            held.append(text)
        elif held:
            break
    return plain(" ".join(held))


def slug(text: str) -> str:
    """'Customer Success Manager (CSM)' → 'customer-success-manager'."""
    text = re.sub(r"\(.*?\)", " ", text)
    return re.sub(r"[^a-z0-9]+", "-", text.casefold()).strip("-")
