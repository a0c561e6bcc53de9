"""What the engine concludes about an account: the program's part of every plan.

Everything here is computed from an `Account`, the policy files and `as_of`. Evidence is always a
list of fact ids in the assessment's `facts`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from agent.success.account import Account, Goal, Problem
from agent.success.facts import FactBook
from agent.success.health.profiles import ModelChoice
from agent.success.policy import Phase

Severity = Literal["low", "medium", "high", "critical"]
MeasureState = Literal["present", "missing", "stale", "invalid", "not_applicable"]


@dataclass(frozen=True)
class MeasureResult:
    """One measure of a health model. `score` is 0-100 or None; `contribution` in points of the
    overall score; contributions of all measures sum to it exactly (before display rounding)."""

    id: str
    component: str
    label: str
    state: MeasureState
    value: float | None
    score: float | None
    weight: float  # share of the whole score, 0-1, as configured
    contribution: float | None
    note: str = ""
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True)
class ComponentResult:
    id: str
    label: str
    weight: float
    score: float | None
    contribution: float | None
    coverage: float
    measures: tuple[MeasureResult, ...]


@dataclass(frozen=True)
class HealthResult:
    """`score` is None under the coverage floor; `tier` is then "" and `reason` says why."""

    score: float | None
    tier: Literal["green", "yellow", "red", ""]
    model: str
    model_version: str
    as_of: date
    coverage: float
    components: tuple[ComponentResult, ...]
    reason: str = ""
    confidence: Literal["high", "medium", "low"] = "high"


@dataclass(frozen=True)
class Stage:
    """Lifecycle stage with the rule that decided; `day` counts from contract start or kickoff."""

    id: Literal["onboarding", "adoption", "value_realization", "renewal", "expansion", "advocacy"]
    reason: str
    day: int | None = None
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True)
class RenewalView:
    renewal_date: date | None
    days_left: int | None
    status: Literal["open", "due", "overdue", "unknown"]
    category: Literal["commit", "best_case", "at_risk", "unknown"]
    probability: float | None
    probability_basis: str
    arr: float | None
    currency: str
    notice_deadline: date | None
    auto_renew: bool | None
    checkpoints: tuple[tuple[date, str], ...] = ()  # the 120/90/60/30 path, still ahead
    reasons: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True)
class Signal:
    """An early-warning sign. `basis` keeps apart what was measured from what was read in text."""

    id: str
    family: Literal[
        "usage", "engagement", "business", "relationship", "value", "onboarding", "support"
    ]
    severity: Severity
    title: str
    basis: Literal["measured", "read"]
    clears_when: str
    at: date | None
    playbook: str
    evidence: tuple[str, ...]


@dataclass(frozen=True)
class PlayStep:
    """`latest` is the day the step must not pass (renewal, last day of a person), if there is one;
    `done_on` is the day it was done, as the timeline tells it."""

    title: str
    owner: str
    due: date
    phase: str = ""
    latest: date | None = None
    done_on: date | None = None


@dataclass(frozen=True)
class Play:
    """A playbook started because of signals; one per playbook id however many signals fire.

    `since` is the day it began; until `snoozed_until` it rests and gives the CSM no actions.
    """

    id: str
    title: str
    signals: tuple[str, ...]
    severity: Severity
    steps: tuple[PlayStep, ...]
    evidence: tuple[str, ...] = ()
    since: date | None = None
    snoozed_until: date | None = None


@dataclass(frozen=True)
class ExpansionSignal:
    id: str
    points: int
    title: str
    kind: Literal["seats", "tier", "add_on", "services", "cross_sell", "relationship", "timing"]
    evidence: tuple[str, ...]


@dataclass(frozen=True)
class ExpansionView:
    """Opportunities are alternatives or add-ons; points are not money and are never added to it."""

    signals: tuple[ExpansionSignal, ...]
    points: int
    gate: Literal["open", "gated", "none"]
    gate_reasons: tuple[str, ...]
    recommendation: str = ""


@dataclass(frozen=True)
class Touchpoint:
    on: date
    kind: str
    title: str


@dataclass(frozen=True)
class GoalView:
    """`progress` is 0-1 from baseline to target in the goal's own direction (negative = worse than
    baseline), None where it cannot be computed (no actual, or baseline equals target)."""

    goal: Goal
    progress: float | None
    status: Literal["met", "on_track", "behind", "regressed", "not_measured", "overdue"]
    direction: Literal["up", "down", "none"]
    evidence: tuple[str, ...]


@dataclass(frozen=True)
class Assessment:
    """`choice` says which model made `health`; `under_earlier_models` are today's data scored with
    the other models of earlier scores, by "id version", as far as the persona keeps them."""

    account: Account
    as_of: date
    quarter: str
    facts: FactBook
    health: HealthResult
    stage: Stage
    renewal: RenewalView
    signals: tuple[Signal, ...]
    plays: tuple[Play, ...]
    expansion: ExpansionView
    cadence: tuple[Touchpoint, ...]
    goals: tuple[GoalView, ...]
    problems: tuple[Problem, ...]
    escalate: tuple[tuple[str, str, tuple[str, ...]], ...] = ()  # (role, why, evidence)
    policy_sources: tuple[str, ...] = field(default=())
    phase: Phase = field(kw_only=True)
    choice: ModelChoice = field(kw_only=True)
    under_earlier_models: Mapping[str, HealthResult] = field(default_factory=dict)
