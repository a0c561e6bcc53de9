"""People's words: cut into verbatim sentences, bounded in length, never rewritten."""

from __future__ import annotations

import re
import unicodedata

MAX_ITEM_CHARS = 4000
MAX_ITEMS = 60

# A full stop after these does not end a sentence ("Dr. Voss asked", "approx. 35 people").
_ABBREVIATIONS = frozenset(
    # titles and company forms
    {"dr", "mr", "mrs", "ms", "prof", "st", "jr", "sr", "inc", "ltd", "corp", "dept"}
    # in running text
    | {"nr", "approx", "ca", "vs", "est", "fig", "e.g", "i.e", "z.b", "bzw", "resp", "ext"}
    | {"incl", "excl"}
    # months
    | {"jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec"}
)
_END = re.compile(r"[.!?…]+[\"'”’)\]]*(?=\s)|[。！？]+|\n\s*\n|\n(?=\s*[^\sa-zà-ÿ])")
_LAST_WORD = re.compile(r"[^\s(\"'“‘\[]+\Z")


def sentences(text: str) -> list[str]:
    """The sentences of `text`, each an exact substring, in order, without surrounding blanks.

    Splits at sentence-ending punctuation before a blank, at empty lines and at line breaks that
    start something new; keeps titles, common abbreviations, initials and decimal figures together.
    """
    found: list[str] = []
    start = 0
    for match in _END.finditer(text):
        if match.group().startswith(".") and _is_abbreviation(text, start, match):
            continue
        _keep(found, text[start : match.end()])
        start = match.end()
    _keep(found, text[start:])
    return found


def _keep(found: list[str], piece: str) -> None:
    piece = piece.strip()
    if any(ch.isalnum() for ch in piece):
        found.append(piece)


def _is_abbreviation(text: str, start: int, match: re.Match[str]) -> bool:
    if match.group() != ".":
        return False
    word = _LAST_WORD.search(text, max(start, match.start() - 40), match.start())
    rest = text[match.end() :].lstrip()
    if word is None or not rest:
        return False
    last = word.group()
    if last.isdigit():  # "on 11. December": an ordinal goes on in German, English starts anew
        return len(last) <= 2 and bool(re.match(r"[A-ZÄÖÜ][a-zäöü]+\b", rest)) and _is_month(rest)
    initial = len(last) == 1 and last.isupper() and rest[:1].isupper()
    return initial or last.lower() in _ABBREVIATIONS


def _is_month(rest: str) -> bool:
    return rest[:3].lower() in {
        "jan",
        "feb",
        "mar",
        "mär",
        "apr",
        "may",
        "mai",
        "jun",
        "jul",
        "aug",
        "sep",
        "oct",
        "okt",
        "nov",
        "dec",
        "dez",
    }


def folded(text: str) -> str:
    """`text` for comparing: lower case, accents and width differences removed."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(ch for ch in plain if not unicodedata.combining(ch)).casefold()


def mentions(sentence: str, name: str) -> bool:
    """True when `sentence` names the person: the full name, or the last name as a whole word."""
    words = [w for w in re.split(r"[\s.]+", folded(name)) if len(w) > 2]
    if not words:
        return False
    return re.search(rf"(?<!\w){re.escape(words[-1])}(?!\w)", folded(sentence)) is not None
