"""An account read with the limits of the health model that its segment and phase call for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from agent.success import lifecycle
from agent.success.account import Account
from agent.success.assessment import HealthResult
from agent.success.facts import FactBook
from agent.success.health.figure_book import KNOWN
from agent.success.health.figures import figures
from agent.success.health.model import HealthModel
from agent.success.health.profiles import ModelChoice, find_model, load_map
from agent.success.health.scoring import score
from agent.success.health.standing import standings
from agent.success.insights.gaps import not_due
from agent.success.policy import Lifecycle, Phase, Policies, Segments, load, need
from agent.success.segments import segment_of

Parse = Callable[[int], tuple[Account, FactBook]]
"""Reads the account's share; the number is the days after which usage is stale."""


@dataclass(frozen=True)
class ReadAccount:
    account: Account
    facts: FactBook
    phase: Phase
    choice: ModelChoice


def read_account(parse: Parse, policies: Policies, as_of: date) -> ReadAccount:
    """Reads an account and chooses its model.

    The model says from which age on usage is stale, and the account says which model it is; neither
    segment nor phase depends on that age, so an account of a model with another limit than the
    default's is simply read once more.

    Raises:
        BadPersona: a policy file is missing or wrong.
    """
    models = load_map(policies, KNOWN)
    stages = load(Lifecycle, need(policies, "lifecycle"))
    limit = models.default.usage_max_age_days
    account, facts = parse(limit)
    phase = lifecycle.phase(account, stages, as_of)
    segment = account.segment or segment_of(account, load(Segments, need(policies, "segments"))).id
    choice = models.choose(segment, phase)
    if choice.model.usage_max_age_days != limit:
        account, facts = parse(choice.model.usage_max_age_days)
    account = replace(account, segment=segment)
    if phase == "onboarding":
        account = replace(account, problems=not_due(account.problems))
    return ReadAccount(account, facts, phase, choice)


def under_earlier_models(
    parse: Parse,
    read: ReadAccount,
    policies: Policies,
    history: Mapping[str, Any] | None,
    as_of: date,
) -> dict[str, HealthResult]:
    """Today's data scored with each other model that the stored history was scored with and that
    the persona still keeps, by "id version". Nothing of it becomes a fact."""
    own = read.choice.model.named
    named = dict.fromkeys(s.model for s in standings(history) if s.model not in ("", own))
    kept = ((name, find_model(policies, name, KNOWN)) for name in named)
    return {
        name: _score(parse, model, read.phase, as_of) for name, model in kept if model is not None
    }


def _score(parse: Parse, model: HealthModel, phase: Phase, as_of: date) -> HealthResult:
    account, facts = parse(model.usage_max_age_days)
    return score(model, figures(account, facts, as_of), onboarding=phase == "onboarding")
