"""Which paths are refused, and what a link or a special file does."""

from __future__ import annotations

import os
import shutil
import socket
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.errors import BadPath, MemoryFault, UnknownInstruction
from agent.memory.names import split
from agent.memory.paths import (
    MemoryRoot,
    MissingFile,
    check_account_id,
    check_instruction_id,
)
from tests.memory.listing import names

BAD_PATHS = [
    "", "/", "/etc/passwd", "..", ".", "../outside.txt", "a/../b", "a/./b", "a//b", "a/", "./a",
    "~", "~root/x", "a/~b", "a\\b", "..\\outside.txt", "a\0b", "a\nb", "a\x1bb", "a\u202eb",
    "a\u200bb", "a\ufeffb", "a\u2028b", " a", "a ", "x/" + "a" * 256, "a/" * 6000 + "b", "\ud800",
]  # fmt: skip

BAD_IDS = [
    "", " ", ".", "..", "./", "a/", "a/.", "../x", "/etc", "a/../b", "_knowledge", "-rf", "--help",
    ".hidden", "a..b", "a\0b", "a\nx", "a\n", "..%2f..%2fx", "%2e%2e", "‥/x", "．．／x", "inst_é",
    "inst_fernhіll", "$(touch x)", ";x", "a" * 121, "a" * 70_000,
]  # fmt: skip


@pytest.mark.parametrize("rel", BAD_PATHS, ids=lambda rel: repr(rel)[:30])
def test_paths_that_could_lead_elsewhere_are_refused(root: MemoryRoot, rel: str) -> None:
    for use in (
        lambda: root.read_bytes(rel, limit=100),
        lambda: root.write_atomic(rel, b"x"),
        lambda: root.append(rel, b"x"),
        lambda: root.exists(rel),
    ):
        with pytest.raises(BadPath) as caught:
            use()
        assert len(str(caught.value)) < 300
        assert str(caught.value).isprintable()
    assert root.list_dir("") == []


@pytest.mark.parametrize("rel", ["%2e%2e/outside.txt", "．．/outside.txt", "..%2foutside.txt"])
def test_encoded_spellings_stay_literal(root: MemoryRoot, rel: str) -> None:
    with pytest.raises(MissingFile):
        root.read_bytes(rel, limit=100)


@given(st.text(alphabet="./~\\%ab\0\u202e ", max_size=12))
@settings(deadline=None)
def test_what_is_accepted_stays_below_the_root(rel: str) -> None:
    try:
        parts = split(rel)
    except BadPath:
        return
    assert os.path.normpath("/memory/" + rel) == "/memory/" + "/".join(parts)


@pytest.mark.parametrize("name", BAD_IDS, ids=lambda name: repr(name)[:30])
def test_ids_are_checked_before_any_path_is_built(name: str) -> None:
    with pytest.raises(UnknownInstruction) as caught:
        check_instruction_id(name)
    assert len(str(caught.value)) < 300
    assert "\n" not in str(caught.value)
    with pytest.raises(BadPath):
        check_account_id(name)


def test_usual_ids_pass() -> None:
    for name in ("inst_20261117_001", "run_20260101_101502", "INST.x-1", "a" * 120):
        assert check_instruction_id(name) == name
        assert check_account_id(name) == name


def test_the_root_has_to_exist_and_is_never_created(tmp_path: Path) -> None:
    for path in (tmp_path / "none", tmp_path / "file" / "x", tmp_path / "a\0b"):
        with pytest.raises(BadPath):
            MemoryRoot.open(path)
    (tmp_path / "file").write_text("x")
    with pytest.raises(BadPath):
        MemoryRoot.open(tmp_path / "file")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file"]


def test_the_root_may_be_given_through_a_link(tmp_path: Path, folder: Path) -> None:
    (folder / "a.txt").write_text("hello")
    (tmp_path / "link").symlink_to(folder)
    assert MemoryRoot.open(tmp_path / "link").read_bytes("a.txt", limit=10) == b"hello"


def test_a_root_that_disappears_is_not_recreated(root: MemoryRoot, folder: Path) -> None:
    root.write_atomic("a/b.txt", b"x")
    shutil.rmtree(folder)
    with pytest.raises(MissingFile):
        root.read_bytes("a/b.txt", limit=10)
    for write in (
        lambda: root.write_atomic("a/b.txt", b"y"),
        lambda: root.write_atomic("c.txt", b"y"),
        lambda: root.append("c.txt", b"y"),
        lambda: root.make_dirs("a"),
    ):
        with pytest.raises(MemoryFault, match="removed"):
            write()
    assert not folder.exists()


