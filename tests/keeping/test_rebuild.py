"""Rebuild: the same bytes again, from the events; what gives way is kept."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from agent.keeping.rebuild import rebuild
from agent.keeping.verify import verify
from agent.memory import timeline
from agent.memory.paths import MemoryRoot
from tests.keeping import support as s
from tests.keeping.conftest import KILLED, Csm, Job
from tests.keeping.test_verify import Damage, cut, lines_out, remove, swap, write
from tests.memory.processes import start


def differences(memory: Path, told: Path) -> dict[str, bytes]:
    """Files that are not as they were, and what they hold."""
    before, after = s.tree(told), s.tree(memory)
    assert before.keys() <= after.keys()
    return {path: data for path, data in after.items() if before.get(path) != data}


LOST: dict[str, Damage] = {
    "the scores": remove(s.SCORES),
    "an entry": lambda m: (m / s.SCORES).write_text(
        "schema: customer_health_scores/1\naccounts:\n"
        + (m / s.SCORES).read_text().split("accounts:\n")[1].split(f"  {s.ACCOUNT}:")[0]
    ),
    "a plan": remove(s.PLAN),
    "a plan and its revisions": lambda m: shutil.rmtree(m / s.IID / "outputs"),
    "a plan that is behind": lambda m: shutil.copy(m / s.KEPT, m / s.PLAN),
    "the end of a timeline": lines_out(s.TIMELINE, -1, -2, -3),
    "a timeline": remove(s.TIMELINE),
    "a timeline and all documents": lambda m: [
        remove(path)(m) for path in (s.TIMELINE, s.HEAD, s.SCORES, s.PLAN, s.KEPT)
    ],
    "the end of a chain": remove(s.HEAD),
}


@pytest.mark.parametrize("name", LOST)
def test_what_is_gone_comes_back_byte_for_byte(memory: Path, told: Path, name: str) -> None:
    LOST[name](memory)
    # Manifests and messages are no documents of the timeline.
    gone = [p for p in s.tree(told) if "/partial/" in p and not (memory / p).exists()]
    result = rebuild(memory, now=s.NOW)
    for path in gone:
        (memory / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(told / path, memory / path)
    if name == "a timeline and all documents":
        # The other account's override stands in no journal, and its timeline is untouched.
        assert result.is_complete
    assert differences(memory, told) == {}
    assert verify(memory).is_clean


CHANGED: dict[str, tuple[Damage, str]] = {
    "scores that cannot be read": (swap(s.SCORES, "accounts:\n", "accounts: [\n"), s.SCORES),
    "half the scores": (cut(s.SCORES, 900), s.SCORES),
    "a score": (swap(s.SCORES, "score: ", "score: 9"), s.SCORES),
    "half a plan": (write(s.PLAN, b"a: [1\n"), s.PLAN),
    "a plan changed by hand": (swap(s.PLAN, "quarter: ", "quarter: not "), s.PLAN),
    "a kept revision": (swap(s.KEPT, "quarter: ", "quarter: not "), s.KEPT),
}


@pytest.mark.parametrize("name", CHANGED)
def test_what_was_changed_is_kept_beside(memory: Path, told: Path, name: str) -> None:
    damage, path = CHANGED[name]
    damage(memory)
    given_way = (memory / path).read_bytes()
    result = rebuild(memory, now=s.NOW)
    assert result.is_complete
    assert differences(memory, told) == {f"{path}.replaced-{s.MOMENT}": given_way}
    assert {done.kept for done in result.done} == {f"{path}.replaced-{s.MOMENT}"}
    assert verify(memory).is_clean
    assert rebuild(memory, now=s.NOW).done == []


def test_a_torn_timeline_is_mended(memory: Path, told: Path) -> None:
    cut(s.TIMELINE, 30)(memory)
    assert rebuild(memory, now=s.NOW).is_complete
    assert list(differences(memory, told)) == [timeline.torn_path(s.ACCOUNT)]
    assert verify(memory).is_clean


def test_entries_and_keys_of_other_tools_survive(memory: Path) -> None:
    s.changed(memory, s.SCORES, "accounts:\n", "# ours\naccounts:\n  a-prospect: {score: 1}\n")
    s.changed(memory, s.SCORES, "    tier: ", "    crm_owner: R. Okafor\n    tier: wrong ")
    assert rebuild(memory, now=s.NOW).is_complete
    text = (memory / s.SCORES).read_text()
    assert "# ours\naccounts:\n  a-prospect: {score: 1}\n" in text
    entry = yaml.safe_load(text)["accounts"][s.OTHER]
    assert (entry["crm_owner"], entry["tier"]) == ("R. Okafor", "red")
    assert verify(memory).is_clean


def test_a_dry_run_says_what_would_be_done_and_does_nothing(memory: Path, csm: Csm) -> None:
    for path in (s.SCORES, s.PLAN):
        (memory / path).unlink()
    s.without_lines(memory, s.TIMELINE, -1)
    before = s.tree(memory)
    done = csm("memory", "rebuild", "--dry-run")
    assert s.tree(memory) == before
    assert done.stdout.splitlines() == [
        f"{s.TIMELINE}: 1 lost events recorded again",
        f"{s.PLAN}: written again; it is missing",
        f"{s.SCORES}: written again with 2 entries; it is missing",
        "nothing was written (--dry-run)",
    ]
    told = csm("memory", "rebuild", "--json").json
    assert [d["where"] for d in told["done"]] == [s.TIMELINE, s.PLAN, s.SCORES]
    assert csm("memory", "rebuild").stdout == "nothing to do: the documents are as recorded\n"


def test_a_timeline_that_was_changed_gives_no_documents(memory: Path, csm: Csm) -> None:
    s.changed(memory, s.TIMELINE, '"tier":"', '"tier":"not ')
    s.changed(memory, s.PLAN, "quarter: ", "quarter: not ")
    plan = (memory / s.PLAN).read_bytes()
    done = csm("memory", "rebuild")
    assert done.exit_code == 1
    assert f"DAMAGED {s.TIMELINE}:1: this line was changed" in done.stdout
    assert "--trust-timelines" in done.stdout
    assert (memory / s.PLAN).read_bytes() == plan
    trusted = csm("memory", "rebuild", "--trust-timelines")
    assert trusted.exit_code == 1  # the timeline itself is still not whole
    assert b"quarter: not " not in (memory / s.PLAN).read_bytes()


def test_what_no_journal_holds_stays_named_as_lost(memory: Path) -> None:
    path = timeline.path_of(s.OTHER)
    s.without_lines(memory, path, -1)  # the override, which no run has published
    result = rebuild(memory, now=s.NOW)
    assert [f.what for f in result.left] == ["the newest recorded events are missing at its end"]
    event = timeline.read(MemoryRoot.open(memory), s.OTHER)[0]
    timeline.append(MemoryRoot.open(memory), s.OTHER, [{**event, "data": {"later": 1}}])
    found = verify(memory).findings
    assert [f.what.split(",")[0] for f in found] == ["this line was changed"]


def test_one_account_alone_and_its_lock(memory: Path, csm: Csm) -> None:
    other = f"{s.OTHER_IID}/outputs/final/success_plan.yaml"
    for path in (s.PLAN, other):
        (memory / path).unlink()
    code = """
        from agent.memory.locks import lock
        from agent.memory.paths import MemoryRoot
        with lock(MemoryRoot.open(Path(args[0])), f"account-{args[1]}", wait=0):
            print("there", flush=True)
            sys.stdin.read()
    """
    with start(code, memory, s.ACCOUNT) as worker:
        assert worker.stdout is not None and worker.stdout.readline() == "there\n"
        assert csm("memory", "rebuild", "--account", s.OTHER).exit_code == 0
        busy = csm("memory", "rebuild")
        worker.communicate("")
    assert busy.exit_code == 1 and "left as it is: 'account-tarnholt-rail' is in" in busy.stdout
    assert (memory / other).exists() and not (memory / s.PLAN).exists()
    assert csm("memory", "rebuild").exit_code == 0 and verify(memory).is_clean


def test_killed_at_any_change_of_the_disk(memory: Path, told: Path, job: Job) -> None:
    cut(s.TIMELINE, 900)(memory)
    swap(s.SCORES, "score: ", "score: 9")(memory)
    swap(s.PLAN, "quarter: ", "quarter: not ")(memory)
    remove(s.KEPT)(memory)
    damaged = memory.rename(memory.with_name("damaged"))
    n, died = 0, True
    while died:
        n += 1
        shutil.copytree(damaged, memory)
        died = job("rebuild", memory, kill=n) == KILLED
        if n % 2 == 0 or not died:
            again = job("rebuild", memory, now="2026-11-18T09:00:00+00:00")
            assert again["complete"] is True, n
            assert verify(memory).is_clean, n
            kept = {path.split(".replaced-")[0] for path in differences(memory, told)}
            assert kept == {s.SCORES, s.PLAN, timeline.torn_path(s.ACCOUNT)}, n
        shutil.rmtree(memory)
    assert n > 15
