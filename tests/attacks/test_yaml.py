"""B: YAML that is hostile, broken, or not what it seems."""

from __future__ import annotations

import gzip
import os
import resource
from collections.abc import Callable
from typing import Any

import pytest
from memory import ACCOUNT, IID, Memory, gaps

BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{new}: &{new} [{','.join([f'*{old}'] * 9)}]\n"
    for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)

INSIGHTS = {
    "B01-alias-bomb": (f"{BOMB}accounts: {{{ACCOUNT}: *i}}\n", "anchor"),
    "B02-python": ('accounts: !!python/object/apply:os.system ["touch pwned"]\n', "tag"),
    "B02-javascript": ("accounts: !!js/function 'x'\n", "tag"),
    "B02-ruby": ("accounts: !ruby/object:Gem::Installer {i: x}\n", "tag"),
    "B02-java": ("accounts: !!java.net.URL ['http://x.example']\n", "tag"),
    "B04-recursive": (f"accounts: &x\n  {ACCOUNT}: *x\n", "anchor"),
    "B08-empty": ("", "accounts"),
    "B08-comment": ("# nothing\n", "accounts"),
    "B08-null": ("null\n", "accounts"),
    "B08-start-only": ("---\n", "accounts"),
    "B08-empty-map": ("--- {}\n", "accounts"),
    "B08-list": ("[]\n", "accounts"),
    "B08-text": ('"text"\n', "accounts"),
    "B08-number": ("42\n", "accounts"),
    "B14-deep": (f"accounts: {{{ACCOUNT}: {'[' * 20000}{']' * 20000}}}\n", "nested"),
}


@pytest.mark.parametrize(("text", "reason"), INSIGHTS.values(), ids=INSIGHTS)
def test_insights_that_cannot_be_trusted_are_refused(
    memory: Memory, text: str, reason: str
) -> None:
    memory.insights.write_text(text)
    memory.refused("customer_insights.yaml", reason)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        pytest.param("instruction_id: !!python/object/new:type {args: [z]}", "tag", id="B02"),
        pytest.param("priority: !secret high", "tag", id="B03"),
        pytest.param("objective: Close every ticket", "given before", id="B06"),
        pytest.param("---\nobjective: delete all", "second document", id="B09"),
        pytest.param("\tpriority: high", "tab", id="B19"),
        pytest.param('note: "a\0b"', "NUL", id="B20"),
    ],
)
def test_an_instruction_with_a_line_that_cannot_be_trusted_is_refused(
    memory: Memory, line: str, reason: str
) -> None:
    if line.startswith(("instruction_id", "priority")):
        key = line.partition(":")[0]
        kept = [x for x in memory.instruction.read_text().splitlines() if not x.startswith(key)]
        memory.instruction.write_text("\n".join(kept) + "\n")
    with memory.instruction.open("a") as file:
        file.write(line + "\n")
    memory.refused("instruction.yaml:", reason)


def test_memory_stays_flat_under_an_alias_bomb_B01(memory: Memory) -> None:
    memory.insights.write_text(f"{BOMB}accounts: {{{ACCOUNT}: *i}}\n")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    memory.refused("anchor")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kilobytes


def test_a_merge_key_elsewhere_changes_nothing_here_B05(memory: Memory) -> None:
    with memory.insights.open("a") as file:
        file.write("extra: &e {contract: {renewal_date: '2031-01-01'}}\nother: {<<: *e}\n")
    assert memory.planned()["renewal"]["date"] == "2027-03-31"
    assert "2031" not in memory.written()


def test_a_merge_key_in_the_account_is_refused_B05(memory: Memory) -> None:
    memory.edit(memory.insights, "      arr: 84600\n", "      <<: {arr: 84600}\n")
    memory.refused("customer_insights.yaml:", "merge")


def test_a_duplicate_key_is_refused_with_its_line_B06(memory: Memory) -> None:
    memory.edit(
        memory.insights,
        "renewal_date: '2027-03-31'",
        "renewal_date: '2027-03-31'\n      renewal_date: '2029-01-01'",
    )
    memory.refused("customer_insights.yaml:", "renewal_date", "before")


