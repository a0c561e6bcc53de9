"""The table of faults names tests that exist, and every fault has one."""

from __future__ import annotations

import re
from pathlib import Path

import tests.peers.conftest as table


def test_every_row_of_the_table_names_tests_that_exist() -> None:
    rows = [row for row in (table.__doc__ or "").splitlines() if row.startswith("| ")][1:]
    named = [re.findall(r"\btest_\w+", row) for row in rows]
    assert len(rows) > 60 and all(named)
    here = Path(__file__).parent.glob("test_peer_*.py")
    defined = {d for path in here for d in re.findall(r"(?m)^def (test_\w+)", path.read_text())}
    assert {name for row in named for name in row} <= defined
