"""What people put on record, killed at any change of the disk and said again: once, and whole."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from agent.keeping.verify import verify
from agent.memory import timeline
from agent.memory.paths import MemoryRoot
from tests.keeping import support as s
from tests.keeping.conftest import KILLED, Job

RECORDS: dict[str, tuple[str, dict[str, Any]]] = {
    "review": ("review_decided", {"id": s.IID}),
    "promise": ("promise_settled", {"account": s.ACCOUNT, "which": "1"}),
}


@pytest.mark.parametrize("name", RECORDS)
def test_killed_at_any_change_of_the_disk(memory: Path, told: Path, job: Job, name: str) -> None:
    kind, given = RECORDS[name]
    n, died = 0, True
    while died:
        n += 1
        shutil.rmtree(memory)
        shutil.copytree(told, memory)
        died = job(name, memory, kill=n, **given) == KILLED
        job(name, memory, **given)
        events = timeline.read(MemoryRoot.open(memory), s.ACCOUNT)
        assert [e["kind"] for e in events].count(kind) == 1, n
        reviews = list((memory / s.IID).glob("reviews/*.yaml"))
        assert len(reviews) == (name == "review"), n
        assert verify(memory).is_clean, n
    assert n > 4
