"""Who above the customer success manager hears of an account, and when nobody does."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from accounts import AS_OF, healthy, put, read
from signs import PLAYBOOKS, SIGNALS, graded, mail, note

from agent.success.assessment import RenewalView
from agent.success.health.figures import figures
from agent.success.plays import escalations as risk
from agent.success.signals import detect as signals

VP, EXEC = "vp-customer-support", "executive-team"


def escalated(
    data: Any, tier: str = "yellow", category: str = "best_case", as_of: date = AS_OF
) -> dict[str, str]:
    account, facts = read(data, as_of)
    figures(account, facts, as_of)
    found = signals.detect(account, facts, SIGNALS, as_of)
    left = (account.renewal_date - as_of).days if account.renewal_date else None
    renewal = RenewalView(
        account.renewal_date,
        left,
        "open",
        category,
        None,
        "",
        account.arr,
        "EUR",
        None,
        None,  # type: ignore[arg-type]
    )
    out = risk.escalations(account, facts, graded(tier), renewal, found, PLAYBOOKS, as_of)
    assert all(evidence and all(id in facts for id in evidence) for _, _, evidence in out)
    assert len({role for role, _, _ in out}) == len(out)
    return {role: why for role, why, _ in out}


def renewing_in(data: dict[str, Any], days: int) -> dict[str, Any]:
    return put(data, "contract.renewal_date", (AS_OF + timedelta(days=days)).isoformat())


def sponsor(status: str, **more: Any) -> dict[str, Any]:
    data = healthy()
    data["relationship"]["executive_sponsor"] |= {"status": status, **more}
    return data


def low_use(data: dict[str, Any]) -> dict[str, Any]:
    for row in data["usage"]["monthly"]:
        row["active_users"] = 55
    return data


@pytest.mark.parametrize("tier", ["green", "yellow", "red"])
def test_a_healthy_account_is_nobodys_business(tier: str) -> None:
    assert escalated(healthy(), tier) == {}


def test_a_leaving_champion_with_good_use_far_from_the_renewal_is_not_escalated() -> None:
    data = renewing_in(sponsor("leaving", leaves_on="2026-12-11"), 177)
    data["relationship"]["stakeholders"] = data["relationship"]["stakeholders"][:1]
    data["relationship"]["renewal_confidence"] = 55
    assert escalated(data) == {}


def test_notice_is_escalated_at_once() -> None:
    found = escalated(renewing_in(mail("We hereby terminate the contract."), 300), "green")
    assert "gives notice" in found[VP]


def test_a_doubtful_notice_is_still_escalated() -> None:
    assert VP in escalated(mail("Perhaps we will not renew."), "green")


def test_a_lost_sponsor_is_escalated_with_low_use_or_red_or_a_near_renewal() -> None:
    assert escalated(renewing_in(sponsor("left"), 300)) == {}
    assert "use is low" in escalated(renewing_in(low_use(sponsor("left")), 300))[VP]
    assert "red" in escalated(renewing_in(sponsor("left"), 300), "red")[VP]
    assert "renewal is near" in escalated(renewing_in(sponsor("left"), 100))[VP]


def test_a_comparison_with_others_counts_when_the_renewal_is_near() -> None:
    text = "We are looking at alternatives."
    assert escalated(renewing_in(mail(text), 300)) == {}
    assert VP in escalated(renewing_in(mail(text), 80))


def test_a_large_account_in_danger_is_escalated_far_from_the_renewal() -> None:
    data = put(renewing_in(mail("The layoffs were announced."), 300), "contract.arr", 140_000)
    assert escalated(data) == {}
    assert "large" in escalated(data, "red")[VP]
    assert escalated(put(data, "contract.arr", 60_000), "red") == {}


def test_an_unknown_arr_is_not_large() -> None:
    data = put(renewing_in(mail("The layoffs were announced."), 300), "contract.arr", None)
    assert escalated(data, "red") == {}


def test_no_score_is_no_red_score() -> None:
    assert escalated(renewing_in(sponsor("left"), 300), "") == {}


def test_a_strategic_account_or_partnership_reaches_the_executive_team() -> None:
    data = put(sponsor("left"), "segment", "strategic")
    assert EXEC in escalated(renewing_in(data, 300), "red")
    assert EXEC in escalated(note("They propose a strategic partnership."), "green")
    assert EXEC not in escalated(note("They do not want a strategic partnership."), "green")


def test_several_rules_make_one_escalation_with_all_reasons() -> None:
    data = low_use(mail("We hereby terminate the contract."))
    data["relationship"]["executive_sponsor"]["status"] = "left"
    why = escalated(renewing_in(data, 60), "red")[VP]
    assert "gives notice" in why and "use is low" in why and why.count("; ") >= 3
