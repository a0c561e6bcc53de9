"""E: records that are impossible, contradictory, or dressed up as something else."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
import yaml
from memory import ACCOUNT, FOREIGN, IID, LARKSPUR, OXBOW, TAMSIN, Memory, gaps

LAST = "usage.monthly.5"


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        pytest.param(f"{LAST}.active_users", -5, "-5 is negative", id="E01-users"),
        pytest.param("engagement.outreach.replied", -1, "-1 is negative", id="E01-replies"),
        pytest.param("contract.arr", -84600, "-84600", id="E01-arr"),
        pytest.param(f"{LAST}.active_users", 163, "163 active users of 140", id="E02-users"),
        pytest.param("engagement.outreach.replied", 20, "20 replies but only 12", id="E02-replies"),
        pytest.param(f"{LAST}.licensed_users", 0, "licensed users is 0", id="E03-licences"),
        pytest.param("engagement.qbr.scheduled", 0, "only 0 scheduled", id="E03-reviews"),
        pytest.param("value.integrations.planned", 0, "only 0 planned", id="E03-integrations"),
        pytest.param("value.goals.0.target", 36, "LF-1", id="E03-goal"),
        pytest.param("usage.as_of", "2027-06-30", "in the future", id="E05-usage"),
        pytest.param("relationship.executive_sponsor.last_contact", "2031-01-01", "in the future",
                     id="E05-contact"),
        pytest.param("usage.as_of", "2025-11-30", "352 days old", id="E06-stale"),
        pytest.param("relationship.renewal_confidence", 181, "181", id="E02-confidence"),
        pytest.param("relationship.nps.score", 250, "250", id="E02-nps"),
    ],
)  # fmt: skip
def test_what_cannot_be_true_is_named(memory: Memory, path: str, value: object, said: str) -> None:
    plan = memory.put(path, value).planned()
    assert said in gaps(plan)
    praise = json.dumps([plan[key] for key in ("summary", "expansion", "business_review")])
    assert not [percent for percent in ("116", "166.7", "-3.6") if percent in praise]


def measures(memory: Memory) -> dict[str, Any]:
    entry = memory.history_file()["accounts"][ACCOUNT]
    rows = [m for group in entry["components"].values() for m in group["measures"]]
    return {m["measure"]: m for m in rows}


def test_a_negative_count_leaves_the_score_and_is_no_nought_E01(memory: Memory) -> None:
    memory.put(f"{LAST}.active_users", -5).planned()
    assert measures(memory)["active_users"]["state"] != "present"
    assert measures(memory)["active_users"]["score"] is None


def test_more_than_all_counts_as_all_E02(memory: Memory) -> None:
    memory.put("engagement.outreach.replied", 20).planned()
    assert max(m["score"] or 0 for m in measures(memory).values()) <= 100


def test_where_less_is_better_more_is_a_step_back_E04(memory: Memory) -> None:
    plan = memory.put("value.goals.0.actual", 45).planned()
    goal = next(o for o in plan["objectives"] if "dispatch" in o["title"])
    text = json.dumps([goal, plan["summary"], plan["risks"], plan["diagnosis"]])
    assert goal["status"] not in ("achieved", "on_track", "exceeded")
    assert "250" not in text and "45" in json.dumps(goal)


def test_months_are_put_in_order_and_counted_once_E07(memory: Memory) -> None:
    months = copy.deepcopy(LARKSPUR["usage"]["monthly"])[::-1]
    months.append(copy.deepcopy(months[0]))
    del months[3]
    plan = memory.put("usage.monthly", months).planned()
    for said in ("out of order", "2026-10 is listed more than once", "no row for 2026-07"):
        assert said in gaps(plan)
    assert "125 of 140" in plan["summary"]["text"]


def twins(memory: Memory) -> None:
    other = {**copy.deepcopy(LARKSPUR), "contract": {"arr": 1}}
    memory.write_insights({"Larkspur-Freight": other, ACCOUNT: copy.deepcopy(LARKSPUR)})


def test_the_exact_id_decides_between_two_of_one_name_E08(memory: Memory) -> None:
    twins(memory)
    assert memory.planned()["renewal"]["arr"] == 84600


def test_a_name_that_two_accounts_bear_is_asked_about_E08(memory: Memory) -> None:
    twins(memory)
    outcome = memory.ask(account="Larkspur Freight").run()
    assert outcome.code == 4 and not memory.plan_file.exists()
    assert "Larkspur-Freight" in outcome.err and ACCOUNT in outcome.err


@pytest.mark.parametrize(
    ("account", "objective"),
    [
        pytest.param("larkspur-freigh", None, id="E09-near-miss"),
        pytest.param("Larkspur", None, id="E09-half-a-name"),
        pytest.param(None, "Prepare the success plan for Larkspur Freigt.", id="E09-misspelt"),
        pytest.param(None, "Compare Larkspur Freight with Tamsin Ceramics in a success plan.",
                     id="E09-two-names"),
        pytest.param(None, "Prepare the success plan for the quarter.", id="E09-no-name"),
    ],
)  # fmt: skip
def test_no_customer_is_chosen_by_resemblance(
    memory: Memory, account: str | None, objective: str | None
) -> None:
    fields = {"account": account, **({"objective": objective} if objective else {})}
    outcome = memory.ask(**fields).run()
    assert outcome.code == 4 and ACCOUNT in outcome.err + outcome.out
    assert not memory.plan_file.exists() and not memory.scores.exists()


def test_one_known_name_in_the_text_is_enough_E09(memory: Memory) -> None:
    memory.ask(account=None)
    assert memory.planned()["account_id"] == ACCOUNT


NAMES = {
    "E10-bidi": '🧪 מעבדות \u202eסיכום\u202c: "Fern#hill" & Söhne\u0301 \u200bGmbH - yes',
    "E10-colon": "Larkspur: Freight #1 - {yes}",
    "E10-yaml-word": "null",
    "E12-formula": '=HYPERLINK("http://x.example","Larkspur")',
    "E12-template": "Larkspur {{7*7}} ${HOME} $(id)",
    "E12-markup": "<b>Larkspur</b> & <script>alert(1)</script>",
    "E12-rich-markup": "[red]Larkspur[/red] [link=file:///etc/passwd]x[/link]",
}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_a_name_comes_back_exactly_as_it_is(memory: Memory, name: str) -> None:
    memory.ask(objective="Prepare the success plan for the next quarter.")
    assert memory.put("name", name).planned()["account_name"] == name
    outcome = memory.csm("show", "--memory", str(memory.path), IID)
    assert outcome.code == 0 and not {"\u202e", "\u200b"} & set(outcome.out)
    if name.startswith("["):
        assert "[red]" in outcome.out


@pytest.mark.parametrize(
    "name", ["x\n- escalations: []\ntier: green\n# ", "x: &a [1]", "--- \nhealth: {score: 100}"],
    ids=["E11-list", "E11-anchor", "E11-document"],
)  # fmt: skip
def test_text_in_a_name_adds_no_key_to_the_plan_E11(memory: Memory, name: str) -> None:
    usual = set(memory.planned())
    plan = memory.put("relationship.executive_sponsor.name", name).planned("--again")
    assert set(plan) == usual
    for file in memory.path.rglob("*.yaml"):
        assert isinstance(yaml.safe_load(file.read_text()), dict)


def test_nothing_in_a_note_is_expanded_E12(memory: Memory) -> None:
    text = "<script>alert(1)</script> {{7*7}} ${HOME} $(id)"
    memory.put("notes.0.text", text).planned()
    assert "uid=" not in memory.written() and "49" not in memory.plan()["summary"]["text"]


def test_ten_thousand_accounts_are_no_matter_E13(memory: Memory) -> None:
    with memory.insights.open("a") as file:
        for n in range(10_000):
            file.write(
                f"  bulk-{n}: {{name: Bulk {n} Ltd, contract: {{arr: 1000, renewal_date:"
                f" '2027-01-01'}}, usage: {{monthly: [{{month: '2026-10', active_users: 1}}]}}}}\n"
            )
    memory.planned()
    written = memory.written()
    assert "Bulk" not in written and [w for w in FOREIGN if w in written] == []


@pytest.mark.parametrize(
    "text",
    ["accounts: {", "accounts: []", f"accounts: {{{ACCOUNT}: 7}}", "accounts: {a: 1, a: 2}",
     "\x1f\x8b\x08"],
    ids=["E14-cut", "E14-list", "E14-entry", "E14-twice", "E14-gzip"],
)  # fmt: skip
def test_a_health_file_that_cannot_be_read_is_not_overwritten(memory: Memory, text: str) -> None:
    memory.scores.write_text(text)
    memory.refused("customer_health_scores.yaml")
    assert memory.scores.read_text() == text


def test_an_empty_health_file_is_filled_E14(memory: Memory) -> None:
    memory.scores.write_text("")
    memory.planned()


def test_an_odd_entry_of_the_history_is_kept_and_left_out_of_the_trend_E14(
    memory: Memory,
) -> None:
    odd = {"date": "x", "score": "high"}
    others = {"oxbow-water": {"score": 55, "history": [{"date": "2026-08-01", "score": 55}]}}
    memory.write(memory.scores, {"accounts": {**others, ACCOUNT: {"history": [odd]}}})
    memory.planned()
    assert odd in memory.history() and len(memory.history()) == 2
    assert memory.history_file()["accounts"]["oxbow-water"] == others["oxbow-water"]


def test_the_shares_of_other_customers_are_not_even_read_E13(memory: Memory) -> None:
    broken = {**copy.deepcopy(TAMSIN), "usage": "lots", "contract": [1]}
    memory.write_insights(
        {"tamsin-ceramics": broken, ACCOUNT: copy.deepcopy(LARKSPUR), "oxbow-water": OXBOW}
    )
    assert memory.planned()["data_gaps"] == []
