"""An account's events: recorded once, never lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agent.errors import BadInput, BadPath
from agent.memory import timeline
from agent.memory.paths import MemoryRoot
from tests.memory.processes import start


def event(n: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "account_id": "acme",
        "at": "2026-11-17",
        "recorded_at": "2026-11-17T09:00:00Z",
        "kind": "goal_set",
        "instruction_id": "inst_1",
        "data": {"goal": f"G-{n}", "target": 24},
        "source": "inst_1/outputs/final/success_plan.yaml",
        **changes,
    }


def test_events_are_recorded_once(root: MemoryRoot, folder: Path) -> None:
    assert timeline.read(root, "acme") == []
    first = timeline.append(root, "acme", [event(1), event(2), event(1)])
    assert len(first) == 2
    assert timeline.append(root, "acme", [event(2), event(3)]) == [timeline.event_id(event(3))]
    assert timeline.append(root, "acme", []) == []
    events = timeline.read(root, "acme")
    assert [e["data"]["goal"] for e in events] == ["G-1", "G-2", "G-3"]
    assert timeline.told(events[0]) == {"event_id": first[0], **event(1)}
    assert len((folder / timeline.path_of("acme")).read_text().splitlines()) == 3


def test_the_id_follows_from_what_happened() -> None:
    same = event(data={"target": 24, "goal": "G-1"}, recorded_at="later", source="other")
    assert timeline.event_id(event()) == timeline.event_id(same)
    assert len(timeline.event_id(event())) == 16
    for change in ({"at": "2026-11-18"}, {"kind": "goal_measured"}, {"instruction_id": "inst_2"}):
        assert timeline.event_id(event(**change)) != timeline.event_id(event())


def test_unreadable_lines_are_reported_and_kept(root: MemoryRoot, folder: Path) -> None:
    timeline.append(root, "acme", [event(1)])
    path = folder / timeline.path_of("acme")
    with path.open("a") as file:
        file.write("damaged\n[1]\n")
        file.write(json.dumps({**event(9, account_id="other"), "event_id": "x"}) + "\n")
    timeline.append(root, "acme", [event(2)])
    found = timeline.scan(root, "acme")
    assert [e["data"]["goal"] for e in found.events] == ["G-1", "G-2"]
    assert [number for number, _ in found.problems] == [2, 3, 4]
    assert "damaged" in path.read_text()


def test_a_torn_event_is_moved_away_and_recorded_again(root: MemoryRoot, folder: Path) -> None:
    timeline.append(root, "acme", [event(1), event(2)])
    path = folder / timeline.path_of("acme")
    whole = path.read_bytes()
    path.write_bytes(whole[:-30])
    assert timeline.scan(root, "acme").torn.startswith('{"event_id":')
    assert timeline.append(root, "acme", [event(1), event(2)]) == [timeline.event_id(event(2))]
    assert path.read_bytes() == whole
    torn = (folder / timeline.torn_path("acme")).read_bytes()
    assert torn == whole.splitlines()[1][:-29] + b"\n"


def test_a_line_without_its_end_of_line_is_an_event(root: MemoryRoot, folder: Path) -> None:
    timeline.append(root, "acme", [event(1)])
    path = folder / timeline.path_of("acme")
    path.write_bytes(path.read_bytes()[:-1])
    assert timeline.append(root, "acme", [event(1)]) == []
    timeline.append(root, "acme", [event(2)])
    assert [e["data"]["goal"] for e in timeline.read(root, "acme")] == ["G-1", "G-2"]
    assert timeline.scan(root, "acme").tampering("acme") == []


def test_unknown_fields_and_kinds_of_later_versions_are_read(
    root: MemoryRoot, folder: Path
) -> None:
    timeline.append(root, "acme", [event(1, extra="kept")])
    later = {**event(2, kind="invented_later"), "event_id": "later"}
    with (folder / timeline.path_of("acme")).open("a") as file:
        file.write(json.dumps(later) + "\n")
    assert [e["kind"] for e in timeline.read(root, "acme")] == ["goal_set", "invented_later"]
    assert timeline.read(root, "acme")[0]["extra"] == "kept"


@pytest.mark.parametrize(
    "changes", [{"account_id": "other"}, {"kind": "invented"}], ids=["account", "kind"]
)
def test_foreign_events_are_refused(root: MemoryRoot, changes: dict[str, str]) -> None:
    with pytest.raises(BadInput):
        timeline.append(root, "acme", [event(**changes)])
    incomplete = event()
    del incomplete["at"], incomplete["source"]
    with pytest.raises(BadInput, match="lacks at, source"):
        timeline.append(root, "acme", [incomplete])
    with pytest.raises(BadPath):
        timeline.read(root, "../../etc/passwd")


def test_writers_at_once_lose_nothing(root: MemoryRoot, folder: Path) -> None:
    code = """
        import json
        from agent.memory import timeline
        from agent.memory.paths import MemoryRoot
        root = MemoryRoot.open(Path(args[0]))
        for n in range(10):
            for who in (args[1], "all"):
                event = json.loads(args[2])
                event["data"] = {"who": who, "n": n}
                timeline.append(root, "acme", [event])
    """
    workers = [start(code, folder, n, json.dumps(event())) for n in range(4)]
    for worker in workers:
        _, err = worker.communicate(timeout=60)
        assert worker.returncode == 0, err
    found = timeline.scan(root, "acme")
    assert found.problems == []
    assert len(found.events) == 50
    assert len((folder / timeline.path_of("acme")).read_text().splitlines()) == 50
