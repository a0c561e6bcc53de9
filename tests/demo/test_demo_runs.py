"""The demo memory, run from end to end without any key: what its README promises happens."""

from __future__ import annotations

import os
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from agent import run
from agent.memory import strict_yaml
from agent.memory.paths import MemoryRoot
from agent.memory.timeline import read as read_timeline
from agent.memory.timeline import scan
from agent.overview import load_plan
from agent.success.document import plan_document
from agent.success.health.schema import HealthScoreEntry
from agent.success.plan import SuccessPlan
from agent.success.views import customer_view
from tests.demo.conftest import ALL, DEMO, INSIGHTS, TODAY, Played, day_of, play, year

REDIRECTED = ("inst_20261117_003", "inst_20261117_004")
FORMER = "inst_20261117_012"
PLAYED_WITH = {INSIGHTS, f"_archive/{TODAY}"}  # put in place by the play, day by day
PLANS = [iid for iid in ALL if iid not in (*REDIRECTED, FORMER)]
CONCERNS = {  # what a person has to look at although the plan is there
    "inst_20261117_005": "text that gives commands was kept out",
    "inst_20261117_009": "not enough data",
}
SENT = {
    "inst_20260217_001": {"vp-customer-support", "support-trainer"},
    "inst_20260818_004": {"vp-customer-support"},
    "inst_20261117_002": {"customer-support-rep", "account-manager"},
    "inst_20261117_003": {"customer-support-rep"},
    "inst_20261117_004": {"account-executive"},
    "inst_20261117_005": {"vp-customer-support"},
    "inst_20261117_008": {"vp-customer-support"},
    "inst_20261117_009": {"support-analyst"},
}


def plan_of(played: Played, iid: str) -> SuccessPlan:
    return load_plan(played.memory, iid)


@pytest.mark.parametrize("iid", ALL)
def test_each_instruction_ends_as_the_readme_says(iid: str, played: Played) -> None:
    result = played.results[iid]
    if iid == FORMER:
        assert result.status == "needs_context" and result.outputs == ()
        assert "former customer since 2026-09-30" in result.summary
    elif iid in REDIRECTED:
        assert result.status == "redirected" and result.outputs == ()
        assert not (played.memory / iid / "outputs").exists()
    elif iid in CONCERNS:
        assert result.status == "completed_with_concerns"
        assert any(CONCERNS[iid] in concern for concern in result.concerns)
    else:
        assert (result.status, result.concerns) == ("completed", ())
    assert {sent.to for sent in result.handoffs} >= SENT.get(iid, set())
    for path in [o.path for o in result.outputs] + [s.path for s in result.handoffs]:
        assert (played.memory / path).is_file()


def test_the_mixed_request_hands_over_each_part_once_in_its_own_words(played: Played) -> None:
    asked = []
    for sent in played.results["inst_20261117_002"].handoffs:
        message = yaml.safe_load((played.memory / sent.path).read_text("utf-8"))
        if "requested" in message:
            asked.append((message["to"], message["requested"]))
    assert [(to, re.search(r"VE-3307|22 more seats", span)[0]) for to, span in asked] == [  # type: ignore[index]
        ("customer-support-rep", "VE-3307"),
        ("account-manager", "22 more seats"),
    ]
    plan = plan_of(played, "inst_20261117_002")
    assert all(a.owner == "customer-success-manager" for a in plan.actions)
    assert not any("quote" in action.title.casefold() for action in plan.actions)


@pytest.mark.parametrize("iid", PLANS)
def test_a_plan_is_plain_yaml_and_reads_back_as_it_was(iid: str, played: Played) -> None:
    text = played.plan_path(iid).read_text("utf-8")
    document = yaml.safe_load(text)
    assert document["schema"] == "success_plan/1"
    plan = SuccessPlan.model_validate(document)
    assert strict_yaml.dump(plan_document(plan)) == text
    assert strict_yaml.load(text.encode(), where=iid) == document
    assert plan.instruction_id == iid and plan.as_of == day_of(iid)
    assert not plan.written_by.language_model_used and "No language model" in plan.written_by.note


