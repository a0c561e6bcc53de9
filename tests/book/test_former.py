"""Customers who have left: out of every count, kept in what retention and memory are about."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from agent import run
from agent.cli import app
from agent.memory.paths import MemoryRoot
from agent.memory.timeline import append
from agent.playbook_book import open_plays
from agent.resources import shipped
from agent.success.account import Account
from agent.success.events import event
from agent.success.former import former

INSIGHTS = "_knowledge/semantic/customer_insights.yaml"


@pytest.fixture
def memory(tmp_path: Path) -> Path:
    return Path(shutil.copytree(shipped("Agent_Memory"), tmp_path / "Agent_Memory"))


def csm(memory: Path, day: str, *words: str, code: int = 0) -> str:
    where = ["--memory", str(memory), "--as-of", day]
    result = CliRunner().invoke(app, [*words, *where])
    assert result.exit_code == code, result.output
    return result.stdout


def change(memory: Path, account: str, **contract: Any) -> None:
    path = memory / INSIGHTS
    document = yaml.safe_load(path.read_text("utf-8"))
    document["accounts"][account]["contract"].update(contract)
    path.write_text(yaml.safe_dump(document, allow_unicode=True, sort_keys=False), "utf-8")


def ids(memory: Path, day: str) -> set[str]:
    return {row["account_id"] for row in json.loads(csm(memory, day, "health", "--json"))}


def decision(outcome: str, on: str) -> dict[str, Any]:
    data = {"outcome": outcome}
    return event("x", "renewal_decided", "", date.fromisoformat(on), f"{on}T09:00:00Z", data, "t")


def test_a_customer_is_one_until_the_contract_ends() -> None:
    account = Account(id="x", name="X", renewal_date=date(2026, 9, 30))
    churned = [decision("churned", "2026-09-03")]
    assert former(account, churned, date(2026, 9, 29)) is None
    left = former(account, churned, date(2026, 9, 30))
    assert left is not None and left.since == date(2026, 9, 30)
    assert left.why == "renewal decided as churned on 2026-09-03"


def test_the_last_decision_counts_and_only_those_known_by_then() -> None:
    account = Account(id="x", name="X", renewal_date=date(2026, 9, 30))
    back = [decision("churned", "2026-09-03"), decision("renewed", "2026-10-05")]
    assert former(account, back, date(2026, 10, 4)) is not None
    assert former(account, back, date(2026, 10, 5)) is None


def test_an_overdue_renewal_nobody_decided_is_still_a_customer() -> None:
    account = Account(id="x", name="X", renewal_date=date(2026, 9, 30))
    assert former(account, [], date(2026, 11, 17)) is None


def test_the_insights_can_say_it_too() -> None:
    account = Account(id="x", name="X", ended_on=date(2026, 9, 30))
    assert former(account, [], date(2026, 9, 29)) is None
    left = former(account, [], date(2026, 9, 30))
    assert left is not None and left.why == "contract.ended_on"


def test_a_former_customer_is_in_no_list_unless_named(memory: Path) -> None:
    assert "ceramica-torrelumbre" in ids(memory, "2026-09-29")
    assert "ceramica-torrelumbre" not in ids(memory, "2026-11-17")
    one = json.loads(csm(memory, "2026-11-17", "health", "ceramica-torrelumbre", "--json"))
    assert [row["account_id"] for row in one] == ["ceramica-torrelumbre"]
    said = CliRunner().invoke(
        app, ["risk", "--memory", str(memory), "--as-of", "2026-11-17", "--csv"]
    )
    assert "former customer: Cerámica Torrelumbre, until 2026-09-30" in said.stderr
    report = json.loads(csm(memory, "2026-11-17", "portfolio", "--json"))
    assert [left["account_id"] for left in report["former"]] == ["ceramica-torrelumbre"]
    assert not any("Torrelumbre" in row["name"] for row in report["renewals"])


def test_a_churn_counts_in_its_period_and_never_again(memory: Path) -> None:
    change(memory, "bergvik-coldchain", renewal_date="2026-09-12")
    record = ["renewals", "--record", "bergvik-coldchain", "--outcome", "churned", "--by", "N. E."]
    csm(memory, "2026-09-10", *record)

    def retention(period: str) -> dict[str, Any]:
        said = json.loads(csm(memory, "2026-11-17", "renewals", "--period", period, "--json"))
        (euro,) = [r for r in said["retention"] if r["currency"] == "EUR"]
        return dict(euro)

    third = retention("2026Q3")
    assert third["churn"] == 98400 and third["logos"] - third["logos_kept"] == 1
    csm(memory, "2026-11-10", "renewals", "--record", "valmont-eaux", "--outcome", "renewed",
        "--by", "N. E.")  # fmt: skip
    fourth = retention("2026Q4")
    won = 28800  # kaarnasatama, a customer since September
    assert fourth["opening"] == third["opening"] - 98400 + won and fourth["grr"] == 1.0


def test_who_is_won_later_is_no_part_of_the_opening_book(memory: Path) -> None:
    csm(memory, "2026-11-10", "renewals", "--record", "valmont-eaux", "--outcome", "renewed",
        "--on", "2026-07-10", "--by", "N. E.")  # fmt: skip
    said = json.loads(csm(memory, "2026-11-17", "renewals", "--period", "2026Q3", "--json"))
    (euro,) = [r for r in said["retention"] if r["currency"] == "EUR"]
    document = yaml.safe_load((memory / INSIGHTS).read_text("utf-8"))
    there = [
        account["contract"]["arr"]
        for account in document["accounts"].values()
        if account["contract"]["currency"] == "EUR"
        and account["customer_since"] < "2026-07-01"
        and "ended_on" not in account["contract"]
    ]
    assert (euro["opening"], euro["logos"]) == (sum(there), len(there))


def test_a_churn_still_counts_when_the_insights_have_forgotten_the_account(memory: Path) -> None:
    record = ["renewals", "--record", "bergvik-coldchain", "--outcome", "churned", "--by", "N. E."]
    csm(memory, "2026-09-10", *record)
    path = memory / INSIGHTS
    document = yaml.safe_load(path.read_text("utf-8"))
    del document["accounts"]["bergvik-coldchain"]
    path.write_text(yaml.safe_dump(document, allow_unicode=True), "utf-8")
    said = json.loads(csm(memory, "2026-11-17", "renewals", "--period", "2026Q3", "--json"))
    assert [r["churn"] for r in said["retention"] if r["currency"] == "EUR"] == [98400]


def test_no_plan_is_made_for_a_former_customer(memory: Path) -> None:
    options: dict[str, Any] = {"memory": memory, "model": "playbook", "as_of": "2026-11-17"}
    result = run("inst_20261117_012", **options)
    assert result.status == "needs_context" and result.outputs == ()
    assert "former customer since 2026-09-30" in result.summary
    assert "account-executive" in result.summary


def test_their_plays_are_no_longer_work(memory: Path) -> None:
    start = {"playbook": "save_strategy", "state": "started", "title": "Save strategy",
             "severity": "high", "signals": ["termination_notice"], "number": 1,
             "steps": [{"title": "Find out", "owner": "customer-success-manager",
                        "due": "2026-08-19"}]}  # fmt: skip
    begun = event("ceramica-torrelumbre", "playbook_started", "inst_20260818_004",
                  date(2026, 8, 18), "2026-08-18T09:00:00Z", start, "t")  # fmt: skip
    append(MemoryRoot.open(memory), "ceramica-torrelumbre", [begun])
    assert open_plays(memory, as_of=date(2026, 9, 29))
    assert not open_plays(memory, as_of=date(2026, 11, 17))
    assert open_plays(memory, "ceramica-torrelumbre", as_of=date(2026, 11, 17))
