"""One account read for its upkeep: its figures, doubts and goals, without signals or plays."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from agent.success import goals, lifecycle
from agent.success.account import Account
from agent.success.assess import HEALTH_MODEL, usage_max_age
from agent.success.assessment import GoalView, HealthResult
from agent.success.facts import FactBook
from agent.success.health.figure_book import KNOWN
from agent.success.health.figures import figures
from agent.success.health.model import HealthModel, load_model
from agent.success.health.scoring import score
from agent.success.insights.gaps import not_due
from agent.success.insights.parsing import parse
from agent.success.policy import Lifecycle, Policies, load, need


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
    """What a look takes from the policies, read once for many accounts."""

    model: HealthModel
    stages: Lifecycle

    @classmethod
    def of(cls, policies: Policies) -> Glasses:
        """Raises BadPersona when a policy file is missing or wrong."""
        model = load_model(need(policies, HEALTH_MODEL), KNOWN)
        return cls(model, load(Lifecycle, need(policies, "lifecycle")))

    @property
    def ask(self) -> dict[str, tuple[str, str]]:
        """Field of the insights and role to ask for it, by measure."""
        return {m.id: (m.fields[0] if m.fields else "", m.ask) for m in self.model.measures}

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
        account, facts = parse(
            share,
            account_id=account_id,
            source=source,
            as_of=as_of,
            is_instruction=is_instruction,
            usage_max_age_days=usage_max_age(self.model),
        )
        onboarding = lifecycle.onboarding_start(account, self.stages, as_of) is not None
        if onboarding:
            account = replace(account, problems=not_due(account.problems))
        health = score(self.model, figures(account, facts, as_of), onboarding=onboarding)
        return Look(account, facts, health, goals.views(account, facts, as_of), as_of)
