"""What is read, and how everything else is refused."""

from __future__ import annotations

import gzip
import math
import random
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.errors import BadDocument
from agent.memory.strict_yaml import check_syntax, load


def read(text: str | bytes) -> Any:
    return load(text if isinstance(text, bytes) else text.encode(), where="f.yaml")


def refusal(text: str | bytes) -> str:
    with pytest.raises(BadDocument) as caught:
        read(text)
    message = str(caught.value)
    assert message.isprintable()
    assert message.startswith("f.yaml")
    return message


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("NO", "NO"), ("no", "no"), ("yes", "yes"), ("on", "on"), ("true", True), ("False", False),
        ("1_18", "1_18"), ("41:20", "41:20"), ("0o170", 120), ("0x1F", 31), ("08", 8), ("-7", -7),
        ("2027-04-30", "2027-04-30"), ("2026-10", "2026-10"), ("1e3", 1000.0), (".5", 0.5),
        ("2026-11-17T09:00:00Z", "2026-11-17T09:00:00Z"), ("17.5%", "17.5%"), ("1,000", "1,000"),
        ("~", None), ("null", None), ("", None), ("'5'", "5"), ('"true"', "true"), ("0b1", "0b1"),
        (".inf", math.inf), ("-.inf", -math.inf), ("1e999", math.inf), ("=", "="),
        ("9" * 40, int("9" * 40)), ("9" * 41, "9" * 41), ("9" * 5000, "9" * 5000),
    ],
)  # fmt: skip
def test_scalars_follow_yaml_1_2(text: str, value: object) -> None:
    found = read(f"key: {text}")["key"]
    assert (found, type(found)) == (value, type(value))


def test_not_a_number_is_for_the_engine_to_report() -> None:
    assert math.isnan(read("a: .nan")["a"])


def test_keys_are_text() -> None:
    assert read("2026: a\ntrue: b\nnull: c\n1.5: d\nno: e") == {
        "2026": "a", "true": "b", "null": "c", "1.5": "d", "no": "e",
    }  # fmt: skip


@pytest.mark.parametrize("text", ["", "# nothing", "\n\n", "null", "---", "\ufeff"])
def test_documents_without_content_are_none(text: str) -> None:
    assert read(text) is None


def test_bom_and_crlf_change_nothing() -> None:
    text = "a:\n  - x\n  - y: 'z'\nb: |\n  one\n  two\n"
    assert read(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()) == read(text)
    assert read(text + "...\n") == read(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: 1\nb: 2\na: 3\n", "f.yaml:3: the key 'a' was given before, on line 1"),
        ("x:\n  - a: 1\n    'a': 2\n", "f.yaml:3: the key 'a' was given before, on line 2"),
        ("a: {1: x, '1': y}", "the key '1' was given before"),
        ("a: &x 1", "anchor '&x'"),
        ("a: &x [1]", "anchor '&x'"),
        ("a: &x\n  b: *x\n", "anchor '&x'"),
        ("a: 1\nb: *x", "f.yaml:2: uses the alias '*x'"),
        ("? *x\n: 1", "alias"),
        ("a: 1\n<<: {b: 2}", "f.yaml:2: uses a merge key"),
        ("a: !!str x", "tag"),
        ("a: !secret x", "f.yaml:1: has the tag '!secret'"),
        ("a: ! x", "tag '!'"),
        ("a: !!python/object/apply:os.system ['touch /tmp/pwned']", "tag"),
        ("a: !!js/function 'x'", "tag"),
        ("a: !ruby/object:Gem::Installer x", "tag"),
        ("%TAG ! tag:x,2000:\n---\na: 1", "%TAG"),
        ("a: 1\n---\nb: 2\n", "f.yaml:2: a second document"),
        ("a: 1\n---\n", "second document"),
        ("--- {}\n--- {}", "second document"),
        ("? [a]\n: 1", "list or mapping as a key"),
        ("{[a]: 1}", "list or mapping as a key"),
        ("a: 1\n\tb: 2\n", "f.yaml:2: is not valid YAML: a tab is used for indentation"),
        ("a: 1\rb: 2\r", "carriage return"),
        ("a: 'x\0'", "f.yaml:1: holds a NUL byte at offset 5"),
        ('a: "x\\0y"', "NUL character"),
        ("a: x\x1b[2J", "control character (U+001B)"),
        ("a: x\x9by", "control character (U+009B)"),
        ('a: 1\nb: "open\nc: 2\n', "f.yaml:2: is not valid YAML"),
        ("a: [1, 2\nb: 3", "is not valid YAML"),
        ("a: b: c", "is not valid YAML"),
        (b"a: 1\nb: caf\xe9\n", "f.yaml:2: is not UTF-8: byte 0xe9 at offset 11"),
        (b"a: \xc0\xaf", "is not UTF-8"),
        ("a: Söhne".encode("utf-16"), "UTF-16"),
        ("a: long enough".encode("utf-16-le"), "UTF-16"),
        ("a: x".encode("utf-32"), "UTF-32"),
        (gzip.compress(b"a: 1", mtime=0), "gzip"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"PK\x03\x04", "zip"),
        (b"%PDF-1.7", "PDF"),
        (b"a: 1\n" + bytes(range(1, 256)) * 9, "is binary data"),
        (random.Random(7).randbytes(100_000), "binary data"),
    ],
)  # fmt: skip
def test_refusals_say_what_and_where(text: str | bytes, says: str) -> None:
    assert says in refusal(text)


