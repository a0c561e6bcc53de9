"""The demo memory that ships with the project is sound: it is what people try first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

MEMORY = Path(__file__).resolve().parents[2] / "Agent_Memory"
NOW = "_knowledge/semantic/customer_insights.yaml"
QUARTERS = [  # oldest first
    "_archive/customer_insights_2026-02-16.yaml",
    "_archive/customer_insights_2026-05-18.yaml",
    "_archive/customer_insights_2026-08-17.yaml",
    NOW,
]
INSIGHTS = QUARTERS
GONE = {"ceramica-torrelumbre"}  # former customers of the current insights
INSTRUCTIONS = sorted(MEMORY.glob("*/instruction.yaml"))

# Dates of what lies ahead; every other date must not be later than the file itself.
AHEAD = {"renewal_date", "due", "leaves_on"}


def load(path: str | Path) -> Any:
    return yaml.safe_load((MEMORY / path).read_text(encoding="utf-8"))


def accounts(path: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = load(path)["accounts"]
    return found


def walk(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """Every scalar with the key it stands under."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from walk(inner, str(name))
    elif isinstance(value, list):
        for inner in value:
            yield from walk(inner, key)
    else:
        yield key, value


def each_account() -> list[Any]:
    return [
        pytest.param(path, account, id=f"{Path(path).stem}:{account}")
        for path in INSIGHTS
        for account in accounts(path)
    ]


@pytest.mark.parametrize("path", INSIGHTS)
def test_the_insights_say_what_they_are_and_when_they_were_made(path: str) -> None:
    document = load(path)
    assert document["schema"] == "customer_insights/1"
    assert datetime.fromisoformat(document["generated_at"]).tzinfo == UTC


@pytest.mark.parametrize("path", INSIGHTS)
def test_no_key_stands_twice(path: str) -> None:
    # PyYAML keeps the last of two equal keys without a word, so count the nodes instead.
    def check(node: yaml.Node) -> None:
        if isinstance(node, yaml.MappingNode):
            keys = [key.value for key, _ in node.value]
            assert len(keys) == len(set(keys)), f"{path}:{node.start_mark.line + 1}"
            for _, inner in node.value:
                check(inner)
        elif isinstance(node, yaml.SequenceNode):
            for inner in node.value:
                check(inner)

    root = yaml.compose((MEMORY / path).read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    assert root is not None
    check(root)


@pytest.mark.parametrize("path", INSIGHTS)
def test_account_ids_and_names_are_unique_and_ids_are_plain(path: str) -> None:
    found = accounts(path)
    names = [account["name"].casefold() for account in found.values()]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", account_id) for account_id in found)


def test_goal_and_ticket_ids_belong_to_one_account_only() -> None:
    seen: list[str] = []
    for account in accounts(NOW).values():
        seen += [goal["id"] for goal in account["value"]["goals"]]
        seen += [
            ticket["id"] for ticket in account["engagement"]["support_tickets"].get("open", [])
        ]
    assert len(seen) == len(set(seen))


@pytest.mark.parametrize(("path", "account_id"), each_account())
def test_dates_are_real_quoted_and_on_the_right_side_of_the_file(
    path: str, account_id: str
) -> None:
    made_on = datetime.fromisoformat(load(path)["generated_at"]).date()
    for key, value in walk(accounts(path)[account_id]):
        assert not isinstance(value, date), f"{key}: {value} should be quoted"
        if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
            continue
        when = date.fromisoformat(value)
        assert date(2020, 1, 1) < when < date(2031, 1, 1), f"{key}: {value}"
        if key not in AHEAD:
            assert when <= made_on, f"{key}: {value} lies after {made_on}"


@pytest.mark.parametrize(("path", "account_id"), each_account())
def test_contracts_run_and_months_follow_each_other(path: str, account_id: str) -> None:
    account = accounts(path)[account_id]
    made_on = load(path)["generated_at"][:10]
    contract, usage = account["contract"], account["usage"]
    assert contract["start_date"] <= made_on
    gone = account_id in GONE and path == NOW
    assert (contract.get("ended_on", "") == contract["renewal_date"]) == gone
    assert (contract["renewal_date"] <= made_on) == gone
    assert account.get("customer_since", contract["start_date"]) <= contract["start_date"]
    months = [row["month"] for row in usage.get("monthly", [])]
    numbers = [int(month[:4]) * 12 + int(month[5:]) for month in months]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers))) if numbers else True
    assert all(month <= usage["as_of"][:7] for month in months)
    weeks = [row["week"] for row in usage.get("weekly", [])]
    assert weeks == sorted(set(weeks))
    assert months or weeks


