"""Entries are found by their lines, exactly where the parser sees them."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.errors import BadDocument
from agent.memory.slices import Unreliable, index
from agent.memory.strict_yaml import load


def find(text: str | bytes) -> Any:
    return index(text if isinstance(text, bytes) else text.encode(), where="f.yaml")


KEYS = st.text("abcXYZ019-_ .:#'\"é\\", min_size=1, max_size=8)
TEXTS = st.text("ab \n#:'\"-{[\\é", max_size=30)
SHARES = st.recursive(
    st.none() | st.integers(0, 99) | TEXTS | st.sampled_from(["accounts:", "  x: y", "---"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
DOCUMENTS = st.fixed_dictionaries(
    {"accounts": st.dictionaries(KEYS, SHARES, min_size=1, max_size=5)},
    optional={"schema": st.just("x/1"), "extra": SHARES},
)
STYLES = st.sampled_from([None, "'", '"', "|", ">"])


@given(DOCUMENTS, STYLES, st.integers(2, 6), st.integers(20, 120), st.booleans())
@settings(deadline=None, max_examples=300)
def test_entries_of_any_dumped_document_are_found(
    document: dict[str, Any], style: str | None, indent: int, width: int, crlf: bool
) -> None:
    text = yaml.safe_dump(
        document, default_style=style, default_flow_style=False, indent=indent, width=width,
        allow_unicode=True, sort_keys=False,
    )  # fmt: skip
    try:
        whole = load(text.encode(), where="f.yaml")
    except BadDocument:
        return  # explicit tags, that default styles put on numbers
    found = find(text.replace("\n", "\r\n") if crlf else text)
    if found.style == "other":
        # Explicit keys (`? …`), and a list at the level of its own key.
        assert "? " in text or any(isinstance(v, list) for v in document["accounts"].values())
        return
    assert list(found) == list(whole["accounts"])
    for key, share in whole["accounts"].items():
        assert found.entry(key) == share


def test_block_scalars_comments_and_folded_text_do_not_confuse() -> None:
    found = find(
        "# accounts:\nschema: x\nnote: |\n  accounts:\n    fake: 1\naccounts:  # all of them\n\n"
        "  # the first\n"
        "  acme:\n    note: |\n      text\n\n      # no comment\n      beta: fake\n"
        '    folded: "one\n      two: three"\n'
        "    # the end of acme\n\n"
        "  # the second\n"
        "  'O''Neil & Co': {a: 1}\n"
        '  "\\u00e9t\\xe9": 2  # quoted\n'
        "  last one:\n  # not mine\n# nor mine\nother:\n  acme: 3\n"
    )
    assert list(found) == ["acme", "O'Neil & Co", "été", "last one"]
    acme = found.slice("acme")
    assert (acme.line, found.data[acme.start : acme.end].splitlines()[-1]) == (
        9,
        b"    # the end of acme",
    )
    assert found.entry("acme")["note"] == "text\n\n# no comment\nbeta: fake\n"
    assert found.entry("O'Neil & Co") == {"a": 1}
    assert found.entry("last one") is None
    assert found.data[found.slice("last one").end :].startswith(b"  # not mine\n# nor mine\n")


@pytest.mark.parametrize(
    ("text", "style"),
    [
        ("", "absent"), ("a: 1\n", "absent"), ("{accounts: {a: 1}}", "absent"),
        ('{"accounts": {"a": 1}}', "absent"), ("  accounts:\n    a: 1\n", "absent"),
        ("accountsx: 1", "absent"), ("accounts:\n", "empty"), ("accounts:", "empty"),
        ("accounts: # none\n# x\nb: 1\n", "empty"), ("'accounts':\n a: 1\n", "block"),
        ("\ufeffaccounts:\n a: 1\n", "block"), ("accounts: {a: 1}\n", "other"),
        ("accounts: []\n", "other"), ("accounts:\n- a\n", "other"), ("accounts:\n  - a\n", "other"),
        ("accounts: &x\n  a: 1\n", "other"), ("accounts:\n  ? a\n  : 1\n", "other"),
        ("accounts:\n  &x a: 1\n", "other"), ("accounts:\n  <<: 1\n", "other"),
        ("accounts:\n    a: 1\n  b: 2\n", "other"), ("accounts: text\n", "other"),
        ("accounts:\n  text\n", "other"), ("---\naccounts:\n  a: 1\n...\n# end\n", "block"),
    ],
)  # fmt: skip
def test_styles_are_told_apart(text: str, style: str) -> None:
    assert find(text).style == style


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("accounts:\n  a: 1\n  b: 2\n  'a': 3\n", "f.yaml:4: the account 'a' .* on line 2"),
        ("accounts:\n  a: 1\nx: 1\n'accounts':\n  b: 1\n", "f.yaml:4: 'accounts' .* on line 1"),
        ("accounts:\n  a: 1\n---\nb: 1\n", "f.yaml:3: a second document"),
        ("accounts:\n  a: 1\n...\nb: 1\n", "f.yaml:3: a second document"),
        ("x: 1\n--- # y\naccounts:\n  a: 1\n", "f.yaml:2: a second document"),
    ],
)
def test_doubles_are_refused(text: str, says: str) -> None:
    with pytest.raises(BadDocument, match=says):
        find(text)


def test_a_key_inside_a_quoted_text_is_not_relied_on() -> None:
    found = find('accounts:\n  evil:\n    note: "x\n  acme:\n    tier: green\n  z: "\n')
    for key in ("acme", "evil"):
        with pytest.raises((Unreliable, BadDocument)):
            found.entry(key)


def test_an_entry_is_read_strictly_and_alone() -> None:
    found = find("accounts:\n  a: {x: &y 1, x: *y}\n  b:\n    c: 1\n    c: 2\n  d: {e: 1}\n")
    assert found.entry("d") == {"e": 1}
    with pytest.raises(BadDocument, match=r"f\.yaml:5: the key 'c' was given before, on line 4"):
        found.entry("b")
    with pytest.raises(BadDocument, match=r"f\.yaml:2: defines the anchor"):
        found.entry("a")


def test_an_entry_of_many_megabytes_is_refused() -> None:
    found = find(b"accounts:\n  a:\n    note: '" + b"x" * 3_000_000 + b"'\n  b: {c: 1}\n")
    assert found.entry("b") == {"c": 1}
    with pytest.raises(BadDocument, match="'a' has 3,000,018 bytes; at most 2,000,000"):
        found.entry("a")
