"""What every detector of early-warning signs works with: the account, its facts, the policy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from agent.success.account import Account
from agent.success.assessment import Severity, Signal
from agent.success.facts import FactBook
from agent.success.signals.onboarding_phase import onboarding_day
from agent.success.signals.policy import SignalPolicy
from agent.success.signals.severity import moved


@dataclass
class Finder:
    """Collects the signs of one account. A sign without a fact to stand on is not raised."""

    account: Account
    facts: FactBook
    policy: SignalPolicy
    as_of: date
    found: list[Signal] = field(default_factory=list)

    def known(self, *ids: str) -> tuple[str, ...]:
        """Those of `ids` that are facts, each once, in order."""
        return tuple(dict.fromkeys(id for id in ids if id in self.facts))

    def figure(
        self,
        id: str,
        value: float | int,
        label: str,
        *,
        inputs: Iterable[str],
        formula: str,
        unit: str = "",
    ) -> str:
        """Registers a computed figure (one decimal) unless it is there already; returns its id."""
        if id not in self.facts:
            shown = round(float(value), 1)
            self.facts.computed(
                id,
                int(shown) if shown.is_integer() else shown,
                label,
                inputs=self.known(*inputs),
                formula=formula,
                unit=unit,
            )
        return id

    def days(self, id: str, start: date, end: date, label: str, source: str) -> str:
        """Registers the days from `start` to `end` as a computed figure."""
        return self.figure(
            id,
            (end - start).days,
            label,
            inputs=(source,),
            formula=f"days from {start} to {end}",
            unit="days",
        )

    def graded(
        self,
        id: str,
        value: float,
        title: str,
        evidence: Iterable[str],
        *,
        at: date | None = None,
        worse: int = 0,
    ) -> None:
        """Raises the sign `id` when its thresholds say so, `worse` severities graver."""
        severity = self.policy.measured[id].grade(value)
        if severity is not None:
            self.raised(id, moved(severity, worse), title, evidence, at=at)

    def fixed(
        self,
        id: str,
        title: str,
        evidence: Iterable[str],
        *,
        at: date | None = None,
        worse: int = 0,
    ) -> None:
        """Raises a sign that is there or not, `worse` severities graver."""
        severity = self.policy.measured[id].severity or "medium"
        self.raised(id, moved(severity, worse), title, evidence, at=at)

    def raised(
        self,
        id: str,
        severity: Severity,
        title: str,
        evidence: Iterable[str],
        *,
        at: date | None = None,
    ) -> None:
        sign = self.policy.measured[id]
        cited = self.known(*evidence)
        if sign.enabled and cited:
            self.found.append(
                Signal(
                    id=id,
                    family=sign.family,
                    severity=severity,
                    title=title[:300],
                    basis="measured",
                    clears_when=sign.clears_when,
                    at=at,
                    playbook=sign.playbook,
                    evidence=cited,
                )
            )

    @property
    def onboarding_day(self) -> int | None:
        """Day of the onboarding, None when the account is past it."""
        return onboarding_day(self.account, self.as_of)


def percent(part: float, whole: float) -> float:
    return 100 * part / whole


def listed(names: Iterable[str]) -> str:
    """ "a, b and c" of short names."""
    parts = [name.strip()[:80] for name in names]
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)
