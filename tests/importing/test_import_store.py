"""What is stored is never lost: merge, replace, copies, locks and a kill in the middle."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.errors import BadDocument, Busy
from agent.importing.store import merged
from agent.memory.insights_file import PATH, InsightsFile
from agent.memory.locks import lock
from agent.memory.paths import MemoryRoot
from tests.importing.tables import accounts, bring_in, flat, memory_in, put
from tests.memory.processes import run

STORED = """\
# kept by hand
schema: customer_insights/1
generated_at: '2026-10-01T05:00:00Z'
accounts:
  zeta: {name: Zeta}   # odd   spacing

  acme:
    name: Acme
    owner: Jo   # an unknown key
    contract: {arr: 100, currency: EUR, plan: Gold}
    usage:
      monthly:
      - {month: '2026-09', active_users: 7, seats_note: x}
      - {month: '2026-10', active_users: 8}
    notes:
    - {date: '2026-10-01', text: Old.}
  # between
  beta:
    name: Beta
"""


def stored(folder: Path, text: str = STORED) -> Path:
    path = memory_in(folder) / PATH
    path.parent.mkdir(parents=True)
    path.write_bytes(text.encode())
    return path


def test_others_stay_byte_for_byte_and_unknown_keys_survive(tmp_path: Path) -> None:
    path = stored(tmp_path)
    _, found = flat(tmp_path, "id,name,arr,plan\nacme,,250,\nnew,New,1,\n")
    text = path.read_text()
    before, after = STORED.index("  acme:\n"), STORED.index("  # between")
    assert text.startswith(STORED[:before])
    assert text.endswith(STORED[after:] + "  new:\n    name: New\n    contract:\n      arr: 1\n")
    assert found["acme"]["contract"] == {"arr": 250, "currency": "EUR", "plan": "Gold"}
    assert (found["acme"]["name"], found["acme"]["owner"]) == ("Acme", "Jo")


def test_months_and_notes_are_added(tmp_path: Path) -> None:
    stored(tmp_path)
    text = "id,usage_date,active_users,licensed_users\nacme,2026-10-31,9,20\n"
    flat(tmp_path, text)
    _, found = flat(tmp_path, text.replace("2026-10-31,9", "2026-11-16,4"))
    assert found["acme"]["usage"] == {
        "as_of": "2026-11-16",
        "monthly": [
            {"month": "2026-09", "active_users": 7, "seats_note": "x"},
            {"month": "2026-10", "active_users": 9, "licensed_users": 20},
            {"month": "2026-11", "active_users": 4, "licensed_users": 20},
        ],
    }
    note = '[{"id": "acme", "notes": [{"date": "2026-10-01", "text": "Old."}, {"text": "New."}]}]'
    _, found = bring_in(tmp_path, put(tmp_path, note, "n.json"))
    assert [entry["text"] for entry in found["acme"]["notes"]] == ["Old.", "New."]


def test_the_replaced_file_is_kept(tmp_path: Path) -> None:
    path = stored(tmp_path)
    report, _ = flat(tmp_path, "id,arr\nacme,250\n")
    copy = path.with_name("customer_insights.20261117T090000Z.yaml")
    assert report.backup == f"{Path(PATH).parent}/{copy.name}"
    assert copy.read_text() == STORED
    second, _ = flat(tmp_path, "id,arr\nacme,300\n")
    assert second.backup.endswith("T090000Z-2.yaml")
    assert copy.read_text() == STORED


def test_the_same_again_writes_nothing(tmp_path: Path) -> None:
    path = stored(tmp_path)
    flat(tmp_path, "id,arr\nacme,250\n")
    before = sorted((p.name, p.stat().st_mtime_ns) for p in path.parent.iterdir())
    report, _ = flat(tmp_path, "id,arr\nacme,250\n")
    assert (report.written, report.backup) == ("", "")
    assert report.accounts["unchanged"] == 1
    assert sorted((p.name, p.stat().st_mtime_ns) for p in path.parent.iterdir()) == before


def test_replace_keeps_only_the_imported_and_names_the_others(tmp_path: Path) -> None:
    path = stored(tmp_path)
    report, found = flat(tmp_path, "id,arr\nacme,250\n", mode="replace")
    assert found == {"acme": {"contract": {"arr": 250}}}
    assert report.facts == ["2 accounts were in the old file only: zeta, beta"]
    assert path.with_name("customer_insights.20261117T090000Z.yaml").read_text() == STORED


def test_replace_works_where_the_old_file_cannot_be_read(tmp_path: Path) -> None:
    path = stored(tmp_path, "accounts: [unclosed\n")
    with pytest.raises(BadDocument):
        flat(tmp_path, "id\nacme\n")
    assert path.read_text() == "accounts: [unclosed\n"
    assert flat(tmp_path, "id\nacme\n", mode="replace")[1] == {"acme": {}}


def test_a_dry_run_counts_and_writes_nothing(tmp_path: Path) -> None:
    path = stored(tmp_path)
    report, _ = flat(tmp_path, "id,arr\nacme,250\nnew,1\nbeta,\n", dry_run=True)
    assert (report.accounts["added"], report.accounts["updated"]) == (1, 1)
    assert report.accounts["unchanged"] == 1
    assert [p.name for p in path.parent.iterdir()] == [path.name]
    assert path.read_text() == STORED


def test_nothing_good_leaves_the_file_alone(tmp_path: Path) -> None:
    path = stored(tmp_path)
    report, _ = flat(tmp_path, "id,arr\n,1\n", mode="replace")
    assert report.accounts == {"imported": 0}
    assert path.read_text() == STORED


@pytest.mark.parametrize(
    "text",
    ["", "# only a comment\n", "schema: customer_insights/1", "accounts:\n",
     "accounts: {}  # none\n", "schema: x\naccounts: null\nmore: 1\n",
     "accounts:\r\n  old:\r\n    name: Old\r\n",
     "accounts:\n  old: {name: Old}"],
)  # fmt: skip
def test_first_accounts_of_a_file(tmp_path: Path, text: str) -> None:
    path = stored(tmp_path, text)
    _, found = flat(tmp_path, "id,name\nacme,Acme\n")
    assert found["acme"] == {"name": "Acme"}
    assert set(found) - {"acme"} == ({"old"} if "old" in text else set())
    for line in text.splitlines():
        assert line.split("accounts:")[0] in path.read_text()
    assert "\n" not in path.read_bytes().decode().replace("\r\n", "") or "\r\n" not in text


@pytest.mark.parametrize(
    "text",
    ["accounts: {old: {name: Old}}\n", '{"accounts": {"old": {}}}', "accounts: [1]\n", "- a list\n",
     "accounts:\n  acme: just text\n", "accounts:\n  acme: [1]\n",
     'accounts:\n  old: "text\n  acme:\n    still: text"\n', "accounts:\n  a: &x {}\n  acme: *x\n"],
)  # fmt: skip
def test_what_cannot_be_merged_is_refused_not_overwritten(tmp_path: Path, text: str) -> None:
    path = stored(tmp_path, text)
    with pytest.raises(BadDocument):
        flat(tmp_path, "id,name\nacme,Acme\n")
    assert path.read_text() == text
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_text_of_any_kind_survives_the_round_trip(tmp_path: Path) -> None:
    names = ["no", "1e3", "2026-01-01", "it's: #x", "- a", "  b", "é🧪", "a\nb", '"', "x" * 300]
    rows = "".join('a{},"{}"\n'.format(n, name.replace('"', '""')) for n, name in enumerate(names))
    _, found = flat(tmp_path, "id,name\n" + rows)
    assert [found[f"a{n}"]["name"] for n in range(len(names))] == [name.strip() for name in names]
    root = MemoryRoot.open(memory_in(tmp_path))
    assert InsightsFile.read(root).names["a7"] == "a\nb"


def test_merging_does_not_depend_on_the_order_of_accounts() -> None:
    shares = {"acme": {"name": "A"}, "beta": {"name": "B"}}
    data = STORED.encode()
    one = merged(data, list(shares), lambda key: dict(shares[key])).data
    other = merged(data, list(reversed(shares)), lambda key: dict(shares[key])).data
    assert one == other


def test_an_import_waits_for_its_lock(tmp_path: Path) -> None:
    memory = memory_in(tmp_path)
    with lock(MemoryRoot.open(memory), "insights", wait=0), pytest.raises(Busy):
        flat(tmp_path, "id\nacme\n", wait=0)
    assert accounts(memory) == {}


KILL_AT = """
    import os, signal
    from datetime import UTC, date, datetime
    from agent.importing.catalogue import find
    from agent.importing.importer import import_files
    call, nth = getattr(os, args[2]), int(args[3])
    count = 0
    def killing(*a, **k):
        global count
        count += 1
        if count == nth:
            os.kill(os.getpid(), signal.SIGKILL)
        return call(*a, **k)
    setattr(os, args[2], killing)
    import_files([Path(args[1])], find("flat"), memory=Path(args[0]), as_of=date(2026, 11, 17),
                 now=datetime(2026, 11, 17, 9, tzinfo=UTC))
"""


@pytest.mark.parametrize(
    ("call", "nth"), [("fsync", 1), ("fsync", 2), ("rename", 1), ("link", 1), ("unlink", 1)]
)
def test_a_kill_leaves_the_old_file_or_the_new_and_the_next_import_heals(
    tmp_path: Path, call: str, nth: int
) -> None:
    path = stored(tmp_path)
    table = put(tmp_path, "id,arr\nacme,250\n")
    assert run(KILL_AT, memory_in(tmp_path), table, call, nth).returncode in (-9, 0)
    now = path.read_text()
    assert now == STORED or accounts(memory_in(tmp_path))["acme"]["contract"]["arr"] == 250
    _, found = flat(tmp_path, "id,arr\nacme,250\n")
    assert found["acme"]["contract"]["arr"] == 250
    copies = [p for p in path.parent.iterdir() if p != path]
    assert STORED in [copy.read_text() for copy in copies]
    assert all(copy.suffix == ".yaml" and not copy.name.startswith(".") for copy in copies)
