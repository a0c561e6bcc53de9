"""A year of the demo memory, played day by day: each plan knows the one before, one account comes
back from red, one leaves, and no day knows what came after it."""

from __future__ import annotations

import importlib.util
import json
from datetime import date
from itertools import pairwise
from typing import Any, get_args, get_type_hints

import pytest
import yaml
from typer.testing import CliRunner

from agent.case import read_insights
from agent.cli import app
from agent.memory.paths import MemoryRoot
from agent.memory.timeline import accounts
from agent.memory.timeline import read as read_timeline
from agent.overview import load_plan
from agent.portfolio import load_portfolio
from agent.renewal_report import renewal_report
from agent.success.assessment import Stage
from agent.success.carry import promises
from agent.success.plan import SuccessPlan
from agent.success.plays.state import fold
from tests.demo.conftest import ALL, DEMO, Played, day_of, year

ROOT = DEMO.parent
NOVEMBER = date(2026, 11, 17)
SAVED, LOST = "windekker-bloemen", "ceramica-torrelumbre"
PLANS = {
    SAVED: ("inst_20260217_001", "inst_20260519_001", "inst_20260818_003", "inst_20261117_011"),
    LOST: ("inst_20260217_002", "inst_20260519_003", "inst_20260818_004"),
    "tarnholt-rail": ("inst_20260818_001", "inst_20261117_001"),
    "fonderie-valtrebbia": ("inst_20260818_002", "inst_20261117_005"),
}
PAIRS = [pair for plans in PLANS.values() for pair in pairwise(plans)]
DAYS = sorted({day for day, _, _ in year()})


def plan_of(played: Played, iid: str) -> SuccessPlan:
    return load_plan(played.memory, iid)


def events(played: Played, account: str) -> list[dict[str, Any]]:
    return read_timeline(MemoryRoot.open(played.memory), account)


def look(played: Played, *words: str) -> Any:
    where = ["--memory", str(played.memory), "--as-of", str(NOVEMBER), "--json"]
    said = CliRunner().invoke(app, [*words, *where])
    assert said.exit_code == 0, said.output
    return json.loads(said.stdout)


# ---- each plan knows the one before -------------------------------------------------------------


@pytest.mark.parametrize(("earlier", "later"), PAIRS)
def test_no_promise_vanishes(earlier: str, later: str, played: Played) -> None:
    document = yaml.safe_load(played.plan_path(earlier).read_text("utf-8"))
    plan = plan_of(played, later)
    assert plan.supersedes == document["plan_id"]
    carried = plan.carried_forward
    assert {item.from_plan for item in carried} == {document["plan_id"]}
    promised = [(p.kind, p.title) for p in promises(document)]
    assert promised and [(item.kind, item.title) for item in carried] == promised
    assert all(item.why and item.outcome != "unknown" for item in carried)


@pytest.mark.parametrize(("earlier", "later"), PAIRS)
def test_what_was_recorded_as_done_is_told_as_done(
    earlier: str, later: str, played: Played
) -> None:
    carried = {item.title: item.outcome for item in plan_of(played, later).carried_forward}
    account = plan_of(played, later).account_id
    done = {
        e["data"]["title"]
        for e in events(played, account)
        if e["kind"] == "playbook_started"
        and e["data"].get("state") == "step_done"
        and day_of(earlier) <= date.fromisoformat(e["at"]) <= day_of(later)
    }
    assert {title: carried[title] for title in done & carried.keys()} == dict.fromkeys(
        done & carried.keys(), "done"
    )
    assert not any(title.count("Settle what became of") > 1 for title in carried)


def test_the_people_who_saved_the_account_stand_on_its_timeline(played: Played) -> None:
    by = {
        e["data"]["by"]
        for e in events(played, SAVED)
        if e["kind"] == "playbook_started" and e["data"].get("state") == "step_done"
    }
    assert len(by) == 5
    assert {"Noor van Eyk", "Viktoria Brandl", "Odile Marchetti"} < by


# ---- one comes back -----------------------------------------------------------------------------


def test_from_red_to_green_by_degrees(played: Played) -> None:
    plans = [plan_of(played, iid) for iid in PLANS[SAVED]]
    assert [p.health.tier for p in plans] == ["red", "yellow", "yellow", "green"]
    scores = [p.health.score or 0 for p in plans]
    assert scores == sorted(scores) and all(b - a < 30 for a, b in pairwise(scores))
    assert [p.lifecycle_stage for p in plans] == [
        "adoption", "renewal", "adoption", "value_realization",
    ]  # fmt: skip
    for before, plan in pairwise(plans):
        change = plan.health.change
        assert change is not None and change.instruction_id == before.instruction_id
        assert sum(c.points for c in change.causes) == pytest.approx(change.points, abs=1e-9)
        assert change.points == pytest.approx(
            (plan.health.score or 0) - (before.health.score or 0), abs=0.01
        )
    assert [len(p.risks) for p in plans] == sorted((len(p.risks) for p in plans), reverse=True)


