"""Which capitalised words are proper names. A customer may be called HelpDesk Direct or Sales
Masters Guild: words of a name must never be read as policy words."""

from __future__ import annotations

import re

from agent.boundary.lanes import Language


def names(found: list[re.Match[str]], language: Language) -> set[int]:
    """Indexes of the words in `found` (the words of one sentence) that belong to proper names."""
    keep = language.sets.get("capitalised_terms", frozenset())
    out: set[int] = set()
    n = 0
    while n < len(found):
        run = n
        while (
            run < len(found)
            and _capital(found[run].group(), keep)
            and (run == n or found[run].start() - found[run - 1].end() <= 1)
        ):
            run += 1
        if run == n:
            n += 1
            continue
        opening = n == 0 and not _opens_with_name(found, run, language)
        out |= set(range(n + 1 if opening else n, run))
        n = run
    return out


def _capital(word: str, keep: frozenset[str]) -> bool:
    bare = word.split("'")[0]
    if bare.lower() in keep or bare == "I":
        return False
    camel = any(c.isupper() for c in bare[1:]) and any(c.islower() for c in bare)
    return bare[:1].isupper() and ((len(bare) > 1 and not bare.isupper()) or camel)


def _opens_with_name(found: list[re.Match[str]], run: int, language: Language) -> bool:
    """Whether the capitalised words a sentence begins with are a name ("Upsell Academy has …")
    or a verb in front of one ("Ask Albatros Hotels …")."""
    last = found[run - 1].group()
    follower = found[run].group().lower() if run < len(found) else ""
    gap = ""
    if run < len(found):
        gap = found[run].string[found[run - 1].end() : found[run].start()]
    states = follower in language.sets.get("finite", ())
    labelled, owning = gap.strip() == ":", last.endswith("'s")
    first = found[0].group().lower().split("'")[0]
    verb = language.any_verb is not None and language.any_verb.match(f" {first} ") is not None
    if run > 1:
        ends = language.sets.get("organisation_words", frozenset())
        if any(f.group().lower().split("'")[0] in ends for f in found[1:run]):
            return not verb or states or labelled or owning
        if labelled or states:
            return True
    if first in language.function_words or verb or first in language.sets.get("subjects", ()):
        return False
    return run > 1 or labelled or owning or states
