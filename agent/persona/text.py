"""Bytes of a persona file → clean text: encoding, damaged characters, page chrome."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from agent.errors import BadPersona

MAX_BYTES = 512 * 1024
"""Far above any real persona (the largest known is about 40 KiB); it becomes a system prompt."""

# UTF-8 lead bytes read as Windows-1252, followed by a character such a reading makes of a
# continuation byte: "â€”" for a dash, "Ã©" for é, "ðŸŸ¢" for an emoji.
_DAMAGED = re.compile(
    "[ÂÃâð][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2010-\u2122]"
)
# What a web file view puts above the text: "41 lines (30 loc)", "1.9 KiB", "Markdown", buttons.
_CHROME = re.compile(
    r"(\d+ lines?( \(\d+ s?loc\))?( · )?)?([\d.,]+ ?(bytes?|[kmg]i?b))?"
    r"|markdown|raw|blame|history|preview|code|edit|copy|download|permalink",
    re.IGNORECASE,
)


class Line(NamedTuple):
    """A line of the cleaned text and its 1-based number in the file."""

    number: int
    text: str


@dataclass(frozen=True)
class CleanText:
    lines: tuple[Line, ...]
    notices: tuple[str, ...] = ()


def clean(data: bytes, *, where: str) -> CleanText:
    """Decode and tidy `data`; every line that is left knows its number in the file.

    Raises:
        BadPersona: empty, binary, too big, or not UTF-8.
    """
    text = _decode(data, where)
    notices: list[str] = []
    text = _mend(text.replace("\r\n", "\n").replace("\r", "\n"), notices)
    lines = [Line(number, line) for number, line in enumerate(text.split("\n"), 1)]
    lines = _without_cells(lines, notices)
    skipped = _chrome_lines([line.text for line in lines])
    if any(line.text.strip() for line in lines[:skipped]):
        notices.append(f"lines 1-{skipped}: page chrome before the text was left out")
    lines = lines[skipped:]
    while lines and not lines[-1].text.strip():
        lines.pop()
    if not lines:
        raise BadPersona(
            "holds no text.", where=where, fix="describe the persona, or delete the file."
        )
    return CleanText(tuple(lines), tuple(notices))


def _decode(data: bytes, where: str) -> str:
    if len(data) > MAX_BYTES:
        raise BadPersona(
            f"is {len(data):,} bytes; a persona may have {MAX_BYTES:,}.",
            where=where,
            fix="move reference material into policy files beside it.",
        )
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise BadPersona("is UTF-16 text.", where=where, fix="save it as UTF-8.")
    if b"\x00" in data:
        raise BadPersona(
            "is a binary file (it holds NUL bytes).", where=where, fix="point at a Markdown file."
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadPersona(
            f"is not UTF-8 (byte {error.start}).", where=where, fix="save it as UTF-8."
        ) from None
    return text


def _mend(text: str, notices: list[str]) -> str:
    """Undo UTF-8 read as Windows-1252, line by line: one hopeless line must not spoil the rest."""
    if not _DAMAGED.search(text):
        return text
    import ftfy

    lines = text.split("\n")
    mended, left = 0, []
    for i, line in enumerate(lines):
        if not _DAMAGED.search(line):
            continue
        lines[i] = ftfy.fix_encoding(line).replace("\n", " ")
        mended += lines[i] != line
        if _DAMAGED.search(lines[i]):
            left.append(str(i + 1))
    if mended:
        notices.append(
            f"damaged characters (UTF-8 read as Windows-1252) mended in {_lines(mended)}"
        )
    if left:
        notices.append(f"line {', '.join(left[:5])}: some characters stay damaged; retype them")
    return "\n".join(lines)


def _chrome_lines(lines: list[str]) -> int:
    """How many lines stand before the text: blank ones, and those of a file view.

    A word such as "History" is chrome only where a line count or a size stands beside it.
    """
    end = next((i for i, line in enumerate(lines) if not _CHROME.fullmatch(line.strip())), None)
    head = lines if end is None else lines[:end]
    if any(line.strip()[:1].isdigit() for line in head):
        return len(head)
    return next((i for i, line in enumerate(lines) if line.strip()), len(lines))


def _without_cells(lines: list[Line], notices: list[str]) -> list[Line]:
    """Undo a file view copied as a table, where each line break became two lines of "|".

    A blank line became four of them, so every second pair of a run stands for a blank line.
    """
    if not any(line.text.strip() == "|" for line in lines):
        return lines
    out: list[Line] = []
    run = dropped = 0
    for line in lines:
        if line.text.strip() == "|":
            run, dropped = run + 1, dropped + 1
            continue
        out += [Line(line.number - 1, "")] * (run // 2 - 1)
        out.append(line)
        run = 0
    notices.append(f"{_lines(dropped)} of only '|' (a table view of the file) left out")
    return out


def _lines(count: int) -> str:
    return "1 line" if count == 1 else f"{count} lines"