def make_special(kind: str, path: Path) -> None:
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "dangling":
        path.symlink_to("nowhere")
    elif kind == "loop":
        path.symlink_to(path.name)
    elif kind == "outside":
        path.symlink_to("../outside.txt")
    else:
        here = Path.cwd()
        os.chdir(path.parent)  # a socket's path may have 107 bytes only
        try:
            with socket.socket(socket.AF_UNIX) as made:
                made.bind(path.name)
        finally:
            os.chdir(here)


SPECIAL = ["fifo", "folder", "device", "dangling", "loop", "outside", "socket"]


@pytest.mark.parametrize("kind", SPECIAL)
def test_only_regular_files_are_read_or_written(root: MemoryRoot, folder: Path, kind: str) -> None:
    make_special(kind, folder / "x")
    before = (folder / "x").lstat()
    for use in (
        lambda: root.read_bytes("x", limit=100),
        lambda: root.read_head("x", limit=100),
        lambda: root.signature("x"),
        lambda: root.write_atomic("x", b"new"),
        lambda: root.write_atomic("x", b"new", exclusive=True),
        lambda: root.append("x", b"new"),
    ):
        with pytest.raises(BadPath, match=r"^[^ ]*x: .*(regular|symbolic)"):
            use()
    assert root.exists("x")
    assert (folder / "x").lstat().st_ino == before.st_ino
    assert (folder.parent / "outside.txt").read_text() == "canary"
    assert names(folder) == ["x"]


def test_linked_folders_are_not_entered(root: MemoryRoot, folder: Path, tmp_path: Path) -> None:
    away = tmp_path / "away"
    away.mkdir()
    (away / "secret.txt").write_text("secret")
    (folder / "link").symlink_to(away)
    (folder / "file").write_text("x")
    for rel in ("link/secret.txt", "link/new.txt", "file/new.txt", "link/sub/new.txt"):
        with pytest.raises(BadPath, match="link or not a folder"):
            root.read_bytes(rel, limit=100)
        with pytest.raises(BadPath, match="link or not a folder"):
            root.write_atomic(rel, b"x")
    with pytest.raises(BadPath):
        root.make_dirs("link/sub")
    with pytest.raises(BadPath):
        root.list_dir("link")
    assert names(away) == ["secret.txt"]


def test_sizes_are_limited_before_reading(root: MemoryRoot, folder: Path) -> None:
    with (folder / "huge.yaml").open("wb") as file:
        file.truncate(300_000_000_000)
    with pytest.raises(BadPath, match=r"300,000,000,000 bytes; at most 64,000,000"):
        root.read_bytes("huge.yaml", limit=64_000_000)
    assert root.read_head("huge.yaml", limit=3) == (b"\0\0\0", 300_000_000_000)


def test_missing_files_are_named(root: MemoryRoot) -> None:
    for rel in ("a.txt", "a/b/c.txt"):
        with pytest.raises(MissingFile) as caught:
            root.read_bytes(rel, limit=10)
        assert caught.value.where == rel
        assert not root.exists(rel)
        assert root.signature(rel) is None


def test_signature_belongs_to_the_version_read(root: MemoryRoot) -> None:
    root.write_atomic("a.txt", b"one")
    data, signature = root.read_signed("a.txt", limit=10)
    assert (data, signature) == (b"one", root.signature("a.txt"))
    root.write_atomic("a.txt", b"two")
    assert root.signature("a.txt") != signature


def test_walk_shows_plain_visible_files_only(root: MemoryRoot, folder: Path) -> None:
    for rel in ("b.txt", "a/c.txt", "a/.env", ".git/config", "a/\u202ename.txt"):
        (folder / rel).parent.mkdir(exist_ok=True)
        (folder / rel).write_text("x")
    for kind in SPECIAL:
        if kind != "folder":
            make_special(kind, folder / "a" / kind)
    (folder / "a" / "everything").symlink_to("/")
    assert root.walk("", max_entries=100, max_depth=5) == (["a/c.txt", "b.txt"], False)
    assert root.walk("a", max_entries=100, max_depth=5) == (["a/c.txt"], False)
    assert root.walk("none", max_entries=100, max_depth=5) == ([], False)
    assert root.list_dir("") == ["a", "b.txt"]


def test_walk_is_bounded_in_number_and_depth(root: MemoryRoot, folder: Path) -> None:
    deep = folder / "d"
    for _ in range(60):
        deep = deep / "x"
    deep.mkdir(parents=True)
    (deep / "far.txt").touch()
    for n in range(300):
        (folder / f"f{n:03}").touch()
    found, truncated = root.walk("", max_entries=50, max_depth=10)
    assert (len(found), truncated) == (49, True)
    found, truncated = root.walk("", max_entries=5000, max_depth=10)
    assert (len(found), truncated) == (300, True)
    found, truncated = root.walk("", max_entries=5000, max_depth=100)
    assert (found[0], truncated) == ("d/" + "x/" * 60 + "far.txt", False)
