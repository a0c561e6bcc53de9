"""Days left, notice, the path and the outlook."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from accounts import AS_OF, health, healthy, policy, put, read

from agent.success.assessment import RenewalView
from agent.success.facts import FactBook
from agent.success.policy import Renewal, load
from agent.success.renewal import view


def renewal(share: Any, as_of: date = AS_OF) -> tuple[RenewalView, FactBook]:
    account, facts = read(share, as_of)
    return view(
        account, facts, health(share, as_of), load(Renewal, policy("renewal")), as_of
    ), facts


def test_an_open_renewal() -> None:
    found, facts = renewal(healthy())
    assert (found.days_left, found.status) == (164, "open")
    assert found.notice_deadline == date(2027, 3, 1)
    assert (found.category, found.probability) == ("commit", 0.9)
    assert "uncalibrated" in found.probability_basis
    assert facts["renewal.days_left"].value == 164
    assert facts["renewal.notice_deadline"].inputs == (
        "contract.renewal_date",
        "contract.notice_period_days",
    )
    assert all(id in facts for id in found.evidence)


def test_checkpoints_still_ahead_fall_on_working_days() -> None:
    found, _ = renewal(healthy())
    assert [str(day) for day, _ in found.checkpoints] == [
        "2026-12-31",
        "2027-01-29",
        "2027-03-01",
        "2027-03-31",  # 30 January is a Saturday
    ]
    later, _ = renewal(healthy(), date(2027, 3, 2))
    assert [what.split(":")[0] for _, what in later.checkpoints] == ["30 days"]


@pytest.mark.parametrize(
    ("as_of", "status", "left"),
    [
        (date(2027, 3, 30), "open", 31),
        (date(2027, 3, 31), "due", 30),
        (date(2027, 4, 30), "due", 0),
        (date(2027, 5, 1), "overdue", -1),
        (date(2099, 1, 1), "overdue", -26179),
    ],
)
def test_status_by_days(as_of: date, status: str, left: int) -> None:
    found, _ = renewal(healthy(), as_of)
    assert (found.status, found.days_left) == (status, left)
    if status == "overdue":
        assert found.checkpoints == ()
        assert any(f"passed {-left} days ago" in reason for reason in found.reasons)


def test_leap_days() -> None:
    share = put(
        put(healthy(), "contract.renewal_date", "2028-02-29"), "contract.notice_period_days", 366
    )
    found, _ = renewal(share)
    assert found.days_left == 469
    assert found.notice_deadline == date(2027, 2, 28)


def test_without_date_or_score_nothing_is_estimated() -> None:
    found, facts = renewal(put(healthy(), "contract.renewal_date", "31/04/2027"))
    assert (found.status, found.days_left, found.category, found.probability) == (
        "unknown",
        None,
        "unknown",
        None,
    )
    assert "renewal.days_left" not in facts
    found, _ = renewal({"contract": {"renewal_date": "2027-04-30"}})
    assert (found.days_left, found.category, found.probability) == (164, "unknown", None)
    assert "no health score: no outlook" in found.reasons


def test_a_passed_notice_deadline_is_said() -> None:
    found, _ = renewal(healthy(), date(2027, 3, 15))
    assert any("2027-03-01, has passed" in reason for reason in found.reasons)
