"""Progress in the goal's own direction."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from accounts import AS_OF, healthy, read

from agent.success.goals import views
from agent.success.health.figures import figures


@pytest.mark.parametrize(
    ("goal", "progress", "status", "direction"),
    [
        ({"baseline": 48, "target": 24, "actual": 22}, 26 / 24, "met", "down"),
        ({"baseline": 48, "target": 24, "actual": 60}, -0.5, "regressed", "down"),
        ({"baseline": 48, "target": 24, "actual": 48, "due": "2027-11-01"}, 0, "on_track", "down"),
        ({"baseline": 0, "target": 4, "actual": 3}, 0.75, "on_track", "up"),
        ({"baseline": 0, "target": 4, "actual": 1}, 0.25, "behind", "up"),
        ({"baseline": 0, "target": 4, "actual": 3, "due": "2026-10-01"}, 0.75, "overdue", "up"),
        ({"baseline": 48, "target": 48, "actual": 40}, None, "not_measured", "none"),
        ({"baseline": 48, "target": 24, "actual": None}, None, "not_measured", "down"),
        ({"target": 24, "actual": 20}, None, "not_measured", "none"),
    ],
)
def test_goal(goal: dict[str, Any], progress: float | None, status: str, direction: str) -> None:
    share = healthy()
    share["contract"]["start_date"] = "2026-11-01"
    share["value"]["goals"] = [{"id": "G", "statement": "s", "metric": "m", **goal}]
    account, facts = read(share)
    figures(account, facts, AS_OF)
    (view,) = views(account, facts, AS_OF)
    assert view.progress == (None if progress is None else pytest.approx(progress))
    assert (view.status, view.direction) == (status, direction)
    assert all(id in facts for id in view.evidence)
    if progress is not None:
        assert facts["goal.G.progress"].value == pytest.approx(round(100 * progress, 1))


def test_behind_the_share_of_time_gone() -> None:
    share = healthy()  # term from 2026-05-01; due 2027-03-31: 200 of 334 days gone
    share["value"]["goals"][1]["actual"] = 1
    account, facts = read(share, date(2026, 11, 17))
    assert views(account, facts, AS_OF)[1].status == "behind"
