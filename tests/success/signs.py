"""Short ways to the signs, plays and expansion view of an account written as plain data."""

from __future__ import annotations

from datetime import date
from typing import Any

from accounts import AS_OF, healthy, policy, read

from agent.success.assessment import ExpansionView, HealthResult, Play, Signal
from agent.success.expansion import view as expansion
from agent.success.facts import FactBook
from agent.success.health.figures import figures
from agent.success.plays import start as plays
from agent.success.signals import detect as signals

SIGNALS, PLAYBOOKS, EXPANSION = policy("signals"), policy("playbooks"), policy("expansion")


def detect(data: Any, as_of: date = AS_OF) -> dict[str, Signal]:
    return detect_with_facts(data, as_of)[0]


def detect_with_facts(data: Any, as_of: date = AS_OF) -> tuple[dict[str, Signal], FactBook]:
    account, facts = read(data, as_of)
    figures(account, facts, as_of)
    found = signals.detect(account, facts, SIGNALS, as_of)
    assert len({s.id for s in found}) == len(found)
    return {s.id: s for s in found}, facts


def mail(
    text: str, day: str = "2026-11-12", sender: str = "j.brand@alder.example"
) -> dict[str, Any]:
    """The healthy account with one e-mail and no notes."""
    data = healthy()
    data["notes"] = []
    data["emails"] = [{"date": day, "from": sender, "subject": "News", "body": text}]
    return data


def note(text: str, day: str = "2026-11-12") -> dict[str, Any]:
    """The healthy account with one note of the CSM."""
    data = healthy()
    data["notes"] = [{"date": day, "author": "csm", "text": text}]
    return data


def started(data: Any, as_of: date = AS_OF) -> dict[str, Play]:
    account, facts = read(data, as_of)
    figures(account, facts, as_of)
    found = signals.detect(account, facts, SIGNALS, as_of)
    return {play.id: play for play in plays.start(found, account, PLAYBOOKS, as_of)}


def graded(tier: str = "green", score: float | None = 88.0, as_of: date = AS_OF) -> HealthResult:
    return HealthResult(score, tier, "test", "1", as_of, 1.0, ())  # type: ignore[arg-type]


def expand(data: Any, tier: str = "green", as_of: date = AS_OF) -> ExpansionView:
    account, facts = read(data, as_of)
    figures(account, facts, as_of)
    found = signals.detect(account, facts, SIGNALS, as_of)
    view = expansion.view(account, facts, graded(tier), found, EXPANSION, as_of)
    assert all(id in facts for s in view.signals for id in s.evidence)
    return view
