"""Cut an instruction into segments (sentences, list items, asides) and clauses, keeping offsets.

What a reader would skip is taken out here: routing headers, tags, ticked boxes, items given to
somebody else, quotations. Nothing is judged here; whose job a clause is, is decided elsewhere.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from agent.boundary.capitals import names
from agent.boundary.lanes import Language

_HIDDEN = {0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x00AD, 0x200E, 0x200F, 0x061C}
_HIDDEN |= {*range(0x202A, 0x202F), *range(0x2066, 0x206A), *range(0xE0000, 0xE0080)}
_PLAIN = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "„": '"', "\u00a0": " "})
_HEADER = re.compile(r"(?im)^[ \t]*(?:x-[\w-]+|from|to|cc|sent|importance)[ \t]*:[^\n]*$")
_BODY = re.compile(r"(?im)^[ \t]*(?:body|subject|betreff|message)[ \t]*:")
_TAG = re.compile(r"(?m)^[ \t]*\[(?![ xX✓]\])[^\]\n]{1,60}\]|</?[A-Za-z][^<>\n]{0,80}>")
_END_TAG = re.compile(r"</(?!strong|span|font)[A-Za-z]{4,20}>")
_QUOTE = re.compile(
    r'"[^"\n]{2,2000}"|«[^»\n]{2,2000}»|「[^」\n]{2,2000}」|(?<![\w])\'[^\'\n]{2,400}\'(?!\w)'
)
_ASIDE = re.compile(r"\([^()\n]{3,600}\)")
_BOX = re.compile(r"^[ \t]*(?:[-*][ \t]*)?\[([ xX✓])\][ \t]*")
_BULLET = re.compile(r"(?:^|(?<=[\s:;,.]))(?:\(?\d{1,2}[.)]|\([a-z]\)|[-*•–—])[ \t]+(?=\S)")
_KEY = re.compile(r"^[ \t]*(?:-[ \t]+)?([A-Za-z][\w /-]{1,24}):(?:[ \t]+|$)")
_OWNER = re.compile(r"^([A-Za-z][\w /-]{1,30}):[ \t]+")
_STOP = re.compile(r"[.!?;…]+(?=[\s\"')]|$)|[。！？；]|\n+")
_ABBREVIATED = re.compile(
    r"(?:\b(?:mr|mrs|ms|dr|prof|sr|sra|st|no|nr|vs|incl|approx|ca|dept|bzw|ggf|inc|co|e\.g|i\.e|z\.b"
    r"|s|v|p)|\b[A-Z])$",
    re.IGNORECASE,
)
_TOKEN = re.compile(r"\ue000+|[^\W_][\w'&%/-]*", re.UNICODE)
_TICKET = re.compile(r"[A-Z]{2,8}-\d{1,8}|[A-Z]-\d{4,8}|(?:INC|REQ|CASE|TKT|SR|CS)\d{4,}")
_ASK_KEYS_DEEP = 6


@dataclass(frozen=True)
class Tok:
    """A word. `norm` is lower-cased, or `@` for a proper name or a quotation, `#` for a ticket's
    number; `before` is the
    punctuation between the previous word and this one."""

    norm: str
    start: int
    end: int
    before: str


@dataclass(frozen=True)
class Segment:
    """`kind`: sentence, item (of a list, table or task document), aside, or note (not an ask)."""

    start: int
    end: int
    kind: str
    question: bool


@dataclass(frozen=True)
class Source:
    """A text as received (`raw`), without invisible characters (`clean`), and with quotations
    filled in (`shadow`, same length as `clean`)."""

    raw: str
    clean: str
    shadow: str
    index: list[int]
    quotes: tuple[tuple[int, int], ...]

    def span(self, start: int, end: int) -> str:
        """The characters of `raw` behind `clean[start:end]`, trimmed of blanks and commas."""
        while start < end and self.clean[start] in " \t\r\n,;:-–—|":
            start += 1
        while end > start and self.clean[end - 1] in " \t\r\n,;:-–—|":
            end -= 1
        return self.raw[self.index[start] : self.index[end - 1] + 1] if start < end else ""


def source(raw: str, *, quoted_asks: bool = False) -> Source:
    """Prepare `raw` for reading; with `quoted_asks` quotations stay readable."""
    index = [n for n, ch in enumerate(raw) if ord(ch) not in _HIDDEN]
    clean = "".join(raw[n] for n in index).translate(_PLAIN).replace("\r", " ")
    shadow = _blank(_HEADER, clean)
    shadow = _blank(_BODY, shadow)
    # What follows the end of an element begins a new sentence.
    shadow = _END_TAG.sub(lambda m: " " * (len(m.group()) - 1) + "\n", shadow)
    shadow = _blank(_TAG, shadow)
    quotes = []
    if not _is_json(shadow):
        for m in _QUOTE.finditer(shadow):
            inside = m.group()[1:-1]
            long = len(inside.split()) > 3 or (len(inside) > 12 and not inside.isascii())
            if long:
                quotes.append((m.start() + 1, m.end() - 1))
            ends = inside.rstrip()[-1:] in (".", "!", "?", "。")
            masked = "\ue000" * (len(inside) + 1) + ("." if ends else "\ue000")
            fill = masked if long and not quoted_asks else f" {inside} "
            shadow = shadow[: m.start()] + fill + shadow[m.end() :]
    return Source(raw, clean, shadow, index, tuple(quotes))


def _blank(pattern: re.Pattern[str], text: str) -> str:
    return pattern.sub(lambda m: " " * len(m.group()), text)


def _is_json(text: str) -> bool:
    return text.lstrip()[:1] in ("{", "[") and _json(text) is not None


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def segments(src: Source, layout: Mapping[str, frozenset[str]]) -> list[Segment]:
    """All segments in reading order. `layout` lists owners, task keys and name keys."""
    if _is_json(src.shadow):
        return list(_json_items(src, _json(src.shadow), layout))
    out: list[Segment] = []
    lines = list(re.finditer(r"[^\n]+", src.shadow))
    keyed = sum(bool(_KEY.match(m.group())) for m in lines) >= 2
    block = ""
    for m in lines:
        line, start = m.group(), m.start()
        if line.strip().startswith("|"):
            out += _row(src, start, m.end(), layout)
            continue
        box = _BOX.match(line)
        if box:
            out += _item(src, start + box.end(), m.end(), layout, done=box.group(1) != " ")
            continue
        key = _KEY.match(line) if keyed else None
        if key:
            block = key.group(1).strip().lower()
            start += key.end()
        kind = "sentence"
        if block and (key or line[:1] in " \t-*"):
            kind = _kind_of_key(block, layout)
        else:
            block = ""
        out += _sentences(src, start, m.end(), kind, layout)
    return out


def _kind_of_key(key: str, layout: Mapping[str, frozenset[str]]) -> str:
    if key in layout.get("task_keys", ()):
        return "item"
    return "note" if key in layout.get("name_keys", ()) else "sentence"


def _json_items(src: Source, value: Any, layout: Mapping[str, frozenset[str]]) -> Iterator[Segment]:
    position = 0
    stack: list[tuple[str, Any, int]] = [("", value, 0)]
    while stack:
        key, node, depth = stack.pop(0)
        if isinstance(node, dict) and depth < _ASK_KEYS_DEEP:
            stack[:0] = [(str(k).lower(), v, depth + 1) for k, v in node.items()]
        elif isinstance(node, list) and depth < _ASK_KEYS_DEEP:
            stack[:0] = [(key, v, depth + 1) for v in node]
        elif isinstance(node, str) and node.strip():
            at = src.clean.find(node, position)
            if at >= 0:
                position = at + len(node)
                kind = _kind_of_key(key, layout)
                yield Segment(at, at + len(node), kind, node.rstrip().endswith("?"))


def _row(src: Source, start: int, end: int, layout: Mapping[str, frozenset[str]]) -> list[Segment]:
    cells = [m for m in re.finditer(r"[^|\n]+", src.shadow[start:end]) if m.group().strip()]
    words = [c.group().strip().lower() for c in cells]
    if not cells or all(set(w) <= set("-: ") for w in words):
        return []
    if any(w in layout.get("others", ()) or w in layout.get("done", ()) for w in words):
        return []
    if sum(w in layout.get("column_names", ()) for w in words) >= 2:
        return []
    longest = max(cells, key=lambda c: len(c.group()))
    return _sentences(src, start + longest.start(), start + longest.end(), "item", layout)


def _item(
    src: Source, start: int, end: int, layout: Mapping[str, frozenset[str]], *, done: bool = False
) -> list[Segment]:
    owner = _OWNER.match(src.shadow[start:end])
    if owner:
        name = owner.group(1).strip().lower()
        done = done or name in layout.get("others", ())
        if name in layout.get("ours", ()):
            start += owner.end()
    if done:
        return [Segment(start, end, "note", False)]
    return _sentences(src, start, end, "item", layout)


def _sentences(
    src: Source, start: int, end: int, kind: str, layout: Mapping[str, frozenset[str]]
) -> list[Segment]:
    out: list[Segment] = []
    text = src.shadow[start:end]
    bullets = list(_BULLET.finditer(text))
    if bullets and not (bullets[0].start() == 0 and len(bullets) == 1 and kind != "sentence"):
        at = start
        for n, b in enumerate(bullets):
            out += _sentences(src, at, start + b.start(), kind, layout) if n == 0 else []
            stop = start + (bullets[n + 1].start() if n + 1 < len(bullets) else len(text))
            out += _item(src, start + b.end(), stop, layout) if kind != "note" else []
        return out
    asides = list(_ASIDE.finditer(text))
    body = text
    for m in asides:
        body = body[: m.start()] + " " * len(m.group()) + body[m.end() :]
    at = 0
    for m in _STOP.finditer(body):
        if m.group() == "." and _ABBREVIATED.search(body[max(0, m.start() - 8) : m.start()]):
            continue
        if body[at : m.start()].strip():
            asked = any(mark in m.group() for mark in "?？")
            out.append(Segment(start + at, start + m.end(), kind, asked))
        at = m.end()
    if body[at:].strip():
        out.append(Segment(start + at, end, kind, False))
    out += [Segment(start + m.start() + 1, start + m.end() - 1, "aside", False) for m in asides]
    return out


def tokens(src: Source, seg: Segment, language: Language) -> list[Tok]:
    """The words of a segment; asides inside it are left out, names and quotations become `@`."""
    text = src.shadow[seg.start : seg.end]
    if seg.kind != "aside":
        text = _blank(_ASIDE, text)
    if not language.spaced:
        pieces = re.finditer(r"[^、,，\s]+", text.replace("\ue000", "@"))
        return [Tok(m.group(), seg.start + m.start(), seg.start + m.end(), "、") for m in pieces]
    found = list(_TOKEN.finditer(text))
    named = names(found, language) if language.capitals_are_names else set()
    out: list[Tok] = []
    for n, m in enumerate(found):
        before = text[found[n - 1].end() if n else 0 : m.start()].strip()
        word = m.group()
        norm = "@" if n in named or word[0] == "\ue000" else word.lower().strip("-/&")
        if _is_ticket(word, before, out[-1].norm if out else "", language):
            norm = "#"
        out.append(Tok(norm or "@", seg.start + m.start(), seg.start + m.end(), before))
    return out


def _is_ticket(word: str, before: str, previous: str, language: Language) -> bool:
    """Whether a word is a ticket's number; B-3307 behind "bill" is none, nor is Q3-26."""
    papers = language.sets.get("numbered_papers", frozenset())
    if _TICKET.fullmatch(word):
        return word.split("-")[0].lower() not in papers and previous not in papers
    called = previous in language.sets.get("ticket_words", ()) or before.endswith("#")
    return called and word.isdigit() and len(word) > 1


def name_runs(src: Source, seg: Segment, language: Language) -> Iterator[tuple[str, int]]:
    """The proper names of a segment, lower-cased, each with its number of words."""
    run: list[Tok] = []
    for tok in [*tokens(src, seg, language), None]:
        if tok is not None and tok.norm == "@" and (not run or not tok.before):
            run.append(tok)
            continue
        if run:
            yield src.clean[run[0].start : run[-1].end].lower(), len(run)
        run = [tok] if tok is not None and tok.norm == "@" else []


def parties(src: Source, segs: list[Segment], language: Language) -> set[str]:
    """The proper names of two words and more in a text: who it may be about."""
    runs = (run for seg in segs for run in name_runs(src, seg, language))
    return {name.removesuffix("'s") for name, words in runs if words > 1}
