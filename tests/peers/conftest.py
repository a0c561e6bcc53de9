from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Csm, Outcome, _no_settings_of_the_machine, csm  # noqa: F401

AS_OF = "2026-11-17"

# One healthy invented account, as a row of a table.
HEALTHY: dict[str, Any] = {
    "id": "wren", "name": "Wren Ceramics", "segment": "mid_market", "arr": 84000,
    "currency": "EUR", "contract_start": "2025-05-01", "renewal_date": "2027-04-30",
    "customer_since": "2024-05-01", "auto_renew": "false", "seats": 100,
    "usage_date": "2026-10-31", "active_users": 88, "licensed_users": 100, "logins": 1700,
    "features_used": 17, "features_available": 20, "api_calls": 1000,
    "outreach_sent": 10, "outreach_replied": 9, "qbr_scheduled": 4, "qbr_attended": 4,
    "training_places_offered": 20, "training_attended": 18, "open_tickets": 1,
    "tickets_last_90d": 6, "tickets_positive": 4, "tickets_neutral": 2, "tickets_negative": 0,
    "roi_annual_value": 260000, "roi_annual_cost": 84000, "roi_source": "their finance team",
    "integrations_planned": 4, "integrations_live": 4, "workflows_planned": 8,
    "workflows_optimised": 7, "executive_sponsor": "Odile Farrow", "sponsor_title": "COO",
    "sponsor_status": "active", "sponsor_last_contact": "2026-11-03", "nps_company": 55,
    "nps_respondents": 24, "nps_collected_on": "2026-10-05", "advocacy": "reference call 2026-06",
    "renewal_confidence": 85,
}  # fmt: skip


def row(**changes: Any) -> dict[str, Any]:
    """The healthy account with other cells; `None` leaves a cell blank."""
    return HEALTHY | changes


def without(*columns: str, **changes: Any) -> dict[str, Any]:
    return {key: value for key, value in row(**changes).items() if key not in columns}


def table(*rows: dict[str, Any], delimiter: str = ",") -> str:
    """Rows as CSV; a column that a row lacks is a blank cell."""
    heads = list(dict.fromkeys(key for each in rows for key in each))
    out = io.StringIO()
    writer = csv.DictWriter(out, heads, delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


class Book:
    """A memory of its own, filled by `csm import` and asked by the commands."""

    def __init__(self, csm: Csm, folder: Path) -> None:
        self.csm, self.folder, self.memory = csm, folder, folder / "memory"
        self.memory.mkdir()
        self.said = Outcome(0, "", "")

    def take(
        self, *rows: dict[str, Any], text: str | bytes = "", name: str = "customers.csv"
    ) -> Book:
        """Import rows, or a file of this content."""
        content = text or (json.dumps(list(rows)) if name.endswith(".json") else table(*rows))
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        self.said = self("import", str(path), "--as-of", AS_OF, code=None)
        return self

    def __call__(self, *words: str, code: int | None = 0, as_of: str = AS_OF) -> Outcome:
        dated = words if "--as-of" in words else (*words, "--as-of", as_of)
        said = self.csm(*dated, "--memory", str(self.memory))
        assert code is None or said.exit_code == code, said.stderr
        return said

    def json(self, *words: str, as_of: str = AS_OF) -> Any:
        return self(*words, "--json", as_of=as_of).json

    def health(self, account: str = "wren", **options: str) -> dict[str, Any]:
        (found,) = self.json("health", account, **options)
        return dict(found)

    def measure(self, name: str, account: str = "wren") -> dict[str, Any]:
        parts = self.health(account)["components"]
        return next(dict(m) for c in parts for m in c["measures"] if m["measure"] == name)

    def risk(self, account: str = "wren", **options: str) -> dict[str, Any]:
        (found,) = self.json("risk", account, **options)
        return dict(found)

    def signals(self, account: str = "wren", **options: str) -> dict[str, str]:
        return {x["signal"]: x["severity"] for x in self.risk(account, **options)["lines"]}

    def expansion(self, account: str = "wren") -> dict[str, Any]:
        (found,) = self.json("expansion", account)
        return dict(found)

    def renewals(self, period: str = "2027Q2", **options: str) -> dict[str, Any]:
        found: dict[str, Any] = self.json("renewals", "--period", period, **options)["forecast"]
        return found


@pytest.fixture
def book(csm: Csm, tmp_path: Path) -> Book:  # noqa: F811
    return Book(csm, tmp_path)


@pytest.fixture
def books(csm: Csm, tmp_path: Path) -> Callable[..., Book]:  # noqa: F811
    """Books filled one beside the other, to compare."""
    made: list[Book] = []

    def make(*rows: dict[str, Any], **options: Any) -> Book:
        folder = tmp_path / f"book{len(made)}"
        folder.mkdir()
        made.append(Book(csm, folder).take(*rows, **options))
        return made[-1]

    return make
