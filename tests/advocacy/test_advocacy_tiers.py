"""Advocacy: tiers by rules, what is lacking, and a case study of nothing but facts."""

from __future__ import annotations

import copy
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from agent.cli import app
from agent.errors import BadPersona
from agent.persona import PolicyFile
from agent.portfolio import load_portfolio
from agent.resources import shipped
from agent.success.advocacy import AdvocacyView, advocacy

INSIGHTS = "_knowledge/semantic/customer_insights.yaml"
DAY = "2026-11-17"
CHAMPION, REFERENCE = "valmont-eaux", "tarnholt-rail"
POLICY = yaml.safe_load(
    (shipped("personas") / "customer-success-manager/advocacy.yaml").read_text("utf-8")
)


@pytest.fixture
def memory(tmp_path: Path) -> Path:
    return Path(shutil.copytree(shipped("Agent_Memory"), tmp_path / "Agent_Memory"))


def put(memory: Path, account: str, path: str, value: Any) -> None:
    document = yaml.safe_load((memory / INSIGHTS).read_text("utf-8"))
    node = document["accounts"][account]
    *steps, last = path.split(".")
    for step in steps:
        node = node[step]
    node[last] = value
    (memory / INSIGHTS).write_text(yaml.safe_dump(document, allow_unicode=True), "utf-8")


def csm(memory: Path, *words: str, code: int = 0) -> str:
    command = ["advocacy", *words, "--memory", str(memory), "--as-of", DAY]
    result = CliRunner().invoke(app, command)
    found = getattr(result.exception, "exit_code", result.exit_code)
    assert found == code, (result.output, result.exception)
    return result.stdout if not code else str(result.exception)


def view(memory: Path, account: str) -> Any:
    return json.loads(csm(memory, account, "--json"))[0]


def judged(memory: Path, account: str, policy: dict[str, Any]) -> AdvocacyView:
    from datetime import date

    book = load_portfolio(memory, as_of=date.fromisoformat(DAY), accounts=[account])
    return advocacy(book.assessments[0], PolicyFile(policy, "advocacy.yaml"))


def test_the_demo_has_a_champion_a_reference_and_accounts_to_leave_alone(memory: Path) -> None:
    tiers = {row["account_id"]: row["tier"] for row in json.loads(csm(memory, "--json"))}
    assert tiers[CHAMPION] == "champion"
    assert tiers[REFERENCE] == "reference"
    assert tiers["corvane-brokers"] == tiers["fonderie-valtrebbia"] == ""
    assert "Champion" in csm(memory) and "Casual reference" in csm(memory, REFERENCE)


def test_a_tier_says_what_may_be_asked_and_what_is_lacking_for_the_next(memory: Path) -> None:
    found = view(memory, REFERENCE)
    assert "reference call" in found["may_be_asked"]
    assert "written case study" not in found["may_be_asked"]
    assert found["next_tier"] == "active_advocate"
    assert found["lacking"] == ["net promoter score from 50; it is 48"]
    put(memory, REFERENCE, "relationship.nps.score", 50)
    assert view(memory, REFERENCE)["tier"] == "active_advocate"


@pytest.mark.parametrize(
    ("path", "value", "lost"),
    [
        ("relationship.nps.score", 49, "net promoter score from 50"),
        ("relationship.executive_sponsor.status", "passive", "executive sponsor active"),
        ("customer_since", "2026-01-17", "full months as a customer from 12"),
    ],
)
def test_every_condition_counts(memory: Path, path: str, value: Any, lost: str) -> None:
    put(memory, CHAMPION, path, value)
    if path == "customer_since":
        put(memory, CHAMPION, "contract.start_date", value)
    found = view(memory, CHAMPION)
    assert found["tier"] == "reference"
    assert [text.split(";")[0] for text in found["lacking"]] == [lost]


def test_a_grave_warning_sign_ends_every_tier(memory: Path) -> None:
    put(memory, CHAMPION, "relationship.executive_sponsor.status", "left")
    found = view(memory, CHAMPION)
    assert found["tier"] == "" and "sponsor_left" in " ".join(found["lacking"])


