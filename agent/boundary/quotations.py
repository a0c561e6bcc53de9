"""Words in quotation marks must be somebody's words: verbatim in a quote that is cited."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agent.boundary.folding import blank
from agent.success.facts import Fact

MIN_WORDS = 3  # shorter quotations are names and set phrases
_MARKS = (
    re.compile("«([^«»]{1,4000})»|»([^«»]{1,4000})«"),
    re.compile('"([^"]{1,4000})"'),
    re.compile(r"(?<!\w)‘((?:[^‘’]|’(?=\w)){1,4000})’(?!\w)"),
    re.compile(r"(?<!\w)'((?:[^']|'(?=\w)){1,600})'(?!\w)"),
)
_PLAIN = str.maketrans({
    **dict.fromkeys("“”„‟«»″\"‘’‚‛`´′", "'"), **dict.fromkeys("‐‑‒–—―", "-"),
    "\u00ad": "", "\u200b": "", "\ufeff": "",
})  # fmt: skip
_CUT = re.compile(r"\[?(?:…|\.\.\.)\]?|\[[^\]]{0,40}\]")
_SENTENCE = re.compile(r"(.+\.s)(\d+)\Z")


@dataclass(frozen=True)
class Quotation:
    """Quoted words, without their marks, and the span with them."""

    text: str
    start: int
    end: int


def quotations(text: str) -> list[Quotation]:
    """Quoted passages of any length in order; a quotation inside another is part of it."""
    out = _curly(text)
    text = blank(text, [(q.start, q.end) for q in out])
    for pattern in _MARKS:
        found = []
        for match in pattern.finditer(text):
            inner = next(group for group in match.groups() if group is not None)
            found.append(Quotation(inner, match.start(), match.end()))
        text = blank(text, [(q.start, q.end) for q in found])
        out += found
    return sorted(out, key=lambda quotation: quotation.start)


def _curly(text: str) -> list[Quotation]:
    """Outermost pairs of “ ” and „ “; these marks have a direction, so that they may nest."""
    opened: list[int] = []
    pairs: list[tuple[int, int]] = []
    for match in re.finditer("[“”„]", text):
        mark, at = match[0], match.start()
        closes = mark == "”" or (mark == "“" and opened and text[opened[-1]] == "„")
        if not closes:
            opened.append(at)
        elif opened:
            start = opened.pop()
            while pairs and pairs[-1][0] > start:
                pairs.pop()  # inside this one
            pairs.append((start, at + 1))
    return [Quotation(text[a + 1 : b - 1], a, b) for a, b in pairs if b - a > 2]


def without_quotations(text: str) -> str:
    """`text` with quoted passages blanked: what the writer says in his own voice."""
    return blank(text, [(q.start, q.end) for q in quotations(text)])


def counts(quotation: Quotation) -> bool:
    """Whether the quotation is long enough to be somebody's words."""
    return len(re.findall(r"\w+(?:['’-]\w+)*", quotation.text)) >= MIN_WORDS


def normal(text: str) -> str:
    """Quote marks, dashes and blanks in one style; letters and figures untouched."""
    return " ".join(unicodedata.normalize("NFKC", text.translate(_PLAIN)).translate(_PLAIN).split())


def passages(facts: Iterable[Fact]) -> list[str]:
    """Texts that may be quoted: the text of facts, sentences that follow one another joined."""
    texts: dict[str, str] = {f.id: normal(f.value) for f in facts if isinstance(f.value, str)}
    out = []
    for id, text in texts.items():
        match = _SENTENCE.match(id)
        if match and f"{match[1]}{int(match[2]) - 1}" in texts:
            continue  # joined to the sentence before
        number = int(match[2]) if match else 0
        while match and (follower := f"{match[1]}{number + 1}") in texts:
            text, number = f"{text} {texts[follower]}", number + 1
        out.append(text)
    return out


def is_verbatim(quotation: str, sources: Sequence[str]) -> bool:
    """Whether one source holds the quoted words in order: the case of the first letter and closing
    punctuation may differ, and "…" or "[…]" stand for words left out."""
    pieces = [normal(piece).strip(" .,;:!?") for piece in _CUT.split(quotation)]
    pieces = [piece for piece in pieces if piece]
    return any(_in_order(pieces, source) for source in sources)


def _in_order(pieces: Sequence[str], source: str) -> bool:
    at = 0
    for piece in pieces:
        spellings = {piece, piece[0].lower() + piece[1:], piece[0].upper() + piece[1:]}
        ends = [end for s in spellings if (end := _end_of(s, source, at)) >= 0]
        if not ends:
            return False
        at = min(ends)
    return True


def _end_of(piece: str, source: str, start: int) -> int:
    """Where the first occurrence of `piece` as whole words ends, -1 when there is none."""
    at = source.find(piece, start)
    while at >= 0:
        end = at + len(piece)
        inside = source[at - 1 : at].isalnum() and piece[0].isalnum()
        if not inside and not (source[end : end + 1].isalnum() and piece[-1].isalnum()):
            return end
        at = source.find(piece, at + 1)
    return -1
