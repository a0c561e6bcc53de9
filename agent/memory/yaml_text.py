"""Is this a text that YAML can be made of? Answered on the bytes, before any parsing."""

from __future__ import annotations

import codecs
import re

from agent.errors import BadDocument

BOM = b"\xef\xbb\xbf"
_CHUNK = 1 << 20
_SIGNATURES = (
    (b"\x1f\x8b", "a gzip-compressed file"),
    (b"\x89PNG", "a PNG image"),
    (b"PK\x03\x04", "a zip archive or office document"),
    (b"%PDF-", "a PDF document"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"\xff\xfe\x00\x00", "UTF-32 text"),
    (b"\x00\x00\xfe\xff", "UTF-32 text"),
    (b"\xff\xfe", "UTF-16 text"),
    (b"\xfe\xff", "UTF-16 text"),
)
_CONTROLS = bytes(n for n in range(32) if n not in b"\t\n\r") + b"\x7f"
_C1 = re.compile(rb"\xc2[\x80-\x84\x86-\x9f]")
_LONE_CR = re.compile(rb"\r(?!\n)")


def check_text(data: bytes, where: str, *, first_line: int = 1) -> None:
    """Raise BadDocument unless `data` is clean UTF-8 with LF or CRLF line ends.

    A byte-order mark is fine. `first_line` is the number of the first line, for messages about a
    part of a file.
    """
    for start, name in _SIGNATURES:
        if data.startswith(start):
            raise BadDocument(
                f"looks like {name}.", where=where, fix="store it as a UTF-8 text file (YAML)."
            )
    if _is_wide(data):
        raise BadDocument(
            "looks like UTF-16 text without a mark.", where=where, fix="store it as UTF-8."
        )

    def line(offset: int) -> str:
        number = data.count(b"\n", 0, offset) + first_line
        return f"{where}:{number}"

    offset = _first_undecodable(data)
    if offset >= 0:
        what = "is binary data" if _is_binary(data) else "is not UTF-8"
        raise BadDocument(
            f"{what}: byte 0x{data[offset]:02x} at offset {offset:,} cannot be read.",
            where=line(offset),
            fix="store the file as UTF-8 text.",
        )
    offset = _first_control(data)
    if offset >= 0:
        code = ord(data[offset : offset + 2].decode(errors="ignore")[0])
        name = "NUL byte" if code == 0 else f"control character (U+{code:04X})"
        raise BadDocument(
            f"holds a {name} at offset {offset:,}.",
            where=line(offset),
            fix="remove it.",
        )
    lone = _LONE_CR.search(data)
    if lone:
        raise BadDocument(
            "has a line that ends in a bare carriage return (old Mac style).",
            where=line(lone.start()),
            fix="store the file with LF or CRLF line ends.",
        )


def _first_undecodable(data: bytes) -> int:
    decoder = codecs.getincrementaldecoder("utf-8")()
    for start in range(0, max(len(data), 1), _CHUNK):
        held = len(decoder.getstate()[0])
        try:
            decoder.decode(data[start : start + _CHUNK], final=start + _CHUNK >= len(data))
        except UnicodeDecodeError as error:
            return start - held + error.start
    return -1


def _first_control(data: bytes) -> int:
    for start in range(0, len(data), _CHUNK):
        chunk = data[start : start + _CHUNK]
        if len(chunk.translate(None, _CONTROLS)) != len(chunk):
            return start + next(i for i, byte in enumerate(chunk) if byte in _CONTROLS)
    found = _C1.search(data)
    return found.start() if found else -1


def _is_wide(data: bytes) -> bool:
    head = data[:256]
    return len(head) >= 8 and max(head[0::2].count(0), head[1::2].count(0)) * 3 > len(head)


def _is_binary(data: bytes) -> bool:
    head = data[:4096]
    return len(head) - len(head.translate(None, _CONTROLS)) > len(head) // 50
