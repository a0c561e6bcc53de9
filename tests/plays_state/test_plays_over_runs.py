"""Runs over time: one play stays one play, and the timeline tells each change once."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from agent import Result, run
from agent.memory import timeline
from agent.memory.paths import MemoryRoot
from agent.resources import shipped

ACCOUNT, NAME = "tarnholt-rail", "Tarnholt Rail Services"
INSIGHTS = "_knowledge/semantic/customer_insights.yaml"
PLAYS = ("executive_change", "renewal_path", "support_driven_risk")


@pytest.fixture
def memory(tmp_path: Path) -> Path:
    return Path(shutil.copytree(shipped("Agent_Memory"), tmp_path / "Agent_Memory"))


def play(memory: Path, day: str, number: int = 1, **options: Any) -> dict[str, Any]:
    """Write a plan for the account on that day; returns the plan."""
    iid = f"inst_{day.replace('-', '')}_{number:03}"
    folder = memory / iid
    if not folder.exists():
        folder.mkdir()
        text = {"id": iid, "account": ACCOUNT, "objective": f"Write the success plan for {NAME}."}
        (folder / "instruction.yaml").write_text(yaml.safe_dump(text), encoding="utf-8")
    result: Result = run(
        iid, memory=memory, model="playbook", as_of=day, now=partial(_moment, day), **options
    )
    assert result.status in ("completed", "completed_with_concerns"), result.summary
    return dict(
        yaml.safe_load((folder / "outputs/final/success_plan.yaml").read_text(encoding="utf-8"))
    )


def _moment(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(hour=9, tzinfo=UTC)


def events(memory: Path) -> list[dict[str, Any]]:
    return [timeline.told(e) for e in timeline.read(MemoryRoot.open(memory), ACCOUNT)]


def states(memory: Path) -> Counter[tuple[str, str]]:
    return Counter(
        (e["data"]["playbook"], e["data"]["state"])
        for e in events(memory)
        if e["kind"] == "playbook_started"
    )


def change(memory: Path, edit: Callable[[dict[str, Any]], None]) -> None:
    path = memory / INSIGHTS
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    edit(document["accounts"][ACCOUNT])
    path.write_text(yaml.safe_dump(document, allow_unicode=True, sort_keys=False), "utf-8")


def record(memory: Path, at: str, **data: Any) -> None:
    event = {"account_id": ACCOUNT, "at": at, "recorded_at": f"{at}T12:00:00Z",
             "kind": "playbook_started", "instruction_id": "", "data": data,
             "source": "test"}  # fmt: skip
    timeline.append(MemoryRoot.open(memory), ACCOUNT, [event])


def section(plan: dict[str, Any], playbook: str) -> dict[str, Any]:
    return next(p for p in plan["playbooks"] if p["playbook"] == playbook)


def test_a_second_firing_starts_no_second_play_and_keeps_the_dates(memory: Path) -> None:
    first = play(memory, "2026-11-17", 101)
    second = play(memory, "2026-11-24", 101)
    assert [p["playbook"] for p in first["playbooks"]] == list(PLAYS)
    for id in PLAYS:
        was, now = section(first, id), section(second, id)
        assert (was["since"], now["since"]) == ("2026-11-17", "2026-11-17")
        assert [(s["title"], s["due"]) for s in now["steps"]][: len(was["steps"])] == [
            (s["title"], s["due"]) for s in was["steps"]
        ]
    counts = states(memory)
    assert {counts[id, "started"] for id in PLAYS} == {1}
    opened = Counter(e["data"]["signal"] for e in events(memory) if e["kind"] == "risk_opened")
    assert set(opened.values()) == {1}


def test_what_is_done_is_shown_and_gives_no_more_actions(memory: Path) -> None:
    first = play(memory, "2026-11-17", 101)
    title = section(first, "executive_change")["steps"][0]["title"]
    assert title in [a["title"] for a in first["actions"]]
    record(memory, "2026-11-18", playbook="executive_change", state="step_done", step=1, by="V. B.")
    second = play(memory, "2026-11-24", 101)
    assert section(second, "executive_change")["steps"][0]["done_on"] == "2026-11-18"
    assert title not in [a["title"] for a in second["actions"]]
    assert all(a["due"] >= "2026-11-24" for a in second["actions"])
    outcomes = {c["title"]: c["outcome"] for c in second["carried_forward"]}
    assert outcomes[title] == "done"
    assert not [a for a in second["actions"] if a["title"].endswith(title)]


def test_a_snoozed_play_is_named_and_gives_no_actions_until_its_day(memory: Path) -> None:
    first = play(memory, "2026-11-17", 101)
    titles = {s["title"] for s in section(first, "executive_change")["steps"]}
    record(memory, "2026-11-17", playbook="executive_change", state="snoozed", until="2026-12-01",
           reason="the new CFO is away", by="V. B.")  # fmt: skip
    asleep = play(memory, "2026-11-24", 101)
    assert section(asleep, "executive_change")["snoozed_until"] == "2026-12-01"
    assert not titles & {a["title"] for a in asleep["actions"]}
    awake = play(memory, "2026-12-01", 101)
    assert section(awake, "executive_change")["snoozed_until"] is None
    assert titles & {a["title"] for a in awake["actions"]}


def test_a_graver_sign_wakes_a_snoozed_play(memory: Path) -> None:
    play(memory, "2026-11-17", 101)
    record(memory, "2026-11-17", playbook="executive_change", state="snoozed", until="2026-12-31",
           reason="waiting", by="V. B.")  # fmt: skip

    def gone(account: dict[str, Any]) -> None:
        account["relationship"]["executive_sponsor"]["status"] = "left"

    change(memory, gone)
    plan = play(memory, "2026-11-24", 101)
    now = section(plan, "executive_change")
    assert now["severity"] in ("high", "critical") and now["snoozed_until"] is None
    assert "sponsor_left" in now["because"]
    assert states(memory)["executive_change", "updated"] == 1


def test_a_sign_that_clears_closes_its_risk_and_its_play_and_may_open_them_again(
    memory: Path,
) -> None:
    play(memory, "2026-11-17", 101)
    kept: list[Any] = []

    def closed(account: dict[str, Any]) -> None:
        tickets = account["engagement"]["support_tickets"]
        kept.append(tickets["open"])
        tickets["open"] = []

    def back(account: dict[str, Any]) -> None:
        account["engagement"]["support_tickets"]["open"] = kept[0]

    change(memory, closed)
    without = play(memory, "2026-11-24", 101)
    assert "support_driven_risk" not in [p["playbook"] for p in without["playbooks"]]
    change(memory, back)
    plan = play(memory, "2026-12-01", 101)
    assert section(plan, "support_driven_risk")["since"] == "2026-12-01"
    counts = states(memory)
    assert counts["support_driven_risk", "started"] == 2
    assert counts["support_driven_risk", "closed"] == 1
    told = [
        (e["kind"], e["at"]) for e in events(memory) if e["data"].get("signal") == "tickets_old"
    ]
    assert told == [
        ("risk_opened", "2026-11-17"),
        ("risk_closed", "2026-11-24"),
        ("risk_opened", "2026-12-01"),
    ]


def test_data_that_has_gone_missing_clears_nothing(memory: Path) -> None:
    play(memory, "2026-11-17", 101)

    def no_usage(account: dict[str, Any]) -> None:
        del account["usage"]

    change(memory, no_usage)
    play(memory, "2026-11-24", 101)
    closed = {e["data"]["signal"] for e in events(memory) if e["kind"] == "risk_closed"}
    assert not closed & {"features_unused", "seats_at_limit"}


def test_going_back_and_forth_on_one_day_is_told_each_time(memory: Path) -> None:
    """An event's id follows from its content; the number keeps the second opening apart."""
    play(memory, "2026-11-17", 101)
    kept: list[Any] = []

    def closed(account: dict[str, Any]) -> None:
        kept.append(account["engagement"]["support_tickets"].pop("open"))
        account["engagement"]["support_tickets"]["open"] = []

    def back(account: dict[str, Any]) -> None:
        account["engagement"]["support_tickets"]["open"] = kept[0]

    for edit in (closed, back):
        change(memory, edit)
        play(memory, "2026-11-17", 101, again=True)
    told = [e["kind"] for e in events(memory) if e["data"].get("signal") == "tickets_old"]
    assert told == ["risk_opened", "risk_closed", "risk_opened"]
    assert states(memory)["support_driven_risk", "started"] == 2