def test_what_is_not_on_record_does_not_hold_and_is_named(memory: Path) -> None:
    put(memory, CHAMPION, "relationship.nps", None)
    found = view(memory, CHAMPION)
    assert found["tier"] == ""
    assert found["unknown"] == ["net promoter score from 30"]


def test_a_refusal_is_no_act_of_advocacy(memory: Path) -> None:
    acts = ["declined a reference call 2026-05", "talk planned 2027", "reference call 2026-06"]
    put(memory, CHAMPION, "relationship.advocacy", acts)
    found = view(memory, CHAMPION)
    assert found["acts"] == ["reference call 2026-06"]
    assert found["tier"] == "active_advocate"


def test_no_list_of_acts_is_unknown_and_an_empty_one_is_none(memory: Path) -> None:
    put(memory, CHAMPION, "relationship.advocacy", [])
    assert view(memory, CHAMPION)["lacking"] == ["acts of advocacy on record from 1; it is 0"]
    put(memory, CHAMPION, "relationship.advocacy", None)
    assert view(memory, CHAMPION)["unknown"] == ["acts of advocacy on record from 1"]


def test_a_case_study_holds_the_figures_and_nothing_internal(memory: Path) -> None:
    text = csm(memory, CHAMPION, "--case-study")
    assert text.startswith("# Case study: Régie des Eaux du Valmont\n")
    for heading in ("Company", "Challenge", "Solution", "Implementation", "Results", "Quote"):
        assert f"## {heading}\n" in text
    assert "from 37 percent of leaks to 79 percent of leaks" in text
    assert not re.search(r"\bhealth|churn|risk|renewal|green|NPS|promoter|ARR\b", text, re.I)
    assert "[" not in text and "{" not in text and "“" not in text and "\n>" not in text


def test_in_a_case_study_unknown_stays_not_measured(memory: Path) -> None:
    document = yaml.safe_load((memory / INSIGHTS).read_text("utf-8"))
    account = document["accounts"][CHAMPION]
    del account["value"]["roi"]["source"], account["value"]["integrations"]
    account["value"]["goals"][0] |= {"actual": None, "baseline": None}
    (memory / INSIGHTS).write_text(yaml.safe_dump(document, allow_unicode=True), "utf-8")
    text = csm(memory, CHAMPION, "--case-study")
    assert "Value for the customer: not measured" in text
    assert "Integrations live: not measured" in text
    assert "Water lost between works and tap: from not measured to not measured" in text


def test_text_of_the_record_cannot_write_markup(memory: Path) -> None:
    put(memory, CHAMPION, "industry", "water <script>x</script> [link](http://x) # big")
    text = csm(memory, CHAMPION, "--case-study")
    assert "<script>" not in text and "[link](" not in text.replace("\\[", "").replace("\\]", "")


def test_an_account_that_does_not_qualify_gets_no_draft_but_the_reasons(memory: Path) -> None:
    said = csm(memory, REFERENCE, "--case-study", code=4)
    assert "does not qualify" in said and "net promoter score from 50" in said
    csm(memory, "--case-study", code=2)


def test_tiers_can_be_changed_in_the_policy(memory: Path) -> None:
    lenient = copy.deepcopy(POLICY)
    lenient["tiers"][1]["nps_from"] = 40
    assert judged(memory, REFERENCE, lenient).tier == "active_advocate"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda p: p["tiers"].append(p["tiers"][0]), "listed twice"),
        (lambda p: p["tiers"][0].update(nps_from=101), "tiers.0.nps_from"),
        (lambda p: p["tiers"][0].update(healthy=True), "tiers.0.healthy"),
        (lambda p: p.update(tiers=p["tiers"][:1]), "case_study_from"),
        (lambda p: p.pop("no_act"), "no_act"),
    ],
)
def test_a_wrong_policy_is_refused_with_file_and_key(
    memory: Path, change: Any, message: str
) -> None:
    policy = copy.deepcopy(POLICY)
    change(policy)
    with pytest.raises(BadPersona, match=message) as caught:
        judged(memory, REFERENCE, policy)
    assert "advocacy.yaml" in str(caught.value)