def test_the_save_is_escalated_once_and_its_goals_move_to_their_targets(played: Played) -> None:
    plans = [plan_of(played, iid) for iid in PLANS[SAVED]]
    assert [bool(p.escalations) for p in plans] == [True, False, False, False]
    for goal in ("WB-1", "WB-2", "WB-3"):
        left = [
            abs((o.target or 0) - (o.current or 0))
            for p in plans
            for o in p.objectives
            if o.goal == goal
        ]
        assert len(left) == 4 and left == sorted(left, reverse=True) and left[-1] > 0


def test_the_renewal_of_june_settles_the_path_to_it(played: Played) -> None:
    august = plan_of(played, PLANS[SAVED][2])
    path = [c for c in august.carried_forward if c.why == "the renewal was decided: renewed"]
    assert path and all(c.outcome == "done" for c in path)
    assert str(august.renewal.date) == "2027-06-30"


def test_the_manager_trusted_the_figures_less_until_the_contract_was_signed(
    played: Played,
) -> None:
    (set_,) = [e for e in events(played, SAVED) if e["kind"] == "override_set"]
    assert (set_["at"], set_["data"]["value"]) == ("2026-05-20", 55)
    scores = yaml.safe_load(
        (played.memory / "_knowledge/semantic/customer_health_scores.yaml").read_text("utf-8")
    )["accounts"][SAVED]
    assert [h["tier"] for h in scores["history"]] == ["red", "yellow", "yellow", "green"]
    (line,) = look(played, "health", SAVED)
    assert line["override"] is None and line["tier"] == "green"


# ---- one leaves ---------------------------------------------------------------------------------


def test_the_churn_is_seen_coming(played: Played) -> None:
    plans = [plan_of(played, iid) for iid in PLANS[LOST]]
    assert [p.health.tier for p in plans] == ["yellow", "red", "red"]
    assert [p.renewal.category for p in plans] == ["best_case", "at_risk", "at_risk"]
    signs = [{r.signal for r in p.risks} for p in plans]
    assert not signs[0] & {"active_users_declining", "termination_notice"}
    assert {"active_users_declining", "competitor_evaluation"} <= signs[1]
    assert {"termination_notice", "renewal_at_risk", "cancel_question"} <= signs[2]
    assert not any("merger" in found for found in signs)
    assert [bool(p.escalations) for p in plans] == [False, False, True]
    assert "save_strategy" in {p.playbook for p in plans[2].playbooks}


def test_the_renewal_is_decided_as_churned_with_what_was_forecast(played: Played) -> None:
    (made,) = [e for e in events(played, LOST) if e["kind"] == "renewal_decided"]
    told = {key: made["data"][key] for key in ("outcome", "tier", "arr_before", "arr_after")}
    assert told == {"outcome": "churned", "tier": "red", "arr_before": 58800, "arr_after": 0}
    assert made["at"] == "2026-09-03"


def test_a_former_customer_is_no_work_and_no_count(played: Played) -> None:
    assert played.results["inst_20261117_012"].status == "needs_context"
    assert LOST not in {row["account_id"] for row in look(played, "health")}
    assert LOST not in {row["account_id"] for row in look(played, "playbook", "open")}
    report = look(played, "portfolio")
    assert [left["account_id"] for left in report["former"]] == [LOST]
    assert LOST not in {row["account_id"] for row in report["overdue_plans"]}


@pytest.mark.parametrize(
    ("period", "contraction", "churn"), [("2026Q2", 7200, 0), ("2026Q3", 0, 58800)]
)
def test_retention_counts_both_decisions_in_their_quarters(
    period: str, contraction: int, churn: int, played: Played
) -> None:
    _, kept, _ = renewal_report(played.memory, period, as_of=NOVEMBER)
    (euro,) = [r for r in kept if r.currency == "EUR"]
    assert (euro.contraction, euro.churn, euro.expansion) == (contraction, churn, 0)
    assert euro.logos - euro.logos_kept == bool(churn)
    assert euro.grr == pytest.approx(1 - (contraction + churn) / euro.opening)