def test_the_renewal_stays_a_wall_for_a_play_that_is_open(memory: Path) -> None:
    first = play(memory, "2026-11-17", 101)
    late = [s["due"] for s in section(first, "executive_change")["steps"]]
    assert max(late) > "2026-12-15"

    def sooner(account: dict[str, Any]) -> None:
        account["contract"]["renewal_date"] = "2026-12-15"

    change(memory, sooner)
    second = play(memory, "2026-11-24", 101)
    due = [s["due"] for s in section(second, "executive_change")["steps"]]
    assert max(due) < "2026-12-15"
    assert due[0] == late[0]


def test_the_snapshot_of_a_run_holds_the_events_it_started_from(memory: Path) -> None:
    play(memory, "2026-11-17", 101)
    play(memory, "2026-11-24", 101)
    lines = (memory / "inst_20261124_101/episodic/journal.jsonl").read_text("utf-8").splitlines()
    loaded = next(r for r in map(json.loads, lines) if r["kind"] == "loaded")
    kept = loaded["snapshot"]["events"]
    assert kept == [e for e in events(memory) if e["instruction_id"] == "inst_20261117_101"]
    assert {"playbook_started", "risk_opened", "goal_measured"} <= {e["kind"] for e in kept}
    assert not any("view" in e for e in kept)


def test_a_resumed_run_sees_the_timeline_that_the_stopped_one_saw(
    memory: Path, tmp_path: Path
) -> None:
    play(memory, "2026-11-17", 101)
    other = Path(shutil.copytree(memory, tmp_path / "other"))
    play(other, "2026-11-24", 101)

    def interrupt(kind: str, _data: Any) -> None:
        if kind == "tool":
            raise KeyboardInterrupt

    with pytest.raises(AssertionError, match="interrupted"):
        play(memory, "2026-11-24", 101, progress=interrupt)
    record(memory, "2026-11-24", playbook="executive_change", state="step_done", step=1, by="A")
    play(memory, "2026-11-24", 101)
    path = "inst_20261124_101/outputs/final/success_plan.yaml"
    assert (memory / path).read_bytes() == (other / path).read_bytes()
    ours = [e for e in events(memory) if e["source"] != "test"]
    assert ours == events(other)
