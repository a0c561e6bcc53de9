"""`csm import` as a person meets it, up to a plan for an imported account."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from agent.memory.insights_file import PATH
from tests.importing.tables import accounts, memory_in, put

GOOD = """\
Customer ID,Customer Name,Segment,ARR,Currency,Customer Since,Renewal Date,Active Users,\
Licensed Users,Logins,Features Used,Features Available,Outreach Sent,Outreach Replied,\
QBR Scheduled,QBR Attended,Renewal Confidence %,Sponsor,Sponsor Status,Open Tickets
acme,Acme Works,Mid-Market,"$120,000",USD,2025-02-01,2027-03-31,85,100,1900,14,20,10,8,4,3,90%,\
Jo Doe,active,2
beta,Beta Works,gold,x,USD,2025-02-01,2027-03-31,85,100,,,,,,,,,,,=2
"""


def csm(*args: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "agent", *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_an_imported_account_can_be_run_and_scored(tmp_path: Path) -> None:
    memory, table = memory_in(tmp_path), put(tmp_path, GOOD)
    done = csm("import", table, "-m", memory, "--as-of", "2026-11-17")
    assert (done.returncode, done.stderr) == (0, "")
    assert "accounts: 2 of 2 rows used (customers.csv)" in done.stdout
    assert "customers.csv:3: Segment, 'gold': is none of smb" in done.stdout
    assert f"wrote {PATH}" in done.stdout
    iid = csm("new", "acme", "Success plan for the next quarter", "-m", memory).stdout.strip()
    run = csm("run", iid, "-m", memory, "--model", "playbook", "--as-of", "2026-11-17")
    assert run.returncode == 0, run.stdout + run.stderr
    assert (memory / iid / "outputs/final/success_plan.yaml").exists()
    health = json.loads(
        csm("health", "acme", "-m", memory, "--as-of", "2026-11-17", "--json").stdout
    )
    assert "acme" in json.dumps(health)


def test_the_report_as_json_and_as_csv_without_formulas(tmp_path: Path) -> None:
    memory, table = memory_in(tmp_path), put(tmp_path, GOOD)
    target = tmp_path / "left-out.csv"
    done = csm("import", table, "-m", memory, "--dry-run", "--json", "--report", target)
    report = json.loads(done.stdout)
    assert report["accounts"]["added"] == 2
    assert {issue["column"] for issue in report["issues"]} == {"Segment", "ARR", "Open Tickets"}
    with target.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["line"], row["value"]) for row in rows] == [
        ("3", "'gold'"), ("3", "'x'"), ("3", "'=2'"),
    ]  # fmt: skip
    assert accounts(memory) == {}


@pytest.mark.parametrize(
    ("text", "options", "code", "why"),
    [
        ("id,arr\n,1\n", (), 1, "no account could be imported"),
        ("id,arr\n", (), 1, "no account could be imported"),
        ("no,header\n1,2\n", (), 2, "has no column 'id'"),
        ("", (), 2, "is empty"),
        (GOOD, ("--mapping", "nope"), 2, "there is no mapping 'nope'"),
        (GOOD, ("--as-of", "soon"), 2, "is not a date"),
        (GOOD, ("--report", "."), 2, "cannot be a report file"),
        (GOOD, ("--report", "{table}"), 2, "is one of the tables"),
        (GOOD, ("-m", "{folder}/none"), 2, "no memory folder"),
    ],
)
def test_exit_codes(
    tmp_path: Path, text: str, options: tuple[str, ...], code: int, why: str
) -> None:
    memory, table = memory_in(tmp_path), put(tmp_path, text)
    more = [option.format(table=table, folder=tmp_path) for option in options]
    done = csm("import", table, "-m", memory, *more)
    assert (done.returncode, "Traceback" in done.stderr) == (code, False)
    assert why in done.stderr
    assert table.read_text() == text
    assert accounts(memory) == {}


def test_hostile_text_reaches_the_terminal_harmless(tmp_path: Path) -> None:
    text = "id,\x1b[31marr,segment\nacme,1,\x1b[2J[red]x[/red]\u202e\n"
    done = csm("import", put(tmp_path, text), "-m", memory_in(tmp_path))
    assert done.returncode == 0
    assert "\x1b" not in done.stdout + done.stderr
    assert "\u202e" not in done.stdout + done.stderr
