"""The order of severities."""

from __future__ import annotations

from collections.abc import Iterable

from agent.success.assessment import Severity

SEVERITIES: tuple[Severity, ...] = ("low", "medium", "high", "critical")


def rank(severity: Severity) -> int:
    """0 (low) to 3 (critical)."""
    return SEVERITIES.index(severity)


def highest(severities: Iterable[Severity]) -> Severity:
    """The gravest of `severities`; "low" when there are none."""
    return max(severities, key=rank, default="low")


def moved(severity: Severity, steps: int) -> Severity:
    """`severity` so many steps graver (or milder), within the scale."""
    return SEVERITIES[min(3, max(0, rank(severity) + steps))]