@pytest.mark.parametrize(
    "text",
    ["[" * 20_000 + "]" * 20_000, "{a: " * 20_000, "- " * 20_000, "? " * 20_000,
     "\n".join(" " * n + f"k{n}:" for n in range(1500))],
)  # fmt: skip
def test_depth_is_limited(text: str) -> None:
    assert "deep" in refusal(f"{text}\n") or "as a key" in refusal(f"{text}\n")


def test_sixty_levels_are_fine() -> None:
    assert read("[" * 60 + "]" * 60)
    assert "deeper than 60" in refusal("[" * 61 + "]" * 61)


def test_an_alias_bomb_is_refused_unexpanded() -> None:
    lines = ["a: &a [x,x,x,x,x,x,x,x,x]"]
    for before, name in zip("abcdefgh", "bcdefghi", strict=True):
        lines.append(f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]")
    assert "anchor '&a'" in refusal("\n".join(lines))


def test_size_is_limited() -> None:
    with pytest.raises(BadDocument, match="has 11 bytes; at most 10 are read"):
        load(b"a: 12345678", where="f.yaml", max_bytes=10)


def test_lines_of_a_part_are_those_of_the_file() -> None:
    with pytest.raises(BadDocument, match=r"^f\.yaml:42: .* on line 41"):
        load(b"a: 1\na: 2\n", where="f.yaml", first_line=41)


def test_syntax_alone_is_checked_without_building() -> None:
    check_syntax(b"a: &x 1\nb: *x\na: 2\n---\nc: !t 1\n", where="f.yaml")
    for text in (b'a: "open\n', b"a: [1\n", b"a: b: c\n", b"[" * 100_000):
        with pytest.raises(BadDocument):
            check_syntax(text, where="f.yaml")
    # Brackets in texts are no nesting.
    check_syntax(b"- 'open [ and {'\n" * 5000 + b"- [" + b"{}, " * 5000 + b"]\n", where="f.yaml")


@given(st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
@settings(deadline=None, max_examples=300)
def test_any_bytes_give_a_value_or_a_printable_refusal(data: bytes) -> None:
    try:
        load(data, where="f.yaml")
    except BadDocument as error:
        assert str(error).isprintable()


TREES = st.recursive(
    st.none() | st.booleans() | st.integers(-999, 999) | st.text("ab: #'\"-\n", max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1), inner),
    max_leaves=12,
)


@given(TREES, st.booleans())
@settings(deadline=None)
def test_what_other_tools_write_is_read(tree: Any, flow: bool) -> None:
    text = yaml.safe_dump({"t": tree}, default_flow_style=flow, allow_unicode=True)
    assert load(text.encode(), where="f.yaml") == yaml.safe_load(text)
