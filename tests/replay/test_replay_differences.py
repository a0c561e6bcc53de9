"""What a change of policy, prompt or instruction would move is told: exactly that, and where."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from agent import Result
from agent import run as run_instruction
from agent.replay.replaying import Account, open_replayer
from tests.demo.conftest import ALL, DEMO, INSIGHTS, Played, day_of, year
from tests.replay.conftest import PERSONA, SHIPPED, Local, Replay, kinds, moved
from tests.run import support as s
from tests.support.messages_api import MessagesApi, reply, text

Serve = Callable[..., MessagesApi]
Run = Callable[..., Result]

MODEL = f"{PERSONA}/health_models/adoption-30-25-25-20.yaml"


def plan_of(played: Played, iid: str) -> dict[str, Any]:
    path = played.plan_path(iid)
    return yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader) if path.exists() else {}


def all_accounts(memory: Path, personas: Path) -> dict[str, Account]:
    found = list(open_replayer(memory, personas).replay_all())
    return {item.instruction_id: item for item in found if isinstance(item, Account)}


def heavier_relationship(document: Any) -> None:
    for component, weight in zip(document["components"], (30, 24, 24, 22), strict=True):
        component["weight"] = weight


def more_for_adoption(document: Any) -> None:
    document["measured"]["high_adoption"]["points"] = 4


def insights_on(iid: str) -> Path:
    """The insights that the demo's year had on the day of an instruction."""
    files = {day: DEMO / "_archive" / file for day, file, _ in year() if file}
    last = files[max(day for day in files if day <= day_of(iid))]
    return last if last.exists() else DEMO / INSIGHTS


def rule(lane: str, why: str, verb: str, object: str) -> dict[str, Any]:
    """One more rule of the boundaries."""
    target = {"target": "account-executive"} if lane == "sales" else {}
    words = {"verbs": [verb], "objects": [object]}
    return {"id": "one_more", "lane": lane, **target, "why": why, **words}


def test_a_weight_moves_exactly_the_runs_and_scores_that_it_moves_in_earnest(
    played: Played, local: Local, tmp_path: Path
) -> None:
    personas = local(MODEL, heavier_relationship)
    accounts = all_accounts(played.memory, personas)
    assert accounts.keys() == set(ALL)
    fresh = tmp_path / "fresh"
    shutil.copytree(DEMO, fresh)
    for iid, account in accounts.items():
        shutil.copyfile(insights_on(iid), fresh / INSIGHTS)
        day = day_of(iid).isoformat()
        run_instruction(iid, memory=fresh, model="playbook", as_of=day, personas=personas)
        before = plan_of(played, iid)
        after = plan_of(Played(fresh), iid)
        assert account.identical == (not before), iid
        assert "health_models/adoption-30-25-25-20.yaml" in account.notes[0]
        if before and before["health"]["score"] is not None:
            scores = (before["health"]["score"], after["health"]["score"])
            assert moved(account, "score")["score"] == scores, iid
            assert moved(account, "plan")["health.score"] == scores, iid
            parts = zip(before["health"]["components"], after["health"]["components"], strict=True)
            for old, new in parts:
                path = f"components.{old['component']}.contribution"
                both = (old["contribution"], new["contribution"])
                assert moved(account, "score").get(path, both) == both, iid
                assert (path in moved(account, "score")) == (both[0] != both[1]), iid


def test_points_of_one_sign_move_the_runs_that_show_it_and_no_figure_beside(
    played: Played, local: Local
) -> None:
    accounts = all_accounts(played.memory, local(f"{PERSONA}/expansion.yaml", more_for_adoption))
    for iid, account in accounts.items():
        expansion = plan_of(played, iid).get("expansion", {"signals": []})
        shows_it = "high_adoption" in [sign["signal"] for sign in expansion["signals"]]
        assert account.identical == (not shows_it), iid
        if shows_it:
            points = expansion["points"]
            assert "score" not in kinds(account)
            assert moved(account, "plan") == {
                "expansion.points": (points, points + 1),
                "expansion.signals[high_adoption].points": (3, 4),
            }


