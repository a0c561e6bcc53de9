"""Plans of other tools, whatever their YAML: which parts are promises, and what else they say.

A key says what the list, text or mapping under it holds (see `vocabulary`). Recognised are lists of
mappings, of texts and of single pairs ("Train the night shift: 2026-05-01"), mappings of titles to
days or details, nesting in any of these, and Markdown in a text: headings, bullets, checkboxes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

from agent.success.promises.markdown import Bullet, bullets
from agent.success.promises.vocabulary import (
    DUES,
    IDENTITY,
    OWNERS,
    STATES,
    Kind,
    day_within,
    is_day,
    is_done,
    is_dropped,
    kind_of,
    plain_key,
    scalar,
    title_rank,
)

MAX_DEPTH = 12
MAX_TITLE = 300

_DETAILS = DUES | STATES | OWNERS


@dataclass(frozen=True)
class Piece:
    """A promise as found; `pointer` leads to its words, or to the mapping whose key they are."""

    kind: Kind
    title: str
    pointer: str
    due: str = ""
    status: str = ""
    owner: str = ""
    goal: str = ""
    cites: tuple[str, ...] = ()  # ids of facts it rests on, where it names any


@dataclass(frozen=True)
class Leaf:
    """A text or figure that is no promise: the keys that lead to it, joined with dots, and where it
    stands. None is for what is nested too deep to be read."""

    path: str
    value: str | int | float | bool | None
    pointer: str


_Found = Piece | Leaf


def pieces(document: Mapping[str, Any]) -> list[Piece]:
    """The promises of a plan in document order."""
    return [found for found in _mapping(document, "", "", None, 0) if isinstance(found, Piece)]


def rest(document: Mapping[str, Any]) -> list[Leaf]:
    """Every text and figure that is no part of a promise and does not identify the plan."""
    return [found for found in _mapping(document, "", "", None, 0) if isinstance(found, Leaf)]


def pointer_step(key: Any) -> str:
    """A key as a step of a JSON pointer (RFC 6901)."""
    return str(key).replace("~", "~0").replace("/", "~1")


def _mapping(
    value: Mapping[Any, Any], pointer: str, path: str, kind: Kind | None, depth: int
) -> Iterator[_Found]:
    for key, inner in value.items():
        name = str(key)
        if depth == 0 and plain_key(name) in IDENTITY:
            continue
        at, told = f"{pointer}/{pointer_step(key)}", f"{path}.{name}" if path else name
        yield from _value(kind_of(name) or kind, inner, at, told, depth + 1)


def _value(kind: Kind | None, value: Any, pointer: str, path: str, depth: int) -> Iterator[_Found]:
    if depth > MAX_DEPTH:
        yield Leaf(path, None, pointer)
    elif isinstance(value, Mapping):
        found = list(_item(kind, value, pointer, depth)) if kind else []
        yield from found or _entries(kind, value, pointer, path, depth)
    elif isinstance(value, list):
        for n, item in enumerate(value):
            at = f"{pointer}/{n}"
            if isinstance(item, str):
                yield from _text(kind, item, at, path)
            else:
                yield from _value(kind, item, at, path, depth + 1)
    elif isinstance(value, str):
        yield from _text(kind, value, pointer, path)
    elif isinstance(value, (int, float)) and isfinite(value):
        yield Leaf(path, value, pointer)


def _item(kind: Kind, item: Mapping[Any, Any], pointer: str, depth: int) -> Iterator[_Found]:
    """A mapping that is one promise: what it says of itself, and the promises below it."""
    ranked = [
        (rank, key)
        for key, value in item.items()
        if isinstance(value, str) and value.strip() and (rank := title_rank(str(key))) is not None
    ]
    if not ranked:
        return
    _, title = min(ranked, key=lambda pair: pair[0])
    cited = item.get("evidence")
    goal = item.get("goal") if kind == "objective" and title != "goal" else None
    yield Piece(
        kind,
        str(item[title]).strip()[:MAX_TITLE],
        f"{pointer}/{pointer_step(title)}",
        *_details(item, skip=title),
        goal=str(goal or item.get("id") or "")[:80],
        cites=tuple(e for e in cited if isinstance(e, str)) if isinstance(cited, list) else (),
    )
    for key, inner in item.items():
        if isinstance(inner, (Mapping, list)) and (below := kind_of(str(key))):
            at = f"{pointer}/{pointer_step(key)}"
            yield from (
                f for f in _value(below, inner, at, str(key), depth + 1) if isinstance(f, Piece)
            )


def _entries(
    kind: Kind | None, value: Mapping[Any, Any], pointer: str, path: str, depth: int
) -> Iterator[_Found]:
    """A mapping that is no promise itself: titles with a day or details, or more keys."""
    for key, inner in value.items():
        name, at = str(key), f"{pointer}/{pointer_step(key)}"
        told = f"{path}.{name}" if path else name
        below = kind_of(name) or (None if plain_key(name) in _DETAILS else kind)
        if kind and _is_pair(name, inner):
            day, state = (scalar(inner), "") if is_day(scalar(inner)) else ("", scalar(inner))
            yield Piece(kind, name.strip()[:MAX_TITLE], pointer, day, state)
        elif kind and isinstance(inner, Mapping) and _is_detail(inner):
            yield Piece(kind, name.strip()[:MAX_TITLE], pointer, *_details(inner))
        else:
            yield from _value(below, inner, at, told, depth + 1)


def _is_pair(name: str, value: Any) -> bool:
    """`Train the night shift: 2026-05-01`, `…: erledigt`, `…: true`, or without a value."""
    if " " not in name.strip() or isinstance(value, (Mapping, list)):
        return False
    said = scalar(value)
    return value is None or isinstance(value, bool) or is_day(said) or _is_state(said)


def _is_detail(value: Mapping[Any, Any]) -> bool:
    """Whether a mapping without a title tells day, state or owner of what its key names."""
    return any(
        plain_key(str(key)) in _DETAILS and scalar(v) for key, v in value.items()
    ) and not any(
        title_rank(str(key)) is not None and isinstance(v, str) for key, v in value.items()
    )


def _is_state(said: str) -> bool:
    return is_done(said) or is_dropped(said)


def _details(item: Mapping[Any, Any], skip: Any = None) -> tuple[str, str, str]:
    """Due date, status and owner, as written."""
    found = {"due": "", "status": "", "owner": ""}
    for key, value in item.items():
        if key == skip or not (said := scalar(value)):
            continue
        word = plain_key(str(key))
        for name, words in (("due", DUES), ("status", STATES), ("owner", OWNERS)):
            if word in words and not found[name]:
                found[name] = said
                break
    if not found["due"] and skip is not None:
        day = day_within(str(item[skip]))
        found["due"] = day.isoformat() if day else ""
    return found["due"], found["status"], found["owner"]


def _text(kind: Kind | None, text: str, pointer: str, path: str) -> Iterator[_Found]:
    """A text: one promise, a list of them in Markdown, or words that are none."""
    if not text.strip():
        return
    found = bullets(text, kind)
    if any(bullet.kind for bullet in found) and (len(found) > 1 or "\n" in text.strip()):
        yield from (_bullet(bullet, pointer, path) for bullet in found)
    elif kind and not (is_day(text) or _is_state(text)):
        only = found[0] if found and found[0].kind else Bullet(kind, text.strip())
        yield _bullet(only, pointer, path)
    else:
        yield Leaf(path, text.strip(), pointer)


def _bullet(bullet: Bullet, pointer: str, path: str) -> _Found:
    if bullet.kind is None:
        return Leaf(path, bullet.text, pointer)
    day = day_within(bullet.text)
    due = day.isoformat() if day else ""
    return Piece(bullet.kind, bullet.text[:MAX_TITLE], pointer, due, bullet.status)
