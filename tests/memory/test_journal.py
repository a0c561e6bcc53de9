"""The journal survives crashes and keeps no secrets."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.errors import BadDocument, BadPath, Blocked, MemoryFault, UnknownInstruction
from agent.memory.journal import Journal, redact
from agent.memory.paths import MemoryRoot
from tests.memory.listing import names
from tests.memory.processes import run

PATH = "inst_1/episodic/journal.jsonl"


def test_records_are_counted_kept_and_read_back(root: MemoryRoot, folder: Path) -> None:
    journal = Journal.open(root, "inst_1")
    assert (journal.records, journal.recovered) == ([], "")
    record = journal.append(
        "run_started", run=1, at="2026-11-17T09:00:00Z", z=date(2026, 11, 17), a=["é\n", None, 1.5]
    )
    journal.append("run_finished", run=1, at="2026-11-17T09:01:00Z")
    assert (folder / PATH).read_text().splitlines() == [
        '{"seq":1,"kind":"run_started","run":1,"at":"2026-11-17T09:00:00Z",'
        '"z":"2026-11-17","a":["\\u00e9\\n",null,1.5]}',
        '{"seq":2,"kind":"run_finished","run":1,"at":"2026-11-17T09:01:00Z"}',
    ]
    again = Journal.open(root, "inst_1")
    assert again.records == journal.records
    assert again.records[0] == record
    assert again.append("run_resumed", run=1)["seq"] == 3


def test_opening_alone_writes_nothing(root: MemoryRoot, folder: Path) -> None:
    Journal.open(root, "inst_1")
    assert names(folder) == []


@pytest.mark.parametrize("tail", [b'{"seq":3,"ki', b"\0\0\0\0", b'{"seq":3}garbage\n', b"[1]"])
def test_a_torn_last_line_is_taken_off_and_kept_aside(
    root: MemoryRoot, folder: Path, tail: bytes
) -> None:
    journal = Journal.open(root, "inst_1")
    journal.append("one")
    journal.append("two")
    good = (folder / PATH).read_bytes()
    (folder / PATH).write_bytes(good + tail)
    seen = Journal.open(root, "inst_1", read_only=True)
    assert (folder / PATH).read_bytes() == good + tail
    opened = Journal.open(root, "inst_1")
    assert opened.recovered == seen.recovered == tail.decode().strip("\n")
    assert [r["kind"] for r in opened.records] == ["one", "two"]
    assert (folder / PATH).read_bytes() == good
    assert Journal.open(root, "inst_1").recovered == ""
    with pytest.raises(Blocked):
        seen.append("three")


@given(cut=st.integers(1, 200))
@settings(deadline=None, max_examples=30)
def test_any_cut_leaves_the_records_before_it(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    folder = tmp_path_factory.mktemp("memory")
    root = MemoryRoot.open(folder)
    journal = Journal.open(root, "inst_1")
    for n in range(5):
        journal.append("step", n=n, text="x" * 20)
    data = (folder / PATH).read_bytes()
    (folder / PATH).write_bytes(data[:-cut])
    opened = Journal.open(root, "inst_1")
    whole = [r for r in journal.records if data.find(b'"n":%d' % r["n"]) < len(data) - cut]
    assert opened.records in (whole, whole[:-1])
    assert opened.append("next")["seq"] == len(opened.records)
    assert Journal.open(root, "inst_1").records == opened.records
    root.close()


@pytest.mark.parametrize(
    ("lines", "number"),
    [
        (['{"seq":1}', "damaged", '{"seq":3}'], 2),
        (['{"seq":1}', "", '{"seq":2}'], 2),
        (['{"seq":1}', '{"seq":3}'], 2),
        (['{"seq":2}'], 1),
        (["{}", '{"seq":2}'], 1),
        (["[" * 5000, '{"seq":2}'], 1),
    ],
)
def test_damage_in_the_middle_is_named(
    root: MemoryRoot, folder: Path, lines: list[str], number: int
) -> None:
    text = "\n".join(lines) + "\n"
    root.write_atomic(PATH, text.encode())
    with pytest.raises(BadDocument, match=rf"journal\.jsonl:{number}: "):
        Journal.open(root, "inst_1")
    assert (folder / PATH).read_text() == text


SECRETS = [
    "sk-ant-api03-AbCdEf0123456789_-xyz",
    "sk-proj0123456789abcdefghij",
    "Bearer eyJhbGciOiJIUzI1NiJ9.payload.sig",
    "bearer 0123456789abcdef",
    "ghp_0123456789abcdefghij",
    "AKIAIOSFODNN7EXAMPLE",
    "-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----",
]


@pytest.mark.parametrize("secret", SECRETS)
def test_secrets_do_not_reach_the_disk(root: MemoryRoot, folder: Path, secret: str) -> None:
    journal = Journal.open(root, "inst_1")
    journal.append("x", text=f"key: {secret}, end", deep=[{"a": (secret,), secret: 1}])
    journal.append("x", headers={"x-api-key": "anything", "Authorization": "Basic abc"})
    text = (folder / PATH).read_text()
    for line in secret.splitlines():
        assert line not in text
    assert "anything" not in text
    assert "Basic abc" not in text
    assert journal.records[0]["text"] == "key: [redacted], end"
    assert journal.records[0]["deep"] == [{"a": ["[redacted]"], "[redacted]": 1}]


@pytest.mark.parametrize(
    "text", ["risk-based-assessment-of-the-renewal", "task-0123456789abcdefghij", "the bearer of x",
             "ask-anything-about-your-renewals", {"tokens": 5, "max_tokens": 10}],
)  # fmt: skip
def test_plain_words_stay(text: object) -> None:
    assert redact(text) == text


def test_hostile_depth_is_cut() -> None:
    deep: object = "end"
    for _ in range(5000):
        deep = [deep]
    assert "nested too deeply" in json.dumps(redact(deep))


def test_a_full_disk_leaves_the_journal_readable(root: MemoryRoot, folder: Path) -> None:
    Journal.open(root, "inst_1").append("one")
    code = """
        import resource
        from agent.errors import MemoryFault
        from agent.memory.journal import Journal
        from agent.memory.paths import MemoryRoot
        journal = Journal.open(MemoryRoot.open(Path(args[0])), "inst_1")
        resource.setrlimit(resource.RLIMIT_FSIZE, (200, 200))
        try:
            journal.append("two", text="x" * 1000)
        except MemoryFault as error:
            print(len(journal.records), error)
        journal.append("three")
    """
    done = run(code, folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("1 ")
    opened = Journal.open(root, "inst_1")
    assert [r["kind"] for r in opened.records] == ["one", "three"]
    assert opened.recovered == ""


def test_ids_and_links_are_checked(root: MemoryRoot, folder: Path) -> None:
    with pytest.raises(UnknownInstruction):
        Journal.open(root, "../x")
    (folder / "inst_1").symlink_to(folder.parent)
    with pytest.raises(BadPath):
        Journal.open(root, "inst_1")
    assert issubclass(MemoryFault, Exception)