@pytest.mark.parametrize("iid", PLANS)
def test_all_that_a_plan_cites_stands_in_its_evidence(iid: str, played: Played) -> None:
    document = yaml.safe_load(played.plan_path(iid).read_text("utf-8"))
    known = {item["id"] for item in document["evidence"]}
    cited = set(_cited({key: document[key] for key in document if key != "evidence"}))
    assert cited <= known
    for item in document["evidence"]:
        assert item.get("pointer") or item.get("formula"), item["id"]
        assert set(item.get("inputs", [])) <= known


def _cited(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = value.get("evidence") or []
        return [*own, *(c for key, v in value.items() if key != "evidence" for c in _cited(v))]
    return [c for item in value for c in _cited(item)] if isinstance(value, list) else []


@pytest.mark.parametrize("iid", [i for i in PLANS if i.startswith("inst_20261117")])
def test_stored_evidence_stands_where_it_says(iid: str, played: Played) -> None:
    insights = yaml.load((DEMO / INSIGHTS).read_text("utf-8"), Loader=yaml.BaseLoader)
    stored = [
        item
        for item in plan_of(played, iid).evidence
        if item.source == INSIGHTS and item.pointer and item.kind == "stored"
    ]
    assert stored
    for item in stored:
        found: Any = insights
        for step in item.pointer.strip("/").split("/"):
            step = step.replace("~1", "/").replace("~0", "~")
            found = found[int(step)] if isinstance(found, list) else found[step]
        assert _same(found, item.value), item.id


def _same(text: str, value: Any) -> bool:
    if isinstance(value, bool):
        return text == str(value).casefold()
    return float(text) == value if isinstance(value, int | float) else text == value


def test_the_scores_hold_every_account_that_got_a_plan(played: Played) -> None:
    document = yaml.safe_load(
        (played.memory / "_knowledge/semantic/customer_health_scores.yaml").read_text("utf-8")
    )
    plans = [plan_of(played, iid) for iid in PLANS]
    assert set(document["accounts"]) == {plan.account_id for plan in plans}
    for plan in plans:
        entry = HealthScoreEntry.model_validate(document["accounts"][plan.account_id])
        if entry.instruction_id == plan.instruction_id:
            assert (entry.score, entry.tier) == (plan.health.score, plan.health.tier)


def test_november_looks_back_on_august(played: Played) -> None:
    plan = plan_of(played, "inst_20261117_001")
    assert plan.supersedes == "plan_inst_20260818_001_r1"
    assert {item.from_plan for item in plan.carried_forward} == {"plan_inst_20260818_001_r1"}
    change = plan.health.change
    assert change is not None and change.instruction_id == "inst_20260818_001"
    assert sum(cause.points for cause in change.causes) == pytest.approx(change.points, abs=1e-9)


def test_the_older_plan_of_another_tool_is_looked_back_on(played: Played) -> None:
    plan = plan_of(played, "inst_20261117_006")
    assert plan.carried_forward
    assert {item.outcome for item in plan.carried_forward} & {"overdue", "unknown", "open"}


def test_a_command_in_a_mail_reaches_no_document_and_is_not_obeyed(played: Played) -> None:
    planted = ("previous instructions", "renewal is certain", "customer list", "colatrix.example")
    insights = (DEMO / INSIGHTS).read_text("utf-8")
    assert all(" ".join(phrase.split()) in " ".join(insights.split()) for phrase in planted)
    documents = [played.plan_path("inst_20261117_005")]
    documents += [
        played.memory / sent.path for sent in played.results["inst_20261117_005"].handoffs
    ]
    for path in documents:
        text = " ".join(path.read_text("utf-8").split())
        assert not any(phrase in text for phrase in planted)
    assert plan_of(played, "inst_20261117_005").health.tier == "red"


# What may stand in a customer's view is theirs: their goals, dates and the agenda of the review.
INTERNAL = re.compile(
    r"health|churn|risk|renew|evidence|upsell|expansion|competitor|red flag|at_risk|\bARR\b|"
    r"internal|discount|price|save plan|score|probab|escalat|hand.?off|plan_inst",
    re.I,
)


@pytest.mark.parametrize("iid", PLANS)
def test_the_customer_reads_nothing_internal(iid: str, played: Played) -> None:
    plan = plan_of(played, iid)
    text = yaml.safe_dump(customer_view(plan), allow_unicode=True)
    account = yaml.safe_load((DEMO / INSIGHTS).read_text("utf-8"))["accounts"][plan.account_id]
    own = " ".join(goal["statement"] for goal in account["value"]["goals"])
    found = {hit for hit in INTERNAL.findall(text) if hit.casefold() not in own.casefold()}
    assert found == set()
    for note in account.get("notes", []):
        assert note["text"].strip() not in text
    assert "visibility" not in text and "fact" not in text.casefold()


def test_every_message_lies_in_an_inbox_of_the_roster(played: Played) -> None:
    inboxes = played.memory / "_communication/inbox"
    for path in inboxes.rglob("*.yaml"):
        message = yaml.safe_load(path.read_text("utf-8"))
        assert message["to"] == path.parent.name
        assert message["from"] == "customer-success-manager"
        assert path.stem.endswith(f"_{message['type']}_{message['id']}")
    assert len(list(inboxes.rglob("*.yaml"))) == sum(
        len(result.handoffs) for result in played.results.values()
    )


def test_the_timeline_of_an_account_tells_both_quarters(played: Played) -> None:
    events = read_timeline(MemoryRoot.open(played.memory), "tarnholt-rail")
    published = [e for e in events if e["kind"] == "plan_published"]
    assert [event["at"] for event in published] == ["2026-08-18", "2026-11-17"]
    for path in (played.memory / "_knowledge/episodic/accounts").iterdir():
        assert scan(MemoryRoot.open(played.memory), path.stem).problems == []


def test_a_second_run_changes_nothing(played: Played) -> None:
    before = content(played.memory)
    for iid in ALL:
        if iid == FORMER:
            continue  # what needs context is asked anew
        result = run(iid, memory=played.memory, model="playbook", as_of=str(day_of(iid)))
        assert result.already and result.status == played.results[iid].status
        assert result.outputs == played.results[iid].outputs
    assert content(played.memory) == before


def test_the_same_memory_day_and_clock_give_the_same_bytes(played: Played, tmp_path: Path) -> None:
    until = date(2026, 2, 24)
    first = [
        command.split()[1]
        for day, _, command in year()
        if day <= until and command.startswith("run ")
    ]
    other = content(play(tmp_path / "somewhere/else", until).memory)
    theirs = content(played.memory)
    written = [path for path in other if path.startswith(tuple(first))]
    assert len(first) == 2 and len(written) > 4 * len(first)
    assert {path: other[path] for path in written} == {path: theirs[path] for path in written}
    timelines = [p for p in other if "/episodic/accounts/" in p and p.endswith(".jsonl")]
    for path in timelines:
        assert other[path] and theirs[path].startswith(other[path])  # only ever appended to


def test_nothing_but_owned_files_and_records_has_changed(played: Played) -> None:
    before, after = content(DEMO), content(played.memory)
    after = {path: data for path, data in after.items() if path not in PLAYED_WITH}
    changed = {path for path in after if after[path] != before.get(path)}
    assert before.keys() - {INSIGHTS} <= after.keys()
    owned = re.compile(
        r"inst_\w+/(outputs/(final/success_plan\.yaml|partial/.+)|status\.yaml|decisions/.+"
        r"|reviews/.+|episodic/journal\.jsonl)"
        r"|_knowledge/(semantic/customer_health_scores\.yaml|episodic/(accounts/.+|memory\.yaml))"
        r"|_communication/inbox/.+"
    )
    assert [path for path in sorted(changed) if not owned.fullmatch(path)] == []


def test_what_is_written_is_for_its_owner_only(played: Played) -> None:
    written = set(content(played.memory)) - set(content(DEMO)) - PLAYED_WITH
    for path in written:
        assert os.stat(played.memory / path).st_mode & 0o077 == 0, path  # noqa: PTH116


def content(memory: Path) -> dict[str, bytes]:
    return {
        path.relative_to(memory).as_posix(): path.read_bytes()
        for path in memory.rglob("*")
        if path.is_file() and "/locks/" not in path.as_posix()
    }
