"""Forget: a customer is nowhere in a memory afterwards, and everybody else is where they were."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
import yaml

from agent import run
from agent.errors import Blocked, Busy
from agent.keeping.forget import TOMBSTONES, UNDER_WAY, forget, survey
from agent.keeping.verify import verify
from agent.memory import timeline
from agent.memory.paths import MemoryRoot
from tests.keeping import support as s
from tests.keeping.conftest import KILLED, Csm, Job
from tests.memory.processes import start
from tests.run.support import inbox

BY = ("--by", "D. Protection", "--yes")
PROSE = ("README.md", "_archive/year.txt")  # about the demo as such: nobody's data
COPY = "_knowledge/semantic/customer_insights.20261101T090000Z.yaml"


@pytest.fixture
def memory(memory: Path) -> Path:
    """The memory with a history, without the demo's prose; with copies that imports keep."""
    for path in PROSE:
        (memory / path).unlink()
    shutil.copy(memory / s.INSIGHTS, memory / COPY)
    return memory


def words_of(known: dict[str, object], others: str) -> set[str]:
    """Names, addresses and long figures in what is known about the account and about no other."""
    text = json.dumps(known, ensure_ascii=False)
    found = set(re.findall(r"[\w.+-]+@[\w.-]+\w", text)) | set(re.findall(r"\b\d{5,}\b", text))
    found |= {n for n in re.findall(r'"name": "([^"]+)"', text) if " " in n}
    return {word for word in found if word not in others}


def test_nothing_speaks_of_the_customer_any_more(memory: Path, csm: Csm) -> None:
    accounts = yaml.safe_load((memory / s.INSIGHTS).read_text("utf-8"))["accounts"]
    known = accounts.pop(s.ACCOUNT)
    words = words_of(known, json.dumps(accounts, ensure_ascii=False))
    assert len(words) > 15 and "148000" in words
    words |= {s.ACCOUNT, s.NAME, "Tarnholt"}
    done = csm("memory", "forget", s.NAME, *BY)
    assert (done.exit_code, done.stderr) == (0, "")
    assert "no file of this memory speaks of it any more" in done.stdout
    assert "Backups and copies outside this memory are not reached" in done.stdout
    for path in sorted(memory.rglob("*")):
        assert s.ACCOUNT not in path.name
        data = path.read_bytes().lower() if path.is_file() else b""
        data = re.sub(rb"\b(?=[0-9]*[a-f])[0-9a-f]{16,}\b", b"", data)  # hashes are no figures
        assert [w for w in words if w.lower().encode() in data] == [], path
    assert verify(memory).is_clean


def test_everybody_else_keeps_every_byte(memory: Path) -> None:
    before = s.tree(memory)
    gone = survey(memory, s.ACCOUNT).holdings
    assert s.tree(memory) == before
    forget(memory, s.ACCOUNT, by="D. Protection", now=s.NOW)
    after = s.tree(memory)
    assert set(after) - set(before) == {TOMBSTONES}
    assert set(gone.folders) == {s.IID, "inst_20260818_001"}
    for path, data in before.items():
        if path in gone.entries:
            start_, end = data.index(f"  {s.ACCOUNT}:".encode()), len(data)
            following = re.compile(rb"\n  (?=[a-z])").search(data, start_ + 3)
            end = following.start() + 1 if following else end
            assert after[path] == data[:start_] + data[end:], path
        elif any(path == item or path.startswith(f"{item}/") for item in gone.gone):
            assert path not in after
        else:
            assert after[path] == data, path
    assert {"_archive/customer_insights_2026-08-17.yaml", COPY, s.INSIGHTS, s.SCORES} == {
        p for p in gone.entries
    }


def test_the_tombstone_says_when_and_by_whom_and_not_what(memory: Path, csm: Csm) -> None:
    counted = survey(memory, s.ACCOUNT).files
    done = csm("memory", "forget", s.ACCOUNT, *BY, "--reason", "request of 3 November")
    assert done.exit_code == 0
    (line,) = (memory / TOMBSTONES).read_text().splitlines()
    stone = json.loads(line)
    assert stone.pop("erasure")
    assert stone == {"at": "2026-11-17T09:00:00Z", "by": "D. Protection", "files": counted,
                     "reason": "request of 3 November"}  # fmt: skip
    assert counted > 15
    assert not (memory / UNDER_WAY).exists()
    again = csm("memory", "forget", s.ACCOUNT, *BY)
    assert (again.exit_code, again.stdout) == (
        0, f"nothing in this memory is about '{s.ACCOUNT}'\n"
    )  # fmt: skip
    assert (memory / TOMBSTONES).read_text().splitlines() == [line]


