"""The RavenStack tables import, with every fault known of them counted."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from agent.importing.catalogue import find
from agent.importing.importer import import_files
from agent.importing.report import Report
from agent.memory import strict_yaml
from agent.memory.insights_file import PATH
from agent.portfolio import load_portfolio

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "datasets" / "ravenstack"
AS_OF = date(2024, 12, 31)

pytestmark = [
    pytest.mark.evals,
    pytest.mark.skipif(not DATA.is_dir(), reason="the data sets in ../shared are absent"),
]


@pytest.fixture(scope="module")
def memory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("memory")


@pytest.fixture(scope="module")
def report(memory: Path) -> Report:
    now = datetime(2024, 12, 31, 12, tzinfo=UTC)
    files = sorted(DATA.glob("*.csv"))
    return import_files(files, find("ravenstack"), memory=memory, as_of=AS_OF, now=now)


@pytest.fixture(scope="module")
def accounts(report: Report, memory: Path) -> dict[str, Any]:
    document = strict_yaml.load((memory / report.written).read_bytes(), where=PATH)
    found: dict[str, Any] = document["accounts"]
    return found


def test_every_known_fault_is_counted(report: Report) -> None:
    assert report.count("within", "feature_usage") == 19_432
    assert report.count("within", "support_tickets") == 1_077
    assert report.count("same_id", "feature_usage") == 21
    assert report.tables["support_tickets"].blanks["satisfaction"] == 825
    assert report.count("orphan") == report.count("bad_value") == report.count("bad_row") == 0
    assert report.count("disagreement") == 35 + 277
    assert report.facts == [
        "churn flag and churn events: 75 accounts have both, 35 only 'churned', "
        "277 only rows in 'churn_events'"
    ]


def test_rows_are_all_accounted_for(report: Report) -> None:
    counts = {name: (table.rows, table.used) for name, table in report.tables.items()}
    assert counts == {
        "accounts": (500, 500),
        "subscriptions": (5_000, 5_000),
        "feature_usage": (25_000, 5_554),
        "support_tickets": (2_000, 923),
        "churn_events": (600, 600),
    }


def test_all_accounts_can_be_assessed(
    report: Report, memory: Path, accounts: dict[str, Any]
) -> None:
    assert len(accounts) == report.accounts["added"] == 500
    ids = sorted(accounts)[:40]
    book = load_portfolio(memory, as_of=AS_OF, accounts=ids)
    assert not book.skipped
    assert [assessment.account.id for assessment in book.assessments] == ids


def test_an_account_by_hand(accounts: dict[str, Any]) -> None:
    """ARR of the open paid subscriptions, straight from the table."""
    import csv

    with (DATA / "ravenstack_subscriptions.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["account_id"] == "A-2e4581"]
    open_rows = [row for row in rows if not row["end_date"] and row["is_trial"] == "FALSE"]
    assert accounts["A-2e4581"]["contract"]["arr"] == sum(int(r["arr_amount"]) for r in open_rows)
    assert accounts["A-2e4581"]["customer_since"] == "2024-10-16"
