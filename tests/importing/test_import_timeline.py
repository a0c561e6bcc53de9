"""An import is told on the timelines of the accounts it changed, exactly once."""

from __future__ import annotations

import hashlib
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from agent.errors import BadDocument
from agent.importing import record
from agent.importing.changes import MAX_CHANGES, changes
from agent.memory import timeline
from agent.memory.insights_file import PATH
from agent.memory.paths import MemoryRoot
from tests.importing.tables import AS_OF, NOW, accounts, bring_in, flat, memory_in, put

FIRST = (
    "id,name,arr,currency,active users,licensed users\na,Alpha,100,EUR,5,10\nb,Beta,200,EUR,7,10\n"
)
SECOND = FIRST.replace("100", "120")


def told(folder: Path, account: str) -> list[dict[str, Any]]:
    return timeline.read(MemoryRoot.open(memory_in(folder)), account)


def pointers(event: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {c["pointer"]: (c["from"], c["to"]) for c in event["data"]["changes"]}


def test_only_the_accounts_that_changed_are_told_of_it(tmp_path: Path) -> None:
    report, _ = flat(tmp_path, FIRST)
    assert report.recorded == 2
    report, _ = flat(tmp_path, SECOND, now=NOW + timedelta(hours=1))
    assert report.recorded == 1 and len(told(tmp_path, "b")) == 1
    event = told(tmp_path, "a")[1]
    assert pointers(event) == {"/contract/arr": (100, 120)}
    assert (event["kind"], event["at"], event["recorded_at"]) == (
        "facts_imported", AS_OF.isoformat(), "2026-11-17T10:00:00Z",
    )  # fmt: skip
    assert event["data"]["file"] == "customers.csv"
    assert event["data"]["sha256"] == hashlib.sha256(SECOND.encode()).hexdigest()
    report, _ = flat(tmp_path, SECOND, now=NOW + timedelta(hours=2))
    assert (report.recorded, len(told(tmp_path, "a"))) == (0, 2)


def test_a_dry_run_tells_nobody(tmp_path: Path) -> None:
    flat(tmp_path, FIRST, dry_run=True)
    assert told(tmp_path, "a") == []


def test_a_value_that_comes_and_goes_is_told_each_time(tmp_path: Path) -> None:
    for n, text in enumerate((FIRST, SECOND, FIRST, SECOND)):
        flat(tmp_path, text, now=NOW + timedelta(minutes=n))
    arr = [pointers(event)["/contract/arr"][1] for event in told(tmp_path, "a")]
    assert arr == [100, 120, 100, 120]


def test_figures_are_told_by_their_period(tmp_path: Path) -> None:
    flat(tmp_path, FIRST, as_of=date(2026, 10, 31))
    flat(tmp_path, FIRST.replace(",5,10", ",6,10"), as_of=date(2026, 11, 30))
    found = pointers(told(tmp_path, "a")[1])
    assert found["/usage/monthly/2026-11/active_users"] == (None, 6)
    assert not any("2026-10" in pointer for pointer in found)


def test_a_replacing_import_tells_what_is_no_longer_known(tmp_path: Path) -> None:
    flat(tmp_path, FIRST)
    flat(tmp_path, "id,name\na,Alpha\n", mode="replace", now=NOW + timedelta(hours=1))
    found = pointers(told(tmp_path, "a")[1])
    assert found["/contract/arr"] == (100, None)
    assert len(told(tmp_path, "b")) == 1


def test_several_files_are_named_together(tmp_path: Path) -> None:
    one = put(tmp_path, FIRST, "one.csv")
    two = put(tmp_path, FIRST.replace("a,Alpha", "c,Gamma").replace("b,Beta", "d,Delta"), "two.csv")
    bring_in(tmp_path, one, two)
    data = told(tmp_path, "d")[0]["data"]
    hashes = "".join(hashlib.sha256(path.read_bytes()).hexdigest() for path in (one, two))
    assert data["file"] == "one.csv, two.csv"
    assert data["sha256"] == hashlib.sha256(hashes.encode()).hexdigest()


def test_a_first_import_of_many_accounts_begins_no_timelines(tmp_path: Path) -> None:
    """One that has a timeline is told; the others' facts are in the insights."""
    flat(tmp_path, FIRST)
    rows = "".join(f"n{n},N,1,EUR,1,1\n" for n in range(record.MAX_BEGUN + 1))
    report, _ = flat(tmp_path, SECOND + rows, now=NOW + timedelta(hours=1))
    assert report.recorded == 1
    assert timeline.accounts(MemoryRoot.open(memory_in(tmp_path))) == ["a", "b"]


def test_very_many_changes_are_counted_and_long_texts_cut() -> None:
    before = {"custom": {f"k{n}": n for n in range(MAX_CHANGES + 5)}, "name": "x"}
    after = {"custom": {f"k{n}": -1 - n for n in range(MAX_CHANGES + 5)}, "name": "y" * 999}
    (event,) = record.events({"a": changes(before, after)}, [], as_of=AS_OF, now=NOW)
    assert len(event["data"]["changes"]) == MAX_CHANGES
    assert event["data"]["not_listed"] == 6
    short = [c.as_dict() for c in changes({}, {"name": "y" * 999, "tags": ["t" * 50] * 9})]
    assert len(short[0]["to"]) == 300 and short[1]["to"] == "(9 items)"


def test_records_are_told_apart_by_their_id_or_name() -> None:
    before = {"value": {"goals": [{"id": "G1", "actual": 1}, {"id": "G2", "actual": 2}]},
              "notes": [{"text": "a"}], "odd": [{"name": "x"}, {"name": "x"}]}  # fmt: skip
    after = {"value": {"goals": [{"id": "G2", "actual": 3}, {"id": "G1", "actual": 1}]},
             "notes": [{"text": "a"}, {"text": "b"}], "odd": [{"name": "x"}]}  # fmt: skip
    assert [(c.pointer, c.before, c.after) for c in changes(before, after)] == [
        ("/value/goals/G2/actual", 2, 3),
        ("/notes/1/text", None, "b"),
        ("/odd", [{"name": "x"}, {"name": "x"}], [{"name": "x"}]),
    ]
    assert changes(before, before) == []


def killed_before_telling(folder: Path, text: str) -> Path:
    """The memory as an import leaves it that dies after publishing and before it tells anybody."""
    memory = memory_in(folder)
    flat(folder, text)
    (event,) = told(folder, "a")
    late = {**event, "data": {**event["data"], "imported_at": "then"}}
    record.announce(MemoryRoot.open(memory), [late], (memory / PATH).read_bytes())
    return memory


def test_an_import_that_died_before_telling_is_completed_by_the_next(tmp_path: Path) -> None:
    memory = killed_before_telling(tmp_path, FIRST)
    flat(tmp_path, FIRST)  # nothing to write: all as stored
    assert [e["data"]["imported_at"] for e in told(tmp_path, "a")][1:] == ["then"]
    assert (memory / record.PENDING).read_bytes() == b""
    flat(tmp_path, FIRST)
    assert len(told(tmp_path, "a")) == 2


def test_what_was_announced_and_never_published_is_told_nobody(tmp_path: Path) -> None:
    memory = killed_before_telling(tmp_path, FIRST)
    (memory / PATH).write_bytes((memory / PATH).read_bytes() + b"# edited since\n")
    flat(tmp_path, SECOND)
    assert "then" not in json.dumps(told(tmp_path, "a"))
    assert accounts(memory)["a"]["contract"]["arr"] == 120


def test_a_damaged_announcement_is_named_and_nothing_is_imported(tmp_path: Path) -> None:
    memory = memory_in(tmp_path)
    flat(tmp_path, FIRST)
    (memory / record.PENDING).write_text("not json\n")
    with pytest.raises(BadDocument, match=r"import\.pending"):
        flat(tmp_path, SECOND)
    assert accounts(memory)["a"]["contract"]["arr"] == 100