def test_what_others_wrote_is_listed_and_left(memory: Path, csm: Csm) -> None:
    note = memory / s.OTHER_IID / "notes.md"
    note.write_text("First line\nAs with TARNHOLT  Rail\n  services: ask mara.\n")
    figures = memory / "board.csv"
    figures.write_text("total;148,000\nother;148000.5;1480001\n")
    (memory / f"{s.ACCOUNT}.txt").write_text("")
    done = csm("memory", "forget", s.ACCOUNT, *BY)
    assert done.exit_code == 1
    assert [line for line in done.stdout.splitlines() if line.startswith("LEFT")] == [
        "LEFT  board.csv:1: still holds one of its figures",
        f"LEFT  {s.OTHER_IID}/notes.md:2: still holds its name",
        f"LEFT  {s.ACCOUNT}.txt: still holds its id",
    ]
    assert "edit or remove them by hand, then run this again" in done.stdout
    for path in (note, figures, memory / f"{s.ACCOUNT}.txt"):
        path.unlink()
    assert csm("memory", "forget", s.ACCOUNT, *BY).exit_code == 0


def test_a_longer_id_is_another_account(memory: Path) -> None:
    text = (memory / s.INSIGHTS).read_text("utf-8")
    other = f"{s.ACCOUNT}.head"  # as devious as ids may be
    (memory / s.INSIGHTS).write_text(text + f"  {other}:\n    name: Oter Holding\n", "utf-8")
    root = MemoryRoot.open(memory)
    event = {"account_id": other, "at": "2026-11-17", "recorded_at": "", "kind": "goal_set",
             "instruction_id": "inst_1", "data": {}, "source": ""}  # fmt: skip
    timeline.append(root, other, [event])
    assert forget(memory, s.ACCOUNT, by="D. Protection", now=s.NOW).traces == []
    assert len(timeline.read(root, other)) == 1
    assert other in (memory / s.INSIGHTS).read_text("utf-8")


def test_children_and_mixed_journals_stay_and_are_named(memory: Path, csm: Csm) -> None:
    child = memory / "inst_20261118_001"
    child.mkdir()
    (child / "instruction.yaml").write_text(
        f"id: inst_20261118_001\naccount: {s.OTHER}\nobjective: Plan.\nparent: {s.IID}\n"
    )
    mixed = memory / s.OTHER_IID / "episodic/journal.jsonl"
    with mixed.open("a") as file:
        file.write(json.dumps({"seq": 99, "kind": "loaded", "snapshot": {"account_id": s.ACCOUNT}}))
    done = csm("memory", "forget", s.ACCOUNT, *BY)
    assert done.exit_code == 1
    assert "kept: inst_20261118_001 is about somebody else" in done.stdout
    assert f"KEPT: {s.OTHER_IID} holds data of other accounts as well" in done.stdout
    assert child.exists() and mixed.exists()


def test_it_is_not_done_by_accident(memory: Path, csm: Csm) -> None:
    before = s.tree(memory)
    for args, words in (
        ((), "--yes: this cannot be undone"),
        (("--yes",), "--by: an erasure needs an author"),
        (("--by", "Tarnholt's CSM", "--yes"), "--by: this would keep what is to be forgotten"),
        ((*BY, "--reason", f"{s.NAME} left"), "--reason: this would keep"),
    ):
        done = csm("memory", "forget", s.ACCOUNT, *args)
        assert done.exit_code == 2 and words in done.stderr
    dry = csm("memory", "forget", s.ACCOUNT, "--dry-run")
    assert dry.exit_code == 0
    assert f"would erase instruction folder: {s.IID}\n" in dry.stdout
    assert s.tree(memory) == before
    assert csm("memory", "forget", "no such customer", *BY).exit_code == 0
    assert s.tree(memory) == before