# ---- every day knows what was known -------------------------------------------------------------


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_each_day_knows_nothing_of_the_days_to_come(day: date, played: Played) -> None:
    """What stood on the timelines on a day names no plan, date of business or record after it."""
    later = {f"plan_{iid}_r1" for iid in ALL if day_of(iid) > day}
    for account in PLANS:
        known = [e for e in events(played, account) if e["recorded_at"][:10] <= day.isoformat()]
        assert all(e["at"] <= e["recorded_at"][:10] for e in known)
        published = [e["data"]["plan_id"] for e in known if e["kind"] == "plan_published"]
        assert published == [
            f"plan_{iid}_r1" for iid in PLANS[account] if day_of(iid) <= day
        ] and not later & set(published)


@pytest.mark.parametrize("iid", [iid for plans in PLANS.values() for iid in plans])
def test_a_plan_rests_on_nothing_that_came_after_it(iid: str, played: Played) -> None:
    plan = plan_of(played, iid)
    for item in plan.evidence:
        if item.kind == "quote" or item.id.startswith(("usage.", "engagement.", "health.")):
            assert item.at is None or str(item.at)[:10] <= day_of(iid).isoformat(), item.id
    prior = {i for i in ALL if day_of(i) >= day_of(iid) and i != iid}
    assert not any(i in (item.source or "") for item in plan.evidence for i in prior)


@pytest.mark.parametrize(
    ("day", "going"),
    [
        ("2026-02-16", set()),
        ("2026-02-17", {"executive_change", "save_strategy", "renewal_path"}),
        ("2026-05-19", {"renewal_path", "budget_pressure"}),
        ("2026-11-17", set()),
    ],
)
def test_the_plays_of_the_saved_account_as_of_a_day(
    day: str, going: set[str], played: Played
) -> None:
    named = {"executive_change", "save_strategy", "renewal_path", "budget_pressure"}
    open_ = fold(events(played, SAVED), date.fromisoformat(day)).plays
    assert set(open_) & named == going


# ---- the portfolio ------------------------------------------------------------------------------


def test_every_stage_and_segment_is_held_by_somebody(played: Played) -> None:
    book = load_portfolio(played.memory, as_of=NOVEMBER).assessments
    stages = get_args(get_type_hints(Stage)["id"])
    assert len(stages) == 6
    assert {a.stage.id for a in book} == set(stages)
    assert {a.account.segment for a in book} == {"smb", "mid_market", "enterprise", "strategic"}
    assert {a.health.tier for a in book} == {"green", "yellow", "red", ""}


@pytest.mark.parametrize("iid", [iid for plans in PLANS.values() for iid in plans])
def test_no_plan_and_no_message_names_another_account(iid: str, played: Played) -> None:
    insights = read_insights(MemoryRoot.open(played.memory))
    assert insights is not None
    own = plan_of(played, iid).account_id
    texts = [played.plan_path(iid).read_text("utf-8")]
    texts += [
        (played.memory / sent.path).read_text("utf-8") for sent in played.results[iid].handoffs
    ]
    for account, name in insights.names.items():
        if account != own:
            assert not any(account in text or name in text for text in texts), account


def test_every_account_with_a_plan_has_a_timeline(played: Played) -> None:
    with_plan = {
        result.account_id for result in played.results.values() if result.outputs
    }  # redirected and refused ones leave none
    assert with_plan <= set(accounts(MemoryRoot.open(played.memory)))
    assert set(PLANS) <= with_plan


def test_the_demo_ends_with_the_year_in_a_line_per_account(played: Played) -> None:
    script = ROOT / "scripts/demo_year.py"
    spec = importlib.util.spec_from_file_location("demo_year", script)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    lines = list(module.lines(played.memory))
    shown = (ROOT / "README.md").read_text("utf-8")
    block = shown.partition("<!-- year:begin -->\n```\n")[2].partition("```\n<!-- year:end -->")[0]
    assert set(block.splitlines()) <= set(lines) and len(block.splitlines()) == 3
    told = {line.split()[0]: line.split(maxsplit=1)[1] for line in lines}
    assert set(told) == set(PLANS)
    assert told[SAVED] == "36 red → 61 yellow → 74 yellow → 84 green; renewed on 2026-06-11"
    assert told[LOST] == "66 yellow → 51 red → 28 red; churned on 2026-09-03"


def test_the_readme_names_every_account_with_its_stage_and_every_instruction(
    played: Played,
) -> None:
    text = (DEMO / "README.md").read_text("utf-8")
    book = load_portfolio(played.memory, as_of=NOVEMBER)
    for a in book.assessments:
        assert f"| `{a.account.id}` | {a.stage.id.replace('_', ' ')} |" in text
    assert all(f"| `{left.account_id}` | former customer |" in text for left in book.former)
    assert all(iid in text or f"`_{iid[-3:]}`" in text for iid in ALL)
