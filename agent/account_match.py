"""Which known account an instruction means: by id, by name, by a name in the text; never a guess.

An unknown or doubtful name is a question to a person. Near misses are listed to make the answer
quick, and are never chosen: a plan for the wrong customer costs more than a question.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from agent.errors import NeedsContext

if TYPE_CHECKING:
    from agent.instruction import Instruction

MAX_CANDIDATES = 10

# Scripts written without blanks between words: a name in them needs no boundary to stand apart.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
)


def resolve_account(instruction: Instruction, names: Mapping[str, str]) -> str:
    """The id of the account the instruction is about.

    Args:
        names: name by account id, of every account in memory.

    Raises:
        NeedsContext: no account is meant, or several may be; carries up to 10 candidates.
    """
    where = f"instruction {instruction.id}"
    if instruction.account:
        return _by_field(instruction.account, names, where)
    found = mentioned(instruction.objective, names)
    if len(found) == 1:
        return found[0]
    if found:
        raise NeedsContext(
            f"the text names {len(found)} accounts: {_listed(found, names)}.",
            where=where,
            fix="set 'account' to the one the plan is for.",
            candidates=tuple(found[:MAX_CANDIDATES]),
        )
    near = _near(re.findall(r"[\w&.-]+", instruction.objective[:2000]), names)
    raise NeedsContext(
        f"the instruction names no known account. {_offer(near, names)}",
        where=where,
        fix="set 'account' to an account id.",
        candidates=tuple(near),
    )


def _by_field(account: str, names: Mapping[str, str], where: str) -> str:
    if account in names:
        return account
    wanted = _folded(account)
    same = sorted(key for key, name in names.items() if _folded(name) == wanted)
    if len(same) == 1:
        return same[0]
    if same:
        raise NeedsContext(
            f"{len(same)} accounts are called '{account[:80]}': {_listed(same, names)}.",
            where=where,
            fix="set 'account' to one of these ids.",
            candidates=tuple(same[:MAX_CANDIDATES]),
        )
    near = _near([account[:120]], names)
    raise NeedsContext(
        f"there is no account '{account[:80]}' in memory. {_offer(near, names)}",
        where=where,
        fix="set 'account' to a known id, or add the account to customer_insights.yaml.",
        candidates=tuple(near),
    )


def mentioned(text: str, names: Mapping[str, str]) -> list[str]:
    """Ids of the accounts whose id or name stands in `text` as a word of its own, sorted.

    A match inside a longer one does not count ("Northwind" in "Northwind Traders"). Ids and
    names of one word must be written as stored, since many are ordinary words as well ("Target");
    names of several words may be written in any case.
    """
    text = _tidy(text)
    lowered = text.casefold()
    spans: list[tuple[int, int, str]] = []
    for account_id, name in names.items():
        spans += [(a, b, account_id) for a, b in _spans(text, lowered, _tidy(account_id), True)]
        spans += [(a, b, account_id) for a, b in _spans(text, lowered, _tidy(name), False)]
    return sorted({account_id for a, b, account_id in _outermost(spans)})


def _outermost(spans: list[tuple[int, int, str]]) -> Iterator[tuple[int, int, str]]:
    """Spans that lie in no longer one; equal spans all stay."""
    widest = (-1, -1)
    for a, b, account_id in sorted(spans, key=lambda span: (span[0], -span[1])):
        if b > widest[1]:
            widest = (a, b)
        if (a, b) == widest:
            yield a, b, account_id


def _spans(text: str, lowered: str, wanted: str, is_id: bool) -> Iterator[tuple[int, int]]:
    if len(wanted) < 2 or wanted.casefold() not in lowered:
        return
    flags = 0 if is_id or " " not in wanted else re.IGNORECASE
    # A hyphen or dot continues an id ("acme" is not "acme-eu"); in prose it ends a name.
    joined = r"\w" if not is_id else r"[\w-]"
    before = "" if _UNSPACED.match(wanted[0]) else f"(?<!{joined})"
    after = "" if _UNSPACED.match(wanted[-1]) else rf"(?!{joined}|\.\w)" if is_id else r"(?!\w)"
    for match in re.finditer(before + re.escape(wanted) + after, text, flags):
        yield match.span()


def _near(words: list[str], names: Mapping[str, str]) -> list[str]:
    """At most 10 ids: those resembling one of `words` first, then any."""
    by_spelling: dict[str, list[str]] = {}
    for account_id, name in names.items():
        for spelling in {_folded(account_id), _folded(name), *_folded(name).split()}:
            by_spelling.setdefault(spelling, []).append(account_id)
    found: dict[str, None] = {}
    for word in list(dict.fromkeys(_folded(w) for w in words if len(w) > 3))[:40]:
        # Comparing a word with every name of a large book takes seconds; the initial must do then.
        pool = [s for s in by_spelling if len(by_spelling) < 2_000 or s[:1] == word[:1]]
        for spelling in difflib.get_close_matches(word, pool, n=5, cutoff=0.75):
            found.update(dict.fromkeys(by_spelling[spelling]))
        if len(found) >= MAX_CANDIDATES:
            break
    found.update(dict.fromkeys(sorted(names)[:MAX_CANDIDATES]))
    return list(found)[:MAX_CANDIDATES]


def _offer(ids: list[str], names: Mapping[str, str]) -> str:
    if not ids:
        return "Memory holds no accounts."
    more = len(names) - len(ids)
    return f"Candidates: {_listed(ids, names)}" + (f" ({more} more)." if more > 0 else ".")


def _listed(ids: list[str], names: Mapping[str, str]) -> str:
    shown = [f"{i} ({names[i]})" if names.get(i) else i for i in ids[:MAX_CANDIDATES]]
    return ", ".join(shown)


def _tidy(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _folded(text: str) -> str:
    return _tidy(text).casefold()
