"""signals.yaml, read strictly: thresholds, severities, word lists, playbook of every sign."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from agent.errors import BadPersona
from agent.success.assessment import Severity
from agent.success.policy import PolicyLike, Settings, Title, load
from agent.success.signals.lexicon import BadPhrase, WordList, check
from agent.success.signals.severity import SEVERITIES

Family = Literal[
    "usage", "engagement", "business", "relationship", "value", "onboarding", "support"
]
Language = Literal["en", "de", "fr", "es", "nl", "pt"]
SignId = Annotated[str, Field(pattern=r"^[a-z0-9_]{2,60}$")]

MEASURED = frozenset({
    "active_users_declining", "logins_declining", "api_calls_falling", "low_adoption",
    "features_unused", "seats_at_limit", "over_licence", "usage_stale", "usage_missing",
    "data_contradictory", "low_reply_rate", "no_reply", "qbr_missed", "qbr_overdue",
    "checkins_missed", "training_unattended", "tickets_negative", "tickets_many_open",
    "tickets_old", "sponsor_passive", "sponsor_changed", "sponsor_leaving", "sponsor_left",
    "sponsor_not_contacted", "no_sponsor", "single_threaded", "no_executive_contact",
    "low_renewal_confidence", "nps_low", "roi_below_cost", "roi_unconfirmed", "goals_behind",
    "goals_overdue", "goals_regressed", "goals_unmeasured", "no_goals", "renewal_at_risk",
    "renewal_overdue", "notice_deadline_near", "activation_below_target", "milestone_blocked",
    "milestone_overdue", "first_value_at_risk", "admin_untrained", "integrations_not_live",
})  # fmt: skip
"""Signs worked out from figures: the code knows how, the file must say what each one means."""

SAID = frozenset({
    "sponsor_departure_said", "contact_departure_said", "departure_confidential",
    "introduction_stalled",
})  # fmt: skip
"""Signs read in text that need to know more than the sentence, such as who wrote it."""


def _phrase(value: str) -> str:
    try:
        check(value)
    except BadPhrase as exc:
        raise ValueError(str(exc)) from None
    return value


Phrase = Annotated[str, AfterValidator(_phrase)]
Phrases = dict[Language, list[Phrase]]


def word_list(phrases: Mapping[Language, list[str]], unless: list[str] | None = None) -> WordList:
    """The compiled form of a policy's phrases; compiling is cached, so this is cheap."""
    return WordList({str(k): v for k, v in phrases.items()}, unless or [])


class Sign(Settings):
    """What every sign says about itself; `enabled: false` switches it off."""

    family: Family
    playbook: SignId
    clears_when: Title
    enabled: bool = True


class MeasuredSign(Sign):
    """A sign with thresholds (`at_least`: that value or more; `below`: less than that value) or,
    where it is there or not, with one `severity`. `settings` are further numbers it needs."""

    severity: Severity | None = None
    at_least: dict[Severity, float] | None = None
    below: dict[Severity, float] | None = None
    settings: dict[str, Annotated[float, Field(ge=-1000, le=1_000_000)]] = Field(
        default_factory=dict
    )

    @model_validator(mode="after")
    def _one_way(self) -> MeasuredSign:
        given = [x for x in (self.severity, self.at_least, self.below) if x is not None]
        if len(given) != 1:
            raise ValueError("give exactly one of severity, at_least, below")
        for steps, falling in ((self.at_least, False), (self.below, True)):
            if steps is None:
                continue
            values = [steps[name] for name in SEVERITIES if name in steps]
            if not values or values != sorted(set(values), reverse=falling):
                raise ValueError("thresholds must move one way from low to critical")
        return self

    def grade(self, value: float) -> Severity | None:
        """Severity of a measured value, None when it is no sign."""
        found: Severity | None = None
        for name in SEVERITIES:
            over = (
                self.at_least is not None and name in self.at_least and value >= self.at_least[name]
            )
            under = self.below is not None and name in self.below and value < self.below[name]
            if over or under:
                found = name
        return found

    def first(self) -> float:
        """The threshold at which the sign begins."""
        steps = self.at_least or self.below or {}
        return next((steps[name] for name in SEVERITIES if name in steps), 0.0)


class ReadSign(Sign):
    """A sign found in people's words; flags as explained at the top of the file."""

    title: Title
    severity: Severity
    words: Phrases
    unless: list[Phrase] = Field(default_factory=list)
    own_negation: bool = False
    company: bool = False
    notes_only: bool = False
    conditional: bool = False
    if_conditional: SignId | None = None

    def word_list(self) -> WordList:
        return word_list(self.words, self.unless)


class SignalPolicy(Settings):
    version: str
    text_max_age_days: Annotated[int, Field(ge=1, le=3660)]
    executive_titles: Annotated[list[Phrase], Field(min_length=1)]
    estimate_words: Phrases
    first_value_words: Phrases
    measured: dict[SignId, MeasuredSign]
    read: dict[SignId, ReadSign]

    @model_validator(mode="after")
    def _complete(self) -> SignalPolicy:
        missing = sorted((MEASURED - self.measured.keys()) | (SAID - self.read.keys()))
        if missing:
            raise ValueError(
                f"{', '.join(missing)} missing; to switch a sign off write enabled: false"
            )
        unknown = sorted(self.measured.keys() - MEASURED)
        if unknown:
            raise ValueError(f"measured.{unknown[0]} is no sign this program can measure")
        for id, sign in self.read.items():
            other = sign.if_conditional
            if other is not None and (other == id or other in SAID or other not in self.read):
                raise ValueError(f"read.{id}.if_conditional names no other read sign: {other}")
        twice = sorted(self.measured.keys() & self.read.keys())
        if twice:
            raise ValueError(f"{twice[0]} is both measured and read; give one another id")
        return self

    def setting(self, sign: str, name: str) -> float:
        """A further number of a measured sign; `read_policy` has made sure that it is there."""
        return self.measured[sign].settings[name]


_NEEDED = {
    "active_users_declining": ("periods", "falls_in_a_row", "least"),
    "logins_declining": ("periods",),
    "api_calls_falling": ("periods",),
    "low_reply_rate": ("messages",),
    "training_unattended": ("places",),
    "tickets_negative": ("tickets",),
    "sponsor_not_contacted": ("onboarding_days",),
    "nps_low": ("max_age_days",),
    "activation_below_target": ("target_percent", "target_day"),
}


def read_policy(policy: PolicyLike) -> SignalPolicy:
    """The typed policy.

    Raises:
        BadPersona: a key is missing, unknown or of the wrong kind; names file and key.
    """
    read = load(SignalPolicy, policy)
    for sign, names in _NEEDED.items():
        if set(read.measured[sign].settings) != set(names):
            raise BadPersona(
                f"measured.{sign}.settings needs {', '.join(names)}, and nothing else",
                where=policy.source,
                fix="correct this key in the policy file",
            )
    return read
