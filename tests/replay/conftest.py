from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from agent.replay.replaying import Account, open_replayer
from tests.cli.conftest import csm as csm
from tests.demo.conftest import played as played
from tests.run import support as s
from tests.run.conftest import _no_settings_of_the_machine as _no_settings_of_the_machine
from tests.run.conftest import memory as memory
from tests.run.conftest import naps as naps
from tests.run.conftest import run as run
from tests.run.conftest import serve as serve

SHIPPED = s.DEMO.parent / "personas"
PERSONA = "customer-success-manager"

Local = Callable[..., Path]
Replay = Callable[..., Account]


@pytest.fixture
def local(tmp_path: Path) -> Local:
    """A folder of local policy: the shipped file `name` with a change made to it."""

    def make(name: str, change: Callable[[Any], None]) -> Path:
        document = yaml.load((SHIPPED / name).read_text("utf-8"), Loader=yaml.CSafeLoader)
        change(document)
        path = tmp_path / "draft" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(document, sort_keys=False, allow_unicode=True), "utf-8")
        return tmp_path / "draft"

    return make


@pytest.fixture
def replay(memory: Path) -> Iterator[Replay]:
    """Replay a run of the memory; whatever comes of it, not a byte of the memory may move."""
    before: dict[str, Any] = {}

    def start(iid: str = s.IID, run: int = 0, personas: Path | None = None) -> Account:
        before.update(traces(memory))
        account = open_replayer(memory, personas).replay(iid, run)
        assert traces(memory) == before
        return account

    yield start


def traces(memory: Path) -> dict[str, Any]:
    """Every file with its bytes, lock files as well, and every folder with what it holds."""
    return {
        path.relative_to(memory).as_posix(): path.read_bytes()
        if path.is_file()
        else path.stat().st_mtime_ns
        for path in [memory, *memory.rglob("*")]
    }


def kinds(account: Account) -> list[str]:
    return [difference.kind for difference in account.differences]


def moved(account: Account, kind: str) -> dict[str, tuple[Any, Any]]:
    """Values that moved in the differences of one kind, by path."""
    return {
        change.path: (change.before, change.after)
        for difference in account.differences
        if difference.kind == kind
        for change in difference.changes
    }


def cut(memory: Path, iid: str, records: int, tail: str = "") -> None:
    """Leave only the first `records` of a journal, as a process that was killed there would."""
    path = memory / iid / "episodic/journal.jsonl"
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:records]) + tail, "utf-8")
