"""The score of an account under another health model of the persona, beside its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agent.errors import BadInput, printable
from agent.success.assessment import Assessment, HealthResult
from agent.success.facts import FactBook
from agent.success.health.facts import register
from agent.success.health.figure_book import KNOWN
from agent.success.health.figures import figures
from agent.success.health.measuring import rate
from agent.success.health.model import HealthModel, load_model
from agent.success.health.scoring import score, score_ratings
from agent.success.insights.reading import escape
from agent.success.policy import Policies, need

FOLDER = "health_models/"


def another_score(
    a: Assessment, model: str, *, policies: Policies, share: Mapping[str, Any], source: str
) -> HealthResult:
    """Scores the account with the health model `model`; its facts begin with `health.<model>.`.

    A model of ratings takes them from the account's block `ratings` (measure id → rating); what is
    not rated is missing, never zero. The account's own score stays what it is.

    Args:
        share: the account's block of `source`, untrusted.

    Raises:
        BadInput: the persona has no such model; names those it has.
        BadPersona: the model file is wrong.
    """
    known = [key.removeprefix(FOLDER) for key in policies if key.startswith(FOLDER)]
    if model not in known:
        raise BadInput(
            f"{printable(model, 60)!r} is no health model of this persona",
            fix=f"use one of {', '.join(sorted(known))}.",
        )
    settings = load_model(need(policies, FOLDER + model), KNOWN)
    if settings.named == a.choice.model.named:
        return a.health
    prefix = f"health.{settings.id}"
    if settings.input == "ratings":
        given = share.get("ratings")
        ratings = given if isinstance(given, Mapping) else {}
        cited = _rated(a.facts, settings, ratings, f"/accounts/{escape(a.account.id)}", source)
        result = score_ratings(settings, ratings, a.as_of, cited)
        register(result, a.facts, prefix)
        return result
    onboarding = a.phase == "onboarding"
    return score(settings, figures(a.account, a.facts, a.as_of), onboarding=onboarding,
                 prefix=prefix)  # fmt: skip


def _rated(
    facts: FactBook, model: HealthModel, ratings: Mapping[str, Any], at: str, source: str
) -> dict[str, str]:
    """Registers each rating that counts as `rating.<measure>`; fact id by measure."""
    return {
        m.id: facts.stored(
            f"rating.{m.id}",
            ratings[m.id],
            f"rating of {m.label}",
            source=source,
            pointer=f"{at}/ratings/{m.id}",
        )
        for m in model.measures
        if rate(m, ratings.get(m.id)).state == "present"
    }
