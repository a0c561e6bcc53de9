"""Evidence against its sources: the pointer leads to the value, the quoted words stand there."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from agent.boundary.fields import strings
from agent.boundary.findings import Finding
from agent.boundary.holdings import readings
from agent.boundary.quantities import Moment, Quantity
from agent.success.plan import EvidenceItem

_REBUILD = "compute the plan anew from the present files"


class _Nowhere(LookupError):
    """The pointer leads to nothing; says at which step."""


def verify_evidence(
    evidence: Iterable[EvidenceItem], documents: Mapping[str, Any]
) -> tuple[Finding, ...]:
    """Check every stored, policy and quote item against the parsed documents by source path.

    Computed items are taken from their inputs and have no place of their own. A value agrees when
    it is equal, or when the document writes the same number or date in another notation.
    """
    return tuple(finding for item in evidence for finding in _check(item, documents))


def _check(item: EvidenceItem, documents: Mapping[str, Any]) -> Iterator[Finding]:
    where = f"evidence {item.id}"
    if item.kind == "computed":
        return
    if item.source not in documents:
        message = f"its source {item.source or '(none)'} is not among the documents read"
        yield Finding("evidence_source", where, message, _REBUILD)
        return
    try:
        found = resolve(documents[item.source], item.pointer)
    except _Nowhere as nowhere:
        message = f"{item.source} has nothing at {item.pointer}: {nowhere}"
        yield Finding("evidence_pointer", where, message, _REBUILD)
        return
    if item.kind == "quote":
        if not any(_plain(item.quote or "") in _plain(text) for text in _words_at(found)):
            message = f"the quoted words do not stand at {item.pointer} of {item.source}"
            yield Finding("evidence_quote", where, message, "quote verbatim or leave it out")
    elif not _same(item.value, found):
        message = f"{item.source} has {_shown(found)} at {item.pointer}, not {_shown(item.value)}"
        yield Finding("evidence_value", where, message, _REBUILD)


def _words_at(found: Any) -> Iterator[str]:
    """Texts below a place, and the keys of a mapping there, which may be words as well."""
    if isinstance(found, Mapping):
        yield from (key for key in found if isinstance(key, str))
    yield from (text for _, text in strings(found))


def resolve(document: Any, pointer: str) -> Any:
    """The value at a JSON pointer (RFC 6901); "" is the whole document.

    Raises:
        LookupError: nothing is there.
    """
    if pointer and not pointer.startswith("/"):
        raise _Nowhere("a pointer starts with '/'")
    at = document
    for raw in pointer.split("/")[1:]:
        step = raw.replace("~1", "/").replace("~0", "~")
        if isinstance(at, Mapping):
            at = _member(at, step)
        elif isinstance(at, list):
            if not (step.isascii() and step.isdecimal() and len(step) < 10 and int(step) < len(at)):
                raise _Nowhere(f"no entry '{step[:80]}' in a list of {len(at)}")
            at = at[int(step)]
        else:
            raise _Nowhere(f"no '{step[:80]}' inside a plain value")
    return at


def _member(mapping: Mapping[Any, Any], step: str) -> Any:
    if step in mapping:
        return mapping[step]
    for key, value in mapping.items():  # YAML keys may be numbers or dates
        if not isinstance(key, str) and str(key) == step:
            return value
    raise _Nowhere(f"no key '{step[:80]}'")


def _same(stated: Any, found: Any) -> bool:
    if isinstance(stated, bool) or isinstance(found, bool) or stated is None or found is None:
        return stated is found
    if isinstance(found, date):
        found = found.isoformat()
    if isinstance(stated, (int, float)) and isinstance(found, (int, float)):
        return stated == found or math.isclose(stated, found, rel_tol=1e-12)
    if isinstance(stated, str) and isinstance(found, str):
        return stated == found or _plain(stated) == _plain(found) or _same_date(stated, found)
    if isinstance(stated, str):
        return isinstance(found, (int, float)) and str(found) == stated
    if isinstance(found, str):
        return any(isinstance(r, Quantity) and float(r.value) == stated for r in readings(found))
    return False


def _same_date(stated: str, found: str) -> bool:
    days = [
        {r for r in readings(text) if isinstance(r, Moment) and r.day} for text in (stated, found)
    ]
    return bool(days[0] & days[1]) and max(len(stated), len(found)) <= 40


def _plain(text: str) -> str:
    """Blanks in one style, invisible characters gone."""
    kept = (c for c in unicodedata.normalize("NFC", text) if unicodedata.category(c) != "Cf")
    return " ".join("".join(" " if unicodedata.category(c) == "Cc" else c for c in kept).split())


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}…"
