"""Killed at random over runs, publications and records of people: nothing lost, nothing paid twice.

A slice of what `python -m benchmarks.kills` does with five hundred kills.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.many.kills import Killer, World, killer, script
from tests.run import support as s
from tests.support.messages_api import MessagesApi


@pytest.fixture(scope="module")
def job() -> Iterator[Killer]:
    with killer() as started:
        yield started


@pytest.mark.parametrize("seed", [1, 2])
def test_after_every_kill_the_next_run_puts_everything_right(
    job: Killer, tmp_path: Path, seed: int
) -> None:
    with MessagesApi(script) as api:
        world = World(tmp_path / "memory", api, job, seed)
        world.live(10)
    assert world.tally.wrong == []
    assert sum(world.tally.kills.values()) >= 10
    assert world.tally.billed == world.tally.needed + world.tally.lost_replies > 0


def test_what_is_looked_at_would_be_missed(job: Killer, tmp_path: Path) -> None:
    with MessagesApi(script) as api:
        world = World(tmp_path / "memory", api, job, seed=3)
        world.look()
        assert world.tally.wrong == []
        scores = world.folder / s.SCORES
        scores.write_text(scores.read_text().replace("score: ", "score: 1", 1))
        lines = (world.folder / s.TIMELINE).read_text().splitlines(keepends=True)
        (world.folder / s.TIMELINE).write_text("".join(lines[:-2] + lines[-1:]))
        (world.folder / s.INSIGHTS).with_name(".tmp-0").touch()
        world.look()
    told = " ".join(world.tally.wrong)
    for fault in ("timeline of tarnholt-rail", "is not what its timeline tells", "left behind"):
        assert fault in told
