"""Markdown inside a text: headings that say what follows, bullets, numbered points, checkboxes."""

from __future__ import annotations

import re
from dataclasses import dataclass

from agent.success.promises.vocabulary import Kind, kind_of

_HEADING = re.compile(
    r"\s{0,3}(?:#{1,6}\s+(?P<hash>.+?)\s*#*|\*\*(?P<bold>[^*]+)\*\*:?"
    r"|(?P<line>[^\W\d_][^.!?:]{0,60}):)\s*"
)
_POINT = re.compile(r"\s*(?:[-*+•]|\d{1,3}[.)])\s+(?:\[(?P<box>[ xX✓✔-])\]\s*)?(?P<text>\S.*)")
_STRUCK = re.compile(r"~~(.+)~~\s*")


@dataclass(frozen=True)
class Bullet:
    """A point of a list, or (`kind` None) a line of running text. `status` from a checkbox."""

    kind: Kind | None
    text: str
    status: str = ""


def bullets(text: str, kind: Kind | None) -> list[Bullet]:
    """The points and other lines of a text.

    Args:
        kind: what the points are; a heading inside the text may say something else.
    """
    found: list[Bullet] = []
    current = kind
    for line in text.splitlines():
        if not line.strip():
            continue
        point = _POINT.fullmatch(line)
        heading = _HEADING.fullmatch(line) if len(line) <= 200 else None
        if point:
            found.append(_point(point, current))
        elif heading:
            name = next(filter(None, heading.group("hash", "bold", "line")))
            current = kind_of(name) or (None if heading["hash"] else kind)
        elif found and found[-1].kind and line[:1].isspace():
            continue  # a point's second line: the first one names it
        else:
            found.append(Bullet(None, line.strip()))
    return found


def _point(match: re.Match[str], kind: Kind | None) -> Bullet:
    said, box = match["text"].strip(), match["box"] or ""
    struck = _STRUCK.fullmatch(said)
    status = "done" if box in ("x", "X", "✓", "✔") else ""
    return Bullet(kind, struck[1].strip() if struck else said, "dropped" if struck else status)
