"""All accounts of a memory, assessed: the book of business as of a date."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from agent.boundary.injection import instruction_like
from agent.case import INSIGHTS, account_of, read_insights
from agent.errors import BadPersona, CsmError, NeedsContext
from agent.household import DEFAULT_PERSONA, open_household
from agent.instruction import Instruction
from agent.memory import scores_file, timeline
from agent.memory.insights_file import InsightsFile
from agent.memory.paths import MemoryRoot
from agent.persona import Persona
from agent.success.assess import assess
from agent.success.assessment import Assessment
from agent.success.former import Former, former

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Portfolio:
    """Assessments, the stored health entry of each, and accounts that could not be read, each with
    the reason: one bad record never hides the good ones.

    `asked` are the ids that were asked for; others are there as their family. `known` are the ids
    of all accounts of the memory.
    """

    as_of: date
    assessments: tuple[Assessment, ...]
    entries: Mapping[str, Mapping[str, Any] | None]
    skipped: tuple[tuple[str, str], ...]
    persona: Persona
    asked: frozenset[str]
    known: frozenset[str]
    former: tuple[Former, ...] = ()


def load_portfolio(
    memory: Path,
    *,
    as_of: date,
    personas: Path | None = None,
    accounts: Sequence[str] | None = None,
    with_family: bool = False,
    progress: Progress | None = None,
) -> Portfolio:
    """Assess every account of a memory, or those named (by id or exact name); `with_family`, also
    the accounts above and below these.

    Raises:
        NeedsContext: the memory has no insights, or a named account is not known.
        BadInput: the memory or a policy file cannot be used.
    """
    root = MemoryRoot.open(memory)
    household = open_household(DEFAULT_PERSONA, personas)
    insights = _insights(root)
    ids = [resolve(insights, name) for name in accounts] if accounts else sorted(insights.names)
    asked = frozenset(ids)
    if with_family and accounts:
        ids = [*ids, *family_of(insights, ids)]
    entry_of = scores_file.reader(root, many=not accounts)
    if not accounts:
        insights.expect_many()
    done: list[Assessment] = []
    entries: dict[str, Mapping[str, Any] | None] = {}
    skipped: list[tuple[str, str]] = []
    gone: list[Former] = []
    for n, account_id in enumerate(dict.fromkeys(ids), 1):
        try:
            entry = entry_of(account_id)
            found = assess(
                insights.share(account_id),
                account_id=account_id,
                source=INSIGHTS,
                as_of=as_of,
                policies=household.persona.policies,
                history=entry,
                is_instruction=partial(instruction_like, lanes=household.lanes),
            )
            left = former(found.account, _recorded(root, account_id), as_of)
            if left is not None:
                gone.append(left)
            if left is None or accounts:
                done.append(found)
                entries[account_id] = entry
        except BadPersona:
            raise  # a policy that cannot be used is nobody's bad record
        except CsmError as error:
            skipped.append((account_id, str(error)))
        if progress is not None:
            progress(n, len(ids))
    return Portfolio(
        as_of,
        tuple(done),
        entries,
        tuple(skipped),
        household.persona,
        asked,
        frozenset(insights.names),
        tuple(gone),
    )


def _recorded(root: MemoryRoot, account_id: str) -> Iterator[Mapping[str, Any]]:
    """The account's timeline, read when somebody looks."""
    yield from timeline.read(root, account_id)


def resolve(insights: InsightsFile, name: str) -> str:
    """The account id for an id or an exact name; raises NeedsContext with candidates otherwise."""
    try:
        return account_of(Instruction("request", "", account=name), insights)
    except NeedsContext as error:
        raise NeedsContext(
            error.what, fix="name one account.", candidates=error.candidates
        ) from None


def family_of(insights: InsightsFile, ids: Sequence[str]) -> list[str]:
    """The accounts above and below `ids`, by the `parent` of each; one that cannot be read has
    none."""
    parents: dict[str, str] = {}
    for account_id in insights.mentioning("parent"):
        with suppress(CsmError):
            parent = insights.share(account_id).get("parent")
            if isinstance(parent, (str, int)) and not isinstance(parent, bool):
                parents[account_id] = str(parent).strip()
    children: dict[str, list[str]] = {}
    for child, parent in parents.items():
        children.setdefault(parent, []).append(child)
    above = _reached(ids, lambda id: [parents[id]] if id in parents else [])
    below = _reached(ids, lambda id: children.get(id, []))
    return sorted((above | below) & set(insights.names) - set(ids))


def _reached(ids: Sequence[str], following: Callable[[str], Sequence[str]]) -> set[str]:
    found: set[str] = set()
    todo = list(ids)
    while todo:
        for id in following(todo.pop()):
            if id not in found:
                found.add(id)
                todo.append(id)
    return found


def _insights(root: MemoryRoot) -> InsightsFile:
    insights = read_insights(root)
    if insights is None:
        raise NeedsContext(
            "this memory holds no customer insights",
            where=INSIGHTS,
            fix="Import them: csm import FILE; see docs/memory.md.",
        )
    return insights
