"""The program's whole judgement of an account, in one screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from agent.success import cadence, goals, lifecycle, renewal
from agent.success.account import Account
from agent.success.assessment import Assessment
from agent.success.calendar import quarter_label
from agent.success.expansion.view import view as expansion_view
from agent.success.facts import FactBook
from agent.success.health.figure_book import KNOWN
from agent.success.health.figures import figures
from agent.success.health.model import HealthModel, load_model
from agent.success.health.scoring import score
from agent.success.health.standing import latest_standing
from agent.success.insights.gaps import not_due
from agent.success.insights.parsing import USAGE_MAX_AGE_DAYS, parse
from agent.success.insights.reading import escape
from agent.success.plays.escalations import escalations
from agent.success.plays.start import start
from agent.success.policy import Cadence, Lifecycle, Policies, Renewal, Segments, load, need
from agent.success.policy_facts import policy_facts
from agent.success.segments import segment_of
from agent.success.signals.detect import detect

HEALTH_MODEL = "health_models/adoption-30-25-25-20"
SCORES_SOURCE = "_knowledge/semantic/customer_health_scores.yaml"


def assess(
    share: Mapping[str, Any],
    *,
    account_id: str,
    source: str,
    as_of: date,
    policies: Policies,
    history: Mapping[str, Any] | None,
    is_instruction: Callable[[str], bool],
    instruction_id: str = "",
) -> Assessment:
    """Reads, measures, scores and judges one account. Same input and `as_of`, equal result.

    Args:
        share: the account's block of `customer_insights.yaml`, untrusted.
        policies: the persona's policy files by name.
        history: the account's entry in `customer_health_scores.yaml`, None without one.
        instruction_id: what this same instruction left there today is no earlier score.

    Raises:
        BadPersona: a policy file is missing or wrong; data of the account never raise.
    """
    model = load_model(need(policies, HEALTH_MODEL), KNOWN)
    stages = load(Lifecycle, need(policies, "lifecycle"))
    account, facts = parse(
        share,
        account_id=account_id,
        source=source,
        as_of=as_of,
        is_instruction=is_instruction,
        usage_max_age_days=usage_max_age(model),
    )
    policy_facts(facts, policies)
    onboarding = lifecycle.onboarding_start(account, stages, as_of) is not None
    if onboarding:
        account = replace(account, problems=not_due(account.problems))
    account = _segmented(account, load(Segments, need(policies, "segments")))
    _earlier_score(facts, history, account_id, as_of, instruction_id)

    health = score(model, figures(account, facts, as_of), onboarding=onboarding)
    stage = lifecycle.stage(account, facts, stages, as_of, health.tier)
    terms = renewal.view(account, facts, health, load(Renewal, need(policies, "renewal")), as_of)
    signs = detect(account, facts, need(policies, "signals"), as_of)
    return Assessment(
        account=account,
        as_of=as_of,
        quarter=quarter_label(as_of),
        facts=facts,
        health=health,
        stage=stage,
        renewal=terms,
        signals=signs,
        plays=start(signs, account, need(policies, "playbooks"), as_of),
        expansion=expansion_view(account, facts, health, signs, need(policies, "expansion"), as_of),
        cadence=cadence.touchpoints(
            account, stage, load(Cadence, need(policies, "cadence")), as_of
        ),
        goals=goals.views(account, facts, as_of),
        problems=account.problems,
        escalate=escalations(
            account, facts, health, terms, signs, need(policies, "playbooks"), as_of
        ),
        policy_sources=tuple(sorted(policy.source for policy in policies.values())),
    )


def usage_max_age(model: HealthModel) -> int:
    """Days after which usage is stale: the strictest limit of the model."""
    ages = [m.max_age_days for m in model.measures if m.dated_by == "usage.age_days"]
    return min((age for age in ages if age is not None), default=USAGE_MAX_AGE_DAYS)


def _segmented(account: Account, settings: Segments) -> Account:
    """The account with the segment of its ARR where none is stored."""
    return replace(account, segment=account.segment or segment_of(account, settings).id)


def _earlier_score(
    facts: FactBook,
    history: Mapping[str, Any] | None,
    account_id: str,
    as_of: date,
    instruction_id: str,
) -> None:
    """Facts about the newest stored score: `health.previous.score|tier|date`."""
    standing = latest_standing(history, until=as_of, instruction_id=instruction_id)
    items = history.get("history") if isinstance(history, Mapping) else None
    if standing is None or not isinstance(items, list):
        return
    for index in range(len(items) - 1, -1, -1):
        item = items[index]
        if isinstance(item, Mapping) and str(item.get("date"))[:10] == standing.on.isoformat():
            pointer = f"/accounts/{escape(account_id)}/history/{index}"
            at = standing.on.isoformat()
            for key, value in (("score", standing.score), ("tier", standing.tier), ("date", at)):
                if value != "" and key in item:
                    facts.stored(
                        f"health.previous.{key}",
                        value,
                        f"{key} of the last health score, {at}",
                        source=SCORES_SOURCE,
                        pointer=f"{pointer}/{key}",
                        at=at,
                    )
            return