@pytest.mark.parametrize("name", [f"account-{s.ACCOUNT}", f"instruction-{s.IID}"])
def test_refused_while_a_run_is_going_on(memory: Path, name: str) -> None:
    before = s.tree(memory)
    code = """
        from agent.memory.locks import lock
        from agent.memory.paths import MemoryRoot
        with lock(MemoryRoot.open(Path(args[0])), args[1], wait=0):
            print("there", flush=True)
            sys.stdin.read()
    """
    with start(code, memory, name) as worker:
        assert worker.stdout is not None and worker.stdout.readline() == "there\n"
        with pytest.raises(Busy):
            forget(memory, s.ACCOUNT, by="D. Protection", now=s.NOW)
        worker.communicate("")
    assert s.tree(memory) == before


def test_killed_at_any_change_of_the_disk(memory: Path, job: Job) -> None:
    whole = memory.rename(memory.with_name("whole"))
    counted = survey(whole, s.ACCOUNT).files
    n, died = 0, True
    while died:
        n += 1
        shutil.copytree(whole, memory)
        died = job("forget", memory, account=s.ACCOUNT, kill=n) == KILLED
        if n % 3 == 0 or not died:  # the others differ in which file was next
            again = job("forget", memory, account=s.ACCOUNT)
            assert again["complete"] is True, (n, again["traces"], again["holdings"]["mixed"])
            (line,) = (memory / TOMBSTONES).read_text().splitlines()
            assert json.loads(line)["files"] == counted, n
            assert not (memory / UNDER_WAY).exists(), n
            names = [p.name for p in memory.rglob("*")]
            assert not [name for name in names if s.ACCOUNT in name], n
            assert verify(memory).is_clean, n
        shutil.rmtree(memory)
    assert n > 30


def test_an_erasure_half_way_is_told_and_goes_first(memory: Path, csm: Csm, job: Job) -> None:
    assert job("forget", memory, account=s.ACCOUNT, kill=20) == KILLED
    found = csm("memory", "verify")
    assert found.exit_code == 1
    assert f"{UNDER_WAY}: an erasure was begun and did not come to its end" in found.stdout
    with pytest.raises(Blocked, match="another account was begun"):
        forget(memory, s.OTHER, by="D. Protection", now=s.NOW)
    assert csm("memory", "forget", s.NAME, *BY).exit_code == 0
    assert csm("memory", "verify").exit_code == 0


def test_who_is_in_no_list_any_more_can_still_be_forgotten(memory: Path, csm: Csm) -> None:
    """The customer has left, the insights are without it; its folders and messages are there."""
    document = yaml.safe_load((memory / s.INSIGHTS).read_text("utf-8"))
    del document["accounts"][s.ACCOUNT]
    (memory / s.INSIGHTS).write_text(yaml.safe_dump(document, allow_unicode=True), "utf-8")
    assert inbox(memory)
    assert csm("memory", "forget", s.NAME, *BY).exit_code == 0
    assert not (memory / s.IID).exists()
    assert s.NAME not in "".join(path.read_text() for path in inbox(memory))


def test_a_new_run_finds_no_trace(memory: Path) -> None:
    forget(memory, s.ACCOUNT, by="D. Protection", now=s.NOW)
    (memory / "inst_20261201_001").mkdir()
    (memory / "inst_20261201_001/instruction.yaml").write_text(
        "id: inst_20261201_001\nobjective: Write the success plan.\naccount: somebody\n"
    )
    result = run("inst_20261201_001", memory=memory, model="playbook", now=lambda: s.NOW)
    assert result.status == "needs_context" and s.ACCOUNT not in str(result)


def test_a_word_that_nobody_is_called_erases_nothing_and_says_so(memory: Path, csm: Csm) -> None:
    before = s.tree(memory)
    done = csm("memory", "forget", "rail", *BY)
    assert done.exit_code == 1
    assert "nothing in this memory is about 'rail', and nothing was erased" in done.stdout
    after = s.tree(memory)
    locks = "_knowledge/episodic/locks/"
    assert {p: d for p, d in after.items() if not p.startswith(locks)} == {
        p: d for p, d in before.items() if not p.startswith(locks)
    }
