"""What tools may read, and the refusal of everything else."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.errors import BadPath
from agent.memory.paths import MemoryRoot, MissingFile
from agent.memory.view import MemoryView, of_file, of_text

INSIGHTS = "_knowledge/semantic/customer_insights.yaml"


@pytest.fixture
def view(root: MemoryRoot) -> MemoryView:
    root.write_atomic("inst_1/notes.yaml", b"a: \xc3\xa9\n")
    root.write_atomic("inst_other/notes.yaml", b"secret: 1\n")
    root.write_atomic(INSIGHTS, b"accounts: {acme: {}, other: {arr: 5}}\n")
    return MemoryView(
        {
            "inst_1/notes.yaml": of_file(root, "inst_1/notes.yaml"),
            "inst_1/gone.yaml": of_file(root, "inst_1/gone.yaml"),
            INSIGHTS: of_text("accounts:\n  acme: {}\n"),
        },
        limit=1000,
    )


def test_paths_are_sorted_and_read_through_their_providers(view: MemoryView) -> None:
    assert view.paths() == [INSIGHTS, "inst_1/gone.yaml", "inst_1/notes.yaml"]
    assert view.read("inst_1/notes.yaml") == "a: é\n"
    assert "arr" not in view.read(INSIGHTS)
    with pytest.raises(MissingFile):
        view.read("inst_1/gone.yaml")


@pytest.mark.parametrize(
    "path",
    ["inst_other/notes.yaml", "inst_1/../inst_other/notes.yaml", "../outside.txt", "/etc/passwd",
     "inst_1/notes.yaml ", "inst_1/Notes.yaml", "inst_1//notes.yaml", "", "inst_1", "~", "a\0b",
     "inst_1/%6eotes.yaml", "x" * 100_000],
    ids=lambda path: repr(path)[:30],
)  # fmt: skip
def test_other_paths_are_refused_with_what_there_is(view: MemoryView, path: str) -> None:
    with pytest.raises(BadPath, match="not readable") as caught:
        view.read(path)
    assert "inst_1/notes.yaml" in str(caught.value)
    assert str(caught.value).isprintable()


def test_a_link_put_in_the_place_of_a_file_is_not_followed(view: MemoryView, folder: Path) -> None:
    (folder / "inst_1/notes.yaml").unlink()
    (folder / "inst_1/notes.yaml").symlink_to(folder.parent / "outside.txt")
    with pytest.raises(BadPath, match="symbolic link"):
        view.read("inst_1/notes.yaml")


def test_long_files_are_cut_with_a_note(root: MemoryRoot) -> None:
    root.write_atomic("a.txt", "é".encode() * 600)
    view = MemoryView({"a.txt": of_file(root, "a.txt"), "b.txt": of_text("x" * 1000)}, limit=1001)
    assert view.read("a.txt") == "é" * 500 + "\n[cut: only the first 1,001 bytes are shown]\n"
    assert view.read("b.txt") == "x" * 1000


def test_binary_files_and_hidden_files(root: MemoryRoot) -> None:
    root.write_atomic("a.bin", b"\x00\x01\xff")
    with pytest.raises(BadPath, match="not a text file"):
        MemoryView({"a.bin": of_file(root, "a.bin")}).read("a.bin")
    for hidden in (".env", "a/.git/config"):
        with pytest.raises(ValueError, match="hidden"):
            MemoryView({hidden: of_text("x")})
    with pytest.raises(BadPath):
        MemoryView({"../x": of_text("x")})


def test_an_empty_view_says_so() -> None:
    with pytest.raises(BadPath, match="nothing is readable"):
        MemoryView({}).read("a")
