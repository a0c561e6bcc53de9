"""Files that another program replaces while a run is at work, at the moments that matter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from agent import publication, run
from agent.memory import scores_file, timeline, views
from agent.memory.paths import MemoryRoot
from tests.run import support as s

OTHER = {"schema": "customer_health_scores/1", "accounts": {"other-co": {"score": 41.0}}}


def plain_run(memory: Path, **options: Any) -> Any:
    given: dict[str, Any] = {"model": "playbook", "as_of": s.AS_OF, "now": lambda: s.NOW}
    return run(s.IID, memory=memory, **given | options)


def replace(file: Path, text: str) -> None:
    """As a careful program does it: a new file under the old name."""
    aside = file.with_name("aside")
    file.parent.mkdir(parents=True, exist_ok=True)
    aside.write_text(text, "utf-8")
    aside.rename(file)


@pytest.fixture
def between(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[int], None]], None]:
    """Let another program act after a publication has read the scores file and before it writes."""

    def arrange(act: Callable[[int], None]) -> None:
        real, turns = publication._scores, [0]

        def prepared(*args: Any) -> Any:
            staged = real(*args)
            turns[0] += 1
            act(turns[0])
            return staged

        monkeypatch.setattr(publication, "_scores", prepared)

    return arrange


def assert_whole(memory: Path) -> None:
    root = MemoryRoot.open(memory)
    found = timeline.scan(root, s.ACCOUNT)
    assert (found.problems, found.torn, found.tampering(s.ACCOUNT)) == ([], "", [])
    assert scores_file.read_entry(root, s.ACCOUNT) == views.score_entry(found.events)
    assert [path for path in memory.rglob(".tmp-*")] == []


def test_scores_replaced_once_in_mid_publication_keep_both_changes(
    memory: Path, between: Callable[[Callable[[int], None]], None]
) -> None:
    between(lambda n: replace(memory / s.SCORES, yaml.safe_dump(OTHER)) if n < 3 else None)
    assert plain_run(memory).status == "completed"
    assert set(s.load(memory, s.SCORES)["accounts"]) == {"other-co", s.ACCOUNT}
    assert_whole(memory)


def test_scores_that_never_stand_still_fail_the_run_and_the_next_one_ends_it(
    memory: Path, between: Callable[[Callable[[int], None]], None]
) -> None:
    act = [lambda n: replace(memory / s.SCORES, f"accounts: {{other-co: {{score: {n}}}}}\n")]
    between(lambda n: act[0](n))
    failed = plain_run(memory)
    assert (failed.status, failed.exit_code) == ("failed", 1)
    assert "another program keeps replacing this file" in failed.summary
    assert s.SCORES in failed.summary and "csm resume" in failed.summary
    assert not (memory / s.PLAN).exists()
    assert set(s.load(memory, s.SCORES)["accounts"]) == {"other-co"}
    act[0] = lambda _n: None  # type: ignore[assignment,return-value]
    assert plain_run(memory).status == "completed"
    assert set(s.load(memory, s.SCORES)["accounts"]) == {"other-co", s.ACCOUNT}
    assert_whole(memory)


@pytest.mark.parametrize(
    "text", ["accounts: [", "accounts: 7\n", "a: 1\na: 2\n"], ids=["half", "other", "twice"]
)
def test_scores_replaced_by_something_unreadable_are_left_as_they_are(
    memory: Path, between: Callable[[Callable[[int], None]], None], text: str
) -> None:
    between(lambda n: replace(memory / s.SCORES, text) if n == 1 else None)
    failed = plain_run(memory)
    assert failed.status == "failed" and s.SCORES in failed.summary
    assert (memory / s.SCORES).read_text() == text and not (memory / s.PLAN).exists()
    (memory / s.SCORES).unlink()
    assert plain_run(memory).status == "completed"
    assert_whole(memory)


def test_scores_removed_in_mid_publication_are_made_anew(
    memory: Path, between: Callable[[Callable[[int], None]], None]
) -> None:
    replace(memory / s.SCORES, yaml.safe_dump(OTHER))
    between(lambda n: (memory / s.SCORES).unlink() if n == 1 else None)
    assert plain_run(memory).status == "completed"
    assert set(s.load(memory, s.SCORES)["accounts"]) == {s.ACCOUNT}
    assert_whole(memory)


@pytest.mark.parametrize("text", ["accounts: [", ""], ids=["damaged", "removed"])
def test_insights_lost_in_mid_run_do_not_reach_it(memory: Path, text: str) -> None:
    file = memory / s.INSIGHTS
    kept, seen = file.read_text("utf-8"), []

    def lose(kind: str, _data: Mapping[str, Any]) -> None:
        if kind == "asking" and not seen:
            seen.append(kind)
            replace(file, text) if text else file.unlink()

    result = plain_run(memory, progress=lose)
    assert seen and result.status == "completed"
    assert s.load(memory, s.PLAN)["renewal"]["arr"] == 148000.0
    again = s.ask_for(memory, s.OURS, "inst_20261118_102")
    replace(file, kept)
    done = run(again, memory=memory, model="playbook", as_of=s.AS_OF, now=lambda: s.NOW)
    assert done.status == "completed"
    assert_whole(memory)


def test_a_timeline_replaced_by_an_older_copy_shows_for_good(memory: Path) -> None:
    plain_run(memory)
    file = memory / s.TIMELINE
    older = file.read_bytes()
    plain_run(memory, again=True)
    file.write_bytes(older)
    later = s.ask_for(memory, s.OURS, "inst_20261124_103")
    result = run(later, memory=memory, model="playbook", as_of="2026-11-24", now=lambda: s.NOW)
    assert result.status == "completed"
    found = timeline.scan(MemoryRoot.open(memory), s.ACCOUNT)
    ((line, reason),) = found.tampering(s.ACCOUNT)
    assert line == older.count(b"\n") + 1 and "before it was changed or removed" in reason


def test_a_plan_replaced_by_hand_is_kept_when_a_revision_supersedes_it(memory: Path) -> None:
    plain_run(memory)
    by_hand = (memory / s.PLAN).read_text("utf-8") + "# seen by A. Lead\n"
    replace(memory / s.PLAN, by_hand)
    assert plain_run(memory, again=True).status == "completed"
    kept = memory / s.IID / "outputs/revisions/success_plan.r1.yaml"
    assert kept.read_text("utf-8") == by_hand
    assert_whole(memory)