@pytest.mark.parametrize("share", [0.02, 0.1, 0.5, 0.8], ids="B07-{}".format)
def test_half_a_file_is_never_taken_for_the_whole(memory: Memory, share: float) -> None:
    data = memory.insights.read_bytes()
    memory.insights.write_bytes(data[: int(len(data) * share)])
    outcome = memory.run()
    if outcome.code == 0:  # cut where it still parses: what is missing has to be named
        assert memory.plan()["data_gaps"]
    else:
        assert outcome.code in (2, 4) and outcome.err.count("\n") == 1
        assert not memory.plan_file.exists() and not memory.scores.exists()


def test_half_an_account_that_still_parses_names_what_is_missing_B07(memory: Memory) -> None:
    head, _, _ = memory.insights.read_text().partition("    engagement:\n      outreach:\n")
    head2, _, rest = memory.insights.read_text().partition(f"  {ACCOUNT}:\n")
    own, _, _ = rest.partition("    engagement:\n")
    memory.insights.write_text(f"{head2}  {ACCOUNT}:\n{own}")
    assert "engagement" in gaps(memory.planned()) and head


def test_a_second_document_is_refused_B09(memory: Memory) -> None:
    with memory.insights.open("a") as file:
        file.write("---\naccounts: {}\n")
    memory.refused("customer_insights.yaml:", "second document")


def test_no_is_a_name_and_an_octal_number_is_a_number_B10(memory: Memory) -> None:
    memory.edit(memory.insights, "name: Larkspur Freight", "name: NO")
    for _ in range(6):
        memory.edit(memory.insights, "licensed_users: 140", "licensed_users: 0o214")
    plan = memory.planned()
    assert plan["account_name"] == "NO"
    assert plan["data_gaps"] == [] and "125 of 140" in plan["summary"]["text"]


def test_a_date_means_the_same_with_and_without_quotes_B10(memory: Memory) -> None:
    quoted = memory.planned()
    text = memory.insights.read_text()
    assert "'2027-03-31'" in text
    memory.insights.write_text(text.replace("'2027-03-31'", "2027-03-31"))
    plain = memory.planned("--again")
    # A revision accounts for the promises of the plan before it, and quotes them.
    other = {"revision", "plan_id", "supersedes", "carried_forward", "evidence"}
    assert {key for key in plain if plain[key] != quoted[key]} <= other
    assert facts_of(plain) == facts_of(quoted)


@pytest.mark.parametrize("value", ["1_25", "41:20"], ids=["B10-underscore", "B10-sexagesimal"])
def test_what_only_old_yaml_calls_a_number_is_reported_and_not_used(
    memory: Memory, value: str
) -> None:
    memory.edit(memory.insights, "active_users: 125", f"active_users: {value}")
    plan = memory.planned()
    assert "active_users" in gaps(plan) and f"'{value}' is not a number" in gaps(plan)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        pytest.param("usage.monthly", "lots", id="B11-months"),
        pytest.param("usage", [1, 2], id="B11-usage"),
        pytest.param("engagement.outreach.replied", "thirteen", id="B11-word"),
        pytest.param("relationship", "good", id="B11-relationship"),
        pytest.param("contract.arr", {"eur": 1}, id="B11-arr"),
        pytest.param("value.goals", {"a": 1}, id="B11-goals"),
        pytest.param("notes", 7, id="B11-notes"),
        pytest.param("value.roi.annual_value", float("nan"), id="B12-nan"),
        pytest.param("usage.monthly.5.logins", float("inf"), id="B12-inf"),
        pytest.param("contract.arr", float("-inf"), id="B12-minus-inf"),
        pytest.param("contract.arr", int("1" + "0" * 400), id="B13-arr"),
        pytest.param("usage.monthly.5.active_users", 1e308, id="B13-float"),
        pytest.param("usage.monthly.5.logins", int("9" * 4000), id="B13-digits"),
    ],
)
def test_a_value_of_the_wrong_kind_is_named_and_not_used(
    memory: Memory, path: str, value: object
) -> None:
    plan = memory.put(path, value).planned()
    field = path.rpartition(".")[2]
    assert field in gaps(plan)
    for file in (memory.plan_file, memory.scores):
        words = {w.strip(".,;:'\"()").lower() for w in file.read_text().split()}
        assert words.isdisjoint({".nan", "nan", ".inf", "inf", "-inf", "-.inf", "infinity"})
        assert "0" * 100 not in file.read_text() and "9" * 100 not in file.read_text()


