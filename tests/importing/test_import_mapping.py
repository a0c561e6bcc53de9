"""A mapping that does not fit together is refused with file and key, before any row is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.errors import BadDocument, BadInput
from agent.importing.catalogue import find
from agent.memory.insights_file import PATH
from agent.persona import load_library
from agent.resources import shipped
from tests.importing.tables import accounts, flat, mapping_of, memory_in, put

GOOD = """\
schema: import_mapping/1
title: mine
tables:
  accounts:
    key: id
    columns:
      id: {names: [id], kind: id, required: true}
      arr: {names: [money], kind: amount, field: contract.arr}
      speed: {names: [response_time], kind: measure, unit: days, field: custom.response_days}
      kind: {names: [segment], kind: choice, field: segment, choices: {smb: [s]}, default: smb}
  events:
    parent: {table: accounts, column: account}
    columns:
      account: {names: [event_of], kind: id, required: true}
      day: {names: [day], kind: date}
    gives: [{field: custom.events, take: count}]
"""


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("import_mapping/1", "import_mapping/2", "schema"),
        ("title: mine", "title: mine\nowner: me", "owner"),
        ("title: mine", "title: mine\ndates: [DD-MM-YY]", "'DD-MM-YY' is no date format"),
        ("title: mine", "title: mine\ndecimal: dot", "decimal"),
        ("kind: amount", "kind: money", "kind"),
        ("contract.arr", "contract.ar", "'contract.ar' is no field of an account"),
        ("contract.arr", "contract.plan", "takes kind 'text', not 'amount'"),
        ("contract.arr", "custom.Bad Name", "not of the form"),
        ("unit: days, ", "", "needs a 'unit'"),
        ("kind: measure, unit: days", "kind: count", "'response_time' can be a 0-10 rating"),
        ("default: smb", "default: gold", "'default' has to be one of"),
        (
            "required: true}\n      arr",
            "required: false}\n      arr",
            "key column that is required",
        ),
        ("key: id", "key: nr", "there is no column 'nr'"),
        ("names: [money]", "names: [ID]", "share the name id"),
        ("names: [money]", "names: ['--']", "without letters or digits"),
        ("{table: accounts, column: account}", "{table: x, column: account}", "no earlier table"),
        ("{table: accounts, column: account}", "{table: accounts, column: day}", "no required"),
        ("take: count", "take: sum", "needs a 'column'"),
        ("take: count", "take: sum, column: day", "cannot be summed"),
        ("take: count", "take: newest, column: none", "there is no column 'none'"),
        ("custom.events", "custom.response_days.x", "overlap"),
        ("custom.events", "contract.arr", "takes kind 'amount', not 'count'"),
        ("take: count}", "take: count, where: [{column: day, test: is}]}", "'is' needs a 'value'"),
        ("take: count}", "take: count, where: [{column: account, test: open}]}", "does not fit"),
    ],
)
def test_faults_of_a_mapping(old: str, new: str, why: str) -> None:
    assert old in GOOD
    with pytest.raises(BadDocument) as caught:
        mapping_of(GOOD.replace(old, new, 1))
    assert why in str(caught.value)
    assert str(caught.value).startswith("mine.yaml: ")


def test_an_own_mapping_by_path_and_with_a_default(tmp_path: Path) -> None:
    path = put(tmp_path, GOOD, "mine.yaml")
    text = "id,money,response_time,segment\nacme,5,2.5,gold\n"
    report, found = flat(tmp_path, text, mapping=find(str(path)))
    assert found["acme"] == {
        "segment": "smb", "contract": {"arr": 5}, "custom": {"response_days": 2.5},
    }  # fmt: skip
    assert [str(issue) for issue in report.issues] == [
        "customers.csv:2: segment, 'gold': is none of the choices; taken as 'smb' (kept)"
    ]


def test_a_local_mapping_wins_over_the_shipped_one(tmp_path: Path) -> None:
    folder = tmp_path / "customer-success-manager/imports"
    folder.mkdir(parents=True)
    put(folder, GOOD, "flat.yaml")
    assert find("flat", tmp_path).title == "mine"
    assert find("flat").title == "one row per account"


def test_an_unknown_mapping_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="use flat, ravenstack, or the path"):
        find("nope")
    with pytest.raises(BadInput, match="does not exist"):
        find(str(tmp_path / "nope.yaml"))


def test_mappings_are_no_policies_of_the_persona() -> None:
    persona = load_library(shipped("personas")).load("customer-success-manager")
    assert not [name for name in persona.policies if name.startswith("imports")]


def test_a_table_that_fits_no_mapping_leaves_the_memory_alone(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no column 'id'"):
        flat(tmp_path, "nr,money\n1,2\n", mapping=mapping_of(GOOD))
    assert not (memory_in(tmp_path) / PATH).exists()
    assert accounts(memory_in(tmp_path)) == {}