def test_a_refused_draft_does_not_hide_the_figures_behind_it(played: Played, local: Local) -> None:
    account = all_accounts(played.memory, local(MODEL, heavier_relationship))["inst_20261117_005"]
    first = account.differences[0]
    assert (first.kind, first.what) == ("gate", "turn 2, write: accepted then, refused now")
    assert "'47.5' has no source in the evidence" in first.reason
    assert kinds(account) == ["gate", "score", "plan", "message", "event", "record", "writer",
                              "prompt"]  # fmt: skip
    assert moved(account, "event") == {"data.score": (47.45, 47.11)}


def test_a_draft_that_todays_schema_refuses_still_shows_what_is_computed(
    memory: Path, serve: Serve, run: Run, replay: Replay, local: Local
) -> None:
    serve([s.writes()])
    run()
    path = memory / s.IID / "episodic/journal.jsonl"
    text_of_then = path.read_text("utf-8")
    assert text_of_then.count('"document":{"summary"') == 1
    path.write_text(text_of_then.replace('"document":{"summary"', '"document":{"mood":1,"summary"'))
    account = replay()
    assert kinds(account) == ["gate", "ending"]
    assert "mood" in account.differences[0].reason
    assert account.differences[1].what.startswith("the run would go on: a model call for turn 2")
    assert "only what the engine computes was compared" in account.notes[-1]
    account = replay(personas=local(MODEL, heavier_relationship))
    assert kinds(account) == ["gate", "ending", "score", "plan", "prompt"]
    assert moved(account, "score")["score"] == moved(account, "plan")["health.score"]
    assert {path.split(".")[0] for path in moved(account, "plan")} == {"health"}


def test_a_gate_that_would_trip_now_gives_its_reason(
    serve: Serve, run: Run, replay: Replay, local: Local
) -> None:
    serve([s.writes()])
    run()

    def agendas_are_sales(document: Any) -> None:
        document["rules"].insert(0, rule("sales", "agendas are sales' now", "agree", "agenda"))

    account = replay(personas=local(f"{PERSONA}/boundaries.yaml", agendas_are_sales))
    assert kinds(account) == ["gate"]
    assert "actions[0].title" in account.differences[0].reason
    assert "sales" in account.differences[0].reason


def test_a_gate_that_would_let_through_now_is_told_too(
    serve: Serve, run: Run, replay: Replay, local: Local
) -> None:
    draft = s.good_draft()
    draft["actions"][0]["title"] = "Reset the password of the project lead"
    serve([reply([s.write(draft)]), s.writes()])
    run()

    def passwords_are_nobodys(document: Any) -> None:
        document["rules"] = [rule for rule in document["rules"] if rule["id"] != "access"]

    account = replay(personas=local(f"{PERSONA}/boundaries.yaml", passwords_are_nobodys))
    assert [d.what for d in account.differences] == ["turn 1, write: refused then, accepted now"]


def test_a_role_that_is_gone_loses_its_message(
    serve: Serve, run: Run, replay: Replay, local: Local
) -> None:
    serve([reply([s.handoff(), s.write()])])
    run()

    def without_engineers(document: Any) -> None:
        gone = "technical-support-engineer"
        document["roles"] = [role for role in document["roles"] if role["id"] != gone]
        for name, role in list(document.get("aliases", {}).items()):
            if role == gone:
                del document["aliases"][name]

    account = replay(personas=local("roster.yaml", without_engineers))
    assert (
        kinds(account)[0] == "gate" and "is no role of the roster" in account.differences[0].reason
    )
    lost = [d.what for d in account.differences if d.kind == "message"]
    assert lost == ["would not be sent: delegation to technical-support-engineer: "
                    "Old tickets that weigh on the relationship"]  # fmt: skip
    assert "the system prompt moved (turn 1)" in [d.what for d in account.differences]


def test_a_lane_decision_that_changes_comes_first_and_the_rest_is_still_compared(
    serve: Serve, run: Run, replay: Replay, local: Local
) -> None:
    serve([s.writes()])
    run()

    def plans_are_sales(document: Any) -> None:
        document["rules"].insert(0, rule("sales", "plans are sales' now", "write", "success plan"))

    account = replay(personas=local(f"{PERSONA}/boundaries.yaml", plans_are_sales))
    assert kinds(account) == ["lane"]
    assert account.differences[0].what.startswith("in_lane → sales (account-executive: ")
    assert "(one_more)" in account.differences[0].reason
    assert account.compared["plans"] == 1