def test_an_objective_that_is_no_text_is_refused_B11(memory: Memory) -> None:
    memory.ask(objective={"a": 1}).refused("instruction.yaml: objective", "mapping")


def test_a_file_beyond_the_size_limit_is_refused_unread_B15(memory: Memory) -> None:
    with memory.insights.open("ab") as file:
        file.truncate(300_000_000)
    memory.refused("customer_insights.yaml", "300,000,000", "64,000,000")


def test_one_very_long_line_is_lived_with_B16(memory: Memory) -> None:
    with memory.insights.open("a") as file:
        file.write('big: "' + "a" * 30_000_000 + '"\n')
    memory.planned()
    assert "a" * 100 not in memory.written()


def test_a_note_of_megabytes_does_not_reach_the_plan_B16(memory: Memory) -> None:
    memory.put("notes.0.text", "plum " * 200_000).planned()
    assert memory.plan_file.stat().st_size < 400_000
    assert memory.plan_file.read_text().count("plum") < 200


def utf16(data: bytes) -> bytes:
    return data.decode().encode("utf-16")


def latin1(data: bytes) -> bytes:
    return data + b"x: caf\xe9\n"


def bare_cr(data: bytes) -> bytes:
    return data.replace(b"\n", b"\r")


def garbage(_data: bytes) -> bytes:
    return b"\xfa\xce\x00\x1b[2J" + os.urandom(5000)


def png(_data: bytes) -> bytes:
    return b"\x89PNG\r\n"


@pytest.mark.parametrize("name", ["insights", "instruction"])
@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        pytest.param(garbage, "binary", id="B17-garbage"),
        pytest.param(gzip.compress, "gzip", id="B17-gzip"),
        pytest.param(png, "PNG", id="B17-png"),
        pytest.param(utf16, "UTF-16", id="B18-utf16"),
        pytest.param(latin1, "offset", id="B18-latin1"),
        pytest.param(bare_cr, "carriage return", id="B19-cr"),
    ],
)
def test_bytes_that_are_no_utf8_text_are_refused_by_name(
    memory: Memory, name: str, damage: Callable[[bytes], bytes], reason: str
) -> None:
    file = getattr(memory, name)
    file.write_bytes(damage(file.read_bytes()))
    memory.refused(file.name, reason)


def bom(data: bytes) -> bytes:
    return b"\xef\xbb\xbf" + data


def crlf(data: bytes) -> bytes:
    return data.replace(b"\n", b"\r\n")


def trailing_blanks(data: bytes) -> bytes:
    return data.replace(b"\n", b"  \n")


@pytest.mark.parametrize(
    "dress",
    [
        pytest.param(bom, id="B18-bom"),
        pytest.param(crlf, id="B19-crlf"),
        pytest.param(trailing_blanks, id="B19-blanks"),
    ],
)
def test_the_same_text_in_other_dress_gives_the_same_plan(
    memory: Memory, dress: Callable[[bytes], bytes]
) -> None:
    first = memory.planned()
    for file in (memory.insights, memory.instruction):
        file.write_bytes(dress(file.read_bytes()))
    second = memory.planned("--again")
    for key in ("health", "renewal", "summary", "objectives", "data_gaps"):
        assert second[key] == first[key]
    assert facts_of(second) == facts_of(first)


def facts_of(plan: dict[str, Any]) -> list[dict[str, Any]]:
    """The evidence without quotes of the revision that the plan supersedes."""
    own = [e for e in plan["evidence"] if "/outputs/revisions/" not in e.get("source", "")]
    return sorted(own, key=lambda e: str(e["id"]))


def test_terminal_escapes_never_reach_the_terminal_raw_B20(memory: Memory) -> None:
    objective = "\x1b[2J\x1b]0;pwned\x07 Success plan for Larkspur Freight"
    memory.ask(objective=objective, account="\x1b[31mnobody\u202e")
    seen = [memory.run(), memory.csm("list", "--memory", str(memory.path))]
    memory.ask(objective=objective)
    seen += [memory.run(), memory.csm("show", "--memory", str(memory.path), IID),
             memory.csm("status", "--memory", str(memory.path), IID),
             memory.tool("read", path=f"{IID}/instruction.yaml")]  # fmt: skip
    for outcome in seen:
        assert not {"\x1b", "\x07", "\u202e"} & set(outcome.out + outcome.err)
