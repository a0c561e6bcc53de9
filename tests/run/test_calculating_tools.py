"""The engine as tools of the persona: detail on demand, which a text may then cite by id."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from agent import Limits, Result
from agent.trial import try_tool
from tests.run import support as s
from tests.support.messages_api import MessagesApi, reply, text, tool_use
from tools.registry import REGISTRY

Serve = Callable[..., MessagesApi]
Run = Callable[..., Result]

TOOLS = [name for name, tool in REGISTRY.items() if tool.calculates]
CLAIM = "Active use brings 7.16 points of the score."
POINTS = "health.points.m.active_users"
ID = re.compile(r"(?m)(?:^[- ]*|: |, )([a-z][\w-]*(?:\.[\w-]+)+) = ")


def asks(name: str, given: dict[str, Any] | None = None) -> dict[str, Any]:
    return reply([text("I need the detail."), tool_use(name, given or {})])


def says(claim: str, *ids: str) -> dict[str, Any]:
    draft = s.good_draft()
    draft["summary"] = {"text": claim, "evidence": list(ids)}
    return reply([s.write(draft)])


def answer(memory: Path, name: str, given: object = (), account: str = s.ACCOUNT) -> str:
    result = try_tool(name, dict(given or {}), memory=memory, account=account, as_of=s.AS_OF)  # type: ignore[call-overload]
    assert not result.is_error, result.text
    return result.text


def change(memory: Path, account: str, **fields: Any) -> None:
    document = s.load(memory, s.INSIGHTS)
    document["accounts"][account].update(fields)
    (memory / s.INSIGHTS).write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")


def test_the_persona_is_offered_the_engine_as_tools(serve: Serve, run: Run) -> None:
    api = serve([s.writes()])
    assert run().status == "completed"
    offered = [tool["name"] for tool in api.requests[0].body["tools"]]
    assert set(TOOLS) <= set(offered) and len(TOOLS) == 5
    told = api.requests[0].body["system"][0]["text"]
    assert ", ".join(TOOLS) in told


def test_what_a_tool_answers_can_be_cited_in_the_plan(memory: Path, serve: Serve, run: Run) -> None:
    api = serve([asks("health_score"), says(CLAIM, POINTS)])
    assert (run().status, api.billed) == ("completed", 2)
    (told,) = s.tool_results(api.requests[1].body)
    assert f"{POINTS} = 7.16" in told["content"] and not told.get("is_error")
    plan = s.load(memory, s.PLAN)
    assert plan["summary"]["text"] == CLAIM
    item = {e["id"]: e for e in plan["evidence"]}[POINTS]
    assert (item["kind"], item["value"]) == ("computed", 7.16)
    assert "usage.2026-10.active_users" in {e["id"] for e in plan["evidence"]}


def test_a_figure_of_a_tool_still_needs_its_id(serve: Serve, run: Run) -> None:
    api = serve([asks("health_score"), says(CLAIM, "contract.arr"), says(CLAIM, POINTS)])
    assert (run().status, api.billed) == ("completed", 3)
    (told,) = s.tool_results(api.requests[2].body)
    assert told["is_error"] and f"cite {POINTS}" in told["content"]


def test_a_figure_that_no_tool_has_been_asked_for_is_not_known(serve: Serve, run: Run) -> None:
    api = serve([says(CLAIM, POINTS), s.writes()])
    assert run().status == "completed"
    (told,) = s.tool_results(api.requests[1].body)
    assert f"there is no fact '{POINTS}'" in told["content"]


@pytest.mark.parametrize("turns", [1, 2])
def test_a_resumed_run_still_knows_what_a_tool_worked_out(
    memory: Path, serve: Serve, run: Run, turns: int
) -> None:
    api = serve([asks("health_score"), asks("expansion"), says(CLAIM, POINTS)])
    assert run(limits=Limits(turns=turns)).status == "limit_reached"
    assert (run().status, api.billed) == ("completed", 3)
    assert s.load(memory, s.PLAN)["summary"]["text"] == CLAIM


CLAIMS = [
    ("renewal_forecast", "The renewal stands at 90% by default.", "renewal.probability"),
    ("renewal_forecast", "Weighed, EUR 133,200 is to be expected.", "renewal.expected_arr"),
    ("expansion", "The signs of growth come to 7 points.", "expansion.points"),
    ("expansion", "High adoption counts 3 points.", "expansion.points.high_adoption"),
    ("qbr_generator", "Logins rose by 219 in a month.", "review.logins.change.2026-09.2026-10"),
    ("risk_analyzer", "A ticket has been open for 20 days.", "ticket.TR-5081.age_days"),
]


@pytest.mark.parametrize(("name", "claim", "fact"), CLAIMS)
def test_each_tool_names_the_id_that_bears_its_figure_out(
    memory: Path, serve: Serve, run: Run, name: str, claim: str, fact: str
) -> None:
    assert f"{fact} = " in answer(memory, name)
    api = serve([asks(name), says(claim, fact)])
    assert (run().status, api.billed) == ("completed", 2)


def test_the_points_add_up_to_the_score(memory: Path) -> None:
    told = answer(memory, "health_score")
    score = float(re.findall(r"health\.score = ([\d.]+)", told)[0])
    for what in (r"health\.points\.(?!m\.)\w+ = ([\d.]+)", r"health\.points\.m\.\w+ = ([\d.]+)"):
        assert sum(map(float, re.findall(what, told))) == pytest.approx(score, abs=0.05)


def test_the_change_since_the_last_score_comes_cause_by_cause_and_sums(
    memory: Path, serve: Serve, run: Run
) -> None:
    now = (memory / s.INSIGHTS).read_bytes()
    change(memory, s.ACCOUNT, value={}, engagement={})
    assert run(model="playbook", as_of="2026-10-20").status.startswith("completed")
    (memory / s.INSIGHTS).write_bytes(now)
    told = answer(memory, "health_score")
    found = dict(re.findall(r"(?m)^(health\.change[.\d]*) = (-?[\d.]+)", told))
    whole = found.pop("health.change")
    assert len(found) >= 2
    assert sum(map(float, found.values())) == pytest.approx(float(whole), abs=1e-9)
    iid = s.ask_for(memory, s.OURS, "inst_20261117_107")
    path = f"{iid}/outputs/final/success_plan.yaml"
    claim = {"text": f"The score moved by {whole} points.", "evidence": ["health.change"]}
    serve([asks("health_score"), reply([s.write(s.good_draft() | {"summary": claim}, path=path)])])
    assert run(iid).status == "completed"


RATED = {"login_frequency": 9, "feature_adoption": 8, "active_users": 9, "support_tickets": 9,
         "executive_engagement": 8, "meeting_attendance": 7, "nps": 9, "response_time": 8,
         "goals_achieved": 8, "roi_demonstrated": 9, "business_impact": 8}  # fmt: skip
OTHER = {"model": "product-40-30-30"}


def test_another_health_model_is_asked_for_and_cited(memory: Path, serve: Serve, run: Run) -> None:
    change(memory, s.ACCOUNT, ratings=RATED)
    fact = "health.product-40-30-30.score"
    api = serve([asks("health_score", OTHER), says("By ratings the score is 84.", fact)])
    assert (run().status, api.billed) == ("completed", 2)
    plan = s.load(memory, s.PLAN)
    assert {"rating.nps", fact} <= {e["id"] for e in plan["evidence"]}
    assert plan["health"]["model"] == "adoption-30-25-25-20"  # the account's own stays


@pytest.mark.parametrize("bad", [None, "9", True, float("nan"), float("inf"), -1, 11, [9]])
def test_a_bad_rating_leaves_the_mean_and_is_no_fact(memory: Path, bad: Any) -> None:
    change(memory, s.ACCOUNT, ratings={**RATED, "nps": bad})
    told = answer(memory, "health_score", OTHER)
    assert f"health.product-40-30-30.relationship = {round(100 * (8 + 7 + 8) / 30, 1)}" in told
    assert "rating.nps" not in told and "rating.response_time" in told


@pytest.mark.parametrize("ratings", [None, "all good", [], {}, {"moon": 9}])
def test_without_ratings_the_rated_model_has_no_score(memory: Path, ratings: Any) -> None:
    change(memory, s.ACCOUNT, ratings=ratings)
    told = answer(memory, "health_score", OTHER)
    assert "not enough data" in told and "product-40-30-30.score" not in told


@pytest.mark.parametrize(
    ("name", "given", "told"),
    [
        ("health_score", {"model": "x"}, "use one of adoption-30-25-25-20, digital"),
        ("health_score", {"model": "../secrets"}, "is no health model"),
        ("risk_analyzer", {"signal": "moon"}, "does not fire here; those that do: "),
        ("qbr_generator", {"quarter": "Q9-banana"}, "use 2026Q4 or Q4"),
        ("qbr_generator", {"audience": "boss"}, "audience"),
        *((name, {"account": "valmont-eaux"}, "account") for name in TOOLS),
        *((name, [], "object") for name in TOOLS),
    ],
)
def test_what_cannot_be_answered_is_said_and_the_run_goes_on(
    memory: Path, serve: Serve, run: Run, name: str, given: Any, told: str
) -> None:
    result = try_tool(name, given, memory=memory, account=s.ACCOUNT, as_of=s.AS_OF)
    assert result.is_error and told in result.text


def test_the_customers_outline_holds_nothing_internal(memory: Path) -> None:
    account = "fonderie-valtrebbia"
    told = answer(memory, "qbr_generator", {"audience": "customer"}, account)
    assert not re.search(r"(?i)health|churn|\brisk|renewal|expansion|\bred\b|ARR\b", told)
    assert "internal only" in answer(memory, "qbr_generator", {"audience": "internal"}, account)


def names(account: dict[str, Any]) -> set[str]:
    """What only this account has: its name, its people."""
    people = account.get("relationship") or {}
    found = {account["name"], (people.get("executive_sponsor") or {}).get("name")}
    found |= {person.get("name") for person in people.get("stakeholders") or ()}
    return {name for name in found if name}


@pytest.mark.parametrize("name", TOOLS)
def test_no_answer_holds_another_accounts_data(memory: Path, name: str) -> None:
    document = s.load(memory, s.INSIGHTS)
    accounts = document["accounts"]
    for n, account in enumerate(accounts.values()):
        account["name"] = f"Canary {n} Ltd"
        account["notes"] = [
            {"date": "2026-11-10", "author": "csm", "text": f"Canary {n}x: they need more seats."}
        ]
    (memory / s.INSIGHTS).write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    for asked in list(accounts)[:3]:
        told, own = answer(memory, name, account=asked), names(accounts[asked])
        for n, (other, account) in enumerate(accounts.items()):
            if other != asked:
                assert other not in told and f"Canary {n}x" not in told
                assert not [name for name in names(account) - own if name in told]


@pytest.mark.parametrize("name", TOOLS)
def test_an_answer_is_the_same_whenever_it_is_asked_for(memory: Path, name: str) -> None:
    before = s.tree(memory)
    assert answer(memory, name) == answer(memory, name)
    assert s.tree(memory) == before


@pytest.mark.parametrize("name", TOOLS)
def test_every_id_an_answer_names_is_a_fact(
    memory: Path, serve: Serve, run: Run, name: str
) -> None:
    ids = ID.findall(answer(memory, name))
    assert ids
    draft = s.good_draft()
    for n in range(0, len(ids), 40):
        draft["actions"][0]["evidence"] = ids[n : n + 40]
        serve([asks(name), reply([s.write(draft)])])
        assert run(again=n > 0).status == "completed"


def test_the_answer_is_from_the_snapshot_and_not_from_the_live_file(
    memory: Path, serve: Serve, run: Run
) -> None:
    def script(body: dict[str, Any]) -> dict[str, Any]:
        if len(body["messages"]) == 1:
            change(memory, s.ACCOUNT, usage={}, value={})  # replaced while the run is under way
            return asks("health_score")
        return says(CLAIM, POINTS)

    api = serve(script)
    assert run().status == "completed"
    assert f"{POINTS} = 7.16" in s.tool_results(api.requests[1].body)[0]["content"]


def test_a_tool_that_is_not_declared_stays_refused(
    memory: Path, serve: Serve, run: Run, tmp_path: Path
) -> None:
    mine = tmp_path / "personas/customer-success-manager"
    mine.mkdir(parents=True)
    shipped = Path(s.DEMO).parent / "personas/customer-success-manager/persona.md"
    declared = "HealthScore, RiskAnalyzer, RenewalForecast, Expansion, QbrGenerator"
    changed = shipped.read_text(encoding="utf-8").replace(f", {declared}", "")
    (mine / "persona.md").write_text(changed, encoding="utf-8")
    api = serve([asks("health_score"), s.writes()])
    assert run(personas=tmp_path / "personas").status == "completed"
    (told,) = s.tool_results(api.requests[1].body)
    assert told["is_error"] and "no tool 'health_score' is declared here" in told["content"]
    assert "ask the tool that works it out" not in json.dumps(api.requests[0].body["system"])
