"""Early-warning signs of one account: measured in its figures, and read in people's words."""

from __future__ import annotations

from datetime import date

from agent.success.account import Account
from agent.success.assessment import Signal
from agent.success.facts import FactBook
from agent.success.finder import Finder
from agent.success.policy import PolicyLike
from agent.success.severity import rank
from agent.success.signals_engagement import engagement, support
from agent.success.signals_onboarding import onboarding
from agent.success.signals_policy import read_policy
from agent.success.signals_read import read
from agent.success.signals_relationship import relationship
from agent.success.signals_renewal import renewal
from agent.success.signals_usage import usage
from agent.success.signals_value import value

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