def test_another_receiver_of_a_redirect(
    memory: Path, run: Run, replay: Replay, local: Local
) -> None:
    iid = s.ask_for(memory, s.FOREIGN, "inst_20261117_102")
    sent, *others = run(iid, model="playbook").handoffs
    other = "escalation-manager"

    def to_another(document: Any) -> None:
        document["targets"][other] = "support"
        for known in document["rules"]:
            if known.get("target") == sent.to:
                known["target"] = other

    account = replay(iid, personas=local(f"{PERSONA}/boundaries.yaml", to_another))
    told = {d.kind: d.what for d in account.differences}
    assert other in told["lane"] and other in told["message"]
    lost = [d.what for d in account.differences if d.what.startswith("would not be sent")]
    assert len(lost) == 1 and sent.to in lost[0]
    assert account.compared["messages"] == 1 + len(others)


def test_a_policy_that_is_not_sure_any_more_asks_nobody(
    memory: Path, serve: Serve, run: Run, replay: Replay, local: Local
) -> None:
    iid = s.ask_for(memory, f"Wibble the frobs of {s.NAME}.", "inst_20261117_107")

    def frobs_are_ours(document: Any) -> None:
        document["rules"].append(rule("in_lane", "frobs are ours", "wibble", "frobs"))

    own = local(f"{PERSONA}/boundaries.yaml", frobs_are_ours)
    serve([reply([s.write(path=f"{iid}/outputs/final/success_plan.yaml")])])
    assert run(iid, personas=own).status == "completed"
    assert replay(iid, personas=own).identical
    api = serve([])
    account = replay(iid)
    assert [d.what for d in account.differences] == [
        "the policy is not sure now, and a small model would be asked"
    ]
    assert api.requests == []


def test_a_persona_that_says_more_moves_the_system_prompt_and_nothing_else(
    serve: Serve, run: Run, replay: Replay, tmp_path: Path
) -> None:
    serve([s.reads(), s.writes()])
    run()
    card = tmp_path / "draft" / PERSONA / "persona.md"
    card.parent.mkdir(parents=True)
    card.write_text(
        (SHIPPED / PERSONA / "persona.md").read_text("utf-8") + "\nBe brief.\n", "utf-8"
    )
    account = replay(personas=tmp_path / "draft")
    assert [(d.kind, d.what) for d in account.differences] == [
        ("prompt", "the system prompt moved (turns 1 to 2)")
    ]
    assert account.notes == ("the persona's files have changed since: persona.md",)


def test_a_template_of_the_brief_that_moves(
    serve: Serve, run: Run, replay: Replay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve([s.writes()])
    run()
    shutil.copytree(SHIPPED.parent / "prompts", tmp_path / "prompts")
    with (tmp_path / "prompts/brief.md.j2").open("a") as template:
        template.write("One more line.\n")
    monkeypatch.setattr("agent.brief.shipped", lambda name: tmp_path / name)
    assert [d.what for d in replay().differences] == ["message 1 (the brief) moved (turn 1)"]


def test_a_comment_in_a_policy_file_moves_nothing_and_is_noted(
    run: Run, replay: Replay, tmp_path: Path
) -> None:
    run(model="playbook")
    path = tmp_path / "draft" / PERSONA / "cadence.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(
        (SHIPPED / PERSONA / "cadence.yaml").read_text("utf-8") + "# a remark\n", "utf-8"
    )
    account = replay(personas=tmp_path / "draft")
    assert account.identical
    assert account.notes == ("the persona's files have changed since: cadence.yaml",)


def test_an_instruction_that_was_changed_is_noted(memory: Path, run: Run, replay: Replay) -> None:
    result = run(model="playbook")
    path = memory / s.IID / "instruction.yaml"
    path.write_text(path.read_text() + "priority: high\n")
    account = replay()
    assert "the instruction has changed since the run; today's text was used" in account.notes
    assert result.handoffs and moved(account, "message") == {"priority": ("normal", "high")}


def test_what_was_read_beside_the_snapshot_may_change(
    memory: Path, serve: Serve, run: Run, replay: Replay
) -> None:
    notes = memory / s.IID / "notes.md"
    notes.write_text("as it was\n")
    looks = [{"path": f"{s.IID}/notes.md"}, {"path": s.INSIGHTS}]
    calls = [{**s.tool_use("read", given)} for given in looks]
    serve([reply([text("I look."), *calls, s.tool_use("glob", {})]), s.writes()])
    run()
    notes.write_text("as it is\n")
    (memory / s.INSIGHTS).unlink()
    assert replay().identical
