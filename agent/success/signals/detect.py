"""Early-warning signs of one account: measured in its figures, and read in people's words."""

from __future__ import annotations

from datetime import date

from agent.success.account import Account
from agent.success.assessment import Signal
from agent.success.facts import FactBook
from agent.success.policy import PolicyLike
from agent.success.signals.engagement import engagement, support
from agent.success.signals.finder import Finder
from agent.success.signals.onboarding import onboarding
from agent.success.signals.policy import read_policy
from agent.success.signals.relationship import relationship
from agent.success.signals.renewal import renewal
from agent.success.signals.said import read
from agent.success.signals.severity import rank
from agent.success.signals.usage import usage
from agent.success.signals.value import value

_DETECTORS = (usage, engagement, support, relationship, value, onboarding, read, renewal)


def detect(
    account: Account, facts: FactBook, policy: PolicyLike, as_of: date
) -> tuple[Signal, ...]:
    """Every sign that fires, each once, the gravest first, then by id.

    Evidence ids exist in `facts`; figures worked out here are registered there with inputs and
    formula. `Signal.at` is the day the sign is about: of a departure the day it takes effect where
    that is known, otherwise the day the sign was seen.

    Args:
        policy: signals.yaml.

    Raises:
        BadPersona: the policy file is wrong; names file and key.
    """
    finder = Finder(account, facts, read_policy(policy), as_of)
    for detector in _DETECTORS:
        detector(finder)
    return tuple(sorted(finder.found, key=lambda s: (-rank(s.severity), s.id)))
