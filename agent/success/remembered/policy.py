"""`continuity.yaml`: when an answer is late, and when an entry is."""

from __future__ import annotations

from agent.success.policy import Days, Policies, Settings, load


class AnswerWithin(Settings):
    """Days after which a message that has no answer is asked about."""

    escalation: Days = 5
    handoff: Days = 14


class Continuity(Settings):
    """A persona without the file has these figures."""

    version: str = "1"
    answer_within_days: AnswerWithin = AnswerWithin()


def continuity(policies: Policies) -> Continuity:
    """The settings of a persona. Raises BadPersona for a file that cannot be used."""
    policy = policies.get("continuity")
    return Continuity() if policy is None else load(Continuity, policy)
