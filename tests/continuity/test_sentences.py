"""One event, one line in words."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.memory.timeline import KINDS
from agent.success.continuity.sentences import sentence

STEPS = [{"title": "Call", "owner": "csm", "due": "2026-11-20"}]
SAID: list[tuple[str, dict[str, Any], str]] = [
    ("health_scored", {"score": 85.38, "tier": "green", "coverage": 1.0}, "Health 85.4 green"),
    ("health_scored", {"score": 60.0, "tier": "yellow", "coverage": 0.755},
     "Health 60.0 yellow, 76% of it measured"),
    ("health_scored", {"score": None, "tier": None},
     "Health could not be scored: not enough data"),
    ("plan_published", {"plan_id": "p2", "revision": 1, "supersedes": "p1"},
     "Plan published (p2); supersedes p1"),
    ("plan_published", {"plan_id": "p_r2", "revision": 2, "supersedes": None},
     "Plan published, revision 2 (p_r2)"),
    ("goal_set", {"title": "Fewer stops", "baseline": 21, "target": 9.0, "unit": "stops a month",
                  "due": "2026-12-31"},
     "Goal “Fewer stops”: from 21 to 9 stops a month by 2026-12-31"),
    ("goal_set", {"title": "Open", "target": None, "due": None}, "Goal “Open”"),
    ("goal_measured", {"title": "Fewer stops", "value": 11, "unit": "stops"},
     "Goal “Fewer stops”: now 11 stops"),
    ("risk_opened", {"signal": "seats_at_limit", "severity": "low"},
     "Risk opened: seats at limit, low"),
    ("risk_closed", {"signal": "tickets_old", "since": "2026-08-18"},
     "Risk closed: tickets old, open since 2026-08-18"),
    ("playbook_started", {"playbook": "value_gap", "state": "started", "title": "Value gap",
                          "because": ["roi_low"], "steps": STEPS},
     "Play started: Value gap because of roi low"),
    ("playbook_started", {"playbook": "value_gap", "title": "Value gap"},
     "Play started: Value gap"),
    ("playbook_started", {"playbook": "value_gap", "state": "step_done", "step": 2, "title": "Call",
                          "by": "V. B."},
     "Play value gap: step 2 done by V. B.: Call"),
    ("playbook_started", {"playbook": "value_gap", "state": "snoozed", "until": "2026-12-01",
                          "reason": "year end", "by": "V. B."},
     "Play value gap rests until 2026-12-01 by V. B.: year end"),
    ("playbook_started", {"playbook": "value_gap", "state": "closed", "title": "Value gap",
                          "reason": "agreed"},
     "Play closed: Value gap: agreed"),
    ("playbook_started", {"playbook": "value_gap", "state": "paused_later"},
     "Play value gap: paused later"),
    ("handoff_sent", {"to": "support", "message_id": "m1", "about": "old tickets"},
     "Handed over to support: old tickets [m1]"),
    ("escalated", {"to": "vp", "message_id": "m2", "about": "at risk"},
     "Escalated to vp: at risk [m2]"),
    ("redirected", {"to": "support", "message_id": "m3", "lane": "support"},
     "Redirected to support: support [m3]"),
    ("review_decided", {"decision": "sent_back", "plan_id": "p1", "by": "A. Lead",
                        "why": "no owner"},
     "Plan sent back by A. Lead (p1): no owner"),
    ("renewal_decided", {"outcome": "renewed", "arr_before": 148000, "arr_after": 150000,
                         "currency": "EUR"},
     "Renewed at EUR 150,000 a year, before 148,000"),
    ("renewal_decided", {"outcome": "churned", "arr_before": 99500.5, "arr_after": 0.0,
                         "currency": "EUR"},
     "Churned, EUR 99,500.5 a year lost"),
    ("override_set", {"value": 60, "by": "A. Lead", "expires": "2026-12-31", "reason": "new CFO"},
     "Score set by hand to 60 by A. Lead until 2026-12-31: new CFO"),
    ("facts_imported", {"file": "crm.csv", "not_listed": 3, "changes": [
        {"pointer": "/contract/arr", "from": None, "to": 120000},
        {"pointer": "/contract/auto_renew", "from": True, "to": False}]},
     "Facts imported from crm.csv: contract.arr nothing → 120,000; contract.auto_renew yes → no "
     "and 3 more"),
    ("fact_noted", {"key": "sponsor", "value": "Ines Falk", "valid_from": "2026-10-01",
                    "by": "V. B.", "source": "mail"},
     "Fact: sponsor is Ines Falk, from 2026-10-01 on, noted by V. B. (mail)"),
    ("promise_settled", {"title": "Training day", "outcome": "dropped", "why": "nobody came"},
     "Promise “Training day”: dropped, nobody came"),
    ("promise_settled", {"title": "Training day", "outcome": "moved", "to": "2027-01-15",
                         "by": "V. B."},
     "Promise “Training day”: moved to 2027-01-15 by V. B."),
    ("handoff_answered", {"message_id": "m1", "by": "support", "answer": "fixed in 4.2"},
     "Answer from support to m1: fixed in 4.2"),
    ("corrected", {"corrects": "0123456789abcdef", "withdrawn": True, "by": "A", "why": "not ours"},
     "Withdrawn: 01234567 by A: not ours"),
    ("corrected", {"corrects": "0123456789abcdef", "data": {"target": 8}, "at": "2026-11-02"},
     "Corrected: 01234567 (target, at)"),
    ("invented_later", {"size_of": [1, 2], "what": {"a": 1}, "when": None},
     "Invented later: size of a list of 2, what a record of a, when nothing"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "data", "told"), SAID, ids=[f"{n}-{kind}" for n, (kind, _, _) in enumerate(SAID)]
)
def test_an_event_in_words(kind: str, data: dict[str, Any], told: str) -> None:
    assert sentence(kind, data) == told


def test_every_kind_has_its_words() -> None:
    assert {kind for kind, _, _ in SAID} >= set(KINDS)


plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30)
nested = st.recursive(
    plain, lambda c: st.lists(c, max_size=3) | st.dictionaries(st.text(max_size=5), c, max_size=3),
    max_leaves=6,
)  # fmt: skip
KEYS = ["score", "title", "goal", "target", "value", "signal", "playbook", "state", "steps", "to",
        "because", "changes", "key", "corrects", "data", "outcome", "decision",
        "plan_id"]  # fmt: skip


@settings(deadline=None)
@given(st.sampled_from([*KINDS, "later"]), st.dictionaries(st.sampled_from(KEYS), nested))
def test_any_data_gives_some_words(kind: str, data: dict[str, Any]) -> None:
    assert sentence(kind, data).strip()
