"""The hash chain: whatever is done to a timeline by hand shows, and where."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.memory import chain, timeline
from agent.memory.paths import MemoryRoot
from tests.memory.test_timeline import event


@pytest.fixture
def lines(root: MemoryRoot, folder: Path) -> Path:
    """A timeline of five events, recorded in two goes."""
    timeline.append(root, "acme", [event(1), event(2), event(3)])
    timeline.append(root, "acme", [event(4), event(5)])
    return folder / timeline.path_of("acme")


def test_an_untouched_timeline_holds(root: MemoryRoot, lines: Path) -> None:
    assert timeline.scan(root, "acme").tampering("acme") == []
    assert all(len(json.loads(line)["chain"]) == 32 for line in lines.read_text().splitlines())


def test_timelines_cannot_change_places(root: MemoryRoot, folder: Path, lines: Path) -> None:
    timeline.append(root, "other", [event(1, account_id="other")])
    theirs = lines.read_text().replace('"acme"', '"other"')
    (folder / timeline.path_of("other")).write_text(theirs)
    assert timeline.scan(root, "other").tampering("other")[0][0] == 1


CHANGES: dict[str, tuple[Callable[[list[str]], list[str]], list[int]]] = {
    "a figure changed": (lambda x: [*x[:1], x[1].replace("24", "25"), *x[2:]], [2]),
    "a line removed": (lambda x: [*x[:1], *x[2:]], [2]),
    "two lines swapped": (lambda x: [x[1], x[0], *x[2:]], [1, 2, 3]),
    "the first removed": (lambda x: x[1:], [1]),
    "the last removed": (lambda x: x[:-1], [0]),
    "an unlinked one added": (
        lambda x: [*x, json.dumps({**event(6), "event_id": "made up"})],
        [6],
    ),
    "all links removed": (
        lambda x: [json.dumps({k: v for k, v in json.loads(y).items() if k != "chain"}) for y in x],
        [0],
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_shows_and_where(root: MemoryRoot, lines: Path, name: str) -> None:
    change, where = CHANGES[name]
    lines.write_text("\n".join(change(lines.read_text().splitlines())) + "\n")
    assert [line for line, _ in timeline.scan(root, "acme").tampering("acme")] == where


@pytest.mark.parametrize("kept", ["", "before"])
def test_a_kept_link_that_a_crash_left_behind_is_brought_up_to_date(
    root: MemoryRoot, folder: Path, lines: Path, kept: str
) -> None:
    head = folder / timeline.head_path("acme")
    newest = head.read_text()
    third = json.loads(lines.read_text().splitlines()[2])["chain"]
    head.write_text(f"{third}\n" if kept else "")
    assert timeline.append(root, "acme", [event(5)]) == []
    assert head.read_text() == newest


def test_recording_more_does_not_hide_that_lines_were_taken_off(
    root: MemoryRoot, lines: Path
) -> None:
    lines.write_text("".join(lines.read_text().splitlines(keepends=True)[:-1]))
    assert timeline.append(root, "acme", [event(4)]) == []
    assert [line for line, _ in timeline.scan(root, "acme").tampering("acme")] == [0]
    timeline.append(root, "acme", [event(6), event(7)])
    assert [line for line, _ in timeline.scan(root, "acme").tampering("acme")] == [5]


def test_events_from_before_there_were_chains_are_counted_in(
    root: MemoryRoot, folder: Path
) -> None:
    path = folder / timeline.path_of("acme")
    path.parent.mkdir(parents=True)
    old = [{"event_id": timeline.event_id(event(n)), **event(n)} for n in (1, 2)]
    path.write_text("".join(json.dumps(e) + "\n" for e in old))
    timeline.append(root, "acme", [event(3)])
    assert timeline.scan(root, "acme").tampering("acme") == []
    path.write_text(path.read_text().replace("G-1", "G-9"))
    assert [line for line, _ in timeline.scan(root, "acme").tampering("acme")] == [3]


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
events = st.lists(st.fixed_dictionaries({"data": values}), min_size=1, max_size=6)


@given(events, st.data())
def test_any_change_of_any_event_breaks_the_chain(
    made: list[dict[str, object]], draw: st.DataObject
) -> None:
    links = [json.loads(json.dumps(e)) for e in chain.chained("acme", made)]
    assert chain.breaks("acme", links) == []
    at = draw.draw(st.integers(0, len(links) - 1))
    links[at]["data"] = {"was": links[at]["data"], "and": "more"}
    assert [n for n, _ in chain.breaks("acme", links)] == [at]
