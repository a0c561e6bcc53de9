"""The risks of an account as a person works through them: what, since when, what clears it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from agent.success.assessment import Assessment, Signal
from agent.success.facts import FactBook
from agent.success.signals.severity import highest

RANK = {"critical": 0, "high": 1, "medium": 2, "low": 3}


@dataclass(frozen=True)
class RiskLine:
    """One signal. `basis` is measured or read; `words` are the verbatim sentences behind it."""

    signal: str
    severity: str
    family: str
    basis: str
    title: str
    at: str
    clears_when: str
    playbook: str
    words: list[str]
    evidence: list[str]


@dataclass(frozen=True)
class RiskReport:
    account_id: str
    name: str
    level: str
    tier: str
    days_to_renewal: int | None
    arr: float | None
    currency: str
    lines: list[RiskLine]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def risk_report(a: Assessment) -> RiskReport:
    """All signals, worst first. `level` is the worst severity, or "none" when no sign fires.

    Without a health score little risk cannot be told from little data: then only a sign of medium
    severity or graver that rests on something on record gives a level, and else it is "unknown".
    """
    lines = [_line(s, a.facts) for s in sorted(a.signals, key=lambda s: (RANK[s.severity], s.id))]
    return RiskReport(
        account_id=a.account.id,
        name=a.account.name,
        level=_level(a),
        tier=a.health.tier,
        days_to_renewal=a.renewal.days_left,
        arr=a.account.arr,
        currency=a.account.currency,
        lines=lines,
    )


def ranked(reports: Sequence[RiskReport]) -> list[RiskReport]:
    """Worst first: by level, then by nearness of the renewal."""
    order = {**RANK, "unknown": 4, "none": 5}
    far = 10**6
    return sorted(
        reports,
        key=lambda r: (
            order[r.level],
            far if r.days_to_renewal is None else r.days_to_renewal,
            r.account_id,
        ),
    )


def _level(a: Assessment) -> str:
    if a.health.score is not None:
        return highest(s.severity for s in a.signals) if a.signals else "none"
    telling = [
        s.severity
        for s in a.signals
        if s.severity != "low"
        and any(f.kind in ("stored", "quote") for f in a.facts.closure(s.evidence))
    ]
    return highest(telling) if telling else "unknown"


def _line(signal: Signal, facts: FactBook) -> RiskLine:
    words = [
        str(facts[i].value) for i in signal.evidence if i in facts and facts[i].kind == "quote"
    ]
    return RiskLine(
        signal=signal.id,
        severity=signal.severity,
        family=signal.family,
        basis=signal.basis,
        title=signal.title,
        at=signal.at.isoformat() if signal.at else "",
        clears_when=signal.clears_when,
        playbook=signal.playbook,
        words=words,
        evidence=list(signal.evidence),
    )
