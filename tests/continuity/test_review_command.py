"""`csm review`: a decision beside the plan, on the timeline, and where the plan is read."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.conftest import Csm
from tests.continuity.conftest import MUSEUMS, NOVEMBER, play
from tests.continuity.makers import stored

BY = ("--by", "A. Lead", "--as-of", "2026-11-20")
PLAN_FILE = f"{NOVEMBER}/outputs/final/success_plan.yaml"


def decisions(memory: Path) -> list[dict[str, Any]]:
    return [e for e in stored(memory, "tarnholt-rail") if e["kind"] == "review_decided"]


def files(memory: Path) -> list[dict[str, Any]]:
    paths = sorted((memory / NOVEMBER / "reviews").glob("*.yaml"))
    return [yaml.safe_load(path.read_text("utf-8")) for path in paths]


def last_lines(csm: Csm, memory: Path) -> str:
    return csm("show", NOVEMBER, "-m", memory).stdout.split("\nReview\n")[1]


def test_a_decision_is_kept_in_three_places(memory: Path, csm: Csm) -> None:
    assert last_lines(csm, memory) == "  not reviewed yet\n"
    said = csm("review", NOVEMBER, "--send-back", "--why", "no owner", *BY, "-m", memory)
    assert (
        f"recorded: plan_{NOVEMBER}_r1 sent back by A. Lead on 2026-11-20: no owner" in said.stdout
    )
    (event,), (kept,) = decisions(memory), files(memory)
    sha = hashlib.sha256((memory / PLAN_FILE).read_bytes()).hexdigest()
    assert (event["at"], event["data"]["decision"]) == ("2026-11-20", "sent_back")
    assert event["data"]["sha256"] == kept["plan_sha256"] == sha
    assert (kept["review_id"], kept["why"], kept["by"]) == (
        event["event_id"],
        "no owner",
        "A. Lead",
    )
    assert last_lines(csm, memory) == "  sent back by A. Lead on 2026-11-20: no owner\n"
    customer = csm("show", NOVEMBER, "-m", memory, "--audience", "customer").stdout
    assert "A. Lead" not in customer and "\nReview\n" not in customer


def test_the_last_decision_counts_and_the_same_one_is_told_once(memory: Path, csm: Csm) -> None:
    approve, send_back = ("--approve",), ("--send-back", "--why", "no owner")
    for words in (approve, approve, send_back, approve):
        assert csm("review", NOVEMBER, *words, *BY, "-m", memory).exit_code == 0
    told = [e["data"]["decision"] for e in decisions(memory)]
    assert told == ["approved", "sent_back", "approved"]
    assert {kept["review_id"] for kept in files(memory)} == {
        e["event_id"] for e in decisions(memory)
    }
    assert last_lines(csm, memory) == "  approved by A. Lead on 2026-11-20\n"


def test_a_new_revision_has_to_be_reviewed_anew(memory: Path, csm: Csm) -> None:
    csm("review", NOVEMBER, "--send-back", "--why", "no owner", *BY, "-m", memory)
    play(memory, NOVEMBER, "2026-11-21", again=True)
    assert last_lines(csm, memory) == (
        "  not reviewed yet; revision 1 was sent back by A. Lead on 2026-11-20: no owner\n"
    )
    page = csm("account", "tarnholt-rail", "-m", memory, "--as-of", "2026-11-22").stdout
    assert "not reviewed\n" in page


def test_a_record_without_its_file_gets_it_when_the_decision_is_repeated(
    memory: Path, csm: Csm
) -> None:
    words = ("review", NOVEMBER, "--approve", *BY, "-m", memory)
    csm(*words)
    for path in (memory / NOVEMBER / "reviews").iterdir():
        path.unlink()
    assert "on record already" in csm(*words).stdout
    assert len(decisions(memory)) == len(files(memory)) == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((NOVEMBER, *BY), "Give one of the two"),
        ((NOVEMBER, "--approve", "--send-back", "--why", "x", *BY), "Give one of the two"),
        ((NOVEMBER, "--send-back", *BY), "needs a reason"),
        ((NOVEMBER, "--approve"), "needs an author"),
        ((NOVEMBER, "--approve", "--by", "A", "--as-of", "2026-11-16"), "cannot be decided on"),
        (("inst_20261117_002", "--approve", *BY), "no success plan"),
        (("inst_20260519_002", "--approve", *BY), "not a success_plan/1"),
    ],
    ids=["neither", "both", "no-reason", "no-author", "too-early", "no-plan", "foreign"],
)
def test_what_cannot_be_decided_is_refused_and_leaves_no_trace(
    memory: Path, csm: Csm, words: tuple[str, ...], told: str
) -> None:
    said = csm("review", *words, "-m", memory)
    assert (said.exit_code, said.stdout) == (2, "") and told in said.stderr
    assert decisions(memory) == [] and not (memory / NOVEMBER / "reviews").exists()
    assert not (memory / MUSEUMS / "reviews").exists()