@pytest.mark.parametrize(("path", "account_id"), each_account())
def test_counts_agree_with_each_other(path: str, account_id: str) -> None:
    account = accounts(path)[account_id]
    for row in account["usage"].get("monthly", []):
        assert row["active_users"] <= row["licensed_users"]
        assert row.get("features_used", 0) <= row.get("features_available", 0)
    tickets = account["engagement"]["support_tickets"]
    assert len(tickets.get("open", [])) == tickets["open_now"]
    if tickets["sentiment"]:
        assert sum(tickets["sentiment"].values()) == tickets["opened_last_90d"]
    roi = account["value"].get("roi")
    if roi:
        assert roi["annual_cost"] == account["contract"]["arr"]
    users = account.get("onboarding", {}).get("users")
    if users:
        assert users["activated"] <= users["invited"] <= users["licensed"]


@pytest.mark.parametrize("path", INSIGHTS)
def test_only_one_account_contradicts_itself(path: str) -> None:
    odd = {
        account_id
        for account_id, account in accounts(path).items()
        for row in account["usage"].get("monthly", [])
        if row["licensed_users"] != account["contract"]["plan_limits"]["seats"]
    }
    assert odd == ({"lomax-birch"} if path == NOW else set())


@pytest.mark.parametrize(("path", "next_path"), list(pairwise(QUARTERS)))
def test_quarter_and_quarter_agree_where_they_overlap(path: str, next_path: str) -> None:
    now = accounts(next_path)
    for account_id, then in accounts(path).items():
        later = now[account_id]
        months = {row["month"]: row for row in later["usage"]["monthly"]}
        shared = [row for row in then["usage"]["monthly"] if row["month"] in months]
        assert shared
        assert all(row == months[row["month"]] for row in shared)
        assert agreed(then) == agreed(later)
        contract, follows = then["contract"], later["contract"]
        if contract["renewal_date"] <= load(next_path)["generated_at"][:10]:
            renewed = contract["renewal_date"] < follows["start_date"]
            assert renewed or follows["ended_on"] == contract["renewal_date"]
        else:
            assert contract == follows


def agreed(account: dict[str, Any]) -> list[tuple[Any, ...]]:
    """What was agreed once and does not change with time."""
    goals = account["value"]["goals"]
    return [(g["id"], g["statement"], g["baseline"], g["target"], g["due"]) for g in goals]


def test_all_segments_and_a_group_are_there() -> None:
    found = accounts(NOW)
    assert {a["segment"] for a in found.values()} == {
        "smb", "mid_market", "enterprise", "strategic", None,
    }  # fmt: skip
    children = {i: a["parent"] for i, a in found.items() if "parent" in a}
    assert len(children) == 2 and set(children.values()) <= set(found)
    assert not set(children) & set(children.values())


@pytest.mark.parametrize("path", INSTRUCTIONS, ids=lambda path: path.parent.name)
def test_an_instruction_carries_its_folder_as_id_and_its_own_text(path: Path) -> None:
    document = load(path)
    assert document.get("instruction_id", document.get("id")) == path.parent.name
    text = document.get("objective") or document.get("raw_input") or document["request"]
    assert (text["raw"] if isinstance(text, dict) else text).strip()
    created = str(document.get("created_at", document.get("created")))
    assert created[:10].replace("-", "") == path.parent.name.split("_")[1]


def test_every_instruction_but_the_new_deal_names_exactly_one_account() -> None:
    found = accounts(NOW)
    for path in INSTRUCTIONS:
        text = path.read_text(encoding="utf-8")
        named = {key for key, account in found.items() if key in text or account["name"] in text}
        assert len(named) == (0 if path.parent.name == "inst_20261117_004" else 1), path.parent.name


def test_the_older_plan_of_another_tool_belongs_to_a_known_account() -> None:
    plan = load("inst_20260519_002/outputs/final/success_plan.yaml")
    assert accounts(NOW)[plan["customer_id"]]["name"] == plan["customer"]


def test_no_mail_address_or_link_could_reach_anybody() -> None:
    for path in MEMORY.rglob("*"):
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            addresses = re.findall(r"[\w.+-]+@([\w.-]*\w)", text)
            assert all(host.endswith(".example") for host in addresses), path
            assert "http" not in text, path
