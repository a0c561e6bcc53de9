"""All accounts of a memory, assessed: the book of business as of a date."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
from agent.memory import scores_file
from agent.memory.insights_file import InsightsFile
from agent.memory.paths import MemoryRoot
from agent.persona import Persona
from agent.success.assess import assess
from agent.success.assessment import Assessment

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Portfolio:
    """Assessments sorted by account id, the stored health entry of each, and accounts that could
    not be read, each with the reason: one bad record never hides the good ones."""

    as_of: date
    assessments: tuple[Assessment, ...]
    entries: Mapping[str, Mapping[str, Any] | None]
    skipped: tuple[tuple[str, str], ...]
    persona: Persona


def load_portfolio(
    memory: Path,
    *,
    as_of: date,
    personas: Path | None = None,
    accounts: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> Portfolio:
    """Assess every account of a memory, or those named (by id or exact name).

    Raises:
        NeedsContext: the memory has no insights, or a named account is not known.
        BadInput: the memory or a policy file cannot be used.
    """
    root = MemoryRoot.open(memory)
    household = open_household(DEFAULT_PERSONA, personas)
    insights = _insights(root)
    ids = [resolve(insights, name) for name in accounts] if accounts else sorted(insights.names)
    done: list[Assessment] = []
    entries: dict[str, Mapping[str, Any] | None] = {}
    skipped: list[tuple[str, str]] = []
    for n, account_id in enumerate(dict.fromkeys(ids), 1):
        try:
            entry = scores_file.read_entry(root, account_id)
            done.append(
                assess(
                    insights.share(account_id),
                    account_id=account_id,
                    source=INSIGHTS,
                    as_of=as_of,
                    policies=household.persona.policies,
                    history=entry,
                    is_instruction=partial(instruction_like, lanes=household.lanes),
                )
            )
            entries[account_id] = entry
        except BadPersona:
            raise  # a policy that cannot be used is nobody's bad record
        except CsmError as error:
            skipped.append((account_id, str(error)))
        if progress is not None:
            progress(n, len(ids))
    return Portfolio(as_of, tuple(done), entries, tuple(skipped), household.persona)


def resolve(insights: InsightsFile, name: str) -> str:
    """The account id for an id or an exact name; raises NeedsContext with candidates otherwise."""
    try:
        return account_of(Instruction("request", "", account=name), insights)
    except NeedsContext as error:
        raise NeedsContext(
            error.what, fix="name one account.", candidates=error.candidates
        ) from None


def _insights(root: MemoryRoot) -> InsightsFile:
    insights = read_insights(root)
    if insights is None:
        raise NeedsContext(
            "this memory holds no customer insights",
            where=INSIGHTS,
            fix="Import them: csm import FILE; see docs/memory.md.",
        )
    return insights
