"""The invented book of the benchmarks: the same every time, and believable."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from pathlib import Path

import pytest

pytest.importorskip("polars")

from agent.household import DEFAULT_PERSONA, open_household
from agent.scoring_table import score_table
from benchmarks.make_book import AS_OF, rows, write
from benchmarks.naive_book import health


def test_same_arguments_same_bytes(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        write(tmp_path / name, rows(200, seed=7, dirty=0.2))
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    assert list(islice(rows(10**9), 50)) == list(rows(50))


def test_all_tiers_and_defects_occur_and_every_row_is_accounted_for(tmp_path: Path) -> None:
    path = tmp_path / "book.csv"
    write(path, rows(2000, dirty=0.2))
    policies = open_household(DEFAULT_PERSONA).persona.policies
    found = score_table(path, as_of=AS_OF, policies=policies)
    assert found.rows == 2000 == found.judged + found.rejected
    assert found.rejected and len(found.listed) == min(50, found.rejected)
    assert set(found.invalid_cells) == {"logins", "nps_company", "renewal_date", "segment"}
    assert min(found.counts["tier"][tier] for tier in ("green", "yellow", "red")) > 200


def test_the_yardstick_asks_the_same_questions(tmp_path: Path) -> None:
    path = tmp_path / "book.csv"
    write(path, rows(1000))
    policies = open_household(DEFAULT_PERSONA).persona.policies
    ours = score_table(path, as_of=AS_OF, policies=policies).counts["tier"]
    usual = Counter(health(row)["tier"] for row in rows(1000))
    assert sum((ours - usual).values()) <= 20  # it knows nothing of customers being onboarded
