"""Many writers on one memory: every acknowledged update is on record, and in both places.

The full counts (64 processes, 100 updates each) are run by `python -m benchmarks.writers`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.many.writers import Kept, account, at_once, build, count


@pytest.mark.parametrize(
    ("processes", "updates"), [(64, 4), (8, 25)], ids=["many processes", "many updates"]
)
def test_updates_of_different_accounts_lose_nothing(
    tmp_path: Path, processes: int, updates: int
) -> None:
    folder = build(tmp_path / "memory", processes)
    accounts = [account(n) for n in range(processes)]
    assert at_once(folder, accounts, updates) == ([0] * processes, 0)
    assert count(folder, accounts) == Kept(processes * updates, processes, 0, 0)
    assert [p for p in folder.rglob(".tmp-*")] == []


def test_updates_of_one_account_are_serial_and_lose_nothing(tmp_path: Path) -> None:
    folder = build(tmp_path / "memory", 3)
    accounts = [account(1)] * 24
    assert at_once(folder, accounts, 8) == ([0] * 24, 0)
    assert count(folder, accounts) == Kept(24 * 8, 1, 0, 0)
    assert count(folder, [account(0), account(2)]) == Kept(0, 2, 0, 0)
