"""The program's whole judgement of an account, in one screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from typing import Any

from agent.success import cadence, goals, lifecycle, renewal
from agent.success.account import Account
from agent.success.assessment import Assessment
from agent.success.calendar import quarter_label
from agent.success.expansion.view import view as expansion_view
from agent.success.facts import FactBook
from agent.success.health.figures import figures
from agent.success.health.scoring import score
from agent.success.health.standing import latest_standing
from agent.success.insights.parsing import parse
from agent.success.insights.reading import escape
from agent.success.plays.escalations import escalations
from agent.success.plays.start import start
from agent.success.policy import Cadence, Lifecycle, Policies, Renewal, load, need
from agent.success.policy_facts import policy_facts
from agent.success.read_account import read_account, under_earlier_models
from agent.success.signals.detect import detect

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
    parse_for = partial(_parse, share, account_id, source, as_of, is_instruction)
    read = read_account(parse_for, policies, as_of)
    account, facts = read.account, read.facts
    policy_facts(facts, policies)
    _earlier_score(facts, history, account_id, as_of, instruction_id)

    onboarding = read.phase == "onboarding"
    health = score(read.choice.model, figures(account, facts, as_of), onboarding=onboarding)
    stages = load(Lifecycle, need(policies, "lifecycle"))
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
        phase=read.phase,
        choice=read.choice,
        under_earlier_models=under_earlier_models(parse_for, read, policies, history, as_of),
    )


def _parse(
    share: Mapping[str, Any],
    account_id: str,
    source: str,
    as_of: date,
    is_instruction: Callable[[str], bool],
    usage_max_age_days: int,
) -> tuple[Account, FactBook]:
    return parse(
        share,
        account_id=account_id,
        source=source,
        as_of=as_of,
        is_instruction=is_instruction,
        usage_max_age_days=usage_max_age_days,
    )


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
