"""Stages by rule, cadence by stage, segments by size."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from accounts import AS_OF, healthy, policy, put, read

from agent.persona import PolicyFile
from agent.success.assessment import Stage, Touchpoint
from agent.success.cadence import touchpoints
from agent.success.calendar import is_business_day
from agent.success.lifecycle import onboarding_start, stage
from agent.success.policy import Cadence, Lifecycle, Segments, load
from agent.success.segments import segment_of

RULES = load(Lifecycle, policy("lifecycle"))


def staged(share: Any, tier: str = "green", as_of: date = AS_OF, rules: Lifecycle = RULES) -> Stage:
    account, facts = read(share, as_of)
    found = stage(account, facts, rules, as_of, tier)
    assert all(id in facts for id in found.evidence if id != "health.tier")
    return found


def new_customer() -> dict[str, Any]:
    share = healthy()
    share["customer_since"] = share["contract"]["start_date"] = "2026-10-28"
    share["contract"]["renewal_date"] = "2027-10-27"
    share["onboarding"] = {
        "kickoff_held_on": "2026-11-02",
        "weekly_checkins": {"planned": 3, "held": 2, "missed": ["2026-11-16"]},
    }
    share["engagement"]["qbr"] = None
    return share


def test_onboarding_counts_from_the_contract() -> None:
    found = staged(new_customer(), "")
    assert (found.id, found.day) == ("onboarding", 20)
    assert "day 20 of 90" in found.reason


def test_a_renewed_contract_is_no_new_onboarding() -> None:
    share = put(healthy(), "contract.start_date", "2026-11-01")
    account, _ = read(share)
    assert onboarding_start(account, RULES, AS_OF) is None


@pytest.mark.parametrize(
    ("since", "renewal", "tier", "expected"),
    [
        ("2026-08-19", "2027-08-18", "red", "onboarding"),  # day 90
        ("2026-08-18", "2027-08-17", "red", "adoption"),  # day 91
        ("2025-12-01", "2027-11-30", "green", "adoption"),  # month 12
        ("2025-11-01", "2027-10-31", "green", "expansion"),
        ("2025-11-01", "2027-10-31", "yellow", "adoption"),
        ("2025-11-01", "2027-10-31", "", "adoption"),
        ("2024-05-01", "2027-03-17", "green", "renewal"),  # 120 days
        ("2024-05-01", "2027-03-18", "green", "expansion"),
        ("2024-05-01", "2026-10-01", "red", "renewal"),  # overdue
    ],
)
def test_stage(since: str, renewal: str, tier: str, expected: str) -> None:
    share = healthy()
    share["customer_since"] = share["contract"]["start_date"] = since
    share["contract"]["renewal_date"] = renewal
    assert staged(share, tier).id == expected


def test_the_other_reading_of_the_lifecycle() -> None:
    data = dict(policy("lifecycle").data) | {"profile": "fast_start"}
    rules = load(Lifecycle, PolicyFile(data, "lifecycle.yaml"))
    share = put(healthy(), "customer_since", "2026-10-01")
    put(share, "contract.start_date", "2026-10-01")
    assert staged(share, rules=rules).id == "adoption"
    assert staged(healthy(), rules=rules).id == "value_realization"


def test_value_comes_before_growth() -> None:
    share = healthy()
    share["value"]["goals"][0]["actual"] = 25  # of 48 → 24: close, and not there
    found = staged(share)
    assert found.id == "value_realization"
    assert "none of 2 measured goals reached so far" in found.reason
    assert "goal.G-1.actual" in found.evidence
    share["value"]["goals"][1]["actual"] = 4  # the other one will do
    assert staged(share).id == "expansion"
    for goal in share["value"]["goals"]:
        goal["actual"] = None  # nothing measured is no proof either way
    assert staged(share).id == "expansion"


def test_the_stored_stage_is_a_hint() -> None:
    found = staged(put(healthy(), "lifecycle_stage", "onboarding"))
    assert found.id == "expansion"
    assert "(the insights say 'onboarding')" in found.reason


def test_advocates_and_unknown_starts() -> None:
    assert staged(put(healthy(), "relationship.advocacy", ["a", "b", "c"])).id == "advocacy"
    share = healthy()
    del share["customer_since"]
    share["contract"].pop("start_date")
    assert "not known" in staged(share).reason


def planned(share: Any, tier: str = "green", as_of: date = AS_OF) -> tuple[Touchpoint, ...]:
    account, facts = read(share, as_of)
    settings = load(Cadence, policy("cadence"))
    return touchpoints(account, stage(account, facts, RULES, as_of, tier), settings, as_of)


def test_onboarding_is_weekly_with_a_30_day_check_and_missed_ones_made_up() -> None:
    found = planned(new_customer(), "")
    weekly = [t.on for t in found if t.kind == "weekly_check_in"]
    assert found[0].on == date(2026, 11, 18)
    assert "missed on 2026-11-16" in found[0].title
    assert weekly[1:4] == [date(2026, 11, 24), date(2026, 12, 1), date(2026, 12, 8)]
    checks = [t.on for t in found if t.kind == "health_check"]
    assert checks == [date(2026, 11, 27), date(2026, 12, 28)]  # days 30 and 60, the latter a Sunday


def test_a_mature_account_is_monthly_with_a_quarterly_review() -> None:
    found = planned(healthy())
    assert [(str(t.on), t.kind) for t in found] == [
        ("2026-12-10", "business_review"),
        ("2026-12-17", "check_in"),
        ("2027-01-18", "check_in"),
        ("2027-02-17", "check_in"),
    ]


def test_nothing_is_planned_beyond_the_renewal_or_on_a_weekend() -> None:
    share = put(healthy(), "contract.renewal_date", "2026-12-31")
    found = planned(share)
    assert found
    assert all(AS_OF < t.on <= date(2026, 12, 31) and is_business_day(t.on) for t in found)


@pytest.mark.parametrize(
    ("stated", "arr", "expected", "note"),
    [
        ("mid_market", 96000, "mid_market", ""),
        ("strategic", 10, "strategic", ""),
        ("smb", 96000, "smb", "would make it Mid-Market (bands are in USD, ARR in EUR)"),
        (None, 49999.99, "smb", "no segment is stored"),
        (None, 50000, "mid_market", "no segment is stored"),
        (None, 200000, "enterprise", "no segment is stored"),
        (None, None, "", ""),
    ],
)
def test_segment(stated: str | None, arr: float | None, expected: str, note: str) -> None:
    account, _ = read(put(put(healthy(), "segment", stated), "contract.arr", arr))
    found = segment_of(account, load(Segments, policy("segments")))
    assert found.id == expected
    assert note in found.note
    assert bool(found.note) == bool(note)
