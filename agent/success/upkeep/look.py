"""One account read for its upkeep: its figures, doubts and goals, without signals or plays."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from agent.success import goals
from agent.success.account import Account
from agent.success.assessment import GoalView, HealthResult
from agent.success.facts import FactBook
from agent.success.health.figure_book import KNOWN
from agent.success.health.figures import figures
from agent.success.health.profiles import load_map
from agent.success.health.scoring import score
from agent.success.insights.parsing import parse
from agent.success.policy import Policies
from agent.success.read_account import read_account


@dataclass(frozen=True)
class Look:
    """What the insights say about an account on a day. `account.problems` names every doubt."""

    account: Account
    facts: FactBook
    health: HealthResult
    goals: Sequence[GoalView]
    as_of: date


@dataclass(frozen=True)
class Glasses:
    """What a look takes from the policies. `ask`: field of the insights and role to ask for it, by
    measure."""

    policies: Policies
    ask: Mapping[str, tuple[str, str]]

    @classmethod
    def of(cls, policies: Policies) -> Glasses:
        """Raises BadPersona when a policy file is missing or wrong."""
        models = load_map(policies, KNOWN).models.values()
        measures = [measure for model in models for measure in model.measures]
        return cls(policies, {m.id: (m.fields[0] if m.fields else "", m.ask) for m in measures})

    def look(
        self,
        share: Mapping[str, Any],
        *,
        account_id: str,
        source: str,
        as_of: date,
        is_instruction: Callable[[str], bool],
    ) -> Look:
        """Reads one account; never raises on bad data."""

        def parsed(usage_max_age_days: int) -> tuple[Account, FactBook]:
            return parse(
                share,
                account_id=account_id,
                source=source,
                as_of=as_of,
                is_instruction=is_instruction,
                usage_max_age_days=usage_max_age_days,
            )

        read = read_account(parsed, self.policies, as_of)
        measured = figures(read.account, read.facts, as_of)
        health = score(read.choice.model, measured, onboarding=read.phase == "onboarding")
        return Look(
            read.account, read.facts, health, goals.views(read.account, read.facts, as_of), as_of
        )
