"""Whole runs: the next quarter's plan knows the one before, and a brief stays small."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from agent import Result, run
from agent.boundary.provenance import verify_evidence
from agent.case import INSIGHTS
from agent.cli import app
from agent.memory import timeline
from agent.memory.paths import MemoryRoot
from agent.overview import load_plan
from agent.promise_book import promises_of, settle
from agent.resources import shipped
from agent.success.events import event
from agent.success.plan import Carried, SuccessPlan
from tests.carry import histories
from tests.run.support import reply
from tests.support.messages_api import MessagesApi, tool_use

ACCOUNT, NAME = "tarnholt-rail", "Tarnholt Rail Services"
IIDS = {day: f"inst_{day.replace('-', '')}_777" for day in ("2026-11-17", "2027-02-16")}


@pytest.fixture
def memory(tmp_path: Path) -> Path:
    return Path(shutil.copytree(shipped("Agent_Memory"), tmp_path / "Agent_Memory"))


def _moment(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(hour=9, tzinfo=UTC)


def play(memory: Path, day: str, **options: Any) -> SuccessPlan:
    iid = IIDS[day]
    folder = memory / iid
    if not folder.exists():
        folder.mkdir()
        text = {"id": iid, "account": ACCOUNT, "objective": f"Write the success plan for {NAME}."}
        (folder / "instruction.yaml").write_text(yaml.safe_dump(text), encoding="utf-8")
    options = {"model": "playbook", "as_of": day, "now": partial(_moment, day), **options}
    result: Result = run(iid, memory=memory, **options)
    assert result.status in ("completed", "completed_with_concerns"), result.summary
    return load_plan(memory, iid)


def change(memory: Path, edit: Callable[[dict[str, Any]], None]) -> None:
    path = memory / INSIGHTS
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    edit(document["accounts"][ACCOUNT])
    path.write_text(yaml.safe_dump(document, allow_unicode=True, sort_keys=False), "utf-8")


def outcomes(plan: SuccessPlan) -> dict[str, Carried]:
    return {item.title: item for item in plan.carried_forward}


def csm(memory: Path, *words: str) -> str:
    result = CliRunner().invoke(app, [*words, "--memory", str(memory)])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_what_people_settled_and_what_the_records_moved_stands_in_the_next_plan(
    memory: Path,
) -> None:
    first = play(memory, "2026-11-17")
    assert first.carried_forward == []
    dropped, moved = first.actions[0].title, first.actions[1].title
    between = {"memory": memory, "account": ACCOUNT, "by": "V. B.", "as_of": date(2026, 12, 1)}
    settle(which=dropped, outcome="dropped", why="they do it themselves", **between)  # type: ignore[arg-type]
    settle(which=moved, outcome="moved", why="CFO away", to=date(2027, 3, 1), **between)  # type: ignore[arg-type]

    def later(account: dict[str, Any]) -> None:
        account["value"]["goals"][0]["due"] = "2027-06-30"
        account["value"]["goals"][0]["actual"] += 1

    change(memory, later)
    second = play(memory, "2027-02-16")
    assert second.supersedes == first.plan_id
    promised = [*first.objectives, *first.milestones, *first.actions]
    found = outcomes(second)
    assert [c.title for c in second.carried_forward] == [p.title for p in promised]
    assert found[dropped].outcome == "dropped" and "they do it themselves" in found[dropped].why
    assert (found[moved].outcome, found[moved].moved_to) == ("moved", "2027-03-01")
    goal = first.objectives[0]
    assert (found[goal.title].outcome, found[goal.title].moved_to) == ("moved", "2027-06-30")
    assert "date in the records changed" in found[goal.title].why


def test_an_objective_carries_its_value_at_the_last_plan(memory: Path) -> None:
    first = play(memory, "2026-11-17").objectives[0]
    assert first.previous is None

    def better(account: dict[str, Any]) -> None:
        account["value"]["goals"][0]["actual"] += 7

    change(memory, better)
    plan = play(memory, "2027-02-16")
    now = plan.objectives[0]
    assert now.previous is not None and first.current is not None
    assert (now.previous.value, str(now.previous.as_of)) == (first.current, "2026-11-17")
    assert now.current == first.current + 7 and now.baseline == first.baseline
    (fact,) = [e for e in plan.evidence if e.id == f"previous.{now.goal}"]
    assert (
        fact.value == first.current
        and fact.source == f"{IIDS['2026-11-17']}/outputs/final/success_plan.yaml"
    )
    shown = csm(memory, "show", IIDS["2027-02-16"])
    assert re.search(r"from +last +now +target", shown)
    assert "previous" not in csm(
        memory, "show", IIDS["2027-02-16"], "--audience", "customer", "--json"
    )


def test_a_new_revision_accounts_for_the_one_it_supersedes(memory: Path) -> None:
    first = play(memory, "2026-11-17")
    line = promises_of(memory, ACCOUNT, as_of=date(2026, 11, 17)).lines[-1]
    settle(memory, ACCOUNT, str(line.number), "done", by="V. B.", as_of=date(2026, 11, 17))
    second = play(memory, "2026-11-17", again=True)
    assert (second.revision, second.supersedes) == (2, first.plan_id)
    found = outcomes(second)
    for promise in (*first.objectives, *first.milestones, *first.actions):
        assert promise.title in found
    assert found[line.promise.title].outcome == "done"
    kept = f"{IIDS['2026-11-17']}/outputs/revisions/success_plan.r1.yaml"
    documents = {kept: yaml.safe_load((memory / kept).read_text("utf-8"))}
    quotes = [e for e in second.evidence if e.source == kept]
    assert quotes and not verify_evidence(quotes, documents)


def fill(memory: Path, number: int) -> None:
    """Give the account a past of so many events."""
    timeline.append(MemoryRoot.open(memory), ACCOUNT, histories.events(ACCOUNT, number))


def brief(memory: Path, monkeypatch: pytest.MonkeyPatch, day: str = "2026-11-17") -> str:
    """The opening message that a model is sent; it answers with the least plan there can be."""
    draft = {
        "summary": {"text": "The renewal decides this plan.", "evidence": []},
        "actions": [{"title": "Agree the agenda", "owner": "customer-success-manager",
                     "due": "2027-03-01"}],
    }  # fmt: skip
    plan = {"path": f"{IIDS[day]}/outputs/final/success_plan.yaml", "document": draft, "done": True}
    with MessagesApi([reply([tool_use("write", plan)])]) as api:
        monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-test-0123456789-not-a-key")
        monkeypatch.setenv("ANTHROPIC_BASE_URL", api.url)
        play(memory, day, model="claude")
        (request,) = api.requests
    return str(request.body["messages"][0]["content"][0]["text"])


def test_the_brief_is_as_small_after_two_thousand_events_as_after_two_hundred(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = []
    for number in (200, 2000):
        memory = Path(shutil.copytree(shipped("Agent_Memory"), tmp_path / str(number)))
        fill(memory, number)
        text = brief(memory, monkeypatch)
        assert "What you remember" in text and "grep the timeline" in text
        sizes.append(len(text))
    assert abs(sizes[1] - sizes[0]) < 0.05 * sizes[0]


def test_the_model_is_told_of_the_last_plan_and_may_say_what_it_drops(
    memory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = play(memory, "2026-11-17")
    draft = {
        "summary": {"text": "The renewal decides this plan.", "evidence": []},
        "actions": [{"title": "Agree the agenda", "owner": "customer-success-manager",
                     "due": "2027-03-01"}],
        "carried": [{"promise": "prior.1", "outcome": "dropped", "why": "They gave this goal up."}],
    }  # fmt: skip
    path = f"{IIDS['2027-02-16']}/outputs/final/success_plan.yaml"
    wrong = {**draft, "carried": [{**draft["carried"][0], "promise": "prior.99"}]}  # type: ignore[dict-item]
    replies = [
        reply([tool_use("write", {"path": path, "document": d, "done": True})])
        for d in (wrong, draft)
    ]
    with MessagesApi(replies) as api:
        monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-test-0123456789-not-a-key")
        monkeypatch.setenv("ANTHROPIC_BASE_URL", api.url)
        plan = play(memory, "2027-02-16", model="claude")
        opening, refused = api.requests[0].body["messages"][0], api.requests[1].body["messages"]
    told = opening["content"][0]["text"]
    assert f"prior.1 objective: {first.objectives[0].title}" in told
    assert "is no promise of the last plan" in json.dumps(refused[-1])
    assert (plan.carried_forward[0].outcome, plan.carried_forward[0].basis) == (
        "dropped",
        "proposed",
    )


def test_a_contradiction_of_the_timeline_and_an_unanswered_message_stand_in_the_plan(
    memory: Path,
) -> None:
    root = MemoryRoot.open(memory)
    when = date(2026, 11, 1)
    told = [
        event(ACCOUNT, "fact_noted", "", when, "2026-11-01T09:00:00Z",
              {"key": "contract.arr", "value": 1, "by": "V. B."}, "csm record"),
        event(ACCOUNT, "escalated", "", when, "2026-11-01T09:00:00Z",
              {"to": "executive-team", "message_id": "m1", "about": "Price"}, "x"),
    ]  # fmt: skip
    timeline.append(root, ACCOUNT, told)
    plan = play(memory, "2026-11-17")
    text = "\n".join(q.question for q in plan.open_questions)
    assert "contract.arr: noted by V. B. as 1" in text and "Which holds?" in text
    assert "escalation to executive-team of 2026-11-01" in text
    assert not {g.state for g in plan.data_gaps} & {"contradictory", "stale"}
    ids = {e.id for e in plan.evidence}
    assert all(id in ids for q in plan.open_questions for id in q.evidence)


def test_figures_that_contradict_each_other_are_a_question_and_no_gap(memory: Path) -> None:
    result = run("inst_20261117_009", memory=memory, model="playbook", as_of="2026-11-17")
    assert result.status.startswith("completed")
    plan = load_plan(memory, "inst_20261117_009")
    clash = [q for q in plan.open_questions if "45 seats in the contract" in q.question]
    assert len(clash) == 1 and clash[0].evidence
    assert not any("45 seats" in gap.message for gap in plan.data_gaps)
