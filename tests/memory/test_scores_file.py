"""One entry of the score file changes; every other byte stays."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.errors import BadDocument, Busy, MemoryFault
from agent.memory.locks import lock
from agent.memory.paths import MemoryRoot
from agent.memory.publish import publish
from agent.memory.scores_file import LOCK, PATH, prepare, read_entry, update, with_entry
from agent.memory.slices import index
from agent.memory.strict_yaml import load
from tests.memory.processes import start

ENTRY = {"score": 71.5, "tier": "yellow", "as_of": "2026-11-17", "history": [{"score": 70}]}
TEXT = """\
# kept by hand
schema: customer_health_scores/1
accounts:
    # first
    other-co:   # key account
        history: [{date: 2026-08-01, score: 70, tier: red}]   # odd   spacing

    acme:
        score: 5
        note: "a
          b"
    # between
    zeta: {score: 1}
# the end
"""


def stored(data: bytes | str) -> Any:
    return load(data if isinstance(data, bytes) else data.encode(), where="f", max_bytes=10**9)


def changed(text: str, account: str = "acme", entry: Any = ENTRY) -> str:
    return with_entry(text.encode(), account, entry).decode()


def test_an_entry_is_replaced_in_its_place() -> None:
    new = changed(TEXT)
    head, tail = TEXT[: TEXT.index("    acme:")], TEXT[TEXT.index("    # between") :]
    assert new.startswith(head)
    assert new.endswith(tail)
    assert stored(new)["accounts"] == {**stored(TEXT)["accounts"], "acme": ENTRY}
    assert changed(new) == new


def test_a_new_entry_comes_last_with_the_files_indentation() -> None:
    new = changed(TEXT, "new-co")
    assert new.replace(new[new.index("    new-co:\n") : new.index("# the end")], "") == TEXT
    assert list(stored(new)["accounts"]) == ["other-co", "acme", "zeta", "new-co"]


def test_the_last_entry_may_lack_its_newline() -> None:
    assert changed("accounts:\n  a: {b: 1}", "c", {"d": 2}) == (
        "accounts:\n  a: {b: 1}\n  c:\n    d: 2\n"
    )
    assert changed("accounts:\n  a: {b: 1}", "a", {"d": 2}) == "accounts:\n  a:\n    d: 2\n"


def test_keys_after_the_accounts_stay_there() -> None:
    text = "accounts:\n  a: {b: 1}\n\n# about\nmore: 1\n...\n"
    assert changed(text, "c", {"d": 2}) == text.replace("1}\n", "1}\n  c:\n    d: 2\n")


@pytest.mark.parametrize(
    "data", [None, b"", b"\n", b"# only a comment\n", b"---\n", b"\xef\xbb\xbf"]
)
def test_without_content_a_document_begins(data: bytes | None) -> None:
    new = with_entry(data, "acme", ENTRY)
    assert new.startswith(data or b"")
    assert stored(new) == {"schema": "customer_health_scores/1", "accounts": {"acme": ENTRY}}


@pytest.mark.parametrize(
    "text",
    ["schema: x\n", "schema: x", "accounts:\n", "accounts:  # none yet\nschema: x\n",
     "accounts: {}\n", "accounts: {}", "accounts: null\nschema: x\n", "schema: x\naccounts: ~\n"],
)  # fmt: skip
def test_the_first_account_of_a_file(text: str) -> None:
    new = changed(text)
    assert stored(new)["accounts"] == {"acme": ENTRY}
    assert new.endswith("\n")
    assert "{}" not in new
    assert changed(new) == new


@pytest.mark.parametrize(
    "text",
    ['accounts: {other-co: {history: [{date: "2026-11-01", score: 3, tier: red}]}}\n',
     "accounts: {acme: {history: [{date: x, score: high}]}, b: 1}  # flow\nx: 1\n",
     "accounts: {a: 1,\n  b: {c: 2},\n}\n", "accounts: {} # none\n", '{"accounts": {}}',
     '{"x": 1, "accounts": {"acme": null, "é🧪": [1]}}\n', "\ufeffaccounts: {é: {a: 1}}\n"],
)  # fmt: skip
def test_flow_style_is_changed_in_place(text: str) -> None:
    before = stored(text)
    new = changed(text)
    assert stored(new) == {**before, "accounts": {**before["accounts"], "acme": ENTRY}}
    assert changed(new) == new
    if text.startswith("{"):
        json.loads(new)


def test_crlf_files_keep_their_line_ends() -> None:
    new = changed(TEXT.replace("\n", "\r\n"))
    assert new.count("\n") == new.count("\r\n")
    assert new.replace("\r\n", "\n") == changed(TEXT)


@pytest.mark.parametrize(
    "text",
    ["accounts: {", "accounts: []", "accounts: 5", "accounts:\n- a\n", "[]", "null", "text",
     "accounts:\n  acme: 5\n", "accounts:\n  acme: [1]\n", "accounts: {acme: 1}",
     "accounts:\n  acme: {a: 1, a: 2}\n", "accounts:\n  acme: &x {a: 1}\n",
     "accounts:\n  acme: {}\n  acme: {}\n", "accounts:\n  a: 1\n---\nb: 1\n",
     'accounts:\n  a:\n    note: "cut', "accounts:\n  a:\n\tb: 1\n", "accounts: &x\n  a: 1\n",
     'accounts:\n  e:\n    n: "x\n  acme:\n    score: 1\n  z: "\n', "accounts:\n  ? acme\n  : {}\n",
     "{schema: x}", "a: 1\x00", "caf\udce9"],
)  # fmt: skip
def test_what_cannot_be_read_is_never_overwritten(
    root: MemoryRoot, folder: Path, text: str
) -> None:
    data = text.encode("utf-8", "surrogateescape")
    with pytest.raises(BadDocument):
        with_entry(data, "acme", ENTRY)
    root.write_atomic(PATH, data)
    with pytest.raises(BadDocument, match=r"customer_health_scores\.yaml"):
        update(root, "acme", lambda _: ENTRY)
    assert (folder / PATH).read_bytes() == data


KEYS = st.text("abcXY01-_ .:#'\"é", min_size=1, max_size=6)
VALUES = st.recursive(
    st.none() | st.integers(0, 99) | st.text("ab \n#:'\"-{", max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)
ENTRIES = st.dictionaries(KEYS, VALUES, max_size=3)


@given(
    st.dictionaries(KEYS, ENTRIES, max_size=5), KEYS, ENTRIES, st.integers(2, 5),
    st.sampled_from(["", "# tail\n", "more:\n  x: 1\n", "\n\n"]), st.booleans(),
)  # fmt: skip
@settings(deadline=None, max_examples=300)
def test_nothing_outside_the_entry_changes(
    accounts: dict[str, Any], key: str, entry: dict[str, Any], indent: int, tail: str, flow: bool
) -> None:
    text = yaml.safe_dump(
        {"schema": "x", "accounts": accounts}, default_flow_style=None if flow else False,
        indent=indent, allow_unicode=True, sort_keys=False, width=60,
    )  # fmt: skip
    before = (text + tail).encode()
    after = with_entry(before, key, entry)
    assert stored(after) == {**stored(before), "accounts": {**accounts, key: entry}}
    entries = index(before, where="f")
    if key not in accounts:
        assert missing_lines(before, after) == ([] if accounts else [b"accounts: {}"])
    elif entries.style == "block":
        old = entries.slice(key)
        assert after.startswith(before[: old.start])
        assert after.endswith(before[old.end :])


def missing_lines(before: bytes, after: bytes) -> list[bytes]:
    """Lines of `before` that are not in `after`, which otherwise has them in the same order."""
    gone, rest = [], after.splitlines()
    for line in before.splitlines():
        if line in rest:
            rest = rest[rest.index(line) + 1 :]
        else:
            gone.append(line)
    return gone


def test_another_accounts_bytes_stay_when_one_of_many_changes() -> None:
    entries = [f"  c-{n}: {{score: {n}}} # {n}\n" for n in range(3000)]
    text = "accounts:\n" + "".join(entries)
    new = changed(text, "c-1500", {"score": 1})
    assert new == text.replace(entries[1500], "  c-1500:\n    score: 1\n")


def test_reading_one_entry(root: MemoryRoot, folder: Path) -> None:
    assert read_entry(root, "acme") is None
    root.write_atomic(PATH, TEXT.encode())
    assert read_entry(root, "acme") == {"score": 5, "note": "a b"}
    assert read_entry(root, "unknown") is None


def test_update_hands_over_the_old_entry(root: MemoryRoot) -> None:
    def grow(old: dict[str, Any] | None) -> dict[str, Any]:
        return {"n": (old or {"n": 0})["n"] + 1}

    assert [update(root, "acme", grow)["n"] for _ in range(3)] == [1, 2, 3]
    with lock(root, LOCK, wait=0), pytest.raises(Busy):
        update(root, "acme", grow, wait=0)


def test_a_prepared_change_is_void_when_the_file_changed(root: MemoryRoot) -> None:
    prepared = prepare(root, "acme", lambda _: ENTRY)
    root.write_atomic(PATH, b"accounts: {other-co: {score: 1}}\n")
    assert not publish(root, [prepared.staged])
    again = prepare(root, "acme", lambda _: ENTRY)
    assert publish(root, [again.staged])
    assert list(stored(root.read_bytes(PATH, limit=10_000))["accounts"]) == ["other-co", "acme"]


def test_a_foreign_writer_without_locks_is_waited_out(root: MemoryRoot) -> None:
    calls = 0

    def interrupted(old: dict[str, Any] | None) -> dict[str, Any]:
        nonlocal calls
        calls += 1
        if calls <= 3:
            root.write_atomic(PATH, b"accounts: {other-co: {score: %d}}\n" % calls)
        return {"seen": calls}

    assert update(root, "acme", interrupted) == {"seen": 4}
    accounts = stored(root.read_bytes(PATH, limit=10_000))["accounts"]
    assert accounts == {"other-co": {"score": 3}, "acme": {"seen": 4}}


def test_a_file_that_never_stands_still_is_a_fault(root: MemoryRoot) -> None:
    count = 0

    def restless(old: dict[str, Any] | None) -> dict[str, Any]:
        nonlocal count
        count += 1
        root.write_atomic(PATH, b"accounts: {other-co: {score: %d}}\n" % count)
        return ENTRY

    with pytest.raises(MemoryFault, match="keeps replacing"):
        update(root, "acme", restless)
    assert b"acme" not in root.read_bytes(PATH, limit=10_000)


def test_no_update_is_lost_among_eight_processes(root: MemoryRoot, folder: Path) -> None:
    code = """
        from agent.memory.paths import MemoryRoot
        from agent.memory.scores_file import update
        root = MemoryRoot.open(Path(args[0]))
        sys.stdin.readline()
        for n in range(10):
            update(root, "shared", lambda old: {"runs": (old or {"runs": []})["runs"] + [args[1]]})
            update(root, f"own-{args[1]}", lambda old: {"n": n})
    """
    workers = [start(code, folder, n) for n in range(8)]
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    for worker in workers:
        _, err = worker.communicate(timeout=120)
        assert worker.returncode == 0, err
    accounts = stored(root.read_bytes(PATH, limit=1_000_000))["accounts"]
    runs = accounts.pop("shared")["runs"]
    assert sorted(runs) == sorted(str(n) for n in range(8) for _ in range(10))
    assert accounts == {f"own-{n}": {"n": 9} for n in range(8)}
