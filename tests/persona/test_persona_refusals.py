"""What cannot be loaded is refused in one line: file, line, remedy."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.errors import BadPersona, CsmError
from agent.persona import Persona, load_file, parse
from agent.persona.text import MAX_BYTES


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "p.md: holds no text. Fix: describe the persona, or delete the file."),
        (b"\n \n", "p.md: holds no text."),
        (b"12 lines\n1.1 KiB\nMarkdown\n", "p.md: holds no text."),
        (b"\x7fELF\x00\x01", "p.md: is a binary file (it holds NUL bytes)."),
        (b"# A \xff", "p.md: is not UTF-8 (byte 4). Fix: save it as UTF-8."),
        ("# A".encode("utf-16"), "p.md: is UTF-16 text. Fix: save it as UTF-8."),
        (b"x" * (MAX_BYTES + 1), "p.md: is 524,289 bytes; a persona may have 524,288."),
        (b"Only prose.\n", "p.md: has neither frontmatter, nor a `class:` marker, nor a heading"),
        (b"# !!!\n", "p.md: '!!!' cannot serve as a name."),
        (
            b"---\nname: a\n\n# A\n",
            "p.md:1: the frontmatter opened by '---' is never closed. Fix: put a line '---'",
        ),
        (b"3 lines\n\n---\nname: a\n", "p.md:3: the frontmatter opened by '---' is never closed."),
        (b"---\ndescription: b\n---\n# A\n", "p.md:3: the frontmatter has no 'name'."),
        (b"---\nname:\n---\n# A\n", "p.md:2: the frontmatter has no 'name'."),
        (b"---\n---\n# A\n", "p.md:2: the frontmatter has no 'name'."),
        (b"---\n- name\n- a\n---\n# A\n", "p.md:2: the frontmatter is not a list of 'key: value'"),
        (b"---\nname: [a]\n---\n# A\n", "p.md:2: 'name' must be text."),
        (b"---\nname: a\nmodel: {x: 1}\n---\n# A\n", "p.md:3: 'model' must be text."),
        (b"---\nname: a\ntools: 7\n---\n# A\n", "p.md:3: 'tools' must be a list of tool names."),
        (b"---\nname: a\ntools: [1]\n---\n", "p.md:3: 'tools' must be a list of tool names."),
        (b"---\nname: a\ntools: {write: true}\n---\n", "p.md:3: 'tools' must be a list"),
        (b"---\nname: a\ntools: *\n---\n", "p.md:3: 'tools' asks for '*'"),
        (b"---\nname: a\ntools: '*'\n---\n", "p.md:3: 'tools' asks for '*'"),
        (b"---\nname: a\ntools: Read, mcp__*\n---\n", "p.md:3: 'tools' asks for 'mcp__*'"),
        (b"---\nname: a\ntools: all\n---\n", "p.md:3: 'tools' asks for 'all'"),
        (
            b"---\nname: a\npersistent_persona: maybe\n---\n",
            "p.md:3: 'persistent_persona' must be true or false, not 'maybe'.",
        ),
        (b"---\nname: a\ncapabilities: 3\n---\n", "p.md:3: 'capabilities' must be a list"),
        (
            b"# A\n\n## Memory Ownership\n\n**Write to**:\n- `../secrets/x.yaml`\n",
            "p.md:6: '../secrets/x.yaml' is not a path inside the memory.",
        ),
        (
            b"# A\n\n## Memory\n\nWrite to `/etc/passwd`\n",
            "p.md:5: '/etc/passwd' is not a path inside the memory.",
        ),
        (
            b"# A\n\n## Memory\n\nRead from `Agent_Memory/{account}/x.yaml`\n",
            "p.md:5: 'Agent_Memory/{account}/x.yaml' is not a path inside the memory.",
        ),
    ],
)
def test_one_line_with_file_line_and_fix(data: bytes, message: str) -> None:
    with pytest.raises(BadPersona) as caught:
        parse(data, source="p.md")
    text = str(caught.value)
    assert text.startswith(message)
    assert "\n" not in text and " Fix: " in text
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("---\nname: a\ncapabilities: [one, two\nmodel: x\n---\n# A\n", None),
        ("---\nname: a\nname: b\n---\n# A\n", 3),
        ("---\nname: a\nbase: &b 1\nother: *b\n---\n# A\n", 3),
        ("41 lines\n\n---\nname: a\nname: b\n---\n# A\n", 5),
    ],
)
def test_yaml_errors_give_the_line_in_the_file(text: str, line: int | None) -> None:
    with pytest.raises(BadPersona) as caught:
        parse(text.encode(), source="p.md")
    assert "the frontmatter cannot be read" in str(caught.value)
    head, _, number = caught.value.where.partition(":")
    assert head == "p.md" and number.isdigit()
    if line is not None:
        assert int(number) == line


def test_what_is_not_a_file(tmp_path: Path) -> None:
    with pytest.raises(BadPersona, match=r"is a folder\. Fix: name the file in it"):
        load_file(tmp_path)
    with pytest.raises(BadPersona, match="does not exist"):
        load_file(tmp_path / "absent.md")
    with pytest.raises(BadPersona, match="cannot be read"):
        load_file(tmp_path / ("x" * 300))
    with pytest.raises(BadPersona, match="cannot be read"):
        load_file(tmp_path / "a\0b")


def test_a_pipe_is_refused_without_waiting(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.md"
    os.mkfifo(pipe)
    with pytest.raises(BadPersona, match="is not a regular file"):
        load_file(pipe)


_LINES = st.lists(
    st.sampled_from(
        ["---", "name: a", "description: b: c", "tools: Read", "tools: *", "# A", "## Boundaries",
         "- Does NOT x", "```", "`class: a`", "12 lines", "", "  - x", "key: [", "'", "\t", "| x",
         "Write to `Agent_Memory/a/b`", "â€”", "## Collaboration", "- **Consult**: a (b), c"]
    ),
    max_size=14,
)  # fmt: skip


@settings(deadline=None, max_examples=150)
@given(_LINES.map("\n".join).map(str.encode) | st.binary(max_size=60))
def test_any_bytes_become_a_persona_or_one_line(data: bytes) -> None:
    try:
        assert isinstance(parse(data, source="p.md"), Persona)
    except CsmError as error:
        assert "\n" not in str(error) and str(error).startswith("p.md")
