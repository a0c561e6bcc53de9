"""Verify: a memory is clean, or every damage is named with its place and a way out."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.keeping.findings import Finding
from agent.keeping.verify import verify
from agent.memory import timeline
from agent.memory.paths import MemoryRoot
from tests.keeping import support as s
from tests.keeping.conftest import Csm
from tests.memory.processes import start

Damage = Callable[[Path], object]


def damaged(memory: Path, **options: str) -> list[Finding]:
    before = s.tree(memory)
    found = [f for f in verify(memory, **options).findings if not f.is_note]
    assert s.tree(memory) == before
    return found


def test_a_memory_with_a_history_is_clean(memory: Path, csm: Csm) -> None:
    done = csm("memory", "verify")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.startswith("clean; looked at 2 accounts, ")
    assert "3 plans, 2 journals" in done.stdout
    told = csm("memory", "verify", "--json").json
    assert told["clean"] is True and told["findings"] == []


def test_an_empty_memory_is_clean(tmp_path: Path, csm: Csm) -> None:
    done = csm("memory", "verify", "--memory", tmp_path)
    assert (done.exit_code, done.stdout) == (
        0,
        "clean; looked at nothing: the memory is empty\n",
    )


def cut(path: str, last: int) -> Damage:
    return lambda memory: (memory / path).write_bytes((memory / path).read_bytes()[:-last])


def write(path: str, data: bytes) -> Damage:
    return lambda memory: (memory / path).write_bytes(data)


def add(path: str, line: str) -> Damage:
    return lambda memory: write(path, (memory / path).read_bytes() + line.encode() + b"\n")(memory)


def remove(path: str) -> Damage:
    return lambda memory: (memory / path).unlink()


def swap(path: str, old: str, new: str) -> Damage:
    return lambda memory: s.changed(memory, path, old, new)


def lines_out(path: str, *numbers: int) -> Damage:
    return lambda memory: s.without_lines(memory, path, *numbers)


OTHERS_EVENT = json.dumps({"event_id": "x", "kind": "goal_set", "at": "", "account_id": "other"})

DAMAGES: dict[str, tuple[Damage, list[tuple[str, str]]]] = {
    "a figure in the timeline": (
        swap(s.TIMELINE, '"score":', '"score": 9'),
        [(f"{s.TIMELINE}:1", "was changed, or a line before it")],
    ),
    "a line that is no JSON": (
        swap(s.TIMELINE, '{"event_id"', '{"event_id'),
        [(f"{s.TIMELINE}:1", "this line is not complete JSON"), (s.TIMELINE, "lacks 1")],
    ),
    "a line put in": (
        add(s.TIMELINE, OTHERS_EVENT),
        [(s.TIMELINE, "is an event of another account")],
    ),
    "a line taken out": (
        lines_out(s.TIMELINE, 4),
        [(f"{s.TIMELINE}:4", "line before it was changed or removed"), (s.TIMELINE, "lacks 1")],
    ),
    "the end taken off": (
        lines_out(s.TIMELINE, -1, -2),
        [(s.TIMELINE, "newest recorded events are missing"), (s.TIMELINE, "lacks 2 events")],
    ),
    "a torn end": (
        cut(s.TIMELINE, 30),
        [(s.TIMELINE, "its last line is incomplete"), (s.TIMELINE, "newest recorded"),
         (s.TIMELINE, "lacks 1 events")],
    ),
    "a timeline that is gone": (
        remove(s.TIMELINE),
        [(s.TIMELINE, "newest recorded events are missing"), (s.TIMELINE, "that inst_2026")],
    ),
    "the kept end of a chain": (remove(s.HEAD), [(s.HEAD, "is not kept beside it")]),
    "a score": (
        swap(s.SCORES, "tier: ", "tier: not "),
        [(f"{s.SCORES} ({s.OTHER})", "does not hold what was recorded: tier")],
    ),
    "scores that are gone": (remove(s.SCORES), [(s.SCORES, "is missing")]),
    "scores that cannot be read": (
        swap(s.SCORES, "accounts:\n", "accounts: [\n"), [(s.SCORES, "cannot be read: ")]
    ),
    "one entry that is no YAML": (
        swap(s.SCORES, "    tier: ", "   - tier: "), [(s.SCORES, "cannot be read: ")]
    ),
    "a plan that is gone": (remove(s.PLAN), [(s.PLAN, "is missing")]),
    "a plan changed by hand": (
        swap(s.PLAN, "quarter: ", "quarter: not "),
        [(s.PLAN, "was changed after it was published")],
    ),
    "half a plan": (write(s.PLAN, b"a: [1\n"), [(s.PLAN, "is damaged (")]),
    "an older plan": (
        lambda m: shutil.copy(m / s.KEPT, m / s.PLAN), [(s.PLAN, "is an earlier revision")]
    ),
    "a kept revision": (remove(s.KEPT), [(s.KEPT, "is missing")]),
    "a gap in a journal": (
        lines_out(s.JOURNAL, 3), [(f"{s.JOURNAL}:3", "is record 4 where 3 was expected")]
    ),
    "a damaged line in a journal": (
        swap(s.JOURNAL, '{"seq":2', '{"seq:2'), [(f"{s.JOURNAL}:2", "this line is damaged")]
    ),
    "a torn journal": (
        cut(s.JOURNAL, 30),
        [(s.JOURNAL, "last line is incomplete"), (s.JOURNAL, "did not come to its end")],
    ),
    "a publication half-way": (
        lines_out(s.JOURNAL, -1, -2), [(s.JOURNAL, "announced and did not come to its end")]
    ),
    "a temporary file": (
        write("_knowledge/semantic/.tmp-dead", b""),
        [("_knowledge/semantic/.tmp-dead", "temporary file of a process that died")],
    ),
    "an instruction": (
        write(f"{s.IID}/instruction.yaml", b"a: b: c\n"),
        [(f"{s.IID}/instruction.yaml", "cannot be read")],
    ),
    "the insights": (write(s.INSIGHTS, b"\0"), [(s.INSIGHTS, "cannot be read")]),
    "the version": (
        write("_knowledge/episodic/memory.yaml", b"schema: what\n"),
        [("_knowledge/episodic/memory.yaml", "does not say which version")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGES)
def test_every_damage_is_named_with_its_place_and_a_way_out(memory: Path, name: str) -> None:
    damage, expected = DAMAGES[name]
    damage(memory)
    found = damaged(memory)
    assert [finding.where.split(":")[0] for finding in found] == [
        where.split(":")[0] for where, _ in expected
    ]
    for finding, (where, what) in zip(found, expected, strict=True):
        assert finding.where.startswith(where)
        assert what in finding.what
        assert finding.fix


def test_the_command_says_where_what_and_what_to_do(memory: Path, csm: Csm) -> None:
    (memory / s.PLAN).unlink()
    done = csm("memory", "verify")
    assert done.exit_code == 1
    damage, fix, verdict = done.stdout.splitlines()
    assert damage == f"DAMAGED {s.PLAN}: is missing"
    assert fix.startswith("        `csm memory rebuild`")
    assert verdict.startswith("1 damaged; looked at 2 accounts")
    told = csm("memory", "verify", "--json")
    assert told.exit_code == 1
    (finding,) = told.json["findings"]
    assert (finding["kind"], finding["account_id"]) == ("plan", s.ACCOUNT)


def test_one_account_alone(memory: Path, csm: Csm) -> None:
    (memory / s.PLAN).unlink()
    assert damaged(memory, account=s.OTHER) == []
    assert [f.where for f in damaged(memory, account=s.NAME)] == [s.PLAN]
    wrong = csm("memory", "verify", "--account", "nobody")
    assert wrong.exit_code == 4 and "there is no account 'nobody'" in wrong.stderr


def test_what_other_tools_keep_is_no_damage(memory: Path) -> None:
    s.changed(memory, s.SCORES, "    tier: ", "    crm_owner: R. Okafor\n    tier: ")
    s.changed(memory, s.SCORES, "accounts:\n", "accounts:\n  a-prospect: {score: 1}\n")
    (memory / "notes.txt").write_text("somebody's\n")
    (memory / "elsewhere").symlink_to("/nowhere")
    found = verify(memory)
    assert found.is_clean
    assert [(f.where, f.what) for f in found.findings] == [
        ("elsewhere", "is a link; it is never followed or read")
    ]


def test_events_of_earlier_versions_are_a_note(memory: Path) -> None:
    root = MemoryRoot.open(memory)
    old = {"account_id": "lomax-birch", "at": "2026-05-19", "recorded_at": "", "data": {},
           "instruction_id": "inst_0", "kind": "health_scored", "source": ""}  # fmt: skip
    line = {"event_id": timeline.event_id(old), **old}
    (memory / timeline.path_of("lomax-birch")).write_text(json.dumps(line) + "\n")
    assert timeline.read(root, "lomax-birch") == [line]
    found = verify(memory)
    assert found.is_clean
    assert [f.what[:30] for f in found.findings] == [
        "1 events are from before timel",
        "1 events are from before timel",
    ]
    assert all("csm memory migrate" in f.fix for f in found.findings)


def test_an_event_never_leads_out_of_its_own_folder(memory: Path) -> None:
    event = timeline.read(MemoryRoot.open(memory), s.ACCOUNT)[1]
    view = {"path": s.INSIGHTS, "text": "forged", "kept": "../../x"}
    timeline.append(MemoryRoot.open(memory), s.ACCOUNT, [{**event, "data": {}, "view": view}])
    assert damaged(memory) == []


def test_a_run_under_way_is_no_damage(memory: Path) -> None:
    s.without_lines(memory, s.JOURNAL, -1, -2)
    code = """
        from agent.memory.locks import lock
        from agent.memory.paths import MemoryRoot
        with lock(MemoryRoot.open(Path(args[0])), f"instruction-{args[1]}", wait=0):
            print("there", flush=True)
            sys.stdin.read()
    """
    with start(code, memory, s.IID) as worker:
        assert worker.stdout is not None and worker.stdout.readline() == "there\n"
        assert damaged(memory) == []
        worker.communicate("")
    assert len(damaged(memory)) == 1


def test_a_memory_that_may_only_be_read_is_checked(memory: Path) -> None:
    (memory / s.PLAN).unlink()
    locks = memory / "_knowledge/episodic/locks"
    shutil.rmtree(locks)
    locks.symlink_to("/nowhere")  # no lock can be taken here, whoever asks
    assert [f.where for f in damaged(memory)] == [s.PLAN]
