"""Figures of the policy files that a plan may quote, as facts with file and key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agent.success.facts import FactBook
from agent.success.policy import Policies

_QUOTED = (
    (
        "lifecycle",
        "onboarding.activation_target",
        "policy.onboarding.activation_target",
        "target for user activation in onboarding",
        "%",
    ),
    (
        "lifecycle",
        "onboarding.first_value_days",
        "policy.onboarding.first_value_days",
        "first value is due within this many days",
        "days",
    ),
    (
        "lifecycle",
        "onboarding.health_check_day",
        "policy.onboarding.health_check_day",
        "day of the onboarding health check",
        "days",
    ),
    (
        "renewal",
        "due_within_days",
        "policy.renewal.due_within_days",
        "a renewal is due within this many days",
        "days",
    ),
)


def policy_facts(facts: FactBook, policies: Policies) -> None:
    """Registers targets, day limits and the checkpoints of the renewal path."""
    for file, key, id, label, unit in _QUOTED:
        policy = policies.get(file)
        value = _at(policy.data, key) if policy else None
        if policy and isinstance(value, (int, float)):
            pointer = "/" + key.replace(".", "/")
            facts.policy(id, value, label, source=policy.source, pointer=pointer, unit=unit)
    lifecycle = policies.get("lifecycle")
    profile = lifecycle.data.get("profile") if lifecycle else None
    if lifecycle and isinstance(profile, str):
        for key, unit in (
            ("onboarding_days", "days"),
            ("adoption_months", "months"),
            ("renewal_window_days", "days"),
        ):
            facts.policy(
                f"policy.lifecycle.{key}",
                _at(lifecycle.data, f"profiles.{profile}.{key}"),
                key.replace("_", " "),
                source=lifecycle.source,
                pointer=f"/profiles/{profile}/{key}",
                unit=unit,
            )
    renewal = policies.get("renewal")
    path = renewal.data.get("path") if renewal else None
    if renewal and isinstance(path, list):
        for index, step in enumerate(path):
            facts.policy(
                f"policy.renewal.path.{index + 1}",
                step["days_before"],
                f"renewal path: {step['what']}",
                source=renewal.source,
                pointer=f"/path/{index}/days_before",
                unit="days",
            )


def _at(data: Mapping[str, Any], key: str) -> Any:
    value: Any = data
    for step in key.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value
